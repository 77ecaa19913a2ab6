import { startTestMongod } from '../electron/test-support/test-mongod';
import { temporaryFolder } from '../electron/test-support/temporary-folder';
import { expect, launchLifeboat, test } from './fixtures';
import { Frame } from './pages/frame';
import { RestoreHistory } from './pages/restore-history';
import { RestorePage } from './pages/restore-page';
import { addConnection, backUp } from './support/prepare-backup';

interface Item {
  _id: number;
  state: string;
  text: string;
}

const items = 30_000;
const deleted = 10_000;

test('a restore that kill -9 cut off is shown at the next start, and undone from the window', async () => {
  test.setTimeout(120_000);
  const server = await startTestMongod({ replicaSet: true });
  const dataFolder = temporaryFolder('data');
  const collection = (await server.connect()).db('shop').collection<Item>('items');
  await collection.insertMany(
    Array.from({ length: items }, (_, number) => ({ _id: number, state: 'good', text: 'x'.repeat(200) })),
  );
  const count = async () => ({
    all: await collection.countDocuments(),
    good: await collection.countDocuments({ state: 'good' }),
  });

  const killed = await launchLifeboat({ dataFolder, installed: true });
  try {
    const connectionId = await addConnection(killed, 'shop-test', server.uri);
    const backupId = await backUp(killed, connectionId, 'shop');
    await collection.deleteMany({ _id: { $lt: deleted } });
    await collection.updateMany({}, { $set: { state: 'bad' } });
    const restore = new RestorePage(killed.window);
    await restore.openFrom(backupId);
    await restore.preview();
    await restore.chooseMode('Exact');
    await restore.continueToApply();
    await restore.applyButton.click();
    await expect.poll(async () => (await count()).good, { intervals: [5], timeout: 60_000 }).toBeGreaterThan(0);
    await killed.kill();
  } catch (error) {
    await killed.dispose();
    throw error;
  }
  const halfWay = await count();
  expect(halfWay.good).toBeLessThan(items);

  const next = await launchLifeboat({ dataFolder, installed: true });
  try {
    const { window } = next;
    const frame = new Frame(window);
    const history = new RestoreHistory(window);
    const restore = new RestorePage(window);

    await test.step('the overview and the restore page name it and how far it was', async () => {
      await expect(history.banner).toContainText('A restore into shop-test was interrupted');
      await expect(history.banner).toContainText(/Exact of shop\.items, begun .*of 30,000 documents written/);
      await frame.open('Restore');
      await expect(history.banner).toBeVisible();
      await history.banner.getByRole('button', { name: 'Continue, undo or leave…' }).click();
    });

    await test.step('three choices say what comes of them, and nothing happens by itself', async () => {
      for (const choice of ['Continue', 'Undo', 'Leave'])
        await expect(history.choices.getByRole('heading', { level: 3, name: choice })).toBeVisible();
      await history.choices.getByRole('button', { name: 'Leave it as it is…' }).click();
      const question = window.getByRole('dialog', { name: 'Leave shop-test as it is?' });
      await question.getByRole('button', { name: 'Cancel' }).click();
      await expect(question).toBeHidden();
      expect(await count()).toEqual(halfWay);
    });

    await test.step('its undo is previewed, applied and proven', async () => {
      await history.choices.getByRole('button', { name: 'Preview the undo' }).click();
      await restore.isPreviewed();
      expect(await count()).toEqual(halfWay);
      await restore.continueToApply();
      await restore.applyButton.click();
      await restore.isProven();
      expect(await count()).toEqual({ all: items - deleted, good: 0 });
    });

    await test.step('nothing waits any more, and the history tells what became of it', async () => {
      await expect(history.banner).toBeHidden();
      await history.open();
      await expect(history.row(1)).toContainText('Undo');
      await expect(history.row(2)).toContainText('Undone');
    });
    expect(next.errors).toEqual([]);
  } finally {
    await next.dispose();
    await server.stop();
  }
});
