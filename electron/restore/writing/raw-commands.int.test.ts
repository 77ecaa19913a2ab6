import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decimal128, Double, Long, serialize, Timestamp } from 'bson';
import type { MongoClient } from 'mongodb';
import { findId, packValue } from '../../diff/bson-reader';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { deleteRaw, deleteStatement, insertRaw, replaceStatement, updateRaw, type WriteContext } from './raw-commands';
import { fetchDocuments, idKey } from '../documents/raw-documents';

let server: TestMongod;
let client: MongoClient;
const contextOf = (collection: string): WriteContext => ({
  client,
  database: 'raw',
  collection,
  majority: true,
  bypassValidation: false,
});
const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));
const idOf = (document: Buffer): Buffer => {
  const id = findId(document);
  if (!id) throw new Error('no _id');
  return packValue(id);
};

/** `{ _id, aa: 1, aa: 2 }`, a NaN with a payload, and bytes that are no UTF-8. */
function oddDocument(id: number): Buffer {
  const document = raw({ _id: id, aa: 1, bb: 2, nan: new Double(NaN), text: 'xyz' });
  document.write('aa', document.indexOf('bb'));
  document.writeBigUInt64LE(0x7ff8dead_beef0001n, document.indexOf('nan\0') + 4);
  document[document.indexOf('xyz')] = 0xff;
  return document;
}

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
});
afterAll(() => server.stop());

describe('raw writes', () => {
  it('insert, replace and delete documents that JavaScript cannot hold, byte for byte', async () => {
    const context = contextOf('odd');
    const first = oddDocument(1);
    expect(await insertRaw(context, [first])).toMatchObject({ n: 1, failures: [] });
    const fetched = async () => (await fetchDocuments(context, [idOf(first)])).get(idKey(idOf(first)));
    expect(await fetched()).toEqual(first);

    const second = raw({ _id: 1, aa: 3 });
    const put = replaceStatement({ id: idOf(first), document: first }, second, false);
    expect(await updateRaw(context, [put])).toMatchObject({ n: 1, nModified: 1 });
    expect(await fetched()).toEqual(second);
    // The document is no longer the expected one: nothing may be written.
    expect(await updateRaw(context, [put])).toMatchObject({ n: 0, nModified: 0 });
    const remove = (document: Buffer) => deleteStatement({ id: idOf(first), document });
    expect(await deleteRaw(context, [remove(first)])).toMatchObject({ n: 0 });
    expect(await deleteRaw(context, [remove(second)])).toMatchObject({ n: 1 });
    expect(await fetched()).toBeUndefined();
  });

  it('replace by documents with dollar names and empty timestamps through a pipeline', async () => {
    const context = contextOf('dollars');
    const before = raw({ _id: 'd', a: 1 });
    const after = raw({ _id: 'd', $set: { a: 1 }, 'a.b': '$x', empty: new Timestamp({ t: 0, i: 0 }) });
    await insertRaw(context, [before]);
    expect(
      await updateRaw(context, [replaceStatement({ id: idOf(before), document: before }, after, true)]),
    ).toMatchObject({
      n: 1,
      failures: [],
    });
    expect((await fetchDocuments(context, [idOf(after)])).get(idKey(idOf(after)))).toEqual(after);
  });

  it('find documents by _ids of every kind', async () => {
    const context = contextOf('ids');
    const inner = raw({ _id: { aa: 1, bb: 2 } });
    inner.write('aa', inner.indexOf('bb'));
    const documents = [
      raw({ _id: 1.5 }),
      raw({ _id: Long.fromString('9007199254740993') }),
      raw({ _id: Decimal128.fromString('1.10') }),
      raw({ _id: { '2': 'b', '1': 'a' } }),
      raw({
        _id: new Map<string, unknown>([
          ['b', 1],
          ['1', 2],
        ]),
      }),
      raw({ _id: null }),
      raw({ _id: new Date(5) }),
      inner,
    ];
    expect((await insertRaw(context, documents)).failures).toEqual([]);
    const found = await fetchDocuments(context, documents.map(idOf));
    expect(documents.map((document) => found.get(idKey(idOf(document))))).toEqual(documents);
  });

  it('tell a duplicate _id from another duplicate', async () => {
    const context = contextOf('unique');
    await client.db('raw').collection('unique').createIndex({ sku: 1 }, { unique: true });
    await insertRaw(context, [raw({ _id: 1, sku: 'a' })]);
    const outcome = await insertRaw(context, [
      raw({ _id: 1, sku: 'b' }),
      raw({ _id: 2, sku: 'a' }),
      raw({ _id: 3, sku: 'c' }),
    ]);
    expect(outcome.n).toBe(1);
    expect(outcome.failures.map(({ index, code, keyPattern }) => ({ index, code, keyPattern }))).toEqual([
      { index: 0, code: 11000, keyPattern: { _id: 1 } },
      { index: 1, code: 11000, keyPattern: { sku: 1 } },
    ]);
  });

  it('write documents of fifteen megabytes and the number as another type', async () => {
    const context = contextOf('large');
    const large = raw({ _id: 1, blob: Buffer.alloc(15 * 1024 * 1024, 7) });
    await insertRaw(context, [large]);
    expect(await deleteRaw(context, [deleteStatement({ id: idOf(large), document: large })])).toMatchObject({ n: 1 });
  });
});
