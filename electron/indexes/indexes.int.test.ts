import type { Db, Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IndexFinding, PlanPreview, PlanResult } from '../../shared/indexes';
import type { Job } from '../../shared/jobs';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createTestServices, resultOf, type TestServices } from '../test-support/test-services';

describe('indexes of a database', () => {
  let mongod: TestMongod;
  let services: TestServices;
  let client: MongoClient;
  let shop: Db;

  beforeAll(async () => {
    mongod = await startTestMongod({ members: 3 });
    services = await createTestServices(mongod.uri, { name: 'shop-test' });
    client = await mongod.connect({ writeConcern: { w: 3 } });
    shop = client.db('shop');
  });

  afterAll(async () => {
    await services.close();
    await mongod.stop();
  });

  beforeEach(async () => {
    await shop.dropDatabase();
    await shop.collection('orders').insertMany(
      Array.from({ length: 500 }, (_, number) => ({
        number,
        status: number % 3,
        customer: number % 50,
        expiresAt: new Date(),
      })),
    );
    await shop
      .collection('orders')
      .createIndexes([
        { key: { status: 1 } },
        { key: { status: 1, customer: 1 } },
        { key: { number: 1 }, unique: true },
        { key: { customer: 1 } },
      ]);
  });

  function review() {
    return services.indexes.review(services.connection.id, 'shop');
  }

  async function names(): Promise<(string | undefined)[]> {
    return (await shop.collection('orders').indexes()).map(({ name }) => name);
  }

  function about(findings: readonly IndexFinding[]): string[] {
    return findings.map(({ code, index }) => `${code} ${index ?? ''}`.trim()).sort();
  }

  it('finds redundant, unused and expiring ones, with the uses of every member', async () => {
    const secondary = await mongod.connect({ readPreference: 'secondary' });
    // Read on a secondary alone: an index is unused only when nobody uses it.
    await secondary.db('shop').collection('orders').find({ customer: 7 }).toArray();
    const { collections, findings, members } = await review();
    expect(members).toHaveLength(3);
    const [orders] = collections;
    expect(orders).toMatchObject({ ns: 'shop.orders', documents: 500 });
    const customer = orders?.indexes.find(({ name }) => name === 'customer_1');
    expect(customer?.uses).toHaveLength(3);
    expect(customer?.used).toBe('somewhere');
    expect(orders?.indexes.find(({ name }) => name === 'number_1')).toMatchObject({
      used: 'nowhere',
      keptBecause: 'it keeps values unique',
    });
    expect(about(findings)).toEqual([
      'missing-ttl',
      'redundant status_1',
      'unused status_1',
      'unused status_1_customer_1',
    ]);
    expect(findings.find(({ code }) => code === 'redundant')).toMatchObject({
      servedBy: 'status_1_customer_1',
      severity: 'warning',
    });
    expect(findings.find(({ code }) => code === 'unused')).toMatchObject({ severity: 'info' });
    expect(findings.find(({ code }) => code === 'missing-ttl')?.suggestion).toMatchObject({
      name: 'expiresAt_1',
      options: { expireAfterSeconds: 0 },
    });
  });

  it('calls nothing unused while a member is silent', async () => {
    const down = mongod.members[2];
    await down?.kill();
    try {
      const { findings, members } = await review();
      expect(members.filter(({ problem }) => problem !== null)).toHaveLength(1);
      expect(about(findings)).toEqual(['member-silent', 'missing-ttl', 'redundant status_1']);
    } finally {
      await down?.restart();
    }
  }, 60_000);

  it('hides, watches and drops, and refuses to drop unwatched or _id', async () => {
    const change = { connectionId: services.connection.id, ns: 'shop.orders', name: 'status_1', typedName: null };
    await expect(services.indexes.drop({ ...change, unwatched: false })).rejects.toMatchObject({
      error: { code: 'refused' },
    });
    await services.indexes.hide(change);
    expect((await shop.collection('orders').indexes()).find(({ name }) => name === 'status_1')).toMatchObject({
      hidden: true,
    });
    const { collections, findings } = await review();
    expect(collections[0]?.indexes.find(({ name }) => name === 'status_1')?.watched).toMatchObject({
      watchDays: 7,
      readyToDrop: false,
    });
    expect(about(findings)).toContain('hidden status_1');
    await expect(services.indexes.drop({ ...change, unwatched: false })).rejects.toThrow('hidden only since');
    await services.indexes.unhide(change);
    expect((await review()).collections[0]?.indexes.find(({ name }) => name === 'status_1')?.watched).toBeNull();
    expect(await services.indexes.drop({ ...change, unwatched: true })).toMatchObject({ keyText: '{ status: 1 }' });
    expect(await names()).not.toContain('status_1');
    await expect(services.indexes.hide({ ...change, name: '_id_' })).rejects.toMatchObject({
      error: { code: 'refused' },
    });
    const { entries } = await services.audit.list({ offset: 0, limit: 20 });
    expect(
      entries.find(({ operation, result }) => operation === 'index.drop' && result === 'succeeded')?.parameters,
    ).toMatchObject({
      index: 'status_1',
      key: '{ status: 1 }',
    });
    expect(
      entries.filter(({ category }) => category === 'index').map(({ operation, result }) => `${operation} ${result}`),
    ).toEqual([
      'index.hide refused',
      'index.drop succeeded',
      'index.unhide succeeded',
      'index.drop refused',
      'index.hide succeeded',
      'index.drop refused',
    ]);
  });

  const plan = (collections: Document[]): string =>
    JSON.stringify({ kind: 'lifeboat-index-plan', formatVersion: 1, database: 'shop', collections });

  function preview(text: string): Promise<PlanPreview> {
    return services.indexes.previewPlan({ connectionId: services.connection.id, plan: text });
  }

  async function apply(text: string, fingerprint: string): Promise<{ job: Job; result: PlanResult }> {
    const started = await services.indexes.applyPlan({
      connectionId: services.connection.id,
      plan: text,
      fingerprint,
      typedName: null,
    });
    const job = await services.jobs.wait(started.id);
    return { job, result: await services.indexes.planResult(job.resultId ?? '') };
  }

  it('shows what a plan would do, does it, and finds nothing left to do', async () => {
    const text = plan([
      {
        collection: 'orders',
        exact: true,
        indexes: [
          { key: { number: 1 }, unique: true },
          { key: { customer: 1 }, hidden: true },
          { key: { status: 1, customer: 1 } },
          { key: { status: 1, number: -1 }, partialFilterExpression: { status: { $gt: 1 } } },
        ],
      },
      { collection: 'sessions', indexes: [{ key: { at: 1 }, expireAfterSeconds: 60 }] },
    ]);
    const { steps, fingerprint } = await preview(text);
    expect(steps.map(({ action, name }) => `${action} ${name}`)).toEqual([
      'create status_1_number_-1',
      'create at_1',
      'hide customer_1',
      'drop status_1',
      'keep number_1',
      'keep status_1_customer_1',
    ]);
    const { job, result } = await apply(text, fingerprint);
    expect(job.status).toBe('succeeded');
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done']);
    expect(await names()).toEqual(['_id_', 'status_1_customer_1', 'number_1', 'customer_1', 'status_1_number_-1']);
    expect((await preview(text)).steps.every(({ action }) => action === 'keep')).toBe(true);
    expect(
      (await review()).collections
        .find(({ ns }) => ns === 'shop.orders')
        ?.indexes.find(({ name }) => name === 'customer_1')?.watched,
    ).not.toBeNull();
    const longer = plan([{ collection: 'sessions', indexes: [{ key: { at: 1 }, expireAfterSeconds: 600 }] }]);
    const changed = await preview(longer);
    expect(changed.steps).toMatchObject([{ action: 'set-expiry', name: 'at_1' }]);
    expect((await apply(longer, changed.fingerprint)).job.status).toBe('succeeded');
    expect((await shop.collection('sessions').indexes())[1]).toMatchObject({ expireAfterSeconds: 600 });
  });

  it('writes down what exists as a plan that changes nothing', async () => {
    await shop.collection('orders').createIndex({ status: 'text' }, { name: 'words', weights: { status: 2 } });
    await shop.collection('orders').createIndex({ customer: -1 }, { collation: { locale: 'de' }, name: 'german' });
    const text = await services.indexes.exportPlan(services.connection.id, 'shop');
    expect((await preview(text)).steps.map(({ action }) => action).filter((action) => action !== 'keep')).toEqual([]);
  });

  it('stops at the first step that fails, before anything is dropped', async () => {
    const text = plan([{ collection: 'orders', indexes: [{ key: { status: -1 }, unique: true }], drop: ['status_1'] }]);
    const { fingerprint } = await preview(text);
    const { job, result } = await apply(text, fingerprint);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'server-error' } });
    expect(job.error?.hint).toContain('Two documents');
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(['failed', 'not-reached']);
    expect(await names()).toContain('status_1');
  });

  it('refuses stale previews, conflicts, texts that are no plan, read-only and production without the name', async () => {
    const text = plan([{ collection: 'orders', indexes: [{ key: { other: 1 } }] }]);
    const { fingerprint } = await preview(text);
    const request = { connectionId: services.connection.id, plan: text, fingerprint, typedName: null };
    await shop.collection('orders').createIndex({ other: 1 });
    await expect(services.indexes.applyPlan(request)).rejects.toMatchObject({ error: { code: 'preview-stale' } });
    const conflicting = plan([{ collection: 'orders', indexes: [{ name: 'status_1', key: { other: -1 } }] }]);
    const conflict = await preview(conflicting);
    expect(conflict.steps[0]).toMatchObject({ action: 'conflict' });
    await expect(
      services.indexes.applyPlan({ ...request, plan: conflicting, fingerprint: conflict.fingerprint }),
    ).rejects.toMatchObject({ error: { code: 'refused' } });
    await expect(preview('{"kind": "something"}')).rejects.toMatchObject({ error: { code: 'usage' } });
    const drop = { ns: 'shop.orders', name: 'status_1', typedName: null, unwatched: true };
    const readOnly = await services.connect(mongod.uri, { name: 'look', readOnly: true });
    await expect(services.indexes.drop({ ...drop, connectionId: readOnly.id })).rejects.toMatchObject({
      error: { code: 'refused' },
    });
    const production = await services.connect(mongod.uri, { name: 'prod', environment: 'production' });
    await expect(services.indexes.drop({ ...drop, connectionId: production.id })).rejects.toMatchObject({
      error: { code: 'refused' },
    });
    await expect(
      services.indexes.validate({ connectionId: production.id, ns: 'shop.orders', typedName: null }),
    ).rejects.toMatchObject({ error: { code: 'refused' } });
    expect(await names()).toContain('status_1');
    await services.indexes.drop({ ...drop, connectionId: production.id, typedName: 'prod' });
    expect(await names()).not.toContain('status_1');
  });

  it('takes a build back when it is aborted', async () => {
    const many = shop.collection('many');
    for (let batch = 0; batch < 4; batch++)
      await many.insertMany(
        Array.from({ length: 15_000 }, (_, number) => ({
          text: `${Math.random()} ${number}`,
          other: `${Math.random()}`,
        })),
        { writeConcern: { w: 1 } },
      );
    const text = plan([{ collection: 'many', indexes: [{ key: { text: 1, other: 1 } }] }]);
    const { fingerprint } = await preview(text);
    const job = await services.indexes.applyPlan({
      connectionId: services.connection.id,
      plan: text,
      fingerprint,
      typedName: null,
    });
    await services.jobs.cancel(job.id);
    expect((await services.jobs.wait(job.id)).status).toBe('cancelled');
    expect((await many.indexes()).map(({ name }) => name)).toEqual(['_id_']);
  }, 60_000);

  it('validates and rebuilds as jobs', async () => {
    const target = { connectionId: services.connection.id, ns: 'shop.orders', typedName: null };
    const validated = await services.jobs.wait((await services.indexes.validate(target)).id);
    expect(validated).toMatchObject({ kind: 'index', error: null });
    const rebuilt = await services.jobs.wait((await services.indexes.rebuild({ ...target, name: 'number_1' })).id);
    expect(resultOf(rebuilt)).toBe('');
    expect((await shop.collection('orders').indexes()).find(({ name }) => name === 'number_1')).toMatchObject({
      unique: true,
    });
    await shop.command({ collMod: 'orders', index: { name: 'status_1', hidden: true } });
    expect(
      (await services.jobs.wait((await services.indexes.rebuild({ ...target, name: 'status_1' })).id)).error,
    ).toBeNull();
    expect((await shop.collection('orders').indexes()).find(({ name }) => name === 'status_1')).toMatchObject({
      hidden: true,
    });
    await expect(services.indexes.rebuild({ ...target, name: 'nothing' })).rejects.toMatchObject({
      error: { code: 'not-found' },
    });
  });
});
