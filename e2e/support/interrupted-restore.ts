/** A restore that SIGKILL cut off while it was writing, as the next start finds it. */
import { expect } from '@playwright/test';
import { startTestMongod, type TestMongod } from '../../electron/test-support/test-mongod';
import { temporaryFolder } from '../../electron/test-support/temporary-folder';
import { launchLifeboat, type LaunchOptions } from '../fixtures';
import { RestorePage } from '../pages/restore-page';
import { addConnection, backUp } from './prepare-backup';

interface Item {
  _id: number;
  state: string;
  text: string;
}

export interface ItemCounts {
  all: number;
  /** As in the backup. */
  good: number;
}

export const interrupted = { items: 30_000, deleted: 10_000 } as const;

export interface InterruptedRestore {
  dataFolder: string;
  server: TestMongod;
  count(): Promise<ItemCounts>;
}

/**
 * An exact restore of `shop.items` to the saved connection `shop-test`: a third of the items was deleted, the others were
 * changed. The caller stops the server.
 */
export async function interruptRestore(options: LaunchOptions = {}): Promise<InterruptedRestore> {
  const server = await startTestMongod({ replicaSet: true });
  const dataFolder = temporaryFolder('data');
  const collection = (await server.connect()).db('shop').collection<Item>('items');
  const { items, deleted } = interrupted;
  await collection.insertMany(
    Array.from({ length: items }, (_, number) => ({ _id: number, state: 'good', text: 'x'.repeat(200) })),
  );
  const count = async (): Promise<ItemCounts> => ({
    all: await collection.countDocuments(),
    good: await collection.countDocuments({ state: 'good' }),
  });
  const killed = await launchLifeboat({ ...options, dataFolder, installed: true });
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
    await server.stop();
    throw error;
  }
  return { dataFolder, server, count };
}
