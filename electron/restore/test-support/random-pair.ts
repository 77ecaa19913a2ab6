/** Two states of one database at random, the backup's and the target's: collections, documents, indexes, options, a view. */
import fc from 'fast-check';
import type { Db, IndexSpecification, CreateIndexesOptions, MongoClient } from 'mongodb';
import {
  rawDocument,
  rawFields,
  rawIds,
  rawInt32,
  rawText,
  type RawField,
  type RawValue,
} from '../../test-support/random-documents';
import { insertRaw } from '../writing/raw-commands';
import { serverKey } from './slow-model';

export const pairDatabase = 'pair';
export const collectionNames = ['one', 'two', 'three'] as const;
export const viewName = 'seen';

/** Never among the names of random fields: indexes stand on them, so they hold no arrays. */
const scalarFields: fc.Arbitrary<RawField[]> = fc
  .record({
    s: fc.option(fc.constantFrom(rawInt32(1), rawText('x'), rawText('rejected')), { nil: null }),
    t: fc.option(fc.integer({ min: 0, max: 3 }).map(rawInt32), { nil: null }),
    u: fc.option(fc.integer({ min: 0, max: 60 }).map(rawInt32), { nil: null }),
  })
  .map(({ s, t, u }) =>
    [['s', s] as const, ['t', t] as const, ['u', u] as const].flatMap(([name, value]): RawField[] =>
      value ? [[name, value]] : [],
    ),
  );
const bodies = fc.tuple(scalarFields, rawFields).map(([scalars, others]) => [...others, ...scalars]);

interface Document {
  id: RawValue;
  fields: RawField[];
}
const documents = (maxLength: number): fc.Arbitrary<Document[]> =>
  fc.array(fc.record({ id: rawIds, fields: bodies }), { maxLength });

interface Index {
  key: IndexSpecification;
  options: CreateIndexesOptions & { name: string };
}
/** Variants of one name: at most one of each list is there. */
const indexPool: Index[][] = [
  [
    { key: { s: 1 }, options: { name: 'by_s' } },
    { key: { s: -1 }, options: { name: 'by_s' } },
    { key: { s: 1 }, options: { name: 'by_s', sparse: true } },
    { key: { s: 1 }, options: { name: 'by_s', partialFilterExpression: { t: { $gt: 1 } } } },
    { key: { s: 1 }, options: { name: 'by_s', collation: { locale: 'fr', strength: 1 } } },
  ],
  [
    { key: { s: 1, t: -1 }, options: { name: 'by_both' } },
    { key: { t: 1, s: 1 }, options: { name: 'by_both' } },
  ],
  [
    { key: { a: 1 }, options: { name: 'by_a' } },
    { key: { a: 1 }, options: { name: 'by_a', hidden: true } },
  ],
  [{ key: { t: 'hashed' }, options: { name: 'by_hash' } }],
  [{ key: { 'c.$**': 1 }, options: { name: 'by_anything' } }],
  [{ key: { gone: 1 }, options: { name: 'by_expiry', expireAfterSeconds: 3600 } }],
  [{ key: { u: 1 }, options: { name: 'by_u', unique: true, sparse: true } }],
];
const indexes = fc
  .tuple(...indexPool.map((variants) => fc.option(fc.constantFrom(...variants), { nil: null, freq: 2 })))
  .map((chosen) => chosen.flatMap((index) => index ?? []));

const validated = { validator: { s: { $ne: 'rejected' } } };
const options: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { arbitrary: fc.constant({}), weight: 4 },
  {
    arbitrary: fc.constantFrom<Record<string, unknown>[]>(
      validated,
      { ...validated, validationLevel: 'strict', validationAction: 'warn' },
      { validator: { t: { $exists: true } }, validationAction: 'warn' },
      { changeStreamPreAndPostImages: { enabled: true } },
      { clusteredIndex: { key: { _id: 1 }, unique: true } },
      { collation: { locale: 'en', strength: 2 } },
    ),
    weight: 3,
  },
);

export interface CollectionSide {
  options: Record<string, unknown>;
  indexes: Index[];
  documents: Buffer[];
}
const sides = fc.record({ options, indexes });

/** Within one side `_id`s are unique, and so is what the unique index stands on. */
function settle(documents: readonly Document[], collated: boolean): Buffer[] {
  const keys = new Set<string>();
  const used = new Set<string>();
  return documents.flatMap(({ id, fields }) => {
    // What texts are one under a collation is not for a model to know.
    if (collated && [0x02, 0x03, 0x0c, 0x0d].includes(id.type)) return [];
    const key = serverKey(id);
    if (keys.has(key)) return [];
    keys.add(key);
    const kept = fields.filter(([name, value]) => {
      if (name !== 'u') return true;
      const unique = serverKey(value);
      return !used.has(unique) && used.add(unique);
    });
    return [rawDocument([['_id', id], ...kept])];
  });
}

export interface CollectionPair {
  backup: CollectionSide | null;
  target: CollectionSide | null;
}

const collections: fc.Arbitrary<CollectionPair> = fc
  .record({
    backup: sides,
    target: sides,
    /** Mostly collections differ in their documents alone. */
    alike: fc.boolean(),
    missing: fc.constantFrom(null, null, null, null, 'backup' as const, 'target' as const),
    same: documents(8),
    grown: fc.array(fc.record({ id: rawIds, fields: bodies, more: rawFields }), { maxLength: 5 }),
    inBackup: documents(16),
    inTarget: documents(16),
  })
  .map(({ backup, target, alike, missing, same, grown, inBackup, inTarget }) => {
    const collated = 'collation' in backup.options || 'collation' in target.options;
    // Symbols cannot be indexed with a collation.
    const simple = ({ indexes: all }: typeof backup): Index[] =>
      all.filter(({ options: { name } }) => !collated || (name !== 'by_a' && name !== 'by_anything'));
    const larger = grown.map(({ id, fields, more }) => ({ id, fields: [...fields, ...more] }));
    return {
      backup:
        missing === 'backup'
          ? null
          : { ...backup, indexes: simple(backup), documents: settle([...same, ...grown, ...inBackup], collated) },
      target:
        missing === 'target'
          ? null
          : {
              ...(alike ? backup : target),
              indexes: simple(alike ? backup : target),
              documents: settle([...same, ...larger, ...inTarget], collated),
            },
    };
  });

const views = fc.constantFrom<object[] | null>(null, [], [{ $match: { s: 1 } }]);

export interface Pair {
  collections: CollectionPair[];
  view: { backup: object[] | null; target: object[] | null };
  /** Numbers from 0 to 99 to choose picks and options by. */
  dice: number[];
}

export const pairs: fc.Arbitrary<Pair> = fc.record({
  collections: fc.tuple(collections, collections, collections).map((three): CollectionPair[] => three),
  view: fc.record({ backup: views, target: views }),
  dice: fc.array(fc.nat(99), { minLength: 60, maxLength: 60 }),
});

async function plantCollection(client: MongoClient, name: string, side: CollectionSide): Promise<void> {
  const db = client.db(pairDatabase);
  await db.createCollection(name, side.options);
  const context = { client, database: pairDatabase, collection: name, majority: true, bypassValidation: true };
  if (side.documents.length > 0) {
    const { failures } = await insertRaw(context, side.documents);
    if (failures.length > 0) throw new Error(`${name}: ${failures.map(({ message }) => message).join()}`);
  }
  for (const { key, options: given } of side.indexes) await db.collection(name).createIndex(key, given);
}

/** Makes the database what one side of the pair says. */
export async function plant(client: MongoClient, pair: Pair, side: 'backup' | 'target'): Promise<Db> {
  const db = client.db(pairDatabase);
  await db.dropDatabase();
  for (const [at, name] of collectionNames.entries()) {
    const planted = pair.collections[at]?.[side];
    if (planted) await plantCollection(client, name, planted);
  }
  const pipeline = pair.view[side];
  if (pipeline) await db.createCollection(viewName, { viewOn: 'one', pipeline });
  return db;
}
