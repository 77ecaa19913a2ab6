import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Collection, type MongoClient, type Timestamp } from 'mongodb';
import { readPosition } from '../../connections/oplog-position';
import { readOplog } from '../../diff/oplog/read-oplog';
import { resultOf } from '../../test-support/test-services';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { compareBothWays, expectSameAsFull, lineOf } from '../test-support/compare-both-ways';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';
import type { Manifest, OplogSpan } from '../../../shared/backups';
import type { Preview } from '../../../shared/restore';

interface Thing {
  _id: number | string;
  [field: string]: unknown;
}

const scope = { kind: 'databases' as const, databases: ['shop'] };
const password = 'correct horse';
let server: TestMongod;
let client: MongoClient;
let harness: RestoreHarness;

function shop(name = 'things'): Collection<Thing> {
  return client.db('shop').collection(name);
}

async function fill(count = 300): Promise<void> {
  await shop().insertMany(Array.from({ length: count }, (_, at) => ({ _id: at, value: at })));
}

async function refreshed({ id }: Preview): Promise<Preview> {
  const job = await harness.jobs.wait((await harness.restores.refresh(id)).id);
  return harness.restores.getPreview(resultOf(job));
}

async function spanOf(backupId: string): Promise<OplogSpan> {
  const { manifest } = (await harness.catalogue.show(backupId)) as { manifest: Manifest };
  if (!manifest.oplogSpan) throw new Error('the backup has no span');
  return manifest.oplogSpan;
}

beforeAll(async () => {
  server = await startTestMongod({
    replicaSet: true,
    auth: { user: 'root', password },
  });
  client = await server.connect();
  harness = await createRestoreHarness(server.uri);
});
afterEach(async () => {
  await client.db('shop').dropDatabase();
});
afterAll(async () => {
  await harness.close();
  await server.stop();
});

describe('a preview that has grown old', () => {
  it('tells which collections were written since, and how many documents, without comparing', async () => {
    await fill();
    await shop('others').insertOne({ _id: 1 });
    await shop('dropped').insertOne({ _id: 1 });
    const backup = await harness.backUp(scope);
    await shop().deleteMany({ _id: { $lt: 3 } });
    const preview = await harness.preview(backup);
    expect(await harness.restores.writtenSince(preview.id)).toEqual({ namespaces: [], unknown: null });
    await shop().updateMany({ _id: { $gte: 290 } }, { $set: { value: -1 } });
    await shop('dropped').drop();
    const { namespaces, unknown } = await harness.restores.writtenSince(preview.id);
    expect(unknown).toBeNull();
    expect(namespaces).toEqual([
      { ns: 'shop.dropped', documents: null, reason: expect.any(String) as string },
      { ns: 'shop.things', documents: 10, reason: null },
    ]);
    await harness.restores.closePreview(preview.id);
    await expect(harness.restores.writtenSince(preview.id)).rejects.toMatchObject({ error: { code: 'not-found' } });
  });
});

describe('a preview that is refreshed', () => {
  it('takes over what nobody touched and compares the rest again', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    await shop().updateMany({ _id: { $lt: 10 } }, { $set: { value: -1 } });
    await shop().deleteMany({ _id: { $gte: 20, $lt: 30 } });
    await shop().insertMany([{ _id: 'x' }, { _id: 'y' }, { _id: 'z' }]);
    const early = await harness.preview(backupId, { full: true });
    expect(lineOf(early, 'shop.things').comparedReason).toBe('the full comparison was asked for');
    const early2 = await harness.preview(backupId);
    await shop().updateOne({ _id: 3 }, { $set: { value: 3 } });
    await shop().updateOne({ _id: 4 }, { $set: { value: -4 } });
    await shop().deleteOne({ _id: 5 });
    await shop().insertOne({ _id: 25, value: 25 });
    await shop().insertOne({ _id: 26, value: -26 });
    await shop().deleteOne({ _id: 'x' });
    await shop().updateOne({ _id: 'y' }, { $set: { value: 1 } });
    await shop().insertOne({ _id: 'new' });
    const renewed = await refreshed(early2);
    expect(renewed.id).not.toBe(early2.id);
    expect(lineOf(renewed, 'shop.things')).toMatchObject({
      comparedBy: 'oplog',
      documents: { changed: 9, onlyInBackup: 9, onlyInTarget: 3 },
    });
    await expectSameAsFull(harness, renewed);
    await expectSameAsFull(harness, await refreshed(renewed));
  });

  it('works for a backup of another replica set, and for a collection that only the target has', async () => {
    const source = await startTestMongod({ replicaSet: true });
    try {
      const origin = await source.connect();
      const things = Array.from({ length: 100 }, (_, at) => ({ _id: at as number | string, value: at }));
      await origin.db('shop').collection<Thing>('things').insertMany(things);
      const backupId = await harness.backUp(scope, await harness.connect(source.uri));
      await fill();
      await shop('extra').insertMany([{ _id: 1 }, { _id: 2 }]);
      const early = await compareBothWays(harness, backupId);
      expect(lineOf(early, 'shop.things').comparedReason).toMatch(/not the replica set that the backup was made of/);
      await shop().deleteOne({ _id: 5 });
      await shop('extra').insertOne({ _id: 3 });
      const renewed = await refreshed(early);
      for (const ns of ['shop.things', 'shop.extra']) expect(lineOf(renewed, ns).comparedBy).toBe('oplog');
      expect(lineOf(renewed, 'shop.extra').documents.onlyInTarget).toBe(3);
      await expectSameAsFull(harness, renewed);
    } finally {
      await source.stop();
    }
  });

  it('compares what was made anew in full', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    const early = await harness.preview(backupId);
    await shop().drop();
    await fill(10);
    const renewed = await refreshed(early);
    expect(lineOf(renewed, 'shop.things').comparedReason).toMatch(/since the earlier comparison/);
    await expectSameAsFull(harness, renewed);
  });
});

describe('the proof after a restore', () => {
  it('looks at what was touched since the preview only, and finds writes of others', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    await shop().updateMany({ _id: { $lt: 50 } }, { $set: { value: -1 } });
    await shop().deleteMany({ _id: { $gte: 50, $lt: 60 } });
    const preview = await harness.preview(backupId);
    await shop().updateOne({ _id: 200 }, { $set: { value: 'by another' } });
    const { result } = await harness.apply(preview);
    expect(result.effect).toMatchObject({ insert: 10, replace: 50 });
    expect(result.remaining?.namespaces[0]).toMatchObject({
      comparedBy: 'oplog',
      documents: { same: 299, changed: 1, onlyInBackup: 0, onlyInTarget: 0 },
    });
  });

  it('reads everything where that was asked for', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    await shop().updateOne({ _id: 1 }, { $set: { value: -1 } });
    const { result } = await harness.apply(await harness.preview(backupId, { full: true }));
    expect(result.remaining?.namespaces[0]).toMatchObject({ comparedBy: 'digest', status: 'same' });
  });
});

describe('the guard of drop', () => {
  it('sees writes of transactions, also where the number of documents stays', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    const preview = await harness.preview(backupId, { mode: 'drop' });
    await client.withSession((session) =>
      session.withTransaction(() => shop().updateOne({ _id: 1 }, { $set: { value: -1 } }, { session })),
    );
    await expect(harness.apply(preview)).rejects.toMatchObject({ error: { code: 'preview-stale' } });
    const again = await harness.preview(backupId, { mode: 'drop' });
    const { result } = await harness.apply(again);
    expect(result.remaining?.totals.documents).toMatchObject({ same: 300, changed: 0 });
  });
});

describe('what the oplog cannot tell', () => {
  it('is said: to a user who may not read it', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    await client.db('admin').command({
      createUser: 'reader',
      pwd: password,
      roles: [
        { role: 'readAnyDatabase', db: 'admin' },
        { role: 'clusterMonitor', db: 'admin' },
      ],
    });
    await client.db('admin').command({
      createRole: 'noOplog',
      privileges: [
        { resource: { db: 'shop', collection: '' }, actions: ['find', 'listCollections', 'listIndexes', 'collStats'] },
        { resource: { cluster: true }, actions: ['replSetGetConfig', 'listDatabases'] },
      ],
      roles: [],
    });
    await client.db('admin').command({ updateUser: 'reader', roles: ['noOplog'] });
    const uri = server.uri.replace(/\/\/.*@/, `//reader:${encodeURIComponent(password)}@`);
    const connection = await harness.connect(uri);
    await shop().deleteOne({ _id: 1 });
    const preview = await compareBothWays(harness, backupId, { connectionId: connection.id });
    expect(lineOf(preview, 'shop.things')).toMatchObject({
      comparedBy: 'digest',
      comparedReason: 'the user may not read the oplog',
    });
  });

  it('is noticed: another history, a rollback of what was read, a start that is not there', async () => {
    await fill();
    const span = await spanOf(await harness.backUp(scope));
    await shop().deleteOne({ _id: 1 });
    const followed = [{ index: 0, ns: 'shop.things', uuid: null, mostTouched: 10 }];
    const ask = (asked: OplogSpan) =>
      readOplog({ client, span: asked, followed, mostBytes: 1e9, isCancelled: () => false });
    const answer = await ask(span);
    expect(answer.touched?.ids(0)).toHaveLength(1);
    const { start, end } = span;
    const later = { ...start, time: { ...start.time, increment: start.time.increment + 100_000 } };
    const now = await readPosition(client);
    const ahead = { term: start.term, time: { seconds: (now?.applied.time.seconds ?? 0) + 100, increment: 1 } };
    for (const wrong of [
      { start: { ...start, term: start.term + 1 }, end },
      { start, end: { ...end, term: end.term + 1 } },
      { start, end: ahead },
      { start: later, end },
    ]) {
      expect((await ask(wrong)).unreadable).toMatch(
        /another one since then, or was rolled back|history was rolled back/,
      );
    }
    expect((await ask({ start: { term: 1, time: { seconds: 1, increment: 1 } }, end })).unreadable).toMatch(
      /reaches back only to/,
    );
    expect((await readOplog({ client, span, followed, mostBytes: 10, isCancelled: () => false })).unreadable).toMatch(
      /as long as the collections/,
    );
  });

  it('is no matter of elections', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    const early = await harness.preview(backupId);
    await client.db('admin').command({ replSetStepDown: 1, secondaryCatchUpPeriodSecs: 0, force: true });
    await shop().deleteOne({ _id: 1 });
    const preview = await compareBothWays(harness, backupId);
    for (const one of [preview, await refreshed(early)]) {
      expect(lineOf(one, 'shop.things')).toMatchObject({ comparedBy: 'oplog', documents: { onlyInBackup: 1 } });
    }
  });

  it('is gone once the oplog was overwritten', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    const { start } = await spanOf(backupId);
    await shop().deleteOne({ _id: 1 });
    const noise = client.db('noise').collection('things');
    for (const end = Date.now() + 120_000; Date.now() < end;) {
      await noise.insertMany(Array.from({ length: 10 }, () => ({ body: 'x'.repeat(1_000_000) })));
      const [oldest] = await client.db('local').collection('oplog.rs').find().sort({ $natural: 1 }).limit(1).toArray();
      if ((oldest?.['ts'] as Timestamp).getHighBits() > start.time.seconds) break;
    }
    const preview = await compareBothWays(harness, backupId);
    expect(lineOf(preview, 'shop.things').comparedReason).toMatch(/reaches back only to 20\d\d-\d\d-\d\d/);
    await client.db('noise').dropDatabase();
  });
});

describe('a transaction that was prepared before the backup began', () => {
  it('is followed when it is committed after it', async () => {
    const testing = await startTestMongod({ replicaSet: true, args: ['--setParameter', 'enableTestCommands=1'] });
    const other = await createRestoreHarness(testing.uri);
    try {
      const direct = await testing.connect();
      const things = direct.db('shop').collection<Thing>('things');
      await things.insertMany(Array.from({ length: 300 }, (_, at) => ({ _id: at, value: at })));
      const session = direct.startSession();
      session.startTransaction();
      await things.updateOne({ _id: 1 }, { $set: { value: 'prepared' } }, { session });
      await things.insertOne({ _id: 'prepared' }, { session });
      const admin = direct.db('admin');
      const { prepareTimestamp } = await admin.command({ prepareTransaction: 1 }, { session });
      const backupId = await other.backUp(scope);
      const commitTimestamp: unknown = prepareTimestamp;
      await admin.command({ commitTransaction: 1, commitTimestamp }, { session });
      await session.endSession().catch(() => undefined);
      const preview = await compareBothWays(other, backupId);
      expect(lineOf(preview, 'shop.things')).toMatchObject({
        comparedBy: 'oplog',
        documents: { changed: 1, onlyInTarget: 1 },
      });
    } finally {
      await other.close();
      await testing.stop();
    }
  });
});
