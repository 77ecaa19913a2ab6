import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db, MongoClient } from 'mongodb';
import type { Problem, RestoreMode } from '../../../shared/diff';
import { defaultMetadata, problemsOf, type Preview } from '../../../shared/restore';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

interface Person {
  _id: number;
  email?: string | string[] | null;
  age?: number;
  team?: string;
}

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let shop: Db;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  shop = client.db('shop');
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});
beforeEach(async () => {
  await shop.dropDatabase();
});

async function previewAfter(
  people: Person[],
  change: () => Promise<void>,
  mode: RestoreMode = 'exact',
): Promise<Preview> {
  await shop.collection<Person>('people').insertMany(people);
  const backup = await lifeboat.backUp({ kind: 'databases', databases: ['shop'] });
  await change();
  return lifeboat.preview(backup, { mode });
}

const of = (preview: Preview, mode: RestoreMode, code: Problem['code']): Problem[] =>
  problemsOf(mode, preview.result.problems).filter((problem) => problem.code === code);
const ids = (problems: Problem[]): string[] => problems.flatMap(({ objects }) => objects.map(({ id }) => id ?? ''));
const id = (value: number): string => `{"$numberInt":"${value}"}`;

describe('documents that the validator of the target would reject', () => {
  const people = (): Person[] => [
    { _id: 1, age: 3 },
    { _id: 2, age: 50 },
    { _id: 3, age: 4 },
    { _id: 4, age: 60 },
  ];
  const damage =
    (validator: object, more: object = {}) =>
    async (): Promise<void> => {
      const collection = shop.collection<Person>('people');
      await collection.deleteMany({ _id: { $in: [1, 2] } });
      await collection.updateMany({ _id: { $in: [3, 4] } }, { $set: { age: 70 } });
      await shop.command({ collMod: 'people', validator, ...more });
    };
  const adults = { $jsonSchema: { properties: { age: { minimum: 18 } } } };

  it('are counted and named for each mode, and mode exact puts them back all the same', async () => {
    const preview = await previewAfter(people(), damage(adults));
    expect(ids(of(preview, 'insert-missing', 'validator-rejects'))).toEqual([id(1)]);
    const overwriting = of(preview, 'overwrite', 'validator-rejects');
    expect(overwriting).toMatchObject([{ severity: 'warning', objectsTotal: 2, ns: 'shop.people' }]);
    expect(overwriting[0]?.message).toBe('The validator of shop.people would reject 2 documents.');
    expect(ids(overwriting)).toEqual([id(1), id(3)]);
    expect(ids(of(preview, 'merge', 'validator-rejects'))).toEqual([id(1), id(3)]);
    expect(of(preview, 'exact', 'validator-rejects')).toEqual([]);
    const { result } = await lifeboat.apply(preview, { mode: 'insert-missing' });
    expect(result.failures.map((failure) => failure.id)).toEqual([id(1)]);
  });

  it('are evaluated with operators and expressions, values that look like expressions included', async () => {
    const odd = [
      { _id: 1, team: '$age' },
      { _id: 2, team: '$$ROOT' },
    ] as Person[];
    const preview = await previewAfter(odd, async () => {
      await shop.collection('people').deleteMany({});
      await shop.command({ collMod: 'people', validator: { $expr: { $eq: ['$team', { $literal: '$age' }] } } });
    });
    expect(ids(of(preview, 'insert-missing', 'validator-rejects'))).toEqual([id(2)]);
  });

  it('are only mentioned where the validator only warns, and are none where it is off', async () => {
    const warns = await previewAfter(people(), damage(adults, { validationAction: 'warn' }));
    expect(of(warns, 'overwrite', 'validator-rejects')).toMatchObject([{ severity: 'info', objectsTotal: 2 }]);
    await shop.dropDatabase();
    const off = await previewAfter(people(), damage(adults, { validationLevel: 'off' }));
    expect(of(off, 'overwrite', 'validator-rejects')).toEqual([]);
  });

  it('are not those that broke it before, where it is moderate', async () => {
    const preview = await previewAfter(people(), async () => {
      const collection = shop.collection<Person>('people');
      await collection.updateOne({ _id: 1 }, { $set: { age: 5 } });
      await collection.updateOne({ _id: 3 }, { $set: { age: 55 } });
      await shop.command({ collMod: 'people', validator: adults, validationLevel: 'moderate' });
    });
    expect(ids(of(preview, 'overwrite', 'validator-rejects'))).toEqual([id(3)]);
  });
});

describe('documents that a unique index of the target would refuse', () => {
  it('are named with the value and the document that has it', async () => {
    const preview = await previewAfter(
      [
        { _id: 1, email: 'a@x' },
        { _id: 2, email: 'b@x' },
        { _id: 3, email: 'c@x' },
      ],
      async () => {
        const collection = shop.collection<Person>('people');
        await collection.deleteMany({ _id: { $lt: 3 } });
        await collection.insertMany([
          { _id: 11, email: 'a@x' },
          { _id: 12, email: 'z@x' },
        ]);
        await collection.createIndex({ email: 1 }, { unique: true });
      },
    );
    const problems = of(preview, 'insert-missing', 'unique-index-conflict');
    expect(problems).toMatchObject([{ severity: 'warning', objectsTotal: 1 }]);
    expect(problems[0]?.objects).toEqual([
      {
        ns: 'shop.people',
        id: id(1),
        name: null,
        detail: 'email: "a@x", which {"$numberInt":"11"} has in the target',
      },
    ]);
    const { result } = await lifeboat.apply(preview, { mode: 'insert-missing' });
    expect(result.conflicts.map((conflict) => conflict.id)).toEqual([id(1)]);
  });

  it('are not those whose value becomes free by the same restore', async () => {
    const preview = await previewAfter(
      [
        { _id: 1, email: 'a@x' },
        { _id: 2, email: 'b@x' },
        { _id: 3, email: 'c@x' },
      ],
      async () => {
        const collection = shop.collection<Person>('people');
        await collection.deleteOne({ _id: 1 });
        await collection.updateOne({ _id: 2 }, { $set: { email: 'a@x' } });
        await collection.createIndex({ email: 1 }, { unique: true });
      },
    );
    expect(ids(of(preview, 'insert-missing', 'unique-index-conflict'))).toEqual([id(1)]);
    expect(of(preview, 'overwrite', 'unique-index-conflict')).toEqual([]);
    expect(of(preview, 'merge', 'unique-index-conflict')).toEqual([]);
  });

  const left = async (preview: Preview): Promise<string[]> => {
    const { result } = await lifeboat.apply(preview, { mode: 'insert-missing' });
    return result.conflicts.map((conflict) => conflict.id).sort();
  };

  it('are found within the backup, and in arrays, sparse, partial and case-insensitive indexes', async () => {
    const people: Person[] = [
      { _id: 1, email: ['p@x', 'q@x'] },
      { _id: 2, email: 'q@x' },
      { _id: 3 },
      { _id: 4 },
      { _id: 5, email: 'UPPER@x' },
    ];
    const damage = (options: object, live: Person[]) => async (): Promise<void> => {
      const collection = shop.collection<Person>('people');
      await collection.deleteMany({});
      await collection.insertMany(live);
      await collection.createIndex({ email: 1 }, { unique: true, ...options });
    };
    const sparse = await previewAfter(people, damage({ sparse: true }, [{ _id: 20, email: 'p@x' }, { _id: 21 }]));
    // The second one's value is free, since the first one, which has it too, does not come.
    expect(ids(of(sparse, 'insert-missing', 'unique-index-conflict'))).toEqual([id(1)]);
    expect(await left(sparse)).toEqual([id(1)]);
    await shop.dropDatabase();
    const plain = await previewAfter(people, damage({}, [{ _id: 21 }]));
    expect(ids(of(plain, 'insert-missing', 'unique-index-conflict')).sort()).toEqual([id(2), id(3), id(4)]);
    expect(await left(plain)).toEqual([id(2), id(3), id(4)]);
    await shop.dropDatabase();
    const partial = { partialFilterExpression: { age: { $gt: 5 } } };
    const partly = await previewAfter(
      [
        ...people,
        { _id: 6, email: 'UPPER@x', age: 7 },
        { _id: 7, email: 'z@x', age: 8 },
        { _id: 8, email: 'z@x', age: 8 },
      ],
      damage(partial, [
        { _id: 20, email: 'p@x' },
        { _id: 21, email: 'UPPER@x', age: 9 },
      ]),
    );
    expect(ids(of(partly, 'insert-missing', 'unique-index-conflict')).sort()).toEqual([id(6), id(8)]);
    expect(await left(partly)).toEqual([id(6), id(8)]);
    await shop.dropDatabase();
    const folded = { collation: { locale: 'en', strength: 2 }, sparse: true };
    const cased = await previewAfter([{ _id: 5, email: 'UPPER@x' }], damage(folded, [{ _id: 30, email: 'upper@x' }]));
    expect(ids(of(cased, 'insert-missing', 'unique-index-conflict'))).toEqual([id(5)]);
  });
});

describe('a unique index that the restore builds', () => {
  const people = (): Person[] => [
    { _id: 1, email: 'a@x' },
    { _id: 2, email: 'b@x' },
    { _id: 3, email: 'c@x' },
  ];

  it('is said not to be built where documents would share a value, by name and document, and then it is not', async () => {
    await shop.collection<Person>('people').createIndex({ email: 1 }, { unique: true, name: 'by_email' });
    const preview = await previewAfter(people(), async () => {
      const collection = shop.collection<Person>('people');
      await collection.dropIndex('by_email');
      await collection.deleteOne({ _id: 1 });
      await collection.updateOne({ _id: 2 }, { $set: { email: 'c@x' } });
      await collection.insertOne({ _id: 11, email: 'a@x' });
    });
    const problems = of(preview, 'insert-missing', 'unique-index-conflict');
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        message: 'The unique index by_email of shop.people could not be built: 4 documents would stand in its way.',
        objectsTotal: 4,
      },
    ]);
    expect(ids(problems).sort()).toEqual([id(1), id(11), id(2), id(3)]);
    expect(problems[0]?.objects.find((object) => object.id === id(11))?.detail).toBe(
      'email: "a@x", which {"$numberInt":"1"} of the backup has too',
    );
    // Overwriting puts the second one's value back; the first one still meets one that only the target has.
    expect(ids(of(preview, 'overwrite', 'unique-index-conflict')).sort()).toEqual([id(1), id(11)]);
    expect(of(preview, 'exact', 'unique-index-conflict')).toEqual([]);
    expect(of(preview, 'pick', 'unique-index-conflict')).toEqual([]);
    const { result } = await lifeboat.apply(preview, { mode: 'insert-missing' });
    expect(result.failures).toMatchObject([{ ns: 'shop.people', id: null }]);
    expect(result.failures[0]?.message).toContain('The index by_email could not be built');
    expect(result.effect.insert).toBe(1);
    expect((await shop.collection('people').indexes()).map(({ name }) => name)).toEqual(['_id_']);
  });

  it('is no matter of the restore where indexes are left out', async () => {
    await shop.collection<Person>('people').createIndex({ email: 1 }, { unique: true, name: 'by_email' });
    const preview = await previewAfter(people(), async () => {
      const collection = shop.collection<Person>('people');
      await collection.dropIndex('by_email');
      await collection.insertOne({ _id: 11, email: 'a@x' });
    });
    expect(of(preview, 'overwrite', 'unique-index-conflict')).toHaveLength(1);
    const metadata = { ...defaultMetadata('overwrite'), missingIndexes: false };
    const { result } = await lifeboat.apply(preview, { mode: 'overwrite', metadata });
    expect(result.problems.filter(({ code }) => code === 'unique-index-conflict')).toEqual([]);
    expect(result.failures).toEqual([]);
  });

  it('gives way to the one the target had, where it was to take its place', async () => {
    await shop.collection<Person>('people').createIndex({ email: 1 }, { unique: true, name: 'by_email' });
    const preview = await previewAfter(people(), async () => {
      const collection = shop.collection<Person>('people');
      await collection.dropIndex('by_email');
      await collection.insertOne({ _id: 11, email: 'a@x' });
      await collection.createIndex({ email: -1 }, { name: 'by_email' });
    });
    const metadata = { ...defaultMetadata('overwrite'), changedIndexes: true };
    const said = problemsOf('overwrite', preview.result.problems, metadata);
    expect(ids(said.filter(({ code }) => code === 'unique-index-conflict')).sort()).toEqual([id(1), id(11)]);
    expect(of(preview, 'overwrite', 'unique-index-conflict')).toEqual([]);
    const { result } = await lifeboat.apply(preview, { mode: 'overwrite', metadata });
    expect(result.failures.map(({ message }) => message)).toEqual([
      expect.stringContaining('The index by_email could not be built'),
    ]);
    expect(result).toMatchObject({ indexesBuilt: 0, indexesDropped: 0 });
    const indexes = await shop.collection('people').indexes();
    expect(indexes.find(({ name }) => name === 'by_email')).toMatchObject({ key: { email: -1 } });
  });
});
