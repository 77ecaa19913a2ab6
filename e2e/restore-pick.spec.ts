import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal128, Int32, type Collection, type Db } from 'mongodb';
import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, test } from './fixtures';
import { PreviewPage } from './pages/preview-page';
import { RestorePage } from './pages/restore-page';
import { addConnection, backUp } from './support/prepare-backup';

test.use({ start: { installed: true } });

const orders = 3000;
const deleted = 400;
const changed = 25;
const added = 7;

interface Order {
  _id: string;
  [field: string]: unknown;
}

const orderId = (number: number) => `order-${String(number).padStart(5, '0')}`;

function order(number: number): Order {
  return {
    _id: orderId(number),
    number: new Int32(number),
    status: 'paid',
    total: Decimal128.fromString(`${number}.90`),
    customer: { name: `Customer ${number % 97}`, city: 'Bergen' },
    items: [{ sku: `A-${number % 13}`, quantity: 1 }],
  };
}

/** Every document's bytes, by collection and `_id`. */
async function allBytes(shop: Db): Promise<Map<string, string>> {
  const bytes = new Map<string, string>();
  for (const { name } of await shop.listCollections({}, { nameOnly: true }).toArray()) {
    const ids = await shop
      .collection(name)
      .find({}, { projection: { _id: 1 }, sort: { _id: 1 } })
      .toArray();
    const raw = await shop
      .collection(name)
      .find({}, { sort: { _id: 1 }, raw: true })
      .toArray();
    ids.forEach(({ _id }, at) => bytes.set(`${name} ${String(_id)}`, (raw[at] as unknown as Buffer).toString('hex')));
  }
  return bytes;
}

async function badMigration(collection: Collection<Order>, customers: Collection<Order>): Promise<void> {
  await collection.deleteMany({ _id: { $lt: orderId(deleted) } });
  await collection.updateMany(
    { _id: { $gte: orderId(deleted), $lt: orderId(deleted + changed) } },
    { $set: { status: 'refunded', 'customer.city': 'Oslo', note: 'changed by a bad migration' } },
  );
  await collection.insertMany(
    Array.from({ length: added }, (_, at) => ({ ...order(orders + at), note: 'added by a bad migration' })),
  );
  await customers.updateMany({ _id: { $in: ['customer-1', 'customer-2'] } }, { $set: { vip: true } });
}

test('400 deleted orders and one field are put back by picking them, and nothing else is touched', async ({
  lifeboat,
  window,
}) => {
  const server = await startTestMongod({ replicaSet: true });
  try {
    const shop = (await server.connect()).db('shop');
    const collection = shop.collection<Order>('orders');
    const customers = shop.collection<Order>('customers');
    await collection.insertMany(Array.from({ length: orders }, (_, number) => order(number)));
    await customers.insertMany(Array.from({ length: 50 }, (_, number) => ({ _id: `customer-${number}`, vip: false })));
    const connectionId = await addConnection(lifeboat, 'shop-test', server.uri);
    const backupId = await backUp(lifeboat, connectionId, 'shop');
    const undamaged = await allBytes(shop);
    await badMigration(collection, customers);
    let damaged = await allBytes(shop);
    const restore = new RestorePage(window);
    const preview = new PreviewPage(window, 'shop.orders');

    await test.step('nothing is picked at first, and nothing would happen', async () => {
      await restore.openFrom(backupId);
      await restore.preview();
      await restore.chooseMode('Pick');
      await restore.openNamespace('shop.orders');
      expect(await restore.effect()).toMatchObject({
        insert: '+0 documents inserted',
        replace: '≠0 replaced',
        delete: '−0 deleted',
      });
      await preview.expectListed(deleted + changed + added);
    });

    await test.step('the list is sorted, searched by _id and filtered by changed path', async () => {
      await preview.sortBy('by _id');
      await window.getByRole('button', { name: 'Sort descending' }).click();
      await expect(preview.row(1)).toContainText(orderId(orders + added - 1));
      await window.getByRole('button', { name: 'Sort ascending' }).click();
      await preview.sortBy('as compared');
      await preview.search(orderId(7));
      await preview.expectListed(1);
      await preview.search('');
      await preview.expectListed(deleted + changed + added);
      await preview.path('status').click();
      await preview.expectListed(changed);
      await expect(preview.row(1)).toContainText('refunded');
    });

    await test.step('a single field of a changed order is ticked', async () => {
      await preview.row(1).click();
      await expect(preview.fields).toContainText('customer.city');
      await preview.field('status').check();
      await expect(preview.row(1)).toHaveAttribute('aria-checked', 'mixed');
      await expect(preview.picked).toHaveText('1 replaced in this collection');
    });

    await test.step('the missing orders are ticked together, by mouse and by keyboard', async () => {
      await preview.path('status').click();
      await preview.showKind('only in backup');
      await preview.expectListed(deleted);
      await preview.pickAll.check();
      expect(await restore.effect()).toMatchObject({
        insert: `+${deleted} documents inserted`,
        replace: '≠1 replaced',
        delete: '−0 deleted',
      });
      await preview.list.focus();
      await window.keyboard.press('Space');
      await expect(preview.row(1)).toHaveAttribute('aria-checked', 'false');
      await window.keyboard.press('Shift+PageDown');
      await expect(preview.picked).toHaveText(`${deleted - 11} in, 1 replaced in this collection`);
      await window.keyboard.press('Control+a');
      await expect(preview.picked).toHaveText(`${deleted} in, 1 replaced in this collection`);
      expect(await allBytes(shop)).toEqual(damaged);
    });

    await test.step('the diff is exported to the file that the dialog names', async () => {
      const file = join(lifeboat.dataFolder, 'what differs.csv');
      await lifeboat.answerSaveDialogs(file);
      await window.getByRole('button', { name: 'Export', exact: true }).click();
      await window.getByRole('menuitem', { name: /^CSV/ }).click();
      await expect(window.getByText(`Saved to ${file}`)).toBeVisible();
      const lines = readFileSync(file, 'utf8').trim().split(/\r?\n/);
      expect(lines.filter((line) => line.includes('onlyInBackup'))).toHaveLength(deleted);
    });

    await test.step('a refresh keeps the ticks of all documents that nobody wrote since', async () => {
      await collection.insertOne({ ...order(orders + added), note: 'added since the preview' });
      damaged = await allBytes(shop);
      await window.getByRole('button', { name: 'Refresh', exact: true }).click();
      await restore.isPreviewed();
      await restore.openNamespace('shop.orders');
      await preview.expectListed(deleted + changed + added + 1);
      expect(await restore.effect()).toMatchObject({
        insert: `+${deleted} documents inserted`,
        replace: '≠1 replaced',
        delete: '−0 deleted',
      });
    });

    await test.step('Apply repeats the numbers, and the proof holds', async () => {
      await restore.continueToApply();
      await expect(restore.applyButton).toHaveText(`Apply: ${deleted} in, 1 replaced`);
      await restore.applyButton.click();
      await restore.isAt('Proof');
      await expect(window.getByRole('note').filter({ hasText: /^Proven/ })).toBeVisible({ timeout: 60_000 });
    });

    await test.step('the orders are back byte for byte, one status is, and nothing else was touched', async () => {
      const after = await allBytes(shop);
      const expected = new Map(damaged);
      for (let number = 0; number < deleted; number += 1) {
        const key = `orders ${orderId(number)}`;
        expected.set(key, undamaged.get(key) ?? '');
      }
      const picked = `orders ${orderId(deleted)}`;
      expected.delete(picked);
      const { [picked]: pickedBytes, ...others } = Object.fromEntries(after);
      expect(pickedBytes).toBeDefined();
      expect(new Map(Object.entries(others))).toEqual(expected);
      expect(await collection.findOne({ _id: orderId(deleted) })).toMatchObject({
        status: 'paid',
        customer: { city: 'Oslo' },
        note: 'changed by a bad migration',
      });
    });
  } finally {
    await server.stop();
  }
});
