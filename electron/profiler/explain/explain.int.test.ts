import { EJSON, type Document } from 'bson';
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainRequestSchema, type ExplainedPlan, type ExplainRequest } from '../../../shared/advice';
import type { OperationKind } from '../../../shared/profiler';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createTestServices, type TestServices } from '../../test-support/test-services';
import { walk } from './plan-node';

describe('explaining an example', () => {
  let mongod: TestMongod;
  let services: TestServices;
  let client: MongoClient;

  beforeAll(async () => {
    mongod = await startTestMongod({ replicaSet: true });
    services = await createTestServices(mongod.uri);
    client = await mongod.connect();
    const database = client.db('shop');
    await database.collection('orders').insertMany(
      Array.from({ length: 4000 }, (_, index) => ({
        status: index % 10,
        customer: index % 100,
        amount: index,
        tags: [`t${index % 3}`, 'all'],
        at: new Date(index * 1000),
      })),
    );
    await database.collection('customers').insertMany(Array.from({ length: 100 }, (_, index) => ({ number: index })));
    await database
      .collection('orders')
      .createIndexes([
        { key: { status: 1 } },
        { key: { customer: 1 } },
        { key: { tags: 1 } },
        { key: { status: 1, amount: -1 } },
      ]);
  });

  afterAll(async () => {
    await services.close();
    await mongod.stop();
  });

  function explain(op: OperationKind, command: Document, more: Partial<ExplainRequest> = {}): Promise<ExplainedPlan> {
    return services.explains.run(
      explainRequestSchema.parse({
        connectionId: services.connection.id,
        ns: 'shop.orders',
        op,
        command: EJSON.stringify(command, { relaxed: true }),
        ...more,
      }),
    );
  }

  it('tells documents in and out, keys, bounds and why the plan won against the others', async () => {
    const plan = await explain('find', { find: 'orders', filter: { status: 3, customer: 33 }, sort: { amount: 1 } });
    expect(plan.execution).toMatchObject({ succeeded: true, returned: 40, docsExamined: 40, keysExamined: 40 });
    expect(plan).toMatchObject({ inMemorySort: true, collectionScan: false, covered: false, indexes: ['customer_1'] });
    const [sort, fetch, scan] = walk(plan.root);
    expect(sort).toMatchObject({
      id: '0',
      stage: 'SORT',
      specification: '{ amount: 1 }',
      notable: 'in-memory-sort',
      documentsIn: 40,
    });
    expect(fetch).toMatchObject({ id: '0.0', stage: 'FETCH', docsExamined: 40, documentsOut: 40 });
    expect(scan).toMatchObject({ stage: 'IXSCAN', keysExamined: 40 });
    expect(scan?.index).toMatchObject({
      name: 'customer_1',
      keyText: '{ customer: 1 }',
      multikey: false,
      bounds: [{ field: 'customer', intervals: ['[33, 33]'], kind: 'points' }],
    });
    expect(plan.choice.kind).toBe('trial');
    expect(plan.choice.candidates.length).toBeGreaterThan(1);
    expect(plan.choice.candidates[0]).toMatchObject({
      chosen: true,
      summary: 'IXSCAN { customer: 1 } → FETCH → SORT',
      returned: 40,
    });
    expect(plan.choice.candidates[1]?.works).toBeGreaterThan(0);
    expect(plan.choice.explanation).toContain('candidates ran against each other');
  });

  it('tells what the plan cache of the member keeps', async () => {
    const query = { status: 4, customer: 44 };
    for (let run = 0; run < 4; run++) await client.db('shop').collection('orders').find(query).toArray();
    const { choice } = await explain('find', { find: 'orders', filter: query });
    expect(choice.cache).toMatchObject({ active: true, indexes: ['customer_1'] });
    expect(choice.kind).toBe('cached');
    expect(choice.planCacheKey).toMatch(/^[0-9A-F]{8}$/);
  });

  it('draws attention to collection scans, full index scans and what is read for nothing', async () => {
    const scan = await explain('find', { find: 'orders', filter: { amount: 77 } });
    expect(scan).toMatchObject({ collectionScan: true, indexes: [] });
    expect(scan.root).toMatchObject({
      stage: 'COLLSCAN',
      notable: 'collection-scan',
      documentsIn: 4000,
      documentsOut: 1,
    });
    expect(scan.choice).toMatchObject({
      kind: 'single',
      explanation: 'No index can serve this query, so all documents are read.',
    });
    const full = await explain('find', { find: 'orders', filter: {}, sort: { customer: 1 }, hint: 'customer_1' });
    expect(walk(full.root).map(({ notable }) => notable)).toContain('full-index-scan');
    expect(full.choice.kind).toBe('hint');
    const wasteful = await explain('find', {
      find: 'orders',
      filter: { status: 3, amount: { $mod: [1000, 3] } },
      hint: 'status_1',
    });
    expect(wasteful.root).toMatchObject({
      stage: 'FETCH',
      notable: 'discards-most',
      documentsIn: 400,
      documentsOut: 4,
    });
  });

  it('marks arrays, branches and covered queries', async () => {
    const branches = await explain('find', {
      find: 'orders',
      filter: { $or: [{ status: 3 }, { customer: 5 }], tags: 't1' },
    });
    expect(walk(branches.root).find(({ stage }) => stage === 'OR')?.children).toHaveLength(2);
    const array = await explain('find', { find: 'orders', filter: { tags: 't1' }, limit: 3 });
    const index = walk(array.root).find(({ stage }) => stage === 'IXSCAN')?.index;
    expect(index).toMatchObject({ multikey: true, multikeyFields: ['tags'] });
    const covered = await explain('find', { find: 'orders', filter: { status: 3 }, projection: { _id: 0, status: 1 } });
    expect(covered.covered).toBe(true);
    const counted = await explain('count', { count: 'orders', query: { status: 3 } });
    expect(counted).toMatchObject({ covered: true, root: { documentsOut: 400 } });
  });

  it('draws an aggregation that runs in the slot-based engine as the plan it is', async () => {
    const pipeline = [
      { $match: { status: 3 } },
      { $group: { _id: '$customer', total: { $sum: '$amount' } } },
      { $sort: { total: -1 } },
    ];
    const plan = await explain('aggregate', { aggregate: 'orders', pipeline, cursor: {} });
    expect(plan.engine).toBe('slot-based');
    const nodes = walk(plan.root);
    expect(nodes.map(({ stage }) => stage)).toEqual(['$sort', 'GROUP', 'FETCH', 'IXSCAN']);
    expect(nodes[0]).toMatchObject({ specification: '{ total: -1 }', documentsIn: 10, documentsOut: 10 });
    expect(nodes[2]).toMatchObject({ docsExamined: 400, documentsOut: 400 });
    expect(nodes[3]).toMatchObject({ keysExamined: 400, documentsOut: 400 });
    expect(plan.execution).toMatchObject({ docsExamined: 400 });
  });

  it('follows the stages of a pipeline, with what $lookup reads', async () => {
    const pipeline = [
      { $match: { status: 3 } },
      { $lookup: { from: 'customers', localField: 'customer', foreignField: 'number', as: 'who' } },
      { $unwind: '$who' },
      { $facet: { sizes: [{ $count: 'documents' }] } },
    ];
    const plan = await explain('aggregate', { aggregate: 'orders', pipeline, cursor: {} });
    const nodes = walk(plan.root);
    const lookup = nodes.find(({ stage }) => stage === '$lookup');
    expect(lookup).toMatchObject({ ns: 'shop.customers', documentsIn: 400, documentsOut: 400 });
    expect(lookup?.docsExamined).toBeGreaterThanOrEqual(40_000);
    expect(nodes[0]).toMatchObject({ stage: '$facet', documentsOut: 1 });
    expect(nodes[0]?.details).toContainEqual({ name: 'sizes', value: '$group → $project (1)' });
  });

  it('explains writes without carrying them out, and leaves $out and $merge away', async () => {
    const orders = client.db('shop').collection('orders');
    const update = await explain('update', { q: { status: 3 }, u: { $set: { touched: true } }, multi: true });
    expect(walk(update.root).map(({ stage }) => stage)).toEqual(['UPDATE', 'FETCH', 'IXSCAN']);
    expect(update.execution).toMatchObject({ docsExamined: 400 });
    expect(update.changes).toEqual(['The write is explained, not carried out.']);
    const outer = {
      update: 'orders',
      updates: [{ q: { status: 3 }, u: { touched: true } }],
      $db: 'shop',
      lsid: { id: 1 },
    };
    expect((await explain('update', outer)).root.stage).toBe('UPDATE');
    expect((await explain('delete', { q: { status: 3 }, limit: 0 })).root.stage).toMatch(/DELETE/);
    const findAndModify = { findandmodify: 'orders', query: { status: 3 }, sort: { amount: -1 }, remove: true };
    expect(walk((await explain('findAndModify', findAndModify)).root).map(({ stage }) => stage)).toContain('IXSCAN');
    const pipeline = [{ $match: { status: 3 } }, { $merge: { into: 'copies' } }];
    const merge = await explain('aggregate', { aggregate: 'orders', pipeline });
    expect(merge.changes).toEqual(['$merge was left out: nothing is written.']);
    expect(await orders.countDocuments({ touched: true })).toBe(0);
    expect(await orders.countDocuments()).toBe(4000);
    expect(await client.db('shop').listCollections({ name: 'copies' }).toArray()).toEqual([]);
    expect(
      walk((await explain('distinct', { distinct: 'orders', key: 'customer', query: { status: 3 } })).root).length,
    ).toBeGreaterThan(0);
  });

  it('takes values by their types', async () => {
    const filter = { at: { $gte: new Date(3_990_000) } };
    const { execution, commandText } = await explain('find', { find: 'orders', filter });
    expect(execution?.returned).toBe(10);
    expect(commandText).toContain('ISODate("1970-01-01T01:06:30.000Z")');
  });

  it('ends at its time limit and says so', async () => {
    const slow = await explain('find', { find: 'orders', filter: { $where: 'sleep(20) || true' } }, { maxTimeMs: 150 });
    expect(slow.execution?.succeeded).toBe(false);
    expect(slow.execution?.problem).toMatch(/time limit/);
    expect(slow.execution?.docsExamined).toBeLessThan(4000);
    const planned = await explain(
      'find',
      { find: 'orders', filter: { $where: 'sleep(20) || true' } },
      { verbosity: 'queryPlanner', maxTimeMs: 150 },
    );
    expect(planned.execution).toBeNull();
    expect(planned.root).toMatchObject({ stage: 'COLLSCAN', documentsOut: null });
  });

  it('refuses what has no plan, saying what to do', async () => {
    await expect(
      services.explains.run(
        explainRequestSchema.parse({
          connectionId: services.connection.id,
          ns: 'shop.orders',
          op: 'find',
          command: '{"find": "orders", "filter": {"a": 1',
        }),
      ),
    ).rejects.toMatchObject({ error: { code: 'usage' } });
    await expect(explain('insert', { insert: 'orders' })).rejects.toMatchObject({ error: { code: 'usage' } });
    await expect(explain('find', { find: 'orders' }, { readFrom: { kind: 'secondary' } })).rejects.toMatchObject({
      error: { code: 'topology' },
    });
    await expect(
      explain('find', { find: 'orders' }, { readFrom: { kind: 'member', host: 'elsewhere:1' } }),
    ).rejects.toMatchObject({ error: { code: 'topology' } });
    const named = await explain(
      'find',
      { find: 'orders', filter: {} },
      { readFrom: { kind: 'member', host: mongod.host } },
    );
    expect(named.execution?.returned).toBe(4000);
  });
});
