/** The review and the guards on collections that are not like the others, and for a user who may read little. */
import type { Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IndexReview, ReviewedCollection } from '../../shared/indexes';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createTestServices, type TestServices } from '../test-support/test-services';

let mongod: TestMongod;
let services: TestServices;
let client: MongoClient;
let odd: Db;

beforeAll(async () => {
  mongod = await startTestMongod({ auth: { user: 'root', password: 'right' } });
  services = await createTestServices(mongod.uri, { name: 'odd-test' });
  client = await mongod.connect();
  odd = client.db('odd');
  const timeseries = { timeField: 'at', metaField: 'sensor' };
  await odd.createCollection('readings', { timeseries, expireAfterSeconds: 86_400 });
  await odd.collection('readings').insertOne({ at: new Date(), sensor: { id: 1 }, value: 2 });
  await odd.collection('readings').createIndex({ 'sensor.id': 1, at: 1 });
  await odd.createCollection('capped', { capped: true, size: 4096 });
  await odd.collection('capped').insertOne({ expiresAt: new Date() });
  const clusteredIndex = { key: { _id: 1 }, unique: true, name: 'by id' };
  await odd.createCollection('clustered', { clusteredIndex, expireAfterSeconds: 3600 });
  await odd.collection('clustered').insertOne({ expiresAt: new Date() });
  await odd.createCollection('view of readings', { viewOn: 'readings', pipeline: [] });
  await odd.collection('a.b.größe 数').createIndex({ 'straße.名': 1 }, { name: 'mit Leer.punkt 数', hidden: true });
  await odd.collection('config.chunks').createIndex({ uuid: 1, min: 1 }, { unique: true });
  const many = Array.from({ length: 60 }, (_, at) => ({ key: { [`field${at}`]: 1 as const } }));
  await odd.collection('everything').createIndexes([...many, { key: { '$**': 1 } }, { key: { place: '2dsphere' } }]);
});
afterAll(async () => {
  await services.close();
  await mongod.stop();
});

const find = ({ collections }: IndexReview, name: string): ReviewedCollection | undefined =>
  collections.find(({ ns }) => ns === `odd.${name}`);

const said = ({ findings }: IndexReview, name: string): string[] =>
  findings.filter(({ ns }) => ns === `odd.${name}`).map(({ code }) => code);

describe('a review of awkward collections', () => {
  it('tells what can be told of each', async () => {
    const reviewed = await services.indexes.review(services.connection.id, 'odd');
    expect(reviewed.collections.map(({ ns }) => ns)).not.toContain('odd.system.buckets.readings');
    expect(reviewed.members.map(({ problem }) => problem)).toEqual([null]);
    // No server tells how many documents a time series holds.
    expect(find(reviewed, 'readings')).toMatchObject({
      type: 'timeseries',
      documents: null,
      indexes: [{ name: 'sensor.id_1_at_1', keyText: '{ "sensor.id": 1, at: 1 }', used: 'nowhere' }],
    });
    expect(find(reviewed, 'view of readings')).toMatchObject({ type: 'view', indexes: [] });
    expect(said(reviewed, 'capped')).toEqual([]);
    expect(find(reviewed, 'clustered')?.indexes).toMatchObject([
      { name: 'by id', keptBecause: 'the documents are stored in its order' },
    ]);
    // They expire by the collection's own option.
    expect(said(reviewed, 'clustered')).toEqual([]);
    expect(find(reviewed, 'a.b.größe 数')?.indexes[1]).toMatchObject({
      name: 'mit Leer.punkt 数',
      keyText: '{ "straße.名": 1 }',
      options: { hidden: true },
    });
    expect(said(reviewed, 'a.b.größe 数')).toEqual(['hidden']);
    expect(find(reviewed, 'config.chunks')?.indexes).toHaveLength(2);
    expect(find(reviewed, 'everything')?.indexes).toHaveLength(63);
    expect(said(reviewed, 'everything')).toContain('many-indexes');
  });

  it('writes all of it down as a plan that changes nothing', async () => {
    const connectionId = services.connection.id;
    const plan = await services.indexes.exportPlan(connectionId, 'odd');
    const { steps } = await services.indexes.previewPlan({ connectionId, plan });
    expect(steps.filter(({ action }) => action !== 'keep')).toEqual([]);
    const exact = { kind: 'lifeboat-index-plan', formatVersion: 1, database: 'odd' };
    const collections = [{ collection: 'clustered', exact: true, indexes: [] }];
    const emptied = await services.indexes.previewPlan({
      connectionId,
      plan: JSON.stringify({ ...exact, collections }),
    });
    expect(emptied.steps.filter(({ action }) => action === 'drop')).toEqual([]);
  });

  it('hides and shows again what may be hidden, and says why the rest may not', async () => {
    const connectionId = services.connection.id;
    for (const [ns, name] of [
      ['odd.readings', 'sensor.id_1_at_1'],
      ['odd.config.chunks', 'uuid_1_min_1'],
      ['odd.everything', 'field59_1'],
    ] as const) {
      const change = { connectionId, ns, name, typedName: null };
      await services.indexes.hide(change);
      await services.indexes.unhide(change);
    }
    await services.indexes.unhide({ connectionId, ns: 'odd.a.b.größe 数', name: 'mit Leer.punkt 数', typedName: null });
    const clustered = { connectionId, ns: 'odd.clustered', name: 'by id', typedName: null };
    const refused = { error: { code: 'refused', message: expect.stringContaining('stored in the order') as string } };
    await expect(services.indexes.hide(clustered)).rejects.toMatchObject(refused);
    await expect(services.indexes.drop({ ...clustered, unwatched: true })).rejects.toMatchObject(refused);
  });

  it('validates a time series by its buckets, and no view', async () => {
    const connectionId = services.connection.id;
    for (const name of ['readings', 'clustered', 'a.b.größe 数']) {
      const job = await services.indexes.validate({ connectionId, ns: `odd.${name}`, typedName: null });
      expect((await services.jobs.wait(job.id)).error).toBeNull();
    }
    for (const [name, code] of [
      ['view of readings', 'unsupported'],
      ['nothing', 'not-found'],
    ] as const)
      await expect(
        services.indexes.validate({ connectionId, ns: `odd.${name}`, typedName: null }),
      ).rejects.toMatchObject({ error: { code } });
  });
});

describe('a user who may read little', () => {
  const on = (collection: string, ...actions: string[]) => ({ resource: { db: 'odd', collection }, actions });

  async function reviewAs(user: string, privileges: ReturnType<typeof on>[]): Promise<IndexReview> {
    const admin = client.db('admin');
    await admin.command({ createRole: user, roles: [], privileges });
    await admin.command({ createUser: user, pwd: 'x', roles: [{ role: user, db: 'admin' }] });
    const { id } = await services.connect(`mongodb://${user}:x@${mongod.host}/?authSource=admin`, { name: user });
    return services.indexes.review(id, 'odd');
  }

  it('without indexStats and collStats learns so, and nothing is called unused', async () => {
    const reviewed = await reviewAs('lister', [on('', 'listCollections', 'listIndexes', 'find')]);
    const told = reviewed.findings.filter(({ code }) => code === 'not-permitted');
    expect(told.map(({ message, severity }) => [severity, message])).toEqual([
      [
        'warning',
        'The user of this connection may not read how often the indexes of any collection are used: none of them is called unused.',
      ],
      ['info', 'The user of this connection may not read the sizes of any collection.'],
    ]);
    expect(told[0]?.hint).toContain('Grant indexStats');
    expect(reviewed.findings.map(({ code }) => code)).not.toContain('unused');
    expect(reviewed.findings.map(({ code }) => code)).not.toContain('member-silent');
    expect(find(reviewed, 'everything')?.indexes).toHaveLength(63);
    expect(find(reviewed, 'everything')?.indexes[1]).toMatchObject({ used: 'unknown', bytes: null });
  });

  it('with rights on one collection alone gets that one reviewed', async () => {
    const reviewed = await reviewAs('single', [
      on('', 'listCollections'),
      on('everything', 'listIndexes', 'indexStats', 'collStats', 'find'),
    ]);
    const [told] = reviewed.findings.filter(({ code }) => code === 'not-permitted');
    expect(told?.message).toContain('may not list the indexes of odd.a.b.größe 数, odd.capped, odd.clustered, 2 more');
    expect(find(reviewed, 'everything')?.indexes[1]).toMatchObject({ used: 'nowhere' });
    expect(find(reviewed, 'everything')?.indexBytes).toBeGreaterThan(0);
  });
});
