import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from 'mongodb';
import { defaultMetadata } from '../../shared/restore';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createRestoreHarness, effect, type RestoreHarness } from './test-support/restore-harness';

let server: TestMongod;
let lifeboat: RestoreHarness;
let shop: Db;

const id = (value: unknown): never => value as never;
const scope = { kind: 'databases' as const, databases: ['shop'] };
const orders = () => shop.collection<{ _id: number; status?: string }>('orders');
const indexNames = async () => (await orders().indexes()).map(({ name }) => name).sort();

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  lifeboat = await createRestoreHarness(server.uri);
  shop = (await server.connect()).db('shop');
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});
beforeEach(async () => {
  await shop.dropDatabase();
  await orders().insertMany(Array.from({ length: 1000 }, (_, at) => ({ _id: at, status: 'paid' })));
  await orders().createIndex({ status: 1 });
});

/** 40 orders gone, 20 changed, 5 added, an index dropped and another made. */
async function damage(): Promise<void> {
  await orders().deleteMany({ _id: { $lt: 40 } });
  await orders().updateMany({ _id: { $gte: 40, $lt: 60 } }, { $set: { status: 'lost' } });
  await orders().insertMany(Array.from({ length: 5 }, (_, at) => ({ _id: 9000 + at, status: 'new' })));
  await orders().dropIndex('status_1');
  await orders().createIndex({ vip: 1 });
}

async function restore(backup: string) {
  const { result } = await lifeboat.apply(await lifeboat.preview(backup));
  expect(result.failures).toEqual([]);
  expect(result.effect).toEqual(result.predicted);
  return result;
}

describe('metadata by choice', () => {
  it('comes with documents or stays, part by part', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    await shop.collection('extra').insertOne({ _id: id(1) });
    await shop.command({ collMod: 'orders', validator: { status: { $exists: true } } });
    const none = { ...defaultMetadata('pick') };
    const first = await lifeboat.apply(await lifeboat.preview(backup), { metadata: none });
    expect(first.job.status).toBe('succeeded');
    expect(first.result).toMatchObject({
      failures: [],
      indexesBuilt: 0,
      indexesDropped: 0,
      optionsChanged: 0,
      collectionsDropped: 0,
    });
    expect(first.result.effect).toEqual(first.result.predicted);
    expect(first.result.effect).toEqual(effect({ insert: 40, replace: 20, delete: 5, keep: 941 }));
    expect(await indexNames()).toEqual(['_id_', 'vip_1']);

    const all = { ...defaultMetadata('exact') };
    const second = await lifeboat.apply(await lifeboat.preview(backup, { mode: 'insert-missing' }), { metadata: all });
    expect(second.result).toMatchObject({
      failures: [],
      indexesBuilt: 1,
      indexesDropped: 1,
      optionsChanged: 1,
      collectionsDropped: 1,
    });
    expect(second.result.effect).toEqual(effect({ delete: 1, keep: 1000 }));
    expect(second.result.effect).toEqual(second.result.predicted);
    expect(await indexNames()).toEqual(['_id_', 'status_1']);
  });

  it('makes views after what they read, drops them before, and turns round who reads whom', async () => {
    const view = (name: string, viewOn: string): Promise<unknown> =>
      shop.createCollection(name, { viewOn, pipeline: [] });
    await view('z', 'orders');
    await view('y', 'z');
    await view('x', 'y');
    const backup = await lifeboat.backUp(scope);
    for (const name of ['x', 'y', 'z']) await shop.collection(name).drop();
    expect(await restore(backup)).toMatchObject({ collectionsCreated: 3 });
    // Reversed: changing one after the other would make a circle in between.
    for (const name of ['x', 'y', 'z']) await shop.collection(name).drop();
    await view('x', 'orders');
    await view('y', 'x');
    await view('z', 'y');
    await view('extra2', 'z');
    await view('extra1', 'extra2');
    const turned = await restore(backup);
    expect(turned).toMatchObject({ optionsChanged: 3, collectionsDropped: 2 });
    expect(turned.remaining?.namespaces.every(({ status }) => status === 'same')).toBe(true);
    expect(await shop.collection('x').countDocuments()).toBe(1000);
  });
});
