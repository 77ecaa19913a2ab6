/** One workload on a real mongod, as system.profile, the log file, getLog and currentOp tell it. */
import { existsSync, mkdirSync, readdirSync, copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../shared/profiler';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createTestServices, type TestServices } from '../test-support/test-services';
import { readProfiles, readServerLog } from './live-sources';
import { peekLogFile } from './logs/log-file';
import { LogTally } from './logs/log-tally';
import { mergeByTime } from './logs/merge-by-time';
import { operationOfCurrentOp } from './profile-document';

const everything = { database: 'shop', since: null, until: null };

let server: TestMongod;
let client: MongoClient;
let lifeboat: TestServices;
let logFile: string;

async function runWorkload(db: Db): Promise<void> {
  const orders = db.collection('orders');
  await orders.find({ customer: 7 }).toArray();
  await orders
    .find({ customer: 'x', status: { $in: ['open', 'paid', 'sent'] } })
    .sort({ at: -1 })
    .limit(3)
    .toArray();
  await orders
    .find({ status: { $in: ['open'] }, customer: 3 })
    .sort({ at: -1 })
    .limit(9)
    .toArray();
  await orders.find({ note: /later$/i }, { projection: { _id: 0, note: 1 } }).toArray();
  await orders.find({ $or: [{ customer: 1 }, { customer: 2 }, { 'lines.sku': 'a' }] }).toArray();
  await orders.find({ lines: { $elemMatch: { sku: 'a', count: { $gte: 2 } } } }).toArray();
  await orders.find({ $text: { $search: 'slow "exact words"' } }).toArray();
  await orders
    .find({ place: { $near: { $geometry: { type: 'Point', coordinates: [1, 2] }, $maxDistance: 9 } } })
    .toArray();
  await orders.find({ customer: 1 }, { hint: 'customer_1', collation: { locale: 'en', strength: 2 } }).toArray();
  await orders.find({}, { batchSize: 40 }).toArray();
  await orders.find({ at: { $gt: new Date(0) }, __proto__: { a: 1 } }).toArray();
  await orders.countDocuments({ customer: 5 });
  await orders.estimatedDocumentCount();
  await orders.distinct('status', { customer: { $gt: 5 } });
  await orders
    .aggregate([
      { $match: { status: 'open', customer: { $gt: 1 } } },
      {
        $lookup: {
          from: 'customers',
          let: { c: '$customer' },
          pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$c'] } } }],
          as: 'who',
        },
      },
      { $facet: { some: [{ $limit: 2 }], sums: [{ $group: { _id: '$status', n: { $sum: 1 } } }] } },
    ])
    .toArray();
  await orders
    .aggregate([{ $match: { customer: { $gte: 0 } } }, { $unionWith: { coll: 'customers' } }], { batchSize: 50 })
    .toArray();
  await orders.updateOne({ customer: 1 }, { $set: { status: 'paid' }, $inc: { version: 1 } });
  await orders.updateMany({ customer: { $lt: 3 } }, [{ $set: { total: { $add: ['$customer', 1] } } }]);
  await orders.replaceOne({ _id: 1 as never }, { customer: 1, status: 'new' }, { upsert: true });
  await orders.bulkWrite([
    { updateOne: { filter: { customer: 2 }, update: { $set: { status: 'sent' } } } },
    { updateOne: { filter: { customer: 3 }, update: { $set: { status: 'sent' } } } },
    { deleteOne: { filter: { customer: 4 } } },
    { deleteMany: { filter: { customer: { $in: [5, 6] } } } },
  ]);
  await orders.findOneAndUpdate(
    { customer: 8 },
    { $set: { status: 'paid' } },
    { sort: { at: 1 }, returnDocument: 'after' },
  );
  await orders.findOneAndDelete({ customer: 9 });
  await orders.insertMany([{ customer: 100 }, { customer: 101 }]);
  await orders
    .find({ customer: 7, $where: 'throw new Error()' })
    .toArray()
    .catch(() => undefined);
}

beforeAll(async () => {
  server = await startTestMongod();
  client = await server.connect({ appName: 'workload' });
  lifeboat = await createTestServices(server.uri);
  const member = server.members[0];
  logFile = join(dirname(member?.folder ?? ''), `member-${server.port}.log`);
  const db = client.db('shop');
  const orders = Array.from({ length: 300 }, (_, at) => ({
    customer: at % 30,
    status: ['open', 'paid', 'sent'][at % 3],
    at: new Date(1.6e12 + at * 1000),
    note: `note ${at} later`,
    lines: [{ sku: 'a', count: at % 4 }],
    place: { type: 'Point', coordinates: [at % 90, at % 45] },
  }));
  await db.collection('orders').insertMany(orders);
  await db
    .collection('customers')
    .insertMany(Array.from({ length: 30 }, (_, at) => ({ _id: at as never, name: `c${at}` })));
  await db
    .collection('orders')
    .createIndexes([{ key: { customer: 1 } }, { key: { note: 'text' } }, { key: { place: '2dsphere' } }]);
  // Everything is slow; the log's own start is out of the ring that getLog shows.
  await db.command({ profile: 2, slowms: -1 });
  await runWorkload(db);
  await db.command({ profile: 0, slowms: 100 });
});

afterAll(async () => {
  await lifeboat?.close();
  await server?.stop();
});

/** What the workload did: counted operations of its own collections. */
function counted(operations: readonly Operation[]): Operation[] {
  return operations.filter(
    ({ database, setApart, kind, app }) =>
      database === 'shop' && setApart === null && kind !== 'command' && app === 'workload',
  );
}

function countsByShape(operations: readonly Operation[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { shapeId, ns, kind, shape } of operations) {
    const name = `${shapeId} ${ns} ${kind} ${shape}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function collected(batches: AsyncIterable<Operation[]>): Promise<Operation[]> {
  const operations: Operation[] = [];
  for await (const batch of batches) operations.push(...batch);
  return operations;
}

async function readLog(tally = new LogTally()): Promise<Operation[]> {
  return collected(mergeByTime([await peekLogFile(logFile)], { tally }));
}

describe('the same workload', () => {
  it('has the same shapes, as often, in system.profile and in the log file', async () => {
    const tally = new LogTally();
    const fromLog = counted(await readLog(tally));
    const fromProfile = counted(await collected(readProfiles(client, everything)));
    expect(tally.kept).toEqual([]);
    expect(fromLog.length).toBeGreaterThan(30);
    expect(countsByShape(fromLog)).toEqual(countsByShape(fromProfile));
    const facts = (operations: Operation[]): unknown[] =>
      operations
        .map((o) => [
          o.shapeId,
          o.getMore,
          o.docsExamined,
          o.keysExamined,
          o.returned,
          o.written,
          o.planSummary,
          o.sortStage,
          o.queryHash,
        ])
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    expect(facts(fromLog)).toEqual(facts(fromProfile));
  });

  it('has them in getLog', async () => {
    const tally = new LogTally();
    const fromServer = counted(await readServerLog(client, tally));
    expect(tally.kept).toEqual([]);
    expect(countsByShape(fromServer)).toEqual(countsByShape(counted(await readLog())));
  });

  it('gives one id to equal shapes and folds getMores into what opened the cursor', async () => {
    const operations = counted(await readLog());
    const sorted = operations.filter(({ shape }) => shape.includes('sort: { at: -1 }'));
    expect(sorted.map(({ shape }) => shape)).toEqual(
      Array<string>(2).fill('{ filter: { customer: ?, status: { $in: [?] } }, sort: { at: -1 }, limit: ? }'),
    );
    const full = operations.filter(({ kind, shape }) => kind === 'find' && shape === '{ filter: {} }');
    expect(full.length).toBeGreaterThan(2);
    expect(full.filter(({ getMore }) => getMore)).toHaveLength(full.length - 1);
    expect(operations.some(({ kind }) => kind === 'getMore')).toBe(false);
    const failed = operations.filter(({ errorCode }) => errorCode !== null);
    expect(failed.map(({ kind, errorName, shape }) => [kind, errorName, shape])).toEqual([
      ['find', 'JSInterpreterFailure', '{ filter: { $where: ?, customer: ? } }'],
    ]);
  });

  it('is reported through the service from each source', async () => {
    const filter = { database: 'shop', since: null, until: null };
    const log = await lifeboat.profiler.reportLogs({ paths: [logFile], filter, obfuscate: false });
    const ids = ({ shapes }: typeof log): string[] =>
      shapes
        .filter(({ op, apps }) => op !== 'command' && apps[0]?.app === 'workload')
        .map(({ id, count }) => `${id} ${count}`)
        .sort();
    for (const from of ['profile', 'log'] as const) {
      const report = await lifeboat.profiler.reportServer({
        connectionId: lifeboat.connection.id,
        from,
        filter,
        obfuscate: false,
      });
      expect(ids(report)).toEqual(ids(log));
    }
  });

  it('groups as the queryHash of the server does, but for folded lists', async () => {
    const hashes = new Map<string, Set<string>>();
    for (const { shapeId, shape, queryHash, planSummary } of counted(await readLog())) {
      if (queryHash === null || planSummary === null) continue;
      hashes.set(`${shapeId} ${shape}`, (hashes.get(`${shapeId} ${shape}`) ?? new Set()).add(queryHash));
    }
    const mixed = [...hashes].filter(([, members]) => members.size > 1).map(([name]) => name.slice(17));
    // The server takes a list of one for an equality; whoever wrote the query did not.
    expect(mixed).toEqual(['{ filter: { customer: ?, status: { $in: [?] } }, sort: { at: -1 }, limit: ? }']);
  });

  it('is seen by currentOp under the same id', async () => {
    const orders = client.db('shop').collection('orders');
    const slow = orders.find({ customer: 12, $where: 'sleep(150) || true' }).toArray();
    let seen: Operation | undefined;
    for (let tries = 0; tries < 100 && !seen; tries++) {
      const entries = await client
        .db('admin')
        .aggregate([{ $currentOp: {} }])
        .toArray();
      seen =
        entries
          .map((entry) => operationOfCurrentOp(entry, Date.now()))
          .find((operation) => operation?.ns === 'shop.orders' && operation.kind === 'find') ?? undefined;
    }
    await slow;
    expect(seen).toMatchObject({ shape: '{ filter: { $where: ?, customer: ? } }', app: 'workload', setApart: null });
    const logged = (await readLog()).find(({ shape }) => shape === seen?.shape);
    expect(logged?.shapeId).toBe(seen?.shapeId);
  });

  it('is known to be cut where the server cut it', async () => {
    const orders = client.db('shop').collection('orders');
    const many = Array.from({ length: 3000 }, (_, at) => `value ${at}`);
    await orders
      .find({ note: { $nin: many }, $where: 'sleep(20) || true', customer: 12 })
      .sort({ at: 1 })
      .toArray();
    const cut = (await readLog()).filter(({ truncated }) => truncated);
    expect(cut).toHaveLength(1);
    expect(cut[0]).toMatchObject({ kind: 'find', ns: 'shop.orders', fullRead: false });
    expect(cut[0]?.shape).toMatch(/ …$/);
    expect(cut[0]?.durationMs).toBeGreaterThanOrEqual(10);
  });
});

describe('folders of rotated logs', () => {
  it('are read whole, also gzipped and of several members, each file once', async () => {
    const folder = temporaryFolder('logs');
    try {
      mkdirSync(join(folder, 'a'));
      copyFileSync(logFile, join(folder, 'a', 'mongod.log'));
      expect(readdirSync(folder)).toEqual(['a']);
      expect(existsSync(logFile)).toBe(true);
      const filter = { database: null, since: null, until: null };
      const one = await lifeboat.profiler.reportLogs({ paths: [logFile], filter, obfuscate: false });
      const both = await lifeboat.profiler.reportLogs({
        paths: [folder, join(folder, 'a', 'mongod.log')],
        filter,
        obfuscate: false,
      });
      expect(both.operations).toBe(one.operations);
      expect(both.log?.files).toHaveLength(1);
    } finally {
      removeTemporaryFolder(folder);
    }
  });
});
