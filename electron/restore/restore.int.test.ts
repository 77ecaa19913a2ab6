import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Decimal128, Double, Int32, Long, serialize, Timestamp } from 'bson';
import type { Db, MongoClient } from 'mongodb';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { insertRaw } from './writing/raw-commands';
import { createRestoreHarness, effect, type RestoreHarness } from './test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let shop: Db;

const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));
const scope = { kind: 'databases' as const, databases: ['shop'] };

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
  const orders = Array.from({ length: 2000 }, (_, at) => ({
    _id: at as never,
    status: 'paid',
    total: at / 4,
    items: [{ sku: `s${at}` }],
  }));
  await shop.createCollection('orders', { validator: { status: { $exists: true } } });
  await shop.collection('orders').insertMany(orders);
  await shop.collection('orders').createIndex({ status: 1, total: -1 });
  await shop.collection('orders').createIndex({ total: 1 });
  await shop.collection('customers').insertMany([
    { _id: 'a' as never, name: 'Ada' },
    { _id: 'b' as never, name: 'Bob' },
  ]);
});

/** 400 orders gone, 25 changed, 7 added, an index dropped, the validator edited. */
async function damage(): Promise<void> {
  const orders = shop.collection<{ _id: number; status?: string; total?: number }>('orders');
  await orders.deleteMany({ _id: { $lt: 400 } });
  await orders.updateMany({ _id: { $gte: 400, $lt: 425 } }, { $set: { status: 'refunded' } });
  await orders.insertMany(Array.from({ length: 7 }, (_, at) => ({ _id: 9000 + at, status: 'new' })));
  await orders.dropIndex('total_1');
  await shop.command({ collMod: 'orders', validator: { status: { $in: ['paid', 'refunded', 'new'] } } });
}

describe('a preview', () => {
  it('shows exactly what differs, and writes nothing', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const preview = await lifeboat.preview(backup);
    const orders = preview.result.namespaces.find(({ ns }) => ns === 'shop.orders');
    expect(orders).toMatchObject({
      status: 'differs',
      comparedBy: 'oplog',
      documents: { inBackup: 2000, inTarget: 1607, same: 1575, changed: 25, onlyInBackup: 400, onlyInTarget: 7 },
      effect: effect({ insert: 400, replace: 25, delete: 7, keep: 1575 }),
      options: { same: false },
    });
    expect(orders?.indexes.add.map(({ name }) => name)).toEqual(['total_1']);
    expect(preview.result.namespaces.find(({ ns }) => ns === 'shop.customers')?.status).toBe('same');
    const list = await lifeboat.restores.documents({
      previewId: preview.id,
      ns: 'shop.orders',
      change: 'changed',
      offset: 20,
      limit: 50,
    });
    expect(list.total).toBe(25);
    expect(list.documents).toHaveLength(5);
    expect(list.documents[0]?.summary).toBe('status "paid" → "refunded"');
    const opened = await lifeboat.restores.document({
      previewId: preview.id,
      ns: 'shop.orders',
      index: list.documents[0]?.index ?? 0,
    });
    expect(opened.rows.find(({ path }) => path === 'status')).toMatchObject({
      kind: 'changed',
      backup: { type: 'String', text: '"paid"' },
      target: { type: 'String', text: '"refunded"' },
    });
    const all = await lifeboat.restores.documents({
      previewId: preview.id,
      ns: 'shop.orders',
      change: null,
      offset: 398,
      limit: 500,
    });
    expect(all.total).toBe(432);
    expect(all.documents.map(({ change }) => change).filter((change, at, list) => list.indexOf(change) === at)).toEqual(
      ['onlyInBackup', 'changed', 'onlyInTarget'],
    );
    await lifeboat.restores.closePreview(preview.id);
    expect(lifeboat.previewsLeft()).toEqual([]);
  });
});

describe('exact', () => {
  it('makes the target equal again, does what it predicted, and proves it', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    await shop.collection('extra').insertOne({ a: 1 });
    await shop.collection('customers').drop();
    const preview = await lifeboat.preview(backup);
    const { job, result } = await lifeboat.apply(preview);
    expect(job.status).toBe('succeeded');
    expect(result.effect).toEqual(result.predicted);
    expect(result.effect).toEqual(effect({ insert: 402, replace: 25, delete: 8, keep: 1575 }));
    expect(result).toMatchObject({
      indexesBuilt: 1,
      optionsChanged: 1,
      collectionsCreated: 1,
      collectionsDropped: 1,
      conflicts: [],
      failures: [],
    });
    expect(result.remaining?.namespaces.every(({ status }) => status === 'same')).toBe(true);
    expect((await shop.listCollections().toArray()).map(({ name }) => name).sort()).toEqual(['customers', 'orders']);
    const audit = await lifeboat.audit.list({ offset: 0, limit: 5 });
    expect(audit.entries[0]).toMatchObject({ operation: 'restore.apply', result: 'succeeded' });
  });

  it('puts a validator back as strict as it was when the target had switched validation off', async () => {
    const backup = await lifeboat.backUp(scope);
    await shop.command({ collMod: 'orders', validator: {}, validationLevel: 'off', validationAction: 'warn' });
    const { result } = await lifeboat.apply(await lifeboat.preview(backup));
    expect(result.optionsChanged).toBe(1);
    expect(result.remaining?.namespaces.every(({ status }) => status === 'same')).toBe(true);
    const [orders] = await shop.listCollections({ name: 'orders' }).toArray();
    expect(orders).toMatchObject({ options: { validationLevel: 'strict', validationAction: 'error' } });
  });

  it('leaves alone what was changed after the preview, and says so', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const preview = await lifeboat.preview(backup);
    const orders = shop.collection<{ _id: number; status?: string }>('orders');
    await orders.updateOne({ _id: 400 }, { $set: { status: 'paid', late: true } });
    await orders.insertOne({ _id: 5, status: 'new' });
    await orders.updateOne({ _id: 9000 }, { $set: { status: 'paid' } });
    const { job, result } = await lifeboat.apply(preview);
    expect(job.status).toBe('succeeded-with-warnings');
    expect(result.effect).toMatchObject({ insert: 399, replace: 24, delete: 6, conflict: 3 });
    expect(result.conflicts.map(({ id }) => id).sort()).toEqual([
      '{"$numberInt":"400"}',
      '{"$numberInt":"5"}',
      '{"$numberInt":"9000"}',
    ]);
    expect(await orders.findOne({ _id: 5 })).toMatchObject({ status: 'new' });
    expect(result.remaining?.totals.documents).toMatchObject({ changed: 2, onlyInTarget: 1, onlyInBackup: 0 });
  });

  it('brings back documents of every kind byte for byte', async () => {
    const odd = raw({ _id: 'dup', aa: 1, bb: 2, nan: new Double(NaN) });
    odd.write('aa', odd.indexOf('bb'));
    odd.writeBigUInt64LE(0x7ff8dead_beef0001n, odd.indexOf('nan\0') + 4);
    const documents = [
      odd,
      raw({ _id: new Int32(1), a: Long.fromNumber(1), b: new Double(-0), c: Decimal128.fromString('1.10') }),
      raw({ _id: 'ts', first: new Timestamp({ t: 0, i: 0 }), $dollar: 1, 'a.b': undefined, u: undefined }),
      raw({ _id: 'large', blob: Buffer.alloc(15 * 1024 * 1024, 5) }),
      raw(JSON.parse('{"_id": "proto", "__proto__": {"x": 1}}') as object),
    ];
    const context = { client, database: 'shop', collection: 'odd', majority: true, bypassValidation: false };
    await shop.createCollection('odd');
    for (const document of documents) await insertRaw(context, [document]);
    const backup = await lifeboat.backUp({ kind: 'collections', namespaces: ['shop.odd'] });
    await shop.collection('odd').updateMany({}, { $set: { changed: true } });
    await shop.collection('odd').deleteOne({ _id: 1 as never });
    await insertRaw(context, [raw({ _id: new Double(1), a: Long.fromNumber(1) })]);
    await shop.collection('odd').deleteOne({ _id: 'proto' as never });
    const preview = await lifeboat.preview(backup);
    expect(preview.result.totals.documents).toMatchObject({ changed: 4, onlyInBackup: 1, onlyInTarget: 0 });
    const { result } = await lifeboat.apply(preview);
    expect(result.failures).toEqual([]);
    expect(result.effect).toEqual(result.predicted);
    expect(
      result.remaining?.namespaces.map(({ documents: counts, status }) => ({ status, same: counts.same })),
    ).toEqual([{ status: 'same', same: 5 }]);
  });

  it('swaps unique values and frees them before they are needed', async () => {
    await shop.collection('unique').createIndex({ sku: 1 }, { unique: true });
    await shop.collection('unique').insertMany(['a', 'b', 'c', 'd'].map((sku, at) => ({ _id: at as never, sku })));
    const backup = await lifeboat.backUp({ kind: 'collections', namespaces: ['shop.unique'] });
    const skus = [
      [0, 'temporary'],
      [1, 'a'],
      [0, 'b'],
      [2, 'x'],
      [3, 'c'],
    ] as const;
    for (const [id, sku] of skus) await shop.collection('unique').updateOne({ _id: id as never }, { $set: { sku } });
    await shop.collection('unique').insertOne({ _id: 9 as never, sku: 'd' });
    const preview = await lifeboat.preview(backup);
    const { result } = await lifeboat.apply(preview);
    expect(result.failures).toEqual([]);
    expect(result.conflicts).toEqual([]);
    expect(result.effect).toEqual(result.predicted);
    expect(result.remaining?.namespaces[0]?.status).toBe('same');
  });
});

describe('the other modes', () => {
  it('insert-missing adds what is missing and keeps everything else', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const { result } = await lifeboat.apply(await lifeboat.preview(backup, { mode: 'insert-missing' }));
    expect(result.effect).toEqual(effect({ insert: 400, keep: 1609 }));
    expect(result.effect).toEqual(result.predicted);
    expect(result.remaining?.totals.documents).toMatchObject({ onlyInBackup: 0, changed: 25, onlyInTarget: 7 });
    expect(result.indexesBuilt).toBe(1);
  });

  it('clone restores beside the original', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const preview = await lifeboat.preview(backup, { mode: 'clone' });
    const name = preview.cloneNames['shop'] ?? '';
    expect(name).toMatch(/^shop_restored_\d{8}_\d{6}$/);
    const { job, result } = await lifeboat.apply(preview);
    expect(result.failures).toEqual([]);
    expect(job.status).toBe('succeeded');
    expect(result.effect.insert).toBe(2002);
    expect(result.remaining?.namespaces.map(({ targetNs, status }) => [targetNs, status])).toEqual([
      [`${name}.customers`, 'same'],
      [`${name}.orders`, 'same'],
    ]);
    expect(await shop.collection('orders').countDocuments()).toBe(1607);
    await client.db(name).dropDatabase();
  });

  it('drop restores whole collections and leaves others', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    await shop.collection('extra').insertOne({ a: 1 });
    const { job, result } = await lifeboat.apply(await lifeboat.preview(backup, { mode: 'drop' }));
    expect(result.failures).toEqual([]);
    expect(job.status).toBe('succeeded');
    expect(result.effect).toEqual(effect({ insert: 2002, delete: 1609, keep: 1 }));
    expect(result.effect).toEqual(result.predicted);
    expect(await shop.collection('extra').countDocuments()).toBe(1);
  });

  it('restores under other names', async () => {
    const backup = await lifeboat.backUp(scope);
    const renames = [
      { from: 'shop', to: 'copy' },
      { from: 'shop.orders', to: 'copy.old orders' },
    ];
    const preview = await lifeboat.preview(backup, { renames });
    const { result } = await lifeboat.apply(preview);
    expect(result.effect.insert).toBe(2002);
    expect(result.remaining?.namespaces.map(({ targetNs, status }) => [targetNs, status])).toEqual([
      ['copy.customers', 'same'],
      ['copy.old orders', 'same'],
    ]);
    await client.db('copy').dropDatabase();
  });
});
