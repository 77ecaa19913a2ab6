import fc from 'fast-check';
import {
  BSONSymbol,
  Decimal128,
  Double,
  EJSON,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
  type Document,
} from 'bson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreateIndexesOptions, MongoClient } from 'mongodb';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { insertRaw, type WriteContext } from '../writing/raw-commands';
import { indexKeys, keyText, uniqueIndexOf } from './index-keys';
import { partialFilterOf } from './partial-filter';

const runs = Number(process.env['LIFEBOAT_TEST_RUNS'] ?? 20);
const hours = 3_600_000;
const duplicateKey = 11000;

let server: TestMongod;
let client: MongoClient;
let context: WriteContext;

beforeAll(async () => {
  server = await startTestMongod();
  client = await server.connect();
  context = { client, database: 'keys', collection: 'documents', majority: false, bypassValidation: false };
}, 120_000);
afterAll(async () => {
  await server.stop();
}, 120_000);

const scalars = fc.constantFrom<unknown[]>(
  null,
  undefined,
  new Int32(0),
  new Double(-0),
  new Int32(1),
  Long.fromNumber(1),
  new Double(1),
  Decimal128.fromString('1.0'),
  new Double(1.5),
  new Double(NaN),
  Decimal128.fromString('NaN'),
  new Double(Infinity),
  Long.fromString('9007199254740993'),
  new Double(9007199254740992),
  'x',
  'X',
  new BSONSymbol('x'),
  true,
  new Date(1),
  new Timestamp({ t: 0, i: 1 }),
  new ObjectId('0123456789abcdef01234567'),
  new MinKey(),
  new MaxKey(),
);
const { value } = fc.letrec<{ value: unknown; fields: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: scalars },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 2, arbitrary: tie('fields') },
  ),
  fields: fc.dictionary(fc.constantFrom('a', 'b', 'c', '0', '1'), tie('value'), { maxKeys: 3 }),
}));
const documents = fc.array(
  fc.record({ a: value, b: value, c: value }, { requiredKeys: [] }).map((fields) => ({ ...fields })),
  { minLength: 2, maxLength: 7 },
);
const keys = fc.constantFrom<Record<string, number>[]>(
  { a: 1 },
  { a: -1 },
  { 'a.b': 1 },
  { 'a.0': 1 },
  { 'a.0.b': 1 },
  { a: 1, b: 1 },
  { 'a.b': 1, 'a.c': 1 },
  { a: 1, 'a.b': 1 },
  { 'a.b.c': 1, c: -1 },
);
const comparisons = fc.record({ operator: fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte'), value: scalars });
const conditions = fc.oneof(
  comparisons.filter((one) => one.value !== undefined).map((one): Document => ({ [one.operator]: one.value })),
  fc.constantFrom<Document[]>(
    { $exists: true },
    { $type: 'number' },
    { $type: ['string', 'array'] },
    { $type: 'null' },
  ),
  fc.constantFrom<Document[]>({ $eq: [] }, { $eq: [1] }, { $eq: { b: 1 } }, { $gt: { b: 0 } }, { $lt: [2] }),
  fc
    .array(
      scalars.filter((one) => one !== undefined),
      { minLength: 1, maxLength: 3 },
    )
    .map((list): Document => ({ $in: list })),
);
const paths = fc.constantFrom('a', 'b', 'a.b', 'a.0', 'c', 'a.b.c', 'a.0.b');
const conjunctions = fc.tuple(paths, conditions).map(([path, condition]): Document => ({ [path]: condition }));
const filters = fc.oneof(
  conjunctions,
  fc.array(conjunctions, { minLength: 1, maxLength: 2 }).map((parts): Document => ({ $and: parts })),
  fc.array(conjunctions, { minLength: 1, maxLength: 2 }).map((parts): Document => ({ $or: parts })),
);
const raw = (document: object): Buffer => Buffer.from(serialize(document, { ignoreUndefined: false }));
const canonical = (document: object): unknown => JSON.parse(EJSON.stringify(document, { relaxed: false })) as unknown;

/** What the server says of two documents: the first refused, the second refused, or neither. */
async function refusals(first: Buffer, second: Buffer): Promise<number[]> {
  await client.db('keys').collection('documents').deleteMany({});
  const codes: number[] = [];
  for (const document of [first, second]) {
    const { failures } = await insertRaw(context, [document]);
    codes.push(failures[0]?.code ?? 0);
  }
  return codes;
}

async function createIndex(key: Record<string, number>, options: CreateIndexesOptions): Promise<void> {
  const collection = client.db('keys').collection('documents');
  await collection.drop().catch(() => undefined);
  await collection.createIndex(key, { unique: true, name: 'index', ...options });
}

describe('the keys of documents in a unique index', () => {
  it('are equal exactly where the server refuses the second of two documents', { timeout: hours }, async () => {
    await fc.assert(
      fc.asyncProperty(documents, keys, fc.boolean(), async (all, key, sparse) => {
        await createIndex(key, { sparse });
        const index = uniqueIndexOf({ name: 'index', key, unique: true, sparse });
        if (!index) throw new Error('The index is not known.');
        const stored = all.map((document, at) => raw({ _id: at, ...document }));
        for (const [at, first] of stored.entries()) {
          for (const second of stored.slice(at + 1)) {
            const [mine, others] = [indexKeys(first, index), indexKeys(second, index)];
            const codes = await refusals(first, second);
            const answers = codes.map((code) => (code === 0 || code === duplicateKey ? code : 'refused'));
            const expected: (number | string)[] = [mine, others].map((one) => (one === 'refused' ? one : 0));
            if (mine !== 'refused' && others !== 'refused') {
              const texts = new Set(mine.map((values) => keyText(values, null)));
              if (others.some((values) => texts.has(keyText(values, null)))) expected[1] = duplicateKey;
            }
            expect({ first: all[at], answers }).toEqual({ first: all[at], answers: expected });
          }
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });
});

describe('the filter of a partial index', () => {
  it('takes the documents that the server finds by it', { timeout: hours }, async () => {
    const collection = client.db('keys').collection('documents');
    await fc.assert(
      fc.asyncProperty(documents, filters, async (all, filter) => {
        await collection.drop().catch(() => undefined);
        const stored = all.map((document, at) => raw({ _id: at, ...document }));
        await insertRaw(context, stored);
        const found = await collection
          .find(filter, { projection: { _id: 1 } })
          .sort({ _id: 1 })
          .toArray();
        const belongs = partialFilterOf(canonical(filter), null);
        if (!belongs) throw new Error('The filter is not known.');
        const mine = stored.flatMap((document, at) => (belongs(document) ? [at] : []));
        expect(mine).toEqual(found.map(({ _id: id }) => id as unknown as number));
      }),
      { numRuns: runs * 5, endOnFailure: true },
    );
  });
});
