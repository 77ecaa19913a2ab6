import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db, MongoClient } from 'mongodb';
import { problemsOf } from '../../shared/restore';
import { findElement, readElements } from '../archive/raw-bson';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createRestoreHarness, effect, type RestoreHarness } from './test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let db: Db;

const scope = { kind: 'databases' as const, databases: ['special'] };
const id = (value: unknown): never => value as never;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  db = client.db('special');
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});
beforeEach(() => db.dropDatabase());

/** Previews and applies; the diff after it must be empty. */
async function restore(backup: string, mode: 'exact' | 'drop' | 'clone' = 'exact') {
  const preview = await lifeboat.preview(backup, { mode });
  const { result } = await lifeboat.apply(preview);
  expect(result.failures).toEqual([]);
  expect(result.effect).toEqual(result.predicted);
  expect(result.remaining?.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);
  return { preview, result };
}

describe('collections of special kinds', () => {
  it('of every odd name come back in every mode', async () => {
    const names = [
      'with spaces',
      `quotes ' " \``,
      'per%cent %41',
      'ünïcödé 数',
      '-leading',
      'star*',
      'dots.in.name',
      'back\\slash',
      'n'.repeat(200),
      'empty',
    ];
    for (const name of names) {
      await db.createCollection(name);
      if (name !== 'empty')
        await db.collection(name).insertMany([
          { _id: id(1), name },
          { _id: id(2), name },
        ]);
    }
    const backup = await lifeboat.backUp(scope);
    for (const name of names) await db.collection(name).deleteOne({ _id: id(1) });
    await db.collection(names[0] ?? '').drop();
    await db.collection('empty').drop();
    const { result } = await restore(backup);
    expect(result.effect).toMatchObject({ insert: names.length, keep: names.length - 2 });
    expect((await db.listCollections().toArray()).map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const name of names) await db.collection(name).deleteMany({});
    await restore(backup, 'drop');
    const { preview } = await restore(backup, 'clone');
    await client.db(preview.cloneNames['special'] ?? '').dropDatabase();
  });

  it('views are made, changed and removed', async () => {
    await db.collection('source').insertOne({ a: 1 });
    await db.createCollection('kept', { viewOn: 'source', pipeline: [{ $match: { a: 1 } }] });
    await db.createCollection('lost', { viewOn: 'kept', pipeline: [] });
    const backup = await lifeboat.backUp(scope);
    await db.collection('lost').drop();
    await db.command({ collMod: 'kept', viewOn: 'source', pipeline: [{ $match: { a: 2 } }] });
    await db.createCollection('extra', { viewOn: 'source', pipeline: [] });
    const { result } = await restore(backup);
    expect(result).toMatchObject({ collectionsCreated: 1, collectionsDropped: 1, optionsChanged: 1 });
    expect(await db.collection('lost').countDocuments()).toBe(1);
    await db.collection('kept').drop();
    await restore(backup, 'drop');
  });

  it('time series come back by their buckets', async () => {
    const readings = Array.from({ length: 300 }, (_, at) => ({
      at: new Date(1_700_000_000_000 + at * 60_000),
      m: at % 3,
      v: at,
    }));
    await db.createCollection('weather', { timeseries: { timeField: 'at', metaField: 'm' } });
    await db.collection('weather').insertMany(readings);
    const backup = await lifeboat.backUp(scope);
    await db.collection('weather').deleteMany({ m: 1 });
    await db.collection('weather').insertOne({ at: new Date(), m: 9, v: 1 });
    await restore(backup);
    expect(await db.collection('weather').countDocuments()).toBe(300);
    await db.collection('weather').drop();
    await restore(backup);
    expect(await db.collection('weather').countDocuments()).toBe(300);
    await restore(backup, 'drop');
    const { preview } = await restore(backup, 'clone');
    const clone = client.db(preview.cloneNames['special'] ?? '');
    expect(await clone.collection('weather').countDocuments()).toBe(300);
    await clone.dropDatabase();
  });

  it('capped collections are restored and said to be capped', async () => {
    await db.createCollection('log', { capped: true, size: 1024 * 1024 });
    await db.collection('log').insertMany(Array.from({ length: 10 }, (_, at) => ({ _id: id(at) })));
    const backup = await lifeboat.backUp(scope);
    await db.collection('log').insertOne({ _id: id(10) });
    const { preview } = await restore(backup);
    expect(preview.result.problems.map(({ code }) => code)).toContain('capped-collection');
    await db.collection('log').drop();
    await restore(backup);
    expect((await db.listCollections({ name: 'log' }).toArray())[0]).toMatchObject({ options: { capped: true } });
  });

  it('a validator that refuses what the backup holds hinders insert-missing, and is said before', async () => {
    await db.collection('strict').insertMany([
      { _id: id(1), old: true },
      { _id: id(2), old: true },
      { _id: id(3), fit: 1 },
    ]);
    const backup = await lifeboat.backUp(scope);
    await db.collection('strict').deleteMany({});
    await db.command({ collMod: 'strict', validator: { fit: { $exists: true } } });
    const preview = await lifeboat.preview(backup, { mode: 'insert-missing' });
    expect(preview.result.problems).toMatchObject([{ code: 'validator-rejects', ns: 'special.strict' }]);
    expect(problemsOf('exact', preview.result.problems)).toEqual([]);
    const { job, result } = await lifeboat.apply(preview);
    expect(job.status).toBe('succeeded-with-warnings');
    expect(result.problems).toMatchObject([{ code: 'validator-rejects' }]);
    expect(result.effect.insert).toBe(1);
    expect(result.failures.map(({ id: failed }) => failed)).toEqual(['{"$numberInt":"1"}', '{"$numberInt":"2"}']);
    const { result: exact } = await restore(backup);
    expect(exact.effect).toEqual(effect({ insert: 2, keep: 1 }));
  });

  it('a collection where a view was, or the other way round, is left and told', async () => {
    await db.collection('thing').insertOne({ _id: id(1) });
    const backup = await lifeboat.backUp(scope);
    await db.collection('thing').drop();
    await db.createCollection('thing', { viewOn: 'other', pipeline: [] });
    const preview = await lifeboat.preview(backup);
    expect(preview.result.problems.map(({ ns }) => ns)).toEqual(['special.thing']);
    const { job, result } = await lifeboat.apply(preview);
    expect(job.status).toBe('succeeded-with-warnings');
    expect(result.failures).toHaveLength(1);
  });

  it('indexes on fields named by numbers keep the order of their fields', async () => {
    const build = (names: string[]): Promise<unknown> => {
      const key = new Map(names.map((name) => [name, 1]));
      return db.command({ createIndexes: 'numbered', indexes: [{ key, name: 'numbers' }] });
    };
    const order = async (): Promise<string[]> => {
      const raw = await db.collection('numbered').listIndexes({ raw: true }).toArray();
      const index = raw[1] as unknown as Uint8Array;
      return readElements(index, findElement(index, 'key')?.valueStart).map(({ name }) => name);
    };
    await db.collection('numbered').insertOne({ 10: 'a', 2: 'b' });
    await build(['10', '2']);
    const backup = await lifeboat.backUp(scope);
    const { manifest } = await lifeboat.catalogue.show(backup);
    expect(manifest?.namespaces[0]?.indexes[1]).toMatchObject({ name: 'numbers', keyOrder: ['10', '2'] });
    for (const mode of ['exact', 'drop'] as const) {
      await db.collection('numbered').dropIndex('numbers');
      await build(['2', '10']);
      const { preview } = await restore(backup, mode);
      expect(preview.result.namespaces[0]?.indexes.change.map(({ name }) => name)).toEqual(['numbers']);
      expect(await order(), mode).toEqual(['10', '2']);
    }
  });

  it('text, sphere, partial, collated and expiring indexes are rebuilt as they were', async () => {
    const things = db.collection('things');
    await things.insertOne({ text: 'a', at: { type: 'Point', coordinates: [0, 0] }, when: new Date() });
    await things.createIndex({ text: 'text' }, { weights: { text: 3 } });
    await things.createIndex({ at: '2dsphere' });
    await things.createIndex({ when: 1 }, { expireAfterSeconds: 86_400 });
    await things.createIndex({ name: 1 }, { unique: true, partialFilterExpression: { name: { $exists: true } } });
    await things.createIndex({ name: -1 }, { collation: { locale: 'de', strength: 2 } });
    await things.createIndex({ 'w.$**': 1 });
    const backup = await lifeboat.backUp(scope);
    await things.dropIndexes();
    await things.createIndex({ when: 1 }, { expireAfterSeconds: 5 * 86_400 });
    const { preview, result } = await restore(backup);
    expect(preview.result.namespaces[0]?.indexes).toMatchObject({ change: [{ name: 'when_1' }], remove: [] });
    expect(result).toMatchObject({ indexesBuilt: 6, indexesDropped: 1 });
  });
});
