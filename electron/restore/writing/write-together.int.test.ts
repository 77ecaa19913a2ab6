import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Double, Long, serialize } from 'bson';
import type { Collection, Document, MongoClient } from 'mongodb';
import { findId, packValue } from '../../diff/bson-reader';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { TogetherWriter, type TogetherEntry } from './write-together';

let server: TestMongod;
let client: MongoClient;
let collection: Collection<Document>;

const raw = (value: object): Buffer => Buffer.from(serialize(value));

function entry(live: object, after: object | null): TogetherEntry {
  const document = raw(live);
  const id = findId(document);
  if (!id) throw new Error('no _id');
  return { item: { id: packValue(id), rekey: false }, live: document, after: after && raw(after) };
}

function writer(name = 'things'): TogetherWriter {
  return new TogetherWriter({
    client,
    database: 'together',
    collection: name,
    majority: true,
    bypassValidation: false,
  });
}

const documents = async (): Promise<Document[]> => collection.find({}, { sort: { _id: 1 } }).toArray();

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await client.db('together').dropDatabase();
  collection = client.db('together').collection('things');
  const some = [
    { _id: 1, value: 'a' },
    { _id: 2, value: 'b' },
    { _id: 4, value: new Long(1) },
  ];
  await collection.insertMany(some as unknown as Document[]);
});

describe('writing together', () => {
  it('replaces and deletes what is as expected', async () => {
    const entries = [
      entry({ _id: 1, value: 'a' }, { _id: 1, value: 'z', $odd: 1 }),
      entry({ _id: 2, value: 'b' }, null),
    ];
    expect(await writer().write(entries)).toEqual(new Set(entries));
    const left = await documents();
    expect(left.find(({ _id }) => Number(_id) === 1)).toEqual({ _id: 1, value: 'z', $odd: 1 });
    expect(left.some(({ _id }) => Number(_id) === 2)).toBe(false);
  });

  it('writes nothing when one of them was changed, deleted, or merely got another type of the same size', async () => {
    const before = await documents();
    const good = entry({ _id: 1, value: 'a' }, null);
    const bad = [
      entry({ _id: 2, value: 'older' }, null),
      entry({ _id: 99, value: 'gone' }, null),
      entry({ _id: 4, value: new Double(1) }, { _id: 4, value: 'x' }),
    ];
    for (const other of bad) expect((await writer().write([good, other])).size).toBe(0);
    expect(await documents()).toEqual(before);
  });

  it('judges what nobody looked at before inside the transaction, which somebody else may end', async () => {
    const entries = [entry({ _id: 1, value: 'a' }, { _id: 1, value: 'z' }), entry({ _id: 2, value: 'b' }, null)];
    const ids = entries.map(({ item }) => item.id);
    const before = await documents();
    expect(await writer().writeUnseen(ids, () => null)).toBe(false);
    expect(await documents()).toEqual(before);
    const session = client.startSession();
    session.startTransaction();
    await collection.updateOne({ _id: 2 } as Document, { $set: { value: 'newer' } }, { session });
    expect(await writer().writeUnseen(ids, () => entries)).toBe(false);
    await session.abortTransaction();
    await session.endSession();
    expect(await documents()).toEqual(before);
    const judge = (found: ReadonlyMap<string, Buffer>): TogetherEntry[] | null =>
      entries.every(({ live }) => [...found.values()].some((document) => live?.equals(document))) ? entries : null;
    expect(await writer().writeUnseen(ids, judge)).toBe(true);
    expect((await documents()).map(({ value }) => value as unknown)).toEqual(['z', 1]);
  });

  it('ends without a trace when somebody writes one of them first, whose write stands', async () => {
    const session = client.startSession();
    session.startTransaction();
    await collection.updateOne({ _id: 2 } as Document, { $set: { value: 'newer' } }, { session });
    const entries = [entry({ _id: 1, value: 'a' }, null), entry({ _id: 2, value: 'b' }, null)];
    expect((await writer().write(entries)).size).toBe(0);
    await session.commitTransaction();
    await session.endSession();
    expect((await documents()).filter(({ _id }) => Number(_id) < 3)).toEqual([
      { _id: 1, value: 'a' },
      { _id: 2, value: 'newer' },
    ]);
  });

  it('leaves all to the one-by-one way where a unique index refuses one, and stops trying where transactions never work', async () => {
    await collection.createIndex({ value: 1 }, { unique: true });
    const before = await documents();
    const swap = [entry({ _id: 1, value: 'a' }, { _id: 1, value: 'b' }), entry({ _id: 2, value: 'b' }, null)];
    const clash = [entry({ _id: 1, value: 'a' }, { _id: 1, value: 'b' }), entry({ _id: 4, value: new Long(1) }, null)];
    expect((await writer().write(clash)).size).toBe(0);
    expect(await documents()).toEqual(before);
    expect((await writer().write(swap)).size).toBe(2);

    await client.db('together').createCollection('capped', { capped: true, size: 4096 });
    const capped = client.db('together').collection<Document>('capped');
    await capped.insertMany([{ _id: 1 }, { _id: 2 }] as unknown as Document[]);
    const refused = writer('capped');
    const both = [entry({ _id: 1 }, { _id: 1, a: 1 }), entry({ _id: 2 }, { _id: 2, a: 1 })];
    for (let attempt = 0; attempt < 4; attempt++) expect((await refused.write(both)).size).toBe(0);
    expect(await capped.find().toArray()).toEqual([{ _id: 1 }, { _id: 2 }]);
  });
});
