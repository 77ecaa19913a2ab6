/** Slow queries from every source of servers of other versions, up to an index that is tried in a sandbox; and the index review. */
import { dirname, join } from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adviceRequestSchema, explainRequestSchema } from '../../shared/advice';
import type { Capture, CaptureSource } from '../../shared/captures';
import { everyOperation, type CaptureFilter, type ShapesPage } from '../../shared/slow-queries';
import { tryRequestSchema } from '../../shared/tries';
import type { TestMongod } from '../test-support/test-mongod';
import { createTestServices, resultOf, type TestServices } from '../test-support/test-services';
import { fillShop, type Order } from './test-support/shop-data';
import { describeVersions } from './test-support/tested-versions';

const ofWorkload: CaptureFilter = { ...everyOperation, ns: ['shop'], apps: ['workload'] };

describeVersions('4.2', (version) => {
  describe.each(['a replica set of three', 'a single server'])('%s', (topology) => {
    let server: TestMongod;
    let client: MongoClient;
    let shop: Db;
    let services: TestServices;
    let logFile: string;

    beforeAll(async () => {
      server = await version.start(topology === 'a single server' ? {} : { members: 3 });
      logFile = join(dirname(server.members[0]?.folder ?? ''), `member-${server.port}.log`);
      client = await server.connect({ appName: 'workload' });
      shop = client.db('shop');
      services = await createTestServices(server.uri);
      await fillShop(shop, version);
      await shop.command({ profile: 2, slowms: -1 });
      await runWorkload(shop);
      await shop.command({ profile: 0, slowms: 100 });
    });
    afterAll(async () => {
      await services?.close();
      await server?.stop();
    });

    async function gather(source: CaptureSource): Promise<Capture> {
      const { captureId, jobId } = await services.captures.start({ source, title: null });
      await services.jobs.wait(jobId);
      return services.captures.get(captureId);
    }

    function shapesOf(captureId: string, filter = ofWorkload): Promise<ShapesPage> {
      const page = { sort: 'totalMs', descending: true, offset: 0, limit: 100, buckets: 10 } as const;
      return services.captures.ask(captureId, 'shapes', { filter, ...page });
    }

    const counts = ({ shapes }: ShapesPage): string[] =>
      shapes
        .filter(({ op }) => op !== 'insert' && op !== 'command')
        .map(({ id, shape, count, op }) => `${id} ${op} ${count} ${shape}`)
        .sort();

    it('tells the same shapes from the profiler, the log file and the log in memory', async () => {
      const connectionId = services.connection.id;
      const profiler = { databases: null, since: null, minutes: 0, profiling: null };
      const captures = [
        await gather({ type: 'profiler', connectionId, hosts: null, ...profiler }),
        await gather({ type: 'log-files', paths: [logFile] }),
        await gather({ type: 'server-log', connectionId, hosts: null, minutes: 0 }),
      ];
      expect(captures.map(({ status, error }) => [status, error])).toEqual(captures.map(() => ['complete', null]));
      const [profiled = [], logged, kept] = await Promise.all(
        captures.map(async ({ id }) => counts(await shapesOf(id))),
      );
      const told = profiled.join('\n');
      for (const expected of [/ find 30 /, / update 5 /, / delete 2 /, / aggregate 1 /]) expect(told).toMatch(expected);
      expect(logged).toEqual(profiled);
      expect(kept).toEqual(profiled);
      const summary = await services.captures.summary({ captureId: captures[1]?.id ?? '', filter: everyOperation });
      expect(summary.log).toMatchObject({ unreadable: 0, ignoredFiles: [] });
      const [scan] = (await shapesOf(captures[0]?.id ?? '')).shapes.filter(({ shape }) => shape.includes('total'));
      expect(scan).toMatchObject({ ns: 'shop.orders', collscanCount: 30 });
    });

    it('profiles for the time of a capture and puts everything back', async () => {
      const connectionId = services.connection.id;
      const order = { level: 2 as const, slowms: 50, sampleRate: 1, filter: null, minutes: 5, typedName: null };
      const scope = { connectionId, hosts: null, databases: ['shop'] };
      const { captureId } = await services.captures.start({
        title: null,
        source: { type: 'profiler', ...scope, since: Date.now(), minutes: 5, profiling: { ...scope, ...order } },
      });
      expect(await shop.command({ profile: -1 })).toMatchObject({ was: 2, slowms: 50 });
      for (let at = 0; at < 7; at++)
        await shop.collection<Order>('orders').findOne({ customer: at, 'attributes.live': 1 });
      const live: CaptureFilter = { ...ofWorkload, text: 'live' };
      await expect.poll(async () => (await shapesOf(captureId, live)).shapes[0]?.count, { timeout: 60_000 }).toBe(7);
      expect(await services.captures.stop(captureId)).toMatchObject({ status: 'stopped', error: null });
      for (const { host } of server.members) {
        const member = new MongoClient(`mongodb://${host}/?directConnection=true`);
        const profile = await member.db('shop').command({ profile: -1 });
        await member.close();
        expect(profile).toMatchObject({ was: 0, slowms: 100, sampleRate: 1 });
      }
    });

    it('sees what runs at the moment', async () => {
      const connectionId = services.connection.id;
      const { captureId } = await services.captures.start({
        title: null,
        source: { type: 'current-operations', connectionId, hosts: null, minutes: 5, intervalMs: 100, slowms: 0 },
      });
      // Again until it was seen: a busy machine may begin to look when the first is over.
      const look = async (): Promise<number> => {
        await shop.collection('places').find({ name: /shop/, $where: 'sleep(50) || true' }).toArray();
        return (await shapesOf(captureId)).shapes.length;
      };
      await expect.poll(look, { timeout: 120_000 }).toBeGreaterThan(0);
      await services.captures.stop(captureId);
      const [shape] = (await shapesOf(captureId)).shapes;
      expect(shape).toMatchObject({ op: 'find', ns: 'shop.places', shape: '{ filter: { $where: ?, name: /?/ } }' });
    });

    it('explains, suggests an index and proves it on a copy', async () => {
      const connectionId = services.connection.id;
      const command = JSON.stringify({
        find: 'orders',
        filter: { total: { $gt: 290 }, status: 'paid' },
        sort: { at: -1 },
      });
      const plan = await services.explains.run(
        explainRequestSchema.parse({ connectionId, ns: 'shop.orders', op: 'find', command }),
      );
      expect(plan).toMatchObject({ collectionScan: true, inMemorySort: true });
      expect(plan.execution?.docsExamined).toBeGreaterThan(1000);
      const shape = {
        ...{ id: 'one', ns: 'shop.orders', op: 'find' as const, shape: 'one', command, count: 10, totalMs: 1000 },
        ...{ docsExamined: 12_000, keysExamined: 0, returned: 130, written: 0, sortStageCount: 10 },
      };
      const advice = await services.advisor.advise(adviceRequestSchema.parse({ connectionId, shapes: [shape] }));
      expect(advice.shapes[0]?.verdict).toBe('suggested');
      const suggested = advice.suggestions[0]?.definition;
      const job = await services.advisor.try(
        tryRequestSchema.parse({
          connectionId,
          source: { kind: 'live', sampleDocuments: null },
          ns: 'shop.orders',
          indexes: suggested ? [suggested] : [],
          shapes: [{ id: 'one', op: 'find', command }],
          runs: 1,
        }),
      );
      const tried = await services.advisor.tryResult(resultOf(await services.jobs.wait(job.id)));
      const [before, after] = [tried.shapes[0]?.before, tried.shapes[0]?.after];
      expect(after?.docsExamined ?? Infinity).toBeLessThan((before?.docsExamined ?? 0) / 4);
    });

    it('reviews the indexes, with their uses on every member', async () => {
      const review = await services.indexes.review(services.connection.id, 'shop');
      expect(review.members).toHaveLength(server.members.length);
      const orders = review.collections.find(({ ns }) => ns === 'shop.orders');
      expect(orders?.indexes.map(({ name }) => name).sort()).toEqual([
        '_id_',
        'attributes',
        'customer_1_at_-1',
        ...(version.isAtLeast('4.4') ? ['lines.sku_1'] : []),
        'total_1',
      ]);
      expect(orders?.indexes.every(({ uses }) => uses.length === server.members.length)).toBe(true);
      expect(orders?.indexes.every(({ bytes }) => (bytes ?? 0) > 0)).toBe(true);
    });
  });
});

async function runWorkload(shop: Db): Promise<void> {
  const orders = shop.collection<Order>('orders');
  for (let at = 0; at < 30; at++)
    await orders
      .find({ total: { $gt: at }, status: 'paid' })
      .sort({ at: -1 })
      .limit(20)
      .toArray();
  await orders.find({ 'attributes.colour': 'red' }, { batchSize: 100 }).toArray();
  for (let at = 0; at < 5; at++) await orders.updateMany({ customer: at }, { $set: { tags: [`t${at}`] } });
  for (let at = 0; at < 2; at++) await orders.deleteOne({ _id: 1190 + at });
  await orders.aggregate([{ $match: { status: 'open' } }, { $group: { _id: '$customer', n: { $sum: 1 } } }]).toArray();
  await orders.distinct('status', { customer: 3 });
  await orders.countDocuments({ customer: 5 });
  await orders.findOneAndUpdate({ customer: 7 }, { $set: { tags: [] } }, { sort: { at: 1 } });
  await shop
    .collection('products')
    .find({ $text: { $search: 'lamp' } })
    .toArray();
  const near = { $near: { $geometry: { type: 'Point', coordinates: [1, 1] }, $maxDistance: 1e6 } };
  await shop.collection('places').find({ at: near }).toArray();
}
