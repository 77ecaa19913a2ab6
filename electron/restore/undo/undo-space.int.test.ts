/** A restore whose undo finds no room. Only the reading of free space is given; servers, tools and files are real. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Db } from 'mongodb';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';
import { readState } from '../test-support/target-state';

const space = vi.hoisted(() => ({ free: null as number | null }));
vi.mock('../../settings/disk-space', () => ({ freeBytes: () => Promise.resolve(space.free) }));

let server: TestMongod;
let lifeboat: RestoreHarness;
let db: Db;
let backup: string;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  lifeboat = await createRestoreHarness(server.uri);
  db = (await server.connect()).db('tight');
  const things = Array.from({ length: 500 }, (_, at) => ({ _id: at as never, text: 'x'.repeat(1000) }));
  await db.collection('things').insertMany(things);
  backup = await lifeboat.backUp({ kind: 'databases', databases: ['tight'] });
  await db.collection('things').updateMany({}, { $set: { text: 'y'.repeat(1000) } });
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});
afterEach(() => {
  space.free = null;
});

describe('a restore whose undo finds no room', () => {
  it.each(['exact', 'drop'] as const)('is refused before it writes anything (%s)', async (mode) => {
    const preview = await lifeboat.preview(backup, { mode });
    const before = await readState(db);
    space.free = 100_000;
    await expect(lifeboat.apply(preview)).rejects.toMatchObject({
      error: {
        code: 'disk-full',
        message: expect.stringMatching(/needs up to .* KiB .* 97\.7 KiB are free/) as string,
      },
    });
    expect(await readState(db)).toEqual(before);
    expect(await lifeboat.catalogue.list({ type: 'undo' })).toEqual([]);
    const [failed] = await lifeboat.restores.list();
    expect(failed).toMatchObject({ mode, state: 'failed', undoId: null });
    await expect(lifeboat.restores.continueRestore('latest')).rejects.toMatchObject({ error: { code: 'refused' } });
  });

  it('goes on where there is room, and where the undo is declined', async () => {
    const preview = await lifeboat.preview(backup, { mode: 'overwrite' });
    space.free = 100_000_000;
    const { result } = await lifeboat.apply(preview);
    expect(result).toMatchObject({ failures: [], effect: { replace: 500 } });
    expect(result.undoId).not.toBeNull();
    await db.collection('things').updateMany({}, { $set: { text: 'z'.repeat(1000) } });
    space.free = 0;
    const declined = await lifeboat.apply(await lifeboat.preview(backup, { mode: 'overwrite' }), { undo: false });
    expect(declined.result).toMatchObject({ failures: [], effect: { replace: 500 }, undoId: null });
  });
});
