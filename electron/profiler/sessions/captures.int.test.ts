/** Captures of one workload from each source, through the services and their worker thread. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Capture, CaptureSource } from '../../../shared/captures';
import { profileReportSchema } from '../../../shared/profiler';
import { everyOperation, type CaptureFilter, type ShapesPage } from '../../../shared/slow-queries';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createTestServices, type TestServices } from '../../test-support/test-services';

let server: TestMongod;
let client: MongoClient;
let lifeboat: TestServices;
let logFile: string;

const shop: CaptureFilter = { ...everyOperation, ns: ['shop'], apps: ['workload'] };

async function gather(source: CaptureSource): Promise<Capture> {
  const { captureId, jobId } = await lifeboat.captures.start({ source, title: null });
  await lifeboat.jobs.wait(jobId);
  return lifeboat.captures.get(captureId);
}

async function shapesOf(captureId: string, filter = shop): Promise<ShapesPage> {
  return lifeboat.captures.ask(captureId, 'shapes', {
    filter,
    sort: 'totalMs',
    descending: true,
    offset: 0,
    limit: 100,
    buckets: 10,
  });
}

/** Set-up may be slow enough to be logged before everything is recorded. */
const counts = ({ shapes }: ShapesPage): string[] =>
  shapes
    .filter(({ op }) => op !== 'insert' && op !== 'command')
    .map(({ id, count, op }) => `${id} ${op} ${count}`)
    .sort();

beforeAll(async () => {
  server = await startTestMongod();
  client = await server.connect({ appName: 'workload' });
  lifeboat = await createTestServices(server.uri);
  logFile = join(dirname(server.members[0]?.folder ?? ''), `member-${server.port}.log`);
  const db = client.db('shop');
  const orders = db.collection('orders');
  await orders.insertMany(Array.from({ length: 300 }, (_, at) => ({ customer: at % 30, note: `n${at}` })));
  await db.command({ profile: 2, slowms: -1 });
  for (let at = 0; at < 40; at++) await orders.find({ customer: at }).sort({ note: 1 }).toArray();
  await orders.find({}, { batchSize: 40 }).toArray();
  await orders.updateMany({ customer: 3 }, { $set: { note: 'secret value' } });
  await orders.aggregate([{ $match: { note: /n1/ } }, { $group: { _id: '$customer', n: { $sum: 1 } } }]).toArray();
  await db.command({ profile: 0, slowms: 100 });
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

describe('a capture', () => {
  it('has the same shapes and counts from the profiler, the log file and getLog', async () => {
    const connectionId = lifeboat.connection.id;
    const hosts = null;
    const fromProfile = await gather({
      type: 'profiler',
      connectionId,
      hosts,
      databases: null,
      since: null,
      minutes: 0,
      profiling: null,
    });
    const fromLog = await gather({ type: 'log-files', paths: [logFile] });
    const fromServer = await gather({ type: 'server-log', connectionId, hosts, minutes: 0 });
    for (const { status, error } of [fromProfile, fromLog, fromServer])
      expect([status, error]).toEqual(['complete', null]);
    const expected = counts(await shapesOf(fromProfile.id));
    expect(expected).toHaveLength(4);
    expect(expected).toContainEqual(expect.stringMatching(/ find 40$/));
    expect(counts(await shapesOf(fromLog.id))).toEqual(expected);
    expect(counts(await shapesOf(fromServer.id))).toEqual(expected);

    const summary = await lifeboat.captures.summary({ captureId: fromLog.id, filter: everyOperation });
    expect(summary.log).toMatchObject({ unreadable: 0, ignoredFiles: [] });
    expect(summary.facets.hosts.map(({ name }) => name)).toEqual([`member-${server.port}.log`]);
    const {
      before,
      after,
      counts: changes,
    } = await lifeboat.captures.compare(
      { captureId: fromProfile.id, filter: shop },
      { captureId: fromLog.id, filter: shop },
    );
    expect(before.operations).toBe(after.operations);
    expect(changes).toMatchObject({ new: 0, gone: 0 });
  });

  it('follows the profiler while it runs, sets it for that time and puts it back', async () => {
    const connectionId = lifeboat.connection.id;
    const { captureId } = await lifeboat.captures.start({
      title: 'ten seconds',
      source: {
        type: 'profiler',
        connectionId,
        hosts: null,
        databases: ['shop'],
        since: Date.now(),
        minutes: 5,
        profiling: {
          connectionId,
          hosts: null,
          databases: ['shop'],
          level: 2,
          slowms: 50,
          sampleRate: 1,
          filter: null,
          minutes: 5,
          typedName: null,
        },
      },
    });
    const profile = (): Promise<unknown> => client.db('shop').command({ profile: -1 });
    expect(await profile()).toMatchObject({ was: 2, slowms: 50 });
    for (let at = 0; at < 25; at++) await client.db('shop').collection('orders').findOne({ customer: at, live: true });
    const live: CaptureFilter = { ...shop, text: 'live' };
    await expect.poll(async () => (await shapesOf(captureId, live)).shapes[0]?.count, { timeout: 10_000 }).toBe(25);
    expect((await lifeboat.captures.list())[0]).toMatchObject({
      id: captureId,
      status: 'running',
      title: 'ten seconds',
    });
    const stopped = await lifeboat.captures.stop(captureId);
    expect(stopped).toMatchObject({ status: 'stopped', error: null });
    expect(await profile()).toMatchObject({ was: 0, slowms: 100 });
    expect((await shapesOf(captureId, live)).shapes[0]).toMatchObject({ count: 25, op: 'find', ns: 'shop.orders' });
  });

  it('sees what runs, once for each operation', async () => {
    const connectionId = lifeboat.connection.id;
    const { captureId } = await lifeboat.captures.start({
      title: null,
      source: { type: 'current-operations', connectionId, hosts: null, minutes: 5, intervalMs: 100, slowms: 0 },
    });
    await client.db('shop').collection('orders').find({ customer: 1, $where: 'sleep(80) || true' }).toArray();
    await expect.poll(async () => (await shapesOf(captureId)).shapes.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await lifeboat.captures.stop(captureId);
    const [shape] = (await shapesOf(captureId)).shapes;
    expect(shape).toMatchObject({ count: 1, op: 'find', shape: '{ filter: { $where: ?, customer: ? } }' });
  });

  it('stays until it is deleted, and is opened again by another start', async () => {
    const capture = await gather({ type: 'log-files', paths: [logFile] });
    const folder = join(lifeboat.dataFolder.capturesFolder, capture.id);
    const before = await shapesOf(capture.id);
    await lifeboat.captures.close();
    expect(await shapesOf(capture.id)).toEqual(before);
    const operations = await lifeboat.captures.ask(capture.id, 'operations', {
      filter: { ...shop, kinds: ['update'] },
      sort: 'durationMs',
      descending: true,
      offset: 0,
      limit: 10,
      masked: false,
    });
    expect(operations.operations[0]?.command).toContain('secret value');
    await lifeboat.captures.delete(capture.id);
    expect(existsSync(folder)).toBe(false);
    await expect(shapesOf(capture.id)).rejects.toMatchObject({ error: { code: 'not-found' } });
    await expect(shapesOf('../../settings')).rejects.toMatchObject({ error: { code: 'not-found' } });
  });

  it('is written as a report without values where that is asked', async () => {
    const capture = await gather({ type: 'log-files', paths: [logFile] });
    for (const format of ['json', 'html', 'md'] as const)
      for (const masked of [true, false]) {
        const path = join(lifeboat.dataFolder.root, `report-${String(masked)}.${format}`);
        await lifeboat.captures.report({ captureId: capture.id, filter: shop, format, masked, path });
        const text = await readFile(path, 'utf8');
        expect(text).toContain('shop.orders');
        if (masked) expect(text).not.toContain('secret value');
        else if (format === 'json') {
          expect(text).toContain('secret value');
          const { shapes } = profileReportSchema.parse(JSON.parse(text));
          expect(shapes.map(({ id }) => id)).toEqual((await shapesOf(capture.id)).shapes.map(({ id }) => id));
        }
      }
  });

  it('tells what keeps it from beginning, and leaves nothing behind', async () => {
    const before = (await lifeboat.captures.list()).length;
    await expect(
      lifeboat.captures.start({
        title: null,
        source: {
          type: 'server-log',
          connectionId: lifeboat.connection.id,
          hosts: ['nowhere:27017'],
          minutes: 0,
        },
      }),
    ).rejects.toMatchObject({ error: { code: 'topology' } });
    const empty = join(lifeboat.dataFolder.root, 'no-logs');
    mkdirSync(empty);
    writeFileSync(join(empty, 'notes.txt'), 'nothing');
    const failed = await gather({ type: 'log-files', paths: [empty] });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'usage' } });
    await lifeboat.captures.delete(failed.id);
    expect(await lifeboat.captures.list()).toHaveLength(before);
  });
});
