import { freePort, startTestMongod, type TestMongod } from '../electron/test-support/test-mongod';
import { makeTestCertificates } from '../electron/test-support/test-certificates';
import { temporaryFolder } from '../electron/test-support/temporary-folder';
import { expect, test } from './fixtures';
import { BackupWizard } from './pages/backup-wizard';
import { ConnectionPages } from './pages/connection-pages';
import { Frame } from './pages/frame';
import { RestorePage } from './pages/restore-page';

// Without the demo: the doors stand there until the first connection.
test.use({ start: { installed: true } });

const password = 'oars-and-anchor-5521';
let guarded: TestMongod;
let plain: TestMongod;

test.beforeAll(async () => {
  [guarded, plain] = await Promise.all([
    startTestMongod({ auth: { user: 'keeper', password } }),
    startTestMongod({ replicaSet: true }),
  ]);
  const client = await plain.connect();
  await client
    .db('shop')
    .collection('orders')
    .insertMany(Array.from({ length: 50 }, (_, index) => ({ number: index, status: 'paid' })));
});

test.afterAll(async () => {
  await Promise.all([guarded.stop(), plain.stop()]);
});

test('a wrong password is told as such, and the right one makes the connection good', async ({ lifeboat, window }) => {
  const frame = new Frame(window);
  const pages = new ConnectionPages(window);
  await pages.openForm();
  await pages.fill({ name: 'guarded', uri: guarded.uriWithoutCredentials, user: 'keeper', password: 'not-it' });
  await pages.test();
  await expect(frame.failure).toContainText('User name or password not accepted');
  await expect(pages.deployment).not.toContainText('no authentication');
  // Beside the form that it is of: nothing to scroll to.
  await expect(pages.deployment).toBeInViewport();
  await expect(window.getByRole('button', { name: 'Add connection' })).toBeInViewport();

  await pages.fill({ password });
  await pages.test();
  await expect(frame.failure).toBeHidden();
  await expect(pages.deployment).toContainText('Reachable');
  await expect(pages.deployment).toContainText('keeper');
  await expect(window.getByRole('table', { name: 'Privileges' })).toBeVisible();

  await window.getByRole('button', { name: 'Add connection' }).click();
  await expect(frame.title('guarded')).toBeVisible();
  const [saved] = await lifeboat.request('connections.list');
  expect(saved).toMatchObject({ name: 'guarded', username: 'keeper' });
  expect(JSON.stringify(saved)).not.toContain(password);
});

test('a password that is asked for each time is asked for, and kept until the end', async ({ window }) => {
  const pages = new ConnectionPages(window);
  const frame = new Frame(window);
  await pages.openForm();
  await pages.fill({ name: 'asked', uri: guarded.uriWithoutCredentials, user: 'keeper' });
  await window.getByRole('radio', { name: 'Ask each time' }).check();
  await window.getByRole('button', { name: 'Add connection' }).click();
  await expect(frame.title('asked')).toBeVisible();
  await expect(frame.failure).toContainText('The password is needed');
  await window.getByRole('button', { name: 'Enter password' }).click();
  const dialog = window.getByRole('dialog', { name: 'Password for asked' });
  await dialog.getByRole('textbox', { name: 'Password' }).fill(password);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(pages.deployment).toContainText('Reachable');
  await expect(frame.failure).toBeHidden();
});

test('an unreachable host, an unknown name and a missing certificate authority are told apart', async ({ window }) => {
  const pages = new ConnectionPages(window);
  const frame = new Frame(window);
  const folder = temporaryFolder('certificates');
  const certificates = makeTestCertificates(folder);
  const encrypted = await startTestMongod({ tls: certificates });
  const fast = 'directConnection=true&serverSelectionTimeoutMS=2000';
  try {
    await pages.openForm();
    await pages.fill({ name: 'probe', uri: `mongodb://127.0.0.1:${await freePort()}/?${fast}` });
    await pages.test();
    await expect(frame.failure).toContainText('The server cannot be reached');

    await pages.fill({ uri: `mongodb://no-such-host.invalid/?${fast}` });
    await pages.test();
    await expect(frame.failure).toContainText('The host name is not known');

    const tls = `mongodb://${encrypted.host}/?${fast}&tls=true`;
    await pages.fill({ uri: `${tls}&tlsCAFile=${encodeURIComponent(certificates.otherCaFile)}` });
    await pages.test();
    await expect(frame.failure).toContainText('The encrypted connection failed');

    await pages.fill({ uri: `${tls}&tlsCAFile=${encodeURIComponent(certificates.caFile)}` });
    await pages.test();
    await expect(frame.failure).toBeHidden();
    await expect(pages.deployment).toContainText('Reachable');

    // TLS asked of a server that speaks none.
    await pages.fill({ uri: `mongodb://${plain.host}/?${fast}&tls=true` });
    await pages.test();
    await expect(frame.failure).toContainText('The encrypted connection failed');
  } finally {
    await encrypted.stop();
  }
});

test('production has a red edge and wants its name typed; read-only refuses', async ({ lifeboat, window }) => {
  const frame = new Frame(window);
  const pages = new ConnectionPages(window);
  const restore = new RestorePage(window);
  await pages.add({ name: 'shop-prod', uri: plain.uri, environment: 'production' });
  await expect(frame.edge).toHaveAttribute('data-environment', 'production');
  const red = await frame.edge.evaluate((edge) => getComputedStyle(edge).borderTopColor);
  expect(red).toMatch(/^rgb\((2[01]\d|2[234]\d), \d{2}, \d{2}\)$/);
  const backupId = await new BackupWizard(window).backUpDatabases('shop-prod', 'shop');

  const client = await plain.connect();
  const orders = client.db('shop').collection('orders');
  await orders.deleteMany({ number: { $lt: 5 } });
  await restore.openFrom(backupId);
  await restore.preview();
  await restore.chooseMode('Exact');
  await restore.continueToApply();
  await expect(restore.applyButton).toBeDisabled();
  await window.getByLabel("type the connection's name: shop-prod").fill('shop-pro');
  await expect(restore.applyButton).toBeDisabled();
  // The window is not the guard: the service refuses as well.
  const jobs = await lifeboat.request('jobs.list');
  const previewId = jobs.find(({ kind }) => kind === 'preview')?.resultId ?? '';
  const unguarded = await lifeboat.rawRequest('restore.apply', {
    previewId,
    mode: 'exact',
    namespaces: [],
    typedName: 'shop-pro',
  });
  expect(unguarded).toMatchObject({ ok: false, error: { code: 'refused' } });
  expect(await orders.countDocuments()).toBe(45);
  await window.getByLabel("type the connection's name: shop-prod").fill('shop-prod');
  await restore.applyButton.click();
  await restore.isProven();
  expect(await orders.countDocuments()).toBe(50);

  await pages.add({ name: 'shop-readonly', uri: plain.uri, environment: 'staging', readOnly: true });
  await expect(frame.edge).toHaveAttribute('data-environment', 'staging');
  await expect(frame.switcher.getByLabel('read-only')).toBeVisible();
  await orders.deleteMany({ number: { $lt: 5 } });
  await frame.open('Restore');
  await window.getByRole('button', { name: 'Another restore' }).first().click();
  await restore.openFrom(backupId);
  await restore.chooseTarget('shop-readonly');
  await restore.preview();
  await restore.chooseMode('Exact');
  await expect(restore.whatWouldHappen).toContainText('blocking');
  await restore.continueToApply();
  await expect(window.getByText('shop-readonly is read-only')).toBeVisible();
  await expect(restore.applyButton).toBeDisabled();
  const again = await lifeboat.request('jobs.list');
  const readOnlyPreview = again.find(({ kind }) => kind === 'preview')?.resultId ?? '';
  const refused = await lifeboat.rawRequest('restore.apply', {
    previewId: readOnlyPreview,
    mode: 'exact',
    namespaces: [],
    typedName: 'shop-readonly',
  });
  expect(refused).toMatchObject({ ok: false, error: { code: 'refused' } });
  expect(await orders.countDocuments()).toBe(45);
});
