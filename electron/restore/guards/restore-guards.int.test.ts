import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db, MongoClient } from 'mongodb';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let db: Db;
let backup: string;

const scope = { kind: 'databases' as const, databases: ['guarded'] };
const id = (value: unknown): never => value as never;
const code = (wanted: string) => ({ error: expect.objectContaining({ code: wanted }) as unknown });

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  db = client.db('guarded');
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});
beforeEach(async () => {
  await db.dropDatabase();
  await db.collection('things').insertMany(Array.from({ length: 100 }, (_, at) => ({ _id: id(at) })));
  backup ??= await lifeboat.backUp(scope);
});

describe('the guards', () => {
  it('refuse a read-only connection, in the services', async () => {
    const readOnly = await lifeboat.connect(server.uri, { name: 'careful', readOnly: true });
    const preview = await lifeboat.preview(backup, { connectionId: readOnly.id });
    expect(preview.result.problems).toMatchObject([{ code: 'read-only-connection', severity: 'blocking' }]);
    await expect(lifeboat.apply(preview)).rejects.toMatchObject(code('refused'));
    const { entries } = await lifeboat.audit.list({ offset: 0, limit: 1 });
    expect(entries[0]).toMatchObject({ operation: 'restore.apply', result: 'refused', target: 'careful' });
  });

  it('ask for the name of a production target in destructive modes only', async () => {
    const production = await lifeboat.connect(server.uri, { name: 'shop-prod', environment: 'production' });
    const preview = await lifeboat.preview(backup, { connectionId: production.id });
    await expect(lifeboat.apply(preview)).rejects.toMatchObject(code('refused'));
    await expect(lifeboat.apply(preview, { typedName: 'shop' })).rejects.toMatchObject(code('refused'));
    expect((await lifeboat.apply(preview, { typedName: 'shop-prod' })).job.status).toBe('succeeded');
    expect((await lifeboat.apply(preview, { mode: 'insert-missing' })).job.status).toBe('succeeded');
  });

  it('let one restore write to a target at a time, and name its holder', async () => {
    await db.collection('things').deleteMany({});
    const preview = await lifeboat.preview(backup);
    const request = { previewId: preview.id, mode: 'exact' as const, namespaces: [], typedName: null };
    const first = await lifeboat.restores.apply(request);
    await expect(lifeboat.restores.apply(request)).rejects.toMatchObject({
      error: { code: 'busy', message: expect.stringContaining('Restore guarded') as unknown },
    });
    expect((await lifeboat.jobs.wait(first.id)).status).toBe('succeeded');
  });

  it('find a preview stale when a collection was made anew or its indexes changed', async () => {
    const preview = await lifeboat.preview(backup);
    await db.collection('things').createIndex({ a: 1 });
    await expect(lifeboat.apply(preview)).rejects.toMatchObject(code('preview-stale'));
    await db.collection('things').drop();
    await db.collection('things').insertOne({ _id: id(1) });
    await expect(lifeboat.apply(preview)).rejects.toMatchObject(code('preview-stale'));
  });

  it('find a preview for drop stale when its collections were written to', async () => {
    const preview = await lifeboat.preview(backup, { mode: 'drop' });
    await db.collection('things').updateOne({ _id: id(1) }, { $set: { a: 1 } });
    await expect(lifeboat.apply(preview)).rejects.toMatchObject(code('preview-stale'));
    expect(await db.collection('things').findOne({ _id: id(1) })).toEqual({ _id: 1, a: 1 });
  });

  it('touch nothing when the archive is not the one of its manifest', async () => {
    const other = await createRestoreHarness(server.uri);
    try {
      const damaged = await other.backUp(scope);
      await db.collection('things').deleteMany({});
      const preview = await other.preview(damaged, { mode: 'drop' });
      const { archive } = await other.catalogue.location(damaged);
      const { readFileSync } = await import('node:fs');
      const bytes = readFileSync(archive);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      writeFileSync(archive, bytes);
      await expect(other.apply(preview)).rejects.toMatchObject(code('archive-damaged'));
      expect(await db.collection('things').countDocuments()).toBe(0);
    } finally {
      await other.close();
    }
  });

  it('say which tool is missing', async () => {
    await db.collection('things').deleteMany({});
    const preview = await lifeboat.preview(backup, { mode: 'clone' });
    const nowhere = join(lifeboat.dataFolder.root, 'nowhere');
    await lifeboat.settings.update({ toolPaths: { mongodump: nowhere, mongorestore: nowhere } });
    try {
      await expect(lifeboat.preview(backup)).rejects.toMatchObject(code('tool-missing'));
      await expect(lifeboat.apply(preview)).rejects.toMatchObject(code('tool-missing'));
    } finally {
      await lifeboat.settings.update({ toolPaths: {} });
    }
  });

  it('compare by the archive when the digest is gone, and leave nothing when cancelled', async () => {
    const before = lifeboat.previewsLeft();
    const { digest } = await lifeboat.catalogue.location(backup);
    const { renameSync } = await import('node:fs');
    renameSync(digest, `${digest}.away`);
    try {
      await db.collection('things').deleteOne({ _id: id(1) });
      const preview = await lifeboat.preview(backup);
      expect(preview.result.namespaces[0]).toMatchObject({
        comparedBy: 'archive',
        documents: { onlyInBackup: 1, same: 99 },
      });
      await lifeboat.restores.closePreview(preview.id);
    } finally {
      renameSync(`${digest}.away`, digest);
    }
    for (const delay of [0, 30, 100, 200, 400]) {
      const job = await lifeboat.restores.preview({
        backupId: backup,
        connectionId: lifeboat.target.id,
        namespaces: [],
        renames: [],
        mode: 'exact',
        readPreference: 'primary',
      });
      await new Promise((resolve) => setTimeout(resolve, delay));
      await lifeboat.jobs.cancel(job.id);
      const ended = await lifeboat.jobs.wait(job.id);
      if (ended.resultId !== null && ended.status === 'succeeded') await lifeboat.restores.closePreview(ended.resultId);
      expect(['cancelled', 'succeeded']).toContain(ended.status);
    }
    expect(lifeboat.previewsLeft()).toEqual(before);
  });
});
