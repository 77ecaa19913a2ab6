import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db, MongoClient } from 'mongodb';
import type { Problem, RestoreMode } from '../../../shared/diff';
import { problemsOf, type Preview } from '../../../shared/restore';
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
    expect(ids(of(sparse, 'insert-missing', 'unique-index-conflict')).sort()).toEqual([id(1), id(2)]);
    await shop.dropDatabase();
    const plain = await previewAfter(people, damage({}, [{ _id: 21 }]));
    expect(ids(of(plain, 'insert-missing', 'unique-index-conflict')).sort()).toEqual([id(2), id(3), id(4)]);
    await shop.dropDatabase();
    const partial = { partialFilterExpression: { age: { $gt: 5 } } };
    const partly = await previewAfter(
      people,
      damage(partial, [
        { _id: 20, email: 'p@x' },
        { _id: 21, email: 'UPPER@x', age: 9 },
      ]),
    );
    expect(ids(of(partly, 'insert-missing', 'unique-index-conflict'))).toEqual([id(5)]);
    await shop.dropDatabase();
    const folded = { collation: { locale: 'en', strength: 2 }, sparse: true };
    const cased = await previewAfter([{ _id: 5, email: 'UPPER@x' }], damage(folded, [{ _id: 30, email: 'upper@x' }]));
    expect(ids(of(cased, 'insert-missing', 'unique-index-conflict'))).toEqual([id(5)]);
  });
});
