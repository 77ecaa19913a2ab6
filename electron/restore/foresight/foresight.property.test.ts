import fc from 'fast-check';
import { Double, Int32, Long, type Document } from 'bson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Collection, CreateIndexesOptions, MongoClient } from 'mongodb';
import type { Problem, RestoreMode } from '../../../shared/diff';
import { problemsOf, type RestoreResult } from '../../../shared/restore';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

/** Each takes a backup, a preview and a restore. */
const runs = Math.max(3, Math.ceil(Number(process.env['LIFEBOAT_TEST_RUNS'] ?? 20) / 5));
const hours = 3_600_000;
const database = 'foreseen';
const modes = ['insert-missing', 'merge', 'overwrite', 'exact', 'drop', 'clone', 'pick'] as const;

let server: TestMongod;
let client: MongoClient;
let harness: RestoreHarness;
const met = { conflicts: 0, rejected: 0, notBuilt: 0, nothing: 0 };

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  harness = await createRestoreHarness(server.uri);
}, 120_000);
afterAll(async () => {
  await harness.close();
  await server.stop();
}, 120_000);

const one = fc.constantFrom<unknown[]>(new Int32(1), Long.fromNumber(1), new Double(1));
const scalar = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 2, max: 24 }).map((value) => new Int32(value)) },
  { weight: 1, arbitrary: one },
  { weight: 2, arbitrary: fc.constantFrom<unknown[]>('x', 'X', 'y', 'é', 'e') },
  { weight: 1, arbitrary: fc.constant(null) },
);
const value = fc.oneof({ weight: 6, arbitrary: scalar }, { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) });
const body = fc
  .record(
    { a: value, b: scalar, p: fc.constantFrom(0, 5, 9), s: fc.constantFrom('in', 'OUT') },
    { requiredKeys: ['a'] },
  )
  .map((fields): Document => ({ ...fields }));
/** By `_id`: as the backup has it, and as the target does; null: not there. */
const documents = fc.array(
  fc.record({
    backup: fc.option(body, { freq: 4 }),
    target: fc.option(fc.oneof(body, fc.constant('same' as const)), { freq: 3 }),
  }),
  { minLength: 2, maxLength: 8 },
);

interface Index {
  key: Record<string, 1 | -1>;
  options: CreateIndexesOptions;
}
const keys = fc.constantFrom<Index['key'][]>({ a: 1 }, { a: -1 }, { a: 1, b: 1 }, { b: 1 });
const options = fc.constantFrom<CreateIndexesOptions[]>(
  {},
  { sparse: true },
  { partialFilterExpression: { p: { $gt: 3 } } },
  { partialFilterExpression: { $or: [{ p: { $in: [0, 9] } }, { s: { $exists: true } }] } },
  { collation: { locale: 'en', strength: 1 } },
  { collation: { locale: 'en', strength: 2 }, partialFilterExpression: { s: 'out' } },
);
const index = fc.record({ key: keys, options }).map(({ key, options: more }): Index => ({ key, options: more }));
const indexes = fc.record({
  /** Of two names: in the backup and in the target, alike or not. */
  first: fc.record({ backup: fc.option(index), target: fc.option(fc.oneof(index, fc.constant('same' as const))) }),
  second: fc.record({ backup: fc.option(index), target: fc.option(index) }),
});
const validators = fc.constantFrom<(Document | null)[]>(
  null,
  null,
  { validator: { p: { $ne: 5 } } },
  { validator: { $jsonSchema: { required: ['b'] } } },
  { validator: { $jsonSchema: { properties: { p: { maximum: 6 } } } }, validationLevel: 'moderate' },
  { validator: { s: { $exists: true } }, validationAction: 'warn' },
);

type Case = {
  documents: { backup: Document | null; target: Document | 'same' | null }[];
  indexes: {
    first: { backup: Index | null; target: Index | 'same' | null };
    second: { backup: Index | null; target: Index | null };
  };
  validator: Document | null;
  mode: (typeof modes)[number];
};

/** Builds what can be built; a unique index that its own side's documents forbid is not there. */
async function build(collection: Collection, wanted: [string, Index | null][]): Promise<void> {
  for (const [name, one] of wanted) {
    if (one) await collection.createIndex(one.key, { ...one.options, unique: true, name }).catch(() => undefined);
  }
}

async function fill(collection: Collection, all: (Document | null)[]): Promise<void> {
  await client.db(database).createCollection(collection.collectionName);
  const there = all.flatMap((document, at) => (document ? [{ ...document, _id: at as never }] : []));
  if (there.length > 0) await collection.insertMany(there);
}

/** Indexes of the backup are put there after it: what the dump saw is no longer unique then. */
async function prepare({ documents: all, indexes: wanted, validator }: Case): Promise<string> {
  const db = client.db(database);
  await db.dropDatabase();
  const collection = db.collection('things');
  await fill(
    collection,
    all.map(({ backup }) => backup),
  );
  const { first, second } = wanted;
  await build(collection, [
    ['first', first.backup],
    ['second', second.backup],
  ]);
  const backupId = await harness.backUp({ kind: 'databases', databases: [database] });
  await collection.drop();
  await fill(
    collection,
    all.map(({ backup, target }) => (target === 'same' ? backup : target)),
  );
  await build(collection, [
    ['first', first.target === 'same' ? first.backup : first.target],
    ['second', second.target],
  ]);
  if (validator) await db.command({ collMod: 'things', ...validator });
  return backupId;
}

const ids = (problems: Problem[]): string[] =>
  [...new Set(problems.flatMap(({ objects }) => objects.map(({ id }) => id ?? '')))].sort();
const unbuilt = /The unique index (\w+) of \S+ could not be built/;

interface Said {
  /** Documents left out. */
  refused: string[];
  notBuilt: string[];
}

function predicted(mode: RestoreMode, problems: Problem[]): Said {
  const all = problemsOf(mode, problems).filter(({ severity }) => severity === 'warning');
  const ofDocuments = all.filter(
    ({ code, message }) => code === 'validator-rejects' || (code === 'unique-index-conflict' && !unbuilt.test(message)),
  );
  const whole = mode === 'clone' || mode === 'drop';
  const notBuilt = [...new Set(all.flatMap(({ message }) => unbuilt.exec(message)?.[1] ?? []))].sort();
  return { refused: whole ? [] : ids(ofDocuments), notBuilt };
}

function reported({ conflicts, failures }: RestoreResult): Said {
  const refused = [...conflicts.map(({ id }) => id), ...failures.flatMap(({ id }) => id ?? [])].sort();
  const notBuilt = failures.flatMap(({ id, message }) =>
    id === null ? (/index (\w+) could not be built: .*E11000|building index (\w+)/.exec(message)?.[1] ?? []) : [],
  );
  return { refused, notBuilt: [...new Set(notBuilt)].sort() };
}

describe('what the preview says would be refused', () => {
  it(
    'is what the restore then leaves out and could not build, for any documents, indexes and validators',
    { timeout: 6 * hours },
    async () => {
      const cases = fc.record({
        documents,
        indexes,
        validator: validators,
        mode: fc.constantFrom(...modes),
      }) as fc.Arbitrary<Case>;
      await fc.assert(
        fc.asyncProperty(cases, async (chosen) => {
          const backupId = await prepare(chosen);
          const { mode } = chosen;
          const preview = await harness.preview(backupId, { mode });
          const said = predicted(mode, preview.result.problems);
          const picks =
            mode === 'pick'
              ? [
                  {
                    ns: `${database}.things`,
                    changes: ['changed', 'onlyInBackup'] as const,
                    except: [],
                    documents: [],
                    fields: [],
                  },
                ]
              : [];
          const { result } = await harness.apply(preview, {
            mode,
            picks: picks.map((pick) => ({ ...pick, changes: [...pick.changes] })),
          });
          const then = reported(result);
          expect({ ...then, message: result.failures.map(({ message }) => message) }).toMatchObject(said);
          expect(predicted(mode, result.problems)).toEqual(said);
          if (said.notBuilt.length > 0) met.notBuilt++;
          else if (said.refused.length === 0) met.nothing++;
          if (result.conflicts.length > 0) met.conflicts++;
          if (result.failures.some(({ id }) => id !== null)) met.rejected++;
          const cloned = Object.values(preview.cloneNames);
          for (const name of cloned) await client.db(name.split('.')[0] ?? name).dropDatabase();
          await harness.restores.closePreview(preview.id);
          await harness.catalogue.delete(backupId, backupId);
        }),
        { numRuns: runs, endOnFailure: true },
      );
      console.info(`${runs} restores foreseen: ${JSON.stringify(met)}`);
    },
  );
});
