/** The undo of restores that replaced whole collections: everything is as it was, down to what servers never change. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db, Document, MongoClient } from 'mongodb';
import { problemsOf, type Preview, type RestoreResult } from '../../../shared/restore';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { resultOf } from '../../test-support/test-services';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';
import { readState, type CollectionState } from '../test-support/target-state';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let db: Db;

const scope = { kind: 'databases' as const, databases: ['whole'] };
const id = (value: unknown): never => value as never;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  db = client.db('whole');
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

const numbered = (from: number, to: number, more: (at: number) => Document = () => ({})) =>
  Array.from({ length: to - from }, (_, at) => ({ _id: id(from + at), n: from + at, ...more(from + at) }));
const readings = (sensors: number) =>
  Array.from({ length: 200 }, (_, at) => ({ at: new Date(at * 60_000), sensor: at % sensors, value: at }));

/** What no server changes in a collection that is there, by collection. */
async function fillBefore(): Promise<void> {
  await db.createCollection('clustered', { clusteredIndex: { key: { _id: 1 }, unique: true, name: 'own' } });
  await db.createCollection('plain');
  await db.createCollection('capped', { capped: true, size: 65_536, max: 500 });
  await db.createCollection('ring', { capped: true, size: 65_536 });
  await db.createCollection('collated', {
    collation: { locale: 'de', strength: 2 },
    validator: { n: { $exists: true } },
    validationLevel: 'moderate',
    validationAction: 'warn',
  });
  await db.createCollection('bare', { collation: { locale: 'fr' }, validator: { n: { $gte: 0 } } });
  await db.command({ create: 'stored', storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } } });
  await db.createCollection('readings', {
    timeseries: { timeField: 'at', metaField: 'sensor', granularity: 'minutes' },
  });
  await db.createCollection('indexed');
  await db.createCollection('view', { viewOn: 'clustered', pipeline: [{ $match: { n: { $gt: 3 } } }] });
  for (const name of ['clustered', 'plain', 'collated', 'bare', 'stored', 'indexed']) {
    await db.collection(name).insertMany(numbered(0, 60, (at) => ({ text: `t${at}` })));
  }
  // Neither by `_id` nor by value: the order in which they came.
  for (const name of ['capped', 'ring']) {
    for (const part of [numbered(40, 80), numbered(0, 40)]) await db.collection(name).insertMany(part);
  }
  await db.collection('readings').insertMany(readings(5));
  for (const name of ['clustered', 'indexed']) {
    const things = db.collection(name);
    await things.createIndex({ n: 1 }, { hidden: true });
    await things.createIndex({ n: -1 }, { unique: true, partialFilterExpression: { n: { $gt: 5 } } });
    await things.createIndex({ when: 1 }, { expireAfterSeconds: 86_400, sparse: true });
    await things.createIndex({ text: 1 }, { collation: { locale: 'sv', strength: 1 } });
    await things.createIndex({ text: 'text', other: 'text' }, { weights: { text: 7 }, default_language: 'french' });
    await things.createIndex({ '$**': 1 }, { wildcardProjection: { a: 1, 'b.c': 1 } });
    await things.createIndex({ place: '2dsphere' }, { name: 'somewhere' });
  }
}

/** The same names in the backup: otherwise made, otherwise filled. */
async function fillBackup(): Promise<void> {
  await db.createCollection('plain', { clusteredIndex: { key: { _id: 1 }, unique: true } });
  await db.createCollection('ring', { capped: true, size: 65_536 });
  await db.createCollection('readings', { timeseries: { timeField: 'at' } });
  await db.createCollection('view', { viewOn: 'plain', pipeline: [] });
  for (const name of ['clustered', 'plain', 'capped', 'ring', 'collated', 'bare', 'stored', 'indexed', 'made']) {
    await db.collection(name).insertMany(numbered(20, 90, (at) => ({ text: at < 40 ? `t${at}` : 'backup' })));
  }
  await db.collection('indexed').createIndex({ n: 1 });
  await db.collection('readings').insertMany(readings(3));
}

interface Exact {
  state: Record<string, CollectionState>;
  /** Options as the server tells them, defaults included. */
  options: Document;
  order: Record<string, string>;
}

async function readExact(): Promise<Exact> {
  const infos = await db.listCollections({ name: { $not: /^system\.views$/ } }).toArray();
  const options = Object.fromEntries(
    infos.map(({ name, ...info }) => [name, (info as { options?: Document }).options ?? {}] as const),
  );
  const order: Record<string, string> = {};
  for (const name of ['capped', 'ring']) {
    const hash = createHash('sha256');
    for await (const { _id } of db.collection(name).find()) hash.update(`${String(_id)} `);
    order[name] = hash.digest('hex');
  }
  return { state: await readState(db), options, order };
}

async function undoPreview({ restoreId }: Pick<RestoreResult, 'restoreId'>): Promise<Preview> {
  const job = await lifeboat.restores.undoPreview(restoreId);
  return lifeboat.restores.getPreview(resultOf(await lifeboat.jobs.wait(job.id)));
}

async function drop(): Promise<RestoreResult> {
  const { result } = await lifeboat.apply(await lifeboat.preview(backup, { mode: 'drop' }));
  expect(result.failures).toEqual([]);
  return result;
}

const rebuiltBy = (preview: Preview): string[] =>
  preview.result.problems.flatMap(({ code, ns }) => (code === 'rebuilt-whole' && ns !== null ? [ns] : [])).sort();
const namesLeft = async (): Promise<string[]> =>
  (await db.listCollections({}, { nameOnly: true }).toArray())
    .map(({ name }) => name)
    .filter((name) => name.startsWith('lifeboat_'));

let backup: string;
beforeAll(async () => {
  await fillBackup();
  backup = await lifeboat.backUp(scope);
});
beforeEach(async () => {
  await db.dropDatabase();
  await fillBefore();
});

describe('the undo of drop', () => {
  it('gives collections back as they were made, filled and indexed, and is undone itself', async () => {
    const before = await readExact();
    const result = await drop();
    const restored = await readExact();
    expect(restored.options['clustered']).toEqual({});
    const preview = await undoPreview(result);
    const rebuilt = ['bare', 'capped', 'clustered', 'collated', 'plain', 'readings', 'ring', 'stored'];
    expect(rebuiltBy(preview)).toEqual(rebuilt.map((name) => `whole.${name}`));
    const commands = await lifeboat.restores.commands({
      previewId: preview.id,
      mode: 'exact',
      namespaces: [],
      typedName: null,
    });
    expect(commands).toContain('renameCollection whole.clustered, then of what is beside to whole.clustered');
    const first = await lifeboat.apply(preview, { mode: 'exact' });
    expect({ failures: first.result.failures, conflicts: first.result.conflicts }).toEqual({
      failures: [],
      conflicts: [],
    });
    expect(first.result.effect).toEqual(first.result.predicted);
    expect(first.result.leftOver).toEqual([]);
    expect(first.result.problems).toEqual(problemsOf('exact', preview.result.problems));
    expect(first.job.status).toBe('succeeded');
    expect(await readExact()).toEqual(before);
    expect(await namesLeft()).toEqual([]);

    const second = await lifeboat.apply(await undoPreview(first.result), { mode: 'exact' });
    expect(second.result.failures).toEqual([]);
    expect(second.result.leftOver).toEqual([]);
    expect(await readExact()).toEqual(restored);
    const third = await lifeboat.apply(await undoPreview(second.result), { mode: 'exact' });
    expect(third.result.failures).toEqual([]);
    expect(await readExact()).toEqual(before);
    expect(await namesLeft()).toEqual([]);
  });

  it('keeps what others wrote to a collection that it builds anew, before the preview and after it', async () => {
    const things = db.collection<{ _id: number; mark?: string; n?: number }>('clustered');
    const result = await drop();
    await things.updateOne({ _id: 30 }, { $set: { mark: 'before' } });
    await things.insertOne({ _id: 900, mark: 'before' });
    const preview = await undoPreview(result);
    const diff = preview.result.namespaces.find(({ ns }) => ns === 'whole.clustered');
    expect(diff?.effect).toEqual({ insert: 59, replace: 0, delete: 69, keep: 2, conflict: 2 });
    await things.updateOne({ _id: 31 }, { $set: { mark: 'after' } });
    await things.insertOne({ _id: 901, mark: 'after' });
    await things.deleteOne({ _id: 32 });
    const { job, result: undone } = await lifeboat.apply(preview, { mode: 'exact' });
    expect(undone.failures).toEqual([]);
    expect(job.status).toBe('succeeded-with-warnings');
    const marks = await things.find({ mark: { $exists: true } }, { sort: { _id: 1 } }).toArray();
    expect(marks.map(({ _id, mark }) => [_id, mark])).toEqual([
      [30, 'before'],
      [31, 'after'],
      [900, 'before'],
      [901, 'after'],
    ]);
    // Deleted by somebody: it comes back, since nothing is overwritten by that.
    expect(await things.countDocuments()).toBe(62);
    expect(await things.findOne({ _id: 32 })).toMatchObject({ text: 't32' });
    const listed = undone.conflicts.filter(({ ns }) => ns === 'whole.clustered').map(({ id: own }) => own);
    expect(listed.sort()).toEqual(['30', '31', '900', '901'].map((own) => `{"$numberInt":"${own}"}`));
    expect((await db.listCollections({ name: 'clustered' }).toArray())[0]).toMatchObject({
      options: { clusteredIndex: { name: 'own' } },
    });
    expect(await namesLeft()).toEqual([]);
  });

  it('leaves a time series that others wrote to as it is, and says so before', async () => {
    const result = await drop();
    await db.collection('readings').insertOne({ at: new Date(9e11), value: 1 });
    const preview = await undoPreview(result);
    expect(
      preview.result.problems.find(({ code, ns }) => code === 'rebuilt-whole' && ns === 'whole.readings'),
    ).toMatchObject({ message: expect.stringContaining('it stays as it is') as string });
    const { result: undone } = await lifeboat.apply(preview, { mode: 'exact' });
    expect(undone.failures.map(({ ns }) => ns)).toEqual(['whole.readings']);
    expect(undone.leftOver).toEqual(['whole.readings']);
    expect(await db.collection('readings').countDocuments()).toBe(201);
  });

  it('is refused as stale where somebody writes to a time series that it would drop', async () => {
    const result = await drop();
    const preview = await undoPreview(result);
    await db.collection('readings').insertOne({ at: new Date(9e11), value: 1 });
    await expect(lifeboat.apply(preview, { mode: 'exact' })).rejects.toMatchObject({
      error: { code: 'preview-stale' },
    });
    expect(await db.collection('readings').countDocuments()).toBe(201);
  });
});

describe('a collection that only the target has', () => {
  it('is not dropped when a document comes in between the last look and the drop', async () => {
    await db.collection('extra').insertMany(numbered(0, 5));
    const preview = await lifeboat.preview(backup, { mode: 'exact' });
    const watch = client
      .db('whole')
      .collection('extra')
      .watch([{ $match: { operationType: 'delete' } }]);
    let deleted = 0;
    const inserted = (async () => {
      for await (const _ of watch) if (++deleted === 5) break;
      await db.collection('extra').insertOne({ _id: id('late') });
    })();
    const { result } = await lifeboat.apply(preview, { mode: 'exact' });
    await inserted;
    await watch.close();
    // Whichever came first: the document is there, under the name it was written to.
    expect(await db.collection('extra').find().toArray()).toEqual([{ _id: 'late' }]);
    expect(await namesLeft()).toEqual([]);
    expect(result.failures.filter(({ ns }) => ns !== 'whole.extra' && !ns.startsWith('whole.'))).toEqual([]);
  });
});
