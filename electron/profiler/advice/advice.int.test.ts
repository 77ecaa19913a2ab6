import { EJSON, type Document } from 'bson';
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adviceRequestSchema, explainRequestSchema, type Advice, type AdviceShape } from '../../../shared/advice';
import type { OperationKind } from '../../../shared/profiler';
import { specificationOf } from '../../indexes/index-definition';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createTestServices, type TestServices } from '../../test-support/test-services';

const total = 20_000;

describe('advice on a real server', () => {
  let mongod: TestMongod;
  let services: TestServices;
  let client: MongoClient;

  beforeAll(async () => {
    mongod = await startTestMongod({ replicaSet: true });
    services = await createTestServices(mongod.uri, { name: 'shop-test' });
    client = await mongod.connect();
    const orders = client.db('shop').collection('orders');
    await orders.insertMany(
      Array.from({ length: total }, (_, index) => ({
        status: ['open', 'paid', 'shipped', 'done'][index % 17 === 0 ? 0 : 1 + (index % 3)],
        customer: (index * 7919) % 2000,
        at: new Date(1_700_000_000_000 + index * 60_000),
        amount: (index * 31) % 997,
        tags: [`t${index % 40}`, `u${index % 7}`],
        address: { city: `city ${index % 300}`, street: `some street ${index}` },
        filler: 'x'.repeat(100),
      })),
    );
    await client
      .db('shop')
      .collection('customers')
      .insertMany(Array.from({ length: 2000 }, (_, number) => ({ number, name: `n${number}` })));
    await orders.createIndex({ status: 1 });
    await client.db('shop').command({ create: 'orders_view', viewOn: 'orders', pipeline: [] });
  });

  afterAll(async () => {
    await services.close();
    await mongod.stop();
  });

  const cases: [string, OperationKind, Document][] = [
    [
      'find with sort',
      'find',
      { find: 'orders', filter: { customer: 77, amount: { $gt: 100 } }, sort: { at: -1 }, limit: 20 },
    ],
    ['find in an array', 'find', { find: 'orders', filter: { tags: 't3', 'address.city': 'city 43' } }],
    [
      'find by either',
      'find',
      { find: 'orders', filter: { $or: [{ customer: 5 }, { 'address.street': 'some street 12' }] } },
    ],
    ['update', 'update', { q: { 'address.street': 'some street 99' }, u: { $set: { amount: 1 } } }],
    [
      'count of a range',
      'count',
      { count: 'orders', query: { at: { $gte: new Date(1_700_000_000_000), $lt: new Date(1_700_000_600_000) } } },
    ],
    [
      'aggregate',
      'aggregate',
      {
        aggregate: 'orders',
        pipeline: [{ $match: { customer: 9, status: 'paid' } }, { $sort: { amount: 1 } }, { $limit: 3 }],
      },
    ],
    ['find by prefix', 'find', { find: 'orders', filter: { 'address.street': /^some street 123/ } }],
  ];

  async function seen(id: string, op: OperationKind, command: Document): Promise<AdviceShape> {
    const text = EJSON.stringify(command, { relaxed: true });
    const { execution, inMemorySort } = await explain(op, text);
    const count = 10;
    return {
      id,
      ns: 'shop.orders',
      op,
      shape: id,
      command: text,
      count,
      totalMs: 1000,
      docsExamined: count * (execution?.docsExamined ?? 0),
      keysExamined: count * (execution?.keysExamined ?? 0),
      returned: count * (execution?.returned ?? 0),
      written: 0,
      sortStageCount: inMemorySort ? count : 0,
    };
  }

  function explain(op: OperationKind, command: string, ns = 'shop.orders') {
    return services.explains.run(explainRequestSchema.parse({ connectionId: services.connection.id, ns, op, command }));
  }

  function advise(shapes: AdviceShape[], sampleSize = 1000): Promise<Advice> {
    return services.advisor.advise(
      adviceRequestSchema.parse({ connectionId: services.connection.id, shapes, sampleSize }),
    );
  }

  it.each(cases)(
    'suggests for a %s what the planner then takes, and fewer documents are read',
    async (name, op, command) => {
      const shape = await seen(name, op, command);
      const advice = await advise([shape]);
      expect(advice.shapes[0]?.verdict).toBe('suggested');
      const { suggestions } = advice;
      expect(suggestions.length).toBeGreaterThan(0);
      const orders = client.db('shop').collection('orders');
      const names = suggestions.map(({ definition }) => definition.name);
      try {
        await client.db('shop').command({
          createIndexes: 'orders',
          indexes: suggestions.map(({ definition }) => specificationOf(definition)),
        });
        const after = await explain(op, shape.command ?? '');
        expect(after.indexes.sort()).toEqual([...names].sort());
        expect(after.execution?.docsExamined).toBeLessThanOrEqual((shape.docsExamined / shape.count) * 0.2);
        expect(after.collectionScan).toBe(false);
        const sizes = (await orders.aggregate([{ $collStats: { storageStats: {} } }]).toArray())[0]?.[
          'storageStats'
        ] as Document;
        for (const { definition, cost } of suggestions) {
          const real = Number((sizes['indexSizes'] as Document)[definition.name]);
          expect((cost.bytes ?? 0) / real).toBeGreaterThan(0.3);
          expect((cost.bytes ?? 0) / real).toBeLessThan(3.5);
        }
        const again = await advise([await seen(name, op, command)]);
        expect(again.suggestions).toEqual([]);
        expect(again.shapes[0]?.verdict).toBe('served');
      } finally {
        for (const index of names) await orders.dropIndex(index).catch(() => undefined);
      }
    },
  );

  it('ranks over all shapes as a job, with costs from the server', async () => {
    const shapes = await Promise.all(cases.map(([name, op, command]) => seen(name, op, command)));
    const job = await services.advisor.adviseAll(
      adviceRequestSchema.parse({ connectionId: services.connection.id, shapes }),
    );
    const finished = await services.jobs.wait(job.id);
    expect(finished).toMatchObject({ status: 'succeeded', kind: 'advice' });
    const advice = await services.advisor.result(finished.resultId ?? '');
    const saved = advice.suggestions.map(({ savedMs }) => savedMs);
    expect(saved).toEqual([...saved].sort((a, b) => b - a));
    expect(new Set(advice.suggestions.map(({ keyText }) => keyText)).size).toBe(advice.suggestions.length);
    expect(advice.suggestions[0]?.shapes.length).toBeGreaterThan(1);
    expect(advice.suggestions[0]?.cost).toMatchObject({ indexesNow: 2 });
    expect(advice.suggestions[0]?.cost.writesPerSecond).toBeGreaterThan(0);
    expect(advice.sampled).toMatchObject([{ ns: 'shop.orders', documents: 1000, of: total }]);
    expect(advice.indexes.map(({ name }) => name)).toEqual(['_id_', 'status_1']);
  });

  it('finds the index that a $lookup misses, on the other collection', async () => {
    const pipeline = [
      { $match: { status: 'open' } },
      { $limit: 20 },
      { $lookup: { from: 'customers', localField: 'customer', foreignField: 'number', as: 'who' } },
    ];
    const command = EJSON.stringify({ aggregate: 'orders', pipeline });
    const shape: AdviceShape = {
      id: 'lookup',
      ns: 'shop.orders',
      op: 'aggregate',
      shape: '',
      command,
      count: 5,
      totalMs: 900,
      docsExamined: 5 * 40_020,
      keysExamined: 100,
      returned: 100,
      written: 0,
      sortStageCount: 0,
    };
    const { suggestions, shapes } = await advise([shape]);
    expect(suggestions).toMatchObject([{ ns: 'shop.customers', keyText: '{ number: 1 }' }]);
    expect(shapes.find(({ shapeId }) => shapeId === 'lookup')).toMatchObject({ verdict: 'suggested' });
  });

  it('says of views, cut commands and inserts why there is no advice', async () => {
    const base = await seen('view', 'find', { find: 'orders', filter: { amount: 3 } });
    const advice = await advise([
      { ...base, ns: 'shop.orders_view' },
      { ...base, id: 'cut', command: '{"find":"orders","filter":{"amou' },
      { ...base, id: 'none', command: null },
      { ...base, id: 'insert', op: 'insert', command: '{"insert":"orders"}' },
    ]);
    expect(advice.suggestions).toEqual([]);
    const codes = Object.fromEntries(advice.shapes.map(({ shapeId, warnings }) => [shapeId, warnings[0]?.code]));
    expect(codes).toEqual({ view: 'view', cut: 'command-cut', none: 'command-missing', insert: 'command-missing' });
  });

  it('can do without a sample, and says so', async () => {
    const shape = await seen('unsampled', 'find', { find: 'orders', filter: { customer: 77 } });
    const { suggestions } = await advise([shape], 0);
    expect(suggestions[0]).toMatchObject({ keyText: '{ customer: 1 }', cost: { bytes: null } });
    expect(suggestions[0]?.warnings.map(({ code }) => code)).toContain('not-sampled');
  });
});
