import { MongoClient } from 'mongodb';
import { startTestMongod, type TestMongod } from '../electron/test-support/test-mongod';
import { removeTemporaryFolder, temporaryFolder } from '../electron/test-support/temporary-folder';
import { expect, launchLifeboat, test } from './fixtures';
import { Frame } from './pages/frame';
import { SlowQueriesPage } from './pages/slow-queries-page';
import { plantData, planted, profilerOf, setProfiler } from './slow-workload';

const former = { was: 0, slowms: 173, sampleRate: 0.5, filter: undefined };

test.describe('slow queries on production', () => {
  test.use({ start: { installed: true } });
  let server: TestMongod;
  let client: MongoClient;

  test.beforeAll(async () => {
    server = await startTestMongod();
    await plantData(server.uri);
    await setProfiler(server.uri, former.was, former.slowms, former.sampleRate);
    client = await MongoClient.connect(server.uri, { appName: 'stuck' });
  });
  test.afterAll(async () => {
    await client.close();
    await server.stop();
  });

  const production = {
    name: 'prod',
    colour: 'red',
    environment: 'production',
    readOnly: false,
    username: null,
    secretPlace: 'none',
  } as const;

  test('an operation is ended only with the typed name, and the audit tells of it', async ({ lifeboat, window }) => {
    await lifeboat.request('connections.add', { ...production, uri: server.uri });
    const stuck = client
      .db(planted.database)
      .collection('events')
      .find({ $where: 'sleep(1000) || true' })
      .toArray()
      .then(
        () => 'answered',
        (error: Error) => error.message,
      );
    await new Frame(window).open('Slow queries');
    await window.getByRole('button', { name: 'See what runs now' }).click();
    const row = window.getByRole('table', { name: 'Live operations' }).getByRole('row').filter({ hasText: 'stuck' });
    await expect(row).toHaveCount(1);
    await row.getByRole('button', { name: /^Kill/ }).click();
    const dialog = window.getByRole('dialog', { name: 'End this operation?' });
    const confirm = dialog.getByRole('button', { name: 'Kill the operation' });
    await expect(confirm).toBeDisabled();
    await dialog.getByRole('textbox').fill('prod');
    await confirm.click();
    await expect(dialog).toBeHidden();
    expect(await stuck).toContain('interrupted');
    await expect(window.getByRole('note').filter({ hasText: 'The operation was told to end' })).toBeVisible();
    await expect(row).toHaveCount(0);
    const { entries } = await lifeboat.request('audit.list', { offset: 0, limit: 5 });
    expect(entries.map(({ target, result, parameters }) => [target, result, parameters['ns']])).toContainEqual([
      'prod',
      'succeeded',
      planted.ns,
    ]);
  });

  test('system.profile is made larger with what is lost told before, and the profiler as it was', async ({
    lifeboat,
    window,
  }) => {
    await lifeboat.request('connections.add', { ...production, uri: server.uri });
    await new Frame(window).open('Slow queries');
    await window.getByRole('button', { name: 'Profilers…' }).click();
    const drawer = window.getByRole('dialog', { name: 'Profilers of the deployment' });
    await drawer.getByRole('button', { name: `Resize system.profile of ${planted.database}` }).click();
    const dialog = window.getByRole('dialog', { name: /^Resize system\.profile/ });
    await dialog.getByLabel('New size (MiB)').fill('8');
    await expect(dialog).toContainText('size: 8388608');
    await expect(dialog.getByRole('button', { name: 'Resize' })).toBeDisabled();
    await dialog.getByRole('textbox', { name: /connection's name/ }).fill('prod');
    await dialog.getByRole('button', { name: 'Resize' }).click();
    await expect(dialog).toBeHidden();
    await expect(drawer.getByRole('row').filter({ hasText: planted.database })).toContainText('of 8.00 MiB');
    const stats = await client.db(planted.database).command({ collStats: 'system.profile' });
    expect(stats['maxSize']).toBe(8 * 1024 * 1024);
    expect(await profilerOf(server.uri)).toEqual(former);
  });

  test('closed in the middle of a capture, the profiler is put back before Lifeboat is gone', async () => {
    const dataFolder = temporaryFolder('data');
    const lifeboat = await launchLifeboat({ dataFolder, installed: true });
    const { id } = await lifeboat.request('connections.add', {
      ...production,
      environment: 'development',
      uri: server.uri,
    });
    expect(id).not.toBe('');
    await new Frame(lifeboat.window).open('Slow queries');
    const page = new SlowQueriesPage(lifeboat.window);
    await page.profile({ databases: [planted.database], minutes: 30, slowms: 5 });
    expect(await profilerOf(server.uri)).toMatchObject({ was: 1, slowms: 5 });
    await lifeboat.quit();
    expect(await profilerOf(server.uri)).toEqual(former);
    const next = await launchLifeboat({ dataFolder, installed: true });
    try {
      const [capture] = await next.request('captures.list');
      expect(capture?.status).not.toBe('running');
      await new Frame(next.window).open('Slow queries');
      await expect(new SlowQueriesPage(next.window).profiler).toContainText('Profiler off');
      expect(next.errors).toEqual([]);
    } finally {
      await next.dispose();
      removeTemporaryFolder(dataFolder);
    }
  });
});
