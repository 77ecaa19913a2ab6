import { readdirSync } from 'node:fs';
import { EJSON, type Document } from 'bson';
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryRequestSchema, type TryRequest, type TryResult } from '../../../../shared/tries';
import { testTools } from '../../../test-support/runtime';
import { startTestMongod, type TestMongod } from '../../../test-support/test-mongod';
import { createTestServices, resultOf, type TestServices } from '../../../test-support/test-services';
import { findMongods } from '../../../sandbox/sandbox-processes';

const find: Document = { find: 'orders', filter: { customer: 77, amount: { $gt: 100 } }, sort: { at: -1 }, limit: 10 };
const update: Document = { q: { customer: 3 }, u: { $set: { touched: true } }, multi: true };
const lookup: Document = {
  aggregate: 'orders',
  pipeline: [
    { $match: { customer: 5 } },
    { $lookup: { from: 'customers', localField: 'customer', foreignField: 'number', as: 'who' } },
  ],
};
const index = {
  name: 'customer_1_at_-1_amount_1',
  key: [
    { field: 'customer', direction: 1 as const },
    { field: 'at', direction: -1 as const },
    { field: 'amount', direction: 1 as const },
  ],
  options: {},
};

describe('trying an index in a sandbox', () => {
  let mongod: TestMongod;
  let services: TestServices;
  let client: MongoClient;

  beforeAll(async () => {
    mongod = await startTestMongod({ replicaSet: true });
    services = await createTestServices(mongod.uri, { name: 'shop-test', readOnly: true, environment: 'production' });
    client = await mongod.connect();
    const orders = client.db('shop').collection('orders');
    await orders.insertMany(
      Array.from({ length: 6000 }, (_, number) => ({
        customer: (number * 7919) % 200,
        at: new Date(1_700_000_000_000 + number * 60_000),
        created: new Date(),
        amount: number % 997,
        filler: 'x'.repeat(80),
      })),
    );
    await client
      .db('shop')
      .collection('customers')
      .insertMany(Array.from({ length: 200 }, (_, number) => ({ number })));
    await orders.createIndex({ created: 1 }, { expireAfterSeconds: 2_000_000_000, name: 'expiry' });
    await orders.createIndex({ amount: 1 }, { hidden: true });
  });

  afterAll(async () => {
    await services.close();
    await mongod.stop();
  });

  function request(more: Partial<TryRequest> = {}): ReturnType<typeof tryRequestSchema.parse> {
    const text = (command: Document): string => EJSON.stringify(command, { relaxed: true });
    return tryRequestSchema.parse({
      connectionId: services.connection.id,
      source: { kind: 'live', sampleDocuments: null },
      ns: 'shop.orders',
      indexes: [index],
      shapes: [
        { id: 'find', op: 'find', command: text(find) },
        { id: 'update', op: 'update', command: text(update) },
        { id: 'lookup', op: 'aggregate', command: text(lookup) },
      ],
      runs: 1,
      ...more,
    });
  }

  async function run(asked: ReturnType<typeof request>): Promise<TryResult> {
    const job = await services.advisor.try(asked);
    const result = await services.advisor.tryResult(resultOf(await services.jobs.wait(job.id)));
    expect(result.captureId).toBe(asked.captureId);
    await expectNothingLeft();
    return result;
  }

  async function expectNothingLeft(): Promise<void> {
    expect(readdirSync(services.dataFolder.sandboxesFolder)).toEqual([]);
    expect(await findMongods(services.dataFolder.root)).toEqual([]);
    expect(readdirSync(services.dataFolder.temporaryFolder)).toEqual([]);
    expect((await client.db('shop').collection('orders').indexes()).map(({ name }) => name)).toEqual([
      '_id_',
      'expiry',
      'amount_1',
    ]);
    expect(await client.db('shop').collection('orders').countDocuments({ touched: true })).toBe(0);
  }

  it('tells how large a copy is', async () => {
    const size = await services.advisor.trySize(services.connection.id, 'shop.orders');
    expect(size).toMatchObject({ documents: 6000, suggestedSample: null, backups: [] });
    expect(size.bytes).toBeGreaterThan(6000 * 80);
    await expect(services.advisor.trySize(services.connection.id, 'shop.nothing')).rejects.toMatchObject({
      error: { code: 'not-found' },
    });
  });

  it('proves it on a copy of the live collection, with the indexes it has, and leaves nothing behind', async () => {
    const result = await run(request());
    expect(result).toMatchObject({
      ns: 'shop.orders',
      documents: 6000,
      sampledOf: null,
      source: 'the whole collection of shop-test',
    });
    const [found, updated, joined] = result.shapes;
    expect(found?.before).toMatchObject({ docsExamined: 6000, collectionScan: true, inMemorySort: true });
    expect(found?.after).toMatchObject({
      collectionScan: false,
      inMemorySort: false,
      returned: 10,
      indexes: [index.name],
    });
    expect(found?.after?.docsExamined).toBeLessThanOrEqual(12);
    expect(found).toMatchObject({ verdict: 'better', uses: [index.name], problem: null });
    expect(updated?.after).toMatchObject({ docsExamined: 30 });
    expect(joined?.after?.docsExamined).toBeLessThan(joined?.before?.docsExamined ?? 0);
    expect(result.indexes).toMatchObject([
      { name: index.name, keyText: '{ customer: 1, at: -1, amount: 1 }', used: true },
    ]);
    expect(result.indexes[0]?.bytes).toBeGreaterThan(0);
  });

  it('takes a sample, says so, and reckons the size for the whole', async () => {
    const result = await run(
      request({
        source: { kind: 'live', sampleDocuments: 1000 },
        shapes: [{ id: 'find', op: 'find', command: EJSON.stringify(find) }],
      }),
    );
    expect(result.documents).toBe(1000);
    expect(result.sampledOf).toBe(6000);
    expect(result.indexes[0]?.wholeBytes).toBe((result.indexes[0]?.bytes ?? 0) * 6);
    expect(result.shapes[0]?.verdict).toBe('better');
  });

  it('says when an index changes nothing', async () => {
    const useless = { name: 'filler_1', key: [{ field: 'filler', direction: 1 as const }], options: {} };
    const result = await run(
      request({ indexes: [useless], shapes: [{ id: 'find', op: 'find', command: EJSON.stringify(find) }] }),
    );
    expect(result.shapes[0]).toMatchObject({ verdict: 'same', uses: [] });
    expect(result.indexes[0]).toMatchObject({ used: false });
  });

  it('is cancelled without traces, and fails with the reason of the server', async () => {
    const job = await services.advisor.try(request());
    await services.jobs.cancel(job.id);
    expect((await services.jobs.wait(job.id)).status).toBe('cancelled');
    await expectNothingLeft();
    const refused = {
      name: 'both',
      key: [
        { field: 'a', direction: 'text' as const },
        { field: 'b', direction: 'hashed' as const },
      ],
      options: {},
    };
    const failed = await services.jobs.wait((await services.advisor.try(request({ indexes: [refused] }))).id);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'server-error' } });
    await expectNothingLeft();
    await expect(
      services.advisor.try(request({ shapes: [{ id: 'cut', op: 'find', command: '{"find": "ord' }] })),
    ).rejects.toMatchObject({ error: { code: 'usage' } });
  });

  it.skipIf(testTools().skip)('restores the collection from a backup', async () => {
    const { entry } = await services.makeBackup({ kind: 'databases', databases: ['shop'] });
    const size = await services.advisor.trySize(services.connection.id, 'shop.orders');
    expect(size.backups).toMatchObject([{ backupId: entry.id, documents: 6000 }]);
    const result = await run(request({ source: { kind: 'backup', backupId: entry.id } }));
    expect(result).toMatchObject({ documents: 6000, source: `backup ${entry.id}`, sampledOf: null, notes: [] });
    expect(result.shapes.map(({ verdict }) => verdict)).toEqual(['better', 'better', 'better']);
  });
});
