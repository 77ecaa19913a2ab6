import { Int32 } from 'mongodb';
import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, test } from './fixtures';
import { RestoreHistory } from './pages/restore-history';
import { RestorePage } from './pages/restore-page';
import { addConnection, backUp } from './support/prepare-backup';

test.use({ start: { installed: true } });

interface Order {
  _id: string;
  status: string;
  total: Int32 | number;
  note?: string;
}

const orders = 500;
const deleted = 40;
const changed = 10;
const orderId = (number: number) => `order-${String(number).padStart(3, '0')}`;

test('a preview that somebody overtakes says so, shows new numbers, and loses none of their writes', async ({
  lifeboat,
  window,
}) => {
  const server = await startTestMongod({ replicaSet: true });
  try {
    const collection = (await server.connect()).db('shop').collection<Order>('orders');
    await collection.insertMany(
      Array.from({ length: orders }, (_, number) => ({
        _id: orderId(number),
        status: 'paid',
        total: new Int32(number),
      })),
    );
    const connectionId = await addConnection(lifeboat, 'shop-test', server.uri);
    const backupId = await backUp(lifeboat, connectionId, 'shop');
    await collection.deleteMany({ _id: { $lt: orderId(deleted) } });
    await collection.updateMany(
      { _id: { $gte: orderId(deleted), $lt: orderId(deleted + changed) } },
      { $set: { status: 'lost' } },
    );
    const restore = new RestorePage(window);
    const stale = window.getByRole('note').filter({ hasText: 'The preview is stale' });

    await test.step('nobody wrote: nothing is said', async () => {
      await restore.openFrom(backupId);
      await restore.preview();
      await restore.chooseMode('Exact');
      expect(await restore.effect()).toMatchObject({ insert: '+40 documents inserted', replace: '≠10 replaced' });
      await restore.continueToApply();
      await expect(restore.applyButton).toBeEnabled();
      await expect(stale).toBeHidden();
      await window.getByRole('button', { name: 'Back', exact: true }).click();
    });

    await test.step('somebody writes between preview and apply: the window says where and how much', async () => {
      await collection.updateMany(
        { _id: { $in: [orderId(60), orderId(61), orderId(62)] } },
        { $set: { status: 'sent' } },
      );
      await collection.insertOne({ _id: 'order-new', status: 'paid', total: 1 });
      await restore.continueToApply();
      await expect(stale).toContainText('shop.orders: 4 documents');
    });

    await test.step('a refresh shows the numbers of now', async () => {
      await stale.getByRole('button', { name: 'Refresh the preview' }).click();
      await restore.isPreviewed();
      expect(await restore.effect()).toMatchObject({
        insert: '+40 documents inserted',
        replace: '≠13 replaced',
        delete: '−1 deleted',
      });
      await restore.continueToApply();
      await expect(stale).toBeHidden();
    });

    await test.step('applied all the same when somebody writes again, it leaves their documents alone', async () => {
      await collection.updateOne({ _id: orderId(40) }, { $set: { status: 'packed', note: 'by hand' } });
      await collection.insertOne({ _id: orderId(0), status: 'ordered again', total: 7 });
      await restore.applyButton.click();
      await restore.isAt('Proof');
      const done = window.getByRole('table', { name: 'Predicted and done' });
      await expect(done.getByRole('row', { name: /^Inserted/ })).toContainText('+40+39', { timeout: 60_000 });
      await expect(done.getByRole('row', { name: /^Replaced/ })).toContainText('≠13≠12');
      await expect(done.getByRole('row', { name: /^In conflict/ })).toContainText('!2');
      await expect(window.getByRole('note').filter({ hasText: 'Something still differs' })).toBeVisible();
    });

    await test.step('each conflict opens with the backup, what was previewed and what was met', async () => {
      const history = new RestoreHistory(window);
      const versions = await history.openConflict(`"${orderId(40)}"`);
      const status = versions.getByRole('row').filter({ hasText: 'status' });
      await expect(status.getByRole('cell')).toHaveText([/status$/, '"paid"', '"lost"', '"packed"']);
      const note = versions.getByRole('row').filter({ hasText: 'note' });
      await expect(note.getByRole('cell')).toHaveText([/note$/, '(absent)', '(absent)', '"by hand"']);
      await window.keyboard.press('Escape');
      await expect(versions).toBeHidden();
      await history.openConflict(`"${orderId(0)}"`);
      await expect(versions.getByRole('row').filter({ hasText: 'status' })).toContainText('"ordered again"');
      await expect(versions).toContainText('not there');
      await window.keyboard.press('Escape');
      await expect(versions).toBeHidden();
    });

    await test.step('everything else is as in the backup, and nothing of theirs is lost', async () => {
      expect(await collection.findOne({ _id: orderId(40) })).toMatchObject({ status: 'packed', note: 'by hand' });
      expect(await collection.findOne({ _id: orderId(0) })).toMatchObject({ status: 'ordered again', total: 7 });
      expect(await collection.countDocuments({ status: 'paid' })).toBe(orders - 2);
      expect(await collection.countDocuments()).toBe(orders);
    });
  } finally {
    await server.stop();
  }
});
