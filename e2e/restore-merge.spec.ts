import type { Document } from 'mongodb';
import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, test } from './fixtures';
import { RestoreHistory } from './pages/restore-history';
import { RestorePage } from './pages/restore-page';
import { addConnection, backUp } from './support/prepare-backup';

test.use({ start: { installed: true } });

interface Account extends Document {
  _id: number;
}

const accounts = 300;
const deleted = 10;
/** Accounts that only gained fields: a merge has nothing to do there. */
const onlyGained = 20;

const account = (number: number): Account => ({
  _id: number,
  name: `Customer ${number}`,
  email: `customer-${number}@example.com`,
  address: { street: `Quay ${number}`, city: 'Bergen', zip: `50${number % 100}` },
  tags: ['new', 'newsletter'],
});

test('after a bad migration a merge brings the lost fields back and keeps what only the target has', async ({
  lifeboat,
  window,
}) => {
  const server = await startTestMongod({ replicaSet: true });
  try {
    const collection = (await server.connect()).db('shop').collection<Account>('accounts');
    await collection.insertMany(Array.from({ length: accounts }, (_, number) => account(number)));
    const connectionId = await addConnection(lifeboat, 'shop-test', server.uri);
    const backupId = await backUp(lifeboat, connectionId, 'shop');
    // The migration loses fields at two depths, and the new version of the shop has begun to write its own.
    await collection.deleteMany({ _id: { $lt: deleted } });
    await collection.updateMany({}, { $set: { 'address.country': 'NO', loyalty: { points: 5 } } });
    await collection.updateMany(
      { _id: { $gte: deleted + onlyGained } },
      { $unset: { email: '', 'address.zip': '' }, $set: { tags: [] } },
    );
    const restore = new RestorePage(window);
    const history = new RestoreHistory(window);
    const changed = accounts - deleted - onlyGained;

    await test.step('the preview counts what a merge changes, and what it leaves', async () => {
      await restore.openFrom(backupId);
      await restore.preview();
      await restore.chooseMode('Merge');
      expect(await restore.effect()).toEqual({
        insert: `+${deleted} documents inserted`,
        replace: `≠${changed} replaced`,
        delete: '−0 deleted',
        keep: `=${onlyGained} untouched`,
      });
    });

    await test.step('options can come along or stay, and the numbers of the button follow', async () => {
      await restore.continueToApply();
      await expect(restore.applyButton).toHaveText(`Apply: ${deleted} in, ${changed} replaced`);
      const metadata = window.getByRole('group', { name: 'Indexes, options, users' });
      await expect(metadata.getByRole('checkbox', { name: /^Build indexes that the target lacks/ })).toBeChecked();
      await expect(
        metadata.getByRole('checkbox', { name: /^Drop indexes that only the target has/ }),
      ).not.toBeChecked();
      await expect(window.getByText('no estimate: nothing was restored to this target in this way yet')).toBeVisible();
    });

    await test.step('it is applied and proven, though the target still holds more than the backup', async () => {
      await restore.applyButton.click();
      await restore.isAt('Proof');
      await expect(
        window.getByRole('note').filter({ hasText: 'Proven: all that Merge was to settle is settled' }),
      ).toBeVisible({ timeout: 60_000 });
      await expect(window.getByRole('table', { name: 'What Merge leaves as it is' })).toContainText('shop.accounts');
    });

    await test.step('lost fields are back at every depth, new ones are still there', async () => {
      const after = await collection.find({}, { sort: { _id: 1 } }).toArray();
      expect(after).toHaveLength(accounts);
      for (const document of after) {
        const { address, ...rest } = account(document._id);
        const isNew = document._id < deleted;
        const gained = isNew ? {} : { loyalty: { points: 5 } };
        const country = isNew ? {} : { country: 'NO' };
        expect(document).toEqual({ ...rest, ...gained, address: { ...(address as object), ...country } });
      }
    });

    await test.step('the history lists it as proven, to be undone for a week', async () => {
      await history.open();
      await expect(history.row(1)).toContainText('Merge');
      await expect(history.row(1)).toContainText('proven');
      await history.openRun(1);
      await expect(window.getByRole('table', { name: 'Predicted and done' })).toBeVisible();
      await expect(window.getByRole('button', { name: 'Export the proof…' })).toBeVisible();
      await window.getByRole('button', { name: 'Preview the undo' }).click();
      await restore.isPreviewed();
      expect(await restore.effect()).toMatchObject({
        replace: `≠${changed} replaced`,
        delete: `−${deleted} deleted`,
      });
    });
  } finally {
    await server.stop();
  }
});
