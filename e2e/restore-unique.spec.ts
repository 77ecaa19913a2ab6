import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, test } from './fixtures';
import { RestoreHistory } from './pages/restore-history';
import { RestorePage } from './pages/restore-page';
import { addConnection, backUp } from './support/prepare-backup';

test.use({ start: { installed: true } });

interface Account {
  _id: string;
  email: string;
}

const accountId = (number: number) => `account-${String(number).padStart(3, '0')}`;
const email = (number: number) => `customer-${number}@example.com`;

test('documents that a unique index would refuse are named before anything is written', async ({
  lifeboat,
  window,
}) => {
  const server = await startTestMongod({ replicaSet: true });
  try {
    const collection = (await server.connect()).db('shop').collection<Account>('accounts');
    await collection.createIndex({ email: 1 }, { unique: true });
    await collection.insertMany(
      Array.from({ length: 100 }, (_, number) => ({ _id: accountId(number), email: email(number) })),
    );
    const connectionId = await addConnection(lifeboat, 'shop-test', server.uri);
    const backupId = await backUp(lifeboat, connectionId, 'shop');
    // Three accounts are deleted by mistake, and two of the customers register again.
    await collection.deleteMany({ _id: { $in: [accountId(7), accountId(8), accountId(9)] } });
    await collection.insertMany([
      { _id: 'registered-again-7', email: email(7) },
      { _id: 'registered-again-8', email: email(8) },
    ]);
    const damaged = await collection.find({}, { sort: { _id: 1 } }).toArray();
    const restore = new RestorePage(window);
    const warning = 'The unique index email_1 of shop.accounts would refuse 2 documents.';

    await test.step('the preview names the index, the documents, and whose value is in the way', async () => {
      await restore.openFrom(backupId);
      await restore.preview();
      await restore.chooseMode('Insert missing');
      expect(await restore.effect()).toMatchObject({ insert: '+3 documents inserted' });
      const problems = restore.whatWouldHappen.getByRole('listitem').filter({ hasText: warning });
      await expect(problems).toContainText(`"${accountId(7)}"`);
      await expect(problems).toContainText(`"${accountId(8)}"`);
      await expect(problems).not.toContainText(`"${accountId(9)}"`);
      await expect(problems).toContainText('registered-again-7');
    });

    await test.step('a mode that takes those away has no such problem', async () => {
      await restore.chooseMode('Exact');
      await expect(restore.whatWouldHappen).not.toContainText('unique index');
      await restore.chooseMode('Insert missing');
      await expect(restore.whatWouldHappen).toContainText(warning);
    });

    await test.step('it is said once more before applying, and nothing was written so far', async () => {
      await restore.continueToApply();
      await expect(window.getByRole('region', { name: 'Predicted problems' })).toContainText(warning);
      expect(await collection.find({}, { sort: { _id: 1 } }).toArray()).toEqual(damaged);
    });

    await test.step('applied all the same, it comes out as foreseen: those two are left out and listed', async () => {
      await restore.applyButton.click();
      await restore.isAt('Proof');
      const { conflicts } = new RestoreHistory(window);
      await expect(conflicts).toContainText(`"${accountId(7)}"`, { timeout: 60_000 });
      await expect(conflicts).toContainText(`"${accountId(8)}"`);
      await expect(conflicts.getByRole('row')).toHaveCount(3);
      await expect(window.getByRole('region', { name: 'Predicted beforehand' })).toContainText(warning);
      const after = await collection.find({}, { sort: { _id: 1 } }).toArray();
      expect(after).toEqual(
        [...damaged, { _id: accountId(9), email: email(9) }].sort((left, right) => (left._id < right._id ? -1 : 1)),
      );
    });
  } finally {
    await server.stop();
  }
});
