import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from 'mongodb';
import type { RestoreResult, RestoreSummary } from '../../shared/restore';
import { exitCodes } from '../../shared/result';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';

let server: TestMongod;
let folder: string;
let program: string;
let worker: string;
let shop: Db;
const id = (value: unknown): never => value as never;

/** With `--json`, in a process of its own. */
async function lifeboat<T>(...args: string[]): Promise<{ code: number | null; value: T }> {
  const environment = { LIFEBOAT_URI: server.uri, LIFEBOAT_WORKER_FILE: worker };
  const all = [...args, '--json', '--quiet', '--data-dir', join(folder, 'data')];
  const { code, stdout } = await runCommandLine(program, all, environment);
  return { code, value: JSON.parse(stdout || 'null') as T };
}

beforeAll(async () => {
  folder = temporaryFolder('cli-undo');
  program = await bundleWorker('electron/cli/index.ts', folder, 'cli');
  worker = await bundleWorker('electron/worker/index.ts', folder, 'worker');
  server = await startTestMongod({ replicaSet: true });
  shop = (await server.connect()).db('shop');
  await shop.collection('orders').insertMany(Array.from({ length: 50 }, (_, at) => ({ _id: id(at), status: 'paid' })));
});
afterAll(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});

describe('restore undo', () => {
  it('asks for --yes, puts back, and tells of what someone changed', async () => {
    expect((await lifeboat('backup', 'run', '--db', 'shop')).code).toBe(exitCodes.done);
    const orders = shop.collection('orders');
    await orders.updateMany({ _id: { $lt: id(10) } }, { $set: { status: 'refunded' } });
    await orders.deleteOne({ _id: id(20) });
    const applied = await lifeboat<RestoreResult>('restore', 'apply', 'latest', '--mode', 'exact', '--yes');
    expect(applied.code).toBe(exitCodes.done);
    expect(applied.value.undoId).toMatch(/-undo-/);
    await orders.updateOne({ _id: id(3) }, { $set: { late: true } });

    const asked = await lifeboat('restore', 'undo', 'latest');
    expect(asked.code).toBe(exitCodes.refused);
    expect(await orders.countDocuments({ status: 'refunded' })).toBe(0);
    const undone = await lifeboat<RestoreResult>('restore', 'undo', applied.value.restoreId, '--yes');
    expect(undone.code).toBe(exitCodes.warnings);
    expect(undone.value.effect).toMatchObject({ insert: 0, replace: 9, delete: 1, conflict: 1 });
    expect(undone.value.conflicts.map((conflict) => conflict.id)).toEqual(['{"$numberInt":"3"}']);
    expect(await orders.countDocuments({ status: 'refunded' })).toBe(9);
    expect(await orders.findOne({ _id: id(20) })).toBeNull();

    const { value: list } = await lifeboat<RestoreSummary[]>('restore', 'list');
    expect(list.map(({ state, undoOf }) => [state, undoOf])).toEqual([
      ['finished', applied.value.restoreId],
      ['finished', null],
    ]);
    expect((await lifeboat('restore', 'leave', 'latest')).code).toBe(exitCodes.refused);
    expect((await lifeboat('restore', 'continue', 'latest')).code).toBe(exitCodes.refused);
  });
});
