/** Undos of users who meet trouble: damaged files, a second undo, a read-only connection; and what they are told of time. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from 'mongodb';
import type { Preview, RestoreResult } from '../../../shared/restore';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { resultOf } from '../../test-support/test-services';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';
import { readState } from '../test-support/target-state';

let server: TestMongod;
let lifeboat: RestoreHarness;
let db: Db;
let backup: string;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  lifeboat = await createRestoreHarness(server.uri);
  db = (await server.connect()).db('trouble');
  const things = Array.from({ length: 600 }, (_, at) => ({ _id: at as never, text: 'x'.repeat(200) }));
  await db.collection('things').insertMany(things);
  backup = await lifeboat.backUp({ kind: 'databases', databases: ['trouble'] });
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});
beforeEach(async () => {
  await db.collection('things').deleteMany({ _id: { $lt: 100 as never } });
  await db.collection('things').updateMany({ _id: { $lt: 300 as never } }, { $set: { text: 'changed' } });
});

async function restore(): Promise<RestoreResult> {
  const { result } = await lifeboat.apply(await lifeboat.preview(backup));
  expect(result.failures).toEqual([]);
  return result;
}

async function undoPreview({ restoreId }: RestoreResult, connectionId?: string): Promise<Preview> {
  const job = await lifeboat.restores.undoPreview(restoreId, connectionId);
  return lifeboat.restores.getPreview(resultOf(await lifeboat.jobs.wait(job.id)));
}

/** Turns one bit in the middle of a file of what undoes the restore. */
async function damage({ undoId }: RestoreResult, name: string): Promise<void> {
  const { folder } = await lifeboat.catalogue.location(undoId ?? '');
  const file = await open(join(folder, name), 'r+');
  try {
    const { size } = await file.stat();
    const at = Math.floor(size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0x10]), 0, 1, at);
  } finally {
    await file.close();
  }
}

describe('an undo', () => {
  it.each(['undo-entries.bin', 'undo-ids.bin'])('is refused when one bit of its %s was turned', async (name) => {
    const result = await restore();
    const restored = await readState(db);
    await damage(result, name);
    await expect(undoPreview(result)).rejects.toMatchObject({ error: { code: 'stored-file-damaged' } });
    expect(await readState(db)).toEqual(restored);
  });

  it('is refused before it writes when its archive was damaged', async () => {
    const result = await restore();
    const restored = await readState(db);
    const preview = await undoPreview(result);
    await damage(result, 'archive.gz');
    await expect(lifeboat.apply(preview)).rejects.toMatchObject({ error: { code: 'archive-damaged' } });
    expect(await readState(db)).toEqual(restored);
  });

  it('that was done finds nothing to do a second time', async () => {
    const before = await readState(db);
    const result = await restore();
    const first = await lifeboat.apply(await undoPreview(result));
    expect(first.result.effect).toMatchObject({ replace: 200, delete: 100 });
    const second = await lifeboat.apply(await undoPreview(result));
    expect(second.result.effect).toMatchObject({ insert: 0, replace: 0, delete: 0, conflict: 0 });
    expect(second.result).toMatchObject({ failures: [], leftOver: [], undoId: null });
    expect(await readState(db)).toEqual(before);
  });

  it('is shown through a read-only connection, and refused', async () => {
    const result = await restore();
    const restored = await readState(db);
    const options = { name: 'looking', environment: 'development' as const, readOnly: true };
    const own = await lifeboat.connections.ephemeral(server.uri, options);
    const preview = await undoPreview(result, own.id);
    expect(preview.result.problems).toMatchObject([{ code: 'read-only-connection', severity: 'blocking' }]);
    await expect(lifeboat.apply(preview)).rejects.toMatchObject({ error: { code: 'refused' } });
    expect(await readState(db)).toEqual(restored);
  });

  it('tells how long it may take by what restores took, as picks do, and the result holds what was said', async () => {
    const preview = await lifeboat.preview(backup, { mode: 'pick' });
    const estimate = (documents: number) =>
      lifeboat.restores.estimate({
        previewId: preview.id,
        mode: 'pick',
        namespaces: [],
        typedName: null,
        picks: [{ ns: 'trouble.things', changes: [], except: [], documents: [...Array(documents).keys()], fields: [] }],
      });
    const [few, many] = [await estimate(1), await estimate(250)];
    expect(few.restores).toBeGreaterThan(0);
    expect(many.seconds ?? 0).toBeGreaterThan(few.seconds ?? Infinity);
    const result = await restore();
    const undoing = await undoPreview(result);
    expect(undoing.estimates.exact?.seconds ?? 0).toBeGreaterThan(0);
    const { result: undone } = await lifeboat.apply(undoing);
    expect(undone.estimatedSeconds ?? 0).toBeGreaterThan(0);
    console.info(`undo: estimated ${undone.estimatedSeconds ?? 0} s, took ${undone.elapsedMs / 1000} s`);
  });
});
