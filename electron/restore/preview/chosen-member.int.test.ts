import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MongoClient } from 'mongodb';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

let server: TestMongod;
let lifeboat: RestoreHarness;
let backup: string;
let secondary: MongoClient;
let host: string;

beforeAll(async () => {
  server = await startTestMongod({ members: 3 });
  lifeboat = await createRestoreHarness(server.uri);
  host = server.members[2]?.host ?? '';
  secondary = await new MongoClient(`mongodb://${host}/?directConnection=true`).connect();
  const things = (await server.connect()).db('shop').collection<{ _id: number; at: number }>('things');
  await things.insertMany(
    Array.from({ length: 50 }, (_, at) => ({ _id: at, at })),
    { writeConcern: { w: 3 } },
  );
  backup = await lifeboat.backUp({ kind: 'databases', databases: ['shop'] });
});
afterAll(async () => {
  await secondary.close();
  await lifeboat.close();
  await server.stop();
});

describe('a comparison that reads a chosen member', () => {
  it('shows what that member holds, and says how far it is behind', async () => {
    // Locked, the member applies nothing, so that it differs from the primary.
    await secondary.db('admin').command({ fsync: 1, lock: true });
    try {
      const things = (await server.connect()).db('shop').collection<{ _id: number; at: number }>('things');
      await things.deleteOne({ _id: 7 }, { writeConcern: { w: 2 } });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await things.updateOne({ _id: 8 }, { $set: { at: -1 } }, { writeConcern: { w: 2 } });

      const primary = await lifeboat.preview(backup, { full: true });
      expect(primary.result.totals.documents).toMatchObject({ same: 48, changed: 1, onlyInBackup: 1 });
      expect(primary.result.problems.map(({ code }) => code)).not.toContain('read-behind');

      const preview = await lifeboat.preview(backup, { full: true, member: host });
      expect(preview.result.totals.documents).toMatchObject({ same: 50, changed: 0, onlyInBackup: 0 });
      const behind = preview.result.problems.find(({ code }) => code === 'read-behind');
      expect(behind).toMatchObject({ severity: 'info', message: expect.stringContaining(host) as string });
      const seen = preview.result.clusterTime?.seconds ?? 0;
      expect(seen).toBeLessThan(primary.result.clusterTime?.seconds ?? 0);
    } finally {
      await secondary.db('admin').command({ fsyncUnlock: 1 });
    }
  });

  it('writes to the primary all the same', async () => {
    const preview = await lifeboat.preview(backup, { full: true, member: host });
    const { result } = await lifeboat.apply(preview);
    expect(result.failures).toEqual([]);
    expect(result.remaining?.totals.documents).toMatchObject({ same: 50, changed: 0, onlyInBackup: 0 });
  });

  it('refuses a member that is not there', async () => {
    const nowhere = lifeboat.preview(backup, { member: '127.0.0.1:1' });
    await expect(nowhere).rejects.toMatchObject({ error: { code: 'topology' } });
  });
});
