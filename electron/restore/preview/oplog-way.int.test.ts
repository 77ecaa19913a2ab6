import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Binary, Decimal128, Double, Int32, Long, ObjectId, type Collection, type MongoClient } from 'mongodb';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { compareBothWays, lineOf } from '../test-support/compare-both-ways';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let harness: RestoreHarness;

const scope = { kind: 'databases' as const, databases: ['shop'] };

interface Thing {
  _id: number | string;
  [field: string]: unknown;
}

/** The driver's types know `_id`s of few kinds. */
function key(value: unknown): string {
  return value as string;
}

function shop(name = 'things'): Collection<Thing> {
  return client.db('shop').collection(name);
}

async function fill(count = 500, name = 'things'): Promise<void> {
  await shop(name).insertMany(Array.from({ length: count }, (_, at) => ({ _id: at, value: at, text: `number ${at}` })));
}

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
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

/** Compares both ways and expects that `shop.things` went by the oplog. */
async function followed(backupId: string, ns = 'shop.things') {
  const preview = await compareBothWays(harness, backupId);
  expect(lineOf(preview, ns)).toMatchObject({ comparedBy: 'oplog', comparedReason: null });
  return lineOf(preview, ns).documents;
}

/** The same, expecting a full comparison and why. */
async function notFollowed(backupId: string, reason: RegExp, ns = 'shop.things') {
  const preview = await compareBothWays(harness, backupId);
  expect(lineOf(preview, ns).comparedBy).not.toBe('oplog');
  expect(lineOf(preview, ns).comparedReason).toMatch(reason);
}

describe('a comparison by the oplog', () => {
  it('finds nothing where nothing was written', async () => {
    await fill();
    const documents = await followed(await harness.backUp(scope));
    expect(documents).toEqual({
      inBackup: 500,
      inTarget: 500,
      same: 500,
      changed: 0,
      onlyInBackup: 0,
      onlyInTarget: 0,
    });
  });

  it('finds inserts, updates, replacements and deletes, one by one and many at once', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    await shop().insertOne({ _id: 'new' });
    await shop().insertMany([{ _id: 'a' }, { _id: 'b' }]);
    await shop().updateOne({ _id: 3 }, { $set: { value: -1 } });
    await shop().replaceOne({ _id: 4 }, { other: true });
    await shop().updateMany({ _id: { $gte: 100, $lt: 120 } }, { $set: { value: -5 } });
    await shop().deleteOne({ _id: 5 });
    await shop().deleteMany({ _id: { $gte: 200, $lt: 210 } });
    await shop().updateOne({ _id: 'upserted' }, { $set: { value: 1 } }, { upsert: true });
    // There and back again: touched, and the same.
    await shop().updateOne({ _id: 7 }, { $set: { value: -7 } });
    await shop().updateOne({ _id: 7 }, { $set: { value: 7 } });
    await shop().insertOne({ _id: 'gone' });
    await shop().deleteOne({ _id: 'gone' });
    const documents = await followed(backupId);
    expect(documents).toEqual({
      inBackup: 500,
      inTarget: 493,
      same: 467,
      changed: 22,
      onlyInBackup: 11,
      onlyInTarget: 4,
    });
  });

  it('follows transactions, small, of several entries, and aborted ones', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    await client.withSession(async (session) => {
      await session.withTransaction(async () => {
        await shop().insertOne({ _id: 'tx' }, { session });
        await shop().updateOne({ _id: 1 }, { $set: { value: -1 } }, { session });
        await shop().deleteOne({ _id: 2 }, { session });
      });
      await session.withTransaction(async () => {
        for (let at = 0; at < 3; at++) {
          await shop().insertOne({ _id: `large ${at}`, body: 'x'.repeat(7_000_000) }, { session });
        }
      });
      session.startTransaction();
      await shop().insertOne({ _id: 'aborted' }, { session });
      await session.abortTransaction();
    });
    expect(await followed(backupId)).toMatchObject({ changed: 1, onlyInBackup: 1, onlyInTarget: 4 });
  });

  it('follows retried writes and the images they keep', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    await shop().findOneAndUpdate({ _id: 1 }, { $set: { value: -1 } }, { returnDocument: 'before' });
    await shop().findOneAndUpdate({ _id: 2 }, { $set: { value: -2 } }, { returnDocument: 'after' });
    await shop().findOneAndDelete({ _id: 3 });
    const session = client.startSession();
    const lsid = session.id;
    const command = {
      update: 'things',
      updates: [
        { q: { _id: 4 }, u: { $set: { value: -4 } } },
        { q: { _id: 5 }, u: { $set: { value: -5 } } },
      ],
      lsid,
      txnNumber: Long.fromNumber(77),
    };
    if (!lsid) throw new Error('no session');
    await client.db('shop').command(command);
    await client.db('shop').command(command);
    await session.endSession();
    expect(await followed(backupId)).toMatchObject({ changed: 4, onlyInBackup: 1, onlyInTarget: 0 });
  });

  it('follows _ids of every kind', async () => {
    const ids = [
      new ObjectId(),
      new Double(0.5),
      new Int32(7),
      Long.fromBigInt(1n << 60n),
      Decimal128.fromString('1.50'),
      'text',
      '',
      true,
      new Date(5),
      new Binary(Buffer.from('ab'), 4),
      { b: 1, a: { c: [1, 2] } },
    ];
    for (const _id of ids) await shop().insertOne({ _id: key(_id), value: 1 });
    const backupId = await harness.backUp(scope);
    for (const _id of ids.slice(0, 9)) await shop().updateOne({ _id: key(_id) }, { $set: { value: 2 } });
    for (const _id of ids.slice(9)) await shop().deleteOne({ _id: { $eq: key(_id) } });
    expect(await followed(backupId)).toMatchObject({ changed: 9, onlyInBackup: 2, same: 0 });
  });

  it('pairs an _id that became another type of number, as the full comparison does', async () => {
    await fill(50);
    const backupId = await harness.backUp(scope);
    for (const at of [1, 2, 3]) await shop().deleteOne({ _id: at });
    await shop().insertOne({ _id: key(new Double(1)), value: 1 });
    await shop().insertOne({ _id: key(Long.fromNumber(2)), value: 2 });
    await shop().insertOne({ _id: key(Decimal128.fromString('4000')), value: 2 });
    expect(await followed(backupId)).toMatchObject({ changed: 2, onlyInBackup: 1, onlyInTarget: 1 });
  });

  it('follows a collection of another collation, and a clustered one', async () => {
    await client.db('shop').createCollection('words', { collation: { locale: 'en', strength: 2 } });
    await client.db('shop').createCollection('clustered', { clusteredIndex: { key: { _id: 1 }, unique: true } });
    for (const name of ['words', 'clustered']) {
      await shop(name).insertMany([{ _id: 'abc' }, { _id: 'def' }, { _id: 'ghi' }]);
    }
    const backupId = await harness.backUp(scope);
    for (const name of ['words', 'clustered']) {
      await shop(name).deleteOne({ _id: 'abc' });
      await shop(name).insertOne({ _id: 'ABC' });
      await shop(name).updateOne({ _id: 'def' }, { $set: { x: 1 } });
    }
    const counts = { changed: 1, onlyInBackup: 1, onlyInTarget: 1, same: 1 };
    expect(await followed(backupId, 'shop.words')).toMatchObject(counts);
    expect(await followed(backupId, 'shop.clustered')).toMatchObject(counts);
  });

  it('follows the buckets of a time series', async () => {
    await client.db('shop').createCollection('weather', { timeseries: { timeField: 'at', metaField: 'place' } });
    const measure = (place: string, minute: number) => ({
      at: new Date(1.7e12 + minute * 60_000),
      place,
      value: minute,
    });
    await client
      .db('shop')
      .collection('weather')
      .insertMany(Array.from({ length: 300 }, (_, at) => measure(`p${at % 7}`, at)));
    const backupId = await harness.backUp(scope);
    await client
      .db('shop')
      .collection('weather')
      .insertMany([measure('p1', 301), measure('new', 302)]);
    await client.db('shop').collection('weather').deleteMany({ place: 'p2' });
    const { changed, onlyInBackup, onlyInTarget } = await followed(backupId, 'shop.weather');
    expect(changed + onlyInTarget).toBeGreaterThan(0);
    expect(onlyInBackup).toBeGreaterThan(0);
    await client.db('shop').collection('weather').drop();
    await client.db('shop').createCollection('weather', { timeseries: { timeField: 'at', metaField: 'place' } });
    await notFollowed(backupId, /dropped since|created since|another collection bore its name/, 'shop.weather');
  });

  it('is not misled by index and option changes, and follows documents that expire', async () => {
    await fill();
    const backupId = await harness.backUp(scope);
    await shop().createIndex({ value: 1 });
    await shop().createIndex({ text: 1 });
    await shop().dropIndex('text_1');
    await client
      .db('shop')
      .command({ collMod: 'things', validator: { value: { $exists: true } }, validationLevel: 'moderate' });
    await shop().updateOne({ _id: 9 }, { $set: { value: -9 } });
    expect(await followed(backupId)).toMatchObject({ changed: 1, same: 499 });
  });

  it('leaves collections that were dropped, made anew, renamed or made capped to the full comparison, and follows the others', async () => {
    for (const name of ['things', 'dropped', 'renamed', 'swapped', 'made-capped', 'replaced']) await fill(50, name);
    const backupId = await harness.backUp(scope);
    await shop('dropped').drop();
    await fill(40, 'dropped');
    await shop('renamed').rename('elsewhere');
    await shop('swapped').rename('away');
    await shop('away').rename('swapped');
    await client.db('shop').command({ convertToCapped: 'made-capped', size: 1_000_000 });
    await shop('replaced')
      .aggregate([{ $match: { _id: { $lt: 10 } } }, { $out: 'replaced' }])
      .toArray();
    await shop().deleteOne({ _id: 3 });
    expect(await followed(backupId)).toMatchObject({ onlyInBackup: 1, same: 49 });
    await notFollowed(backupId, /created again since the backup/, 'shop.dropped');
    await notFollowed(backupId, /renamed/, 'shop.swapped');
    await notFollowed(backupId, /capped/, 'shop.made-capped');
    await notFollowed(backupId, /created again since the backup/, 'shop.replaced');
    await notFollowed(backupId, /the backup does not have it/, 'shop.elsewhere');
  });

  it('never follows capped collections', async () => {
    await client.db('shop').createCollection('log', { capped: true, size: 4096 });
    await fill(200, 'log');
    const backupId = await harness.backUp(scope);
    await shop('log').insertMany(Array.from({ length: 20 }, (_, at) => ({ _id: `new ${at}` })));
    await notFollowed(backupId, /capped/, 'shop.log');
  });

  it('compares in full where it is asked to, and gives up where more was touched than is worth it', async () => {
    await fill(21_000);
    const backupId = await harness.backUp(scope);
    await shop().updateMany({}, { $set: { value: -5 } });
    await notFollowed(backupId, /more than 20000 of its documents were touched/);
  });
});
