/** From a backup's page: what differs in the live deployment, and in another backup. */
import { startTestMongod, type TestMongod } from '../electron/test-support/test-mongod';
import { expect, test, type LifeboatApplication } from './fixtures';
import { RestorePage } from './pages/restore-page';
import { addConnection, backUp } from './support/prepare-backup';

test.use({ start: { installed: true } });

let server: TestMongod;
let earlier: string;
let later: string;

interface Item {
  _id: number;
  state: string;
}

test.beforeEach(async ({ lifeboat }) => {
  server = await startTestMongod({ replicaSet: true });
  const shop = (await server.connect()).db('shop');
  const items = shop.collection<Item>('items');
  await items.insertMany(Array.from({ length: 40 }, (_, number) => ({ _id: number, state: 'good' })));
  await shop.collection<Item>('kept').insertOne({ _id: 1, state: 'good' });
  const connectionId = await addConnection(lifeboat, 'shop-test', server.uri);
  earlier = await backUp(lifeboat, connectionId, 'shop');
  await items.deleteMany({ _id: { $lt: 4 } });
  await items.createIndex({ state: 1 });
  await shop.collection<Item>('returns').insertOne({ _id: 1, state: 'new' });
  later = await backUp(lifeboat, connectionId, 'shop');
  await items.updateOne({ _id: 10 }, { $set: { state: 'bad' } });
  await lifeboat.window.reload();
});

test.afterEach(async () => server.stop());

async function openBackup(lifeboat: LifeboatApplication, id: string): Promise<void> {
  await lifeboat.window.evaluate((hash) => (window.location.hash = hash), `#/backups/show/${encodeURIComponent(id)}`);
  await expect(lifeboat.window.getByRole('region', { name: 'Verification' })).toBeVisible();
}

test('a backup is compared with the one before it, without reading either', async ({ lifeboat, window }) => {
  await openBackup(lifeboat, later);
  await window.getByRole('button', { name: 'More' }).click();
  await window.getByRole('menuitem', { name: 'Compare with another backup' }).click();
  await expect(window.getByText('2 of 3 namespaces differ')).toBeVisible();
  const table = window.getByRole('table', { name: 'Namespaces of both backups' });
  const row = (ns: string) =>
    table.getByRole('row').filter({ has: window.getByRole('cell', { name: ns, exact: true }) });
  await expect(row('shop.items')).toContainText('changed');
  await expect(row('shop.items')).toContainText('−4');
  await expect(row('shop.items')).toContainText('state_1');
  await expect(row('shop.returns')).toContainText('only in this one');
  await expect(row('shop.kept')).toContainText('same');
});

test('a backup is compared with the live deployment in one step', async ({ lifeboat, window }) => {
  const restore = new RestorePage(window);
  await openBackup(lifeboat, earlier);
  await window.getByRole('button', { name: 'Compare with live' }).click();
  await restore.isPreviewed();
  expect(await restore.effect()).toMatchObject({
    insert: '+4 documents inserted',
    replace: '≠1 replaced',
    delete: '−1 deleted',
  });
  // The way on stays in sight, with what it would do, while documents are looked at.
  await restore.openNamespace('shop.items');
  await lifeboat.resize(1280, 800);
  await restore.details('shop.items').getByRole('listbox').scrollIntoViewIfNeeded();
  await expect(window.getByRole('button', { name: 'Continue to Apply' })).toBeInViewport();
  await restore.continueToApply();
  await expect(restore.applyButton).toBeInViewport();
});
