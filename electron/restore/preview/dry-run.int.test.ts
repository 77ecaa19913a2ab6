import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Timestamp } from 'bson';
import type { Db, MongoClient } from 'mongodb';
import type { Connection } from '../../../shared/connections';
import { restoreModes, type RestoreMode } from '../../../shared/diff';
import { availableModes, type Preview } from '../../../shared/restore';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { resultOf } from '../../test-support/test-services';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let shop: Db;
let reader: Connection;
let backup: string;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true, auth: { user: 'admin', password: 'secret' } });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  shop = client.db('shop');
  await client.db('admin').command({ createUser: 'reader', pwd: 'only', roles: [{ role: 'read', db: 'shop' }] });
  const [scheme, rest] = server.uriWithoutCredentials.split('://');
  const [hosts, path = ''] = (rest ?? '').split('/');
  const query = path.includes('?') ? path.slice(path.indexOf('?') + 1) : '';
  reader = await lifeboat.connect(
    `${scheme}://reader:only@${hosts}/?authSource=admin${query === '' ? '' : `&${query}`}`,
    {
      name: 'reader',
    },
  );
  const orders = shop.collection<{ _id: number; status: string; total: number }>('orders');
  await orders.insertMany(Array.from({ length: 500 }, (_, at) => ({ _id: at, status: 'paid', total: at })));
  backup = await lifeboat.backUp({ kind: 'databases', databases: ['shop'] });
  await orders.deleteMany({ _id: { $lt: 50 } });
  await orders.updateMany({ _id: { $gte: 400 } }, { $set: { status: 'refunded' } });
  await orders.insertMany([
    { _id: 900, status: 'new', total: 7 },
    { _id: 901, status: 'new', total: 900 },
  ]);
  await orders.createIndex({ total: 1 }, { unique: true });
  await shop.command({ collMod: 'orders', validator: { total: { $gte: 3 } } });
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

/** Everything that can be asked of a preview. */
async function lookAtEverything(connectionId: string, mode: RestoreMode): Promise<Preview> {
  const { restores, jobs, dataFolder } = lifeboat;
  const preview = await lifeboat.preview(backup, { connectionId, mode, details: 'always' });
  const ask = { previewId: preview.id, ns: 'shop.orders', change: null, offset: 0, limit: 100 } as const;
  await restores.documents(ask);
  await restores.documents({ ...ask, sort: 'id', direction: 'descending' });
  const { total, documents } = await restores.documents({ ...ask, path: 'status' });
  expect(total).toBe(100);
  await restores.documents({ ...ask, search: '7' });
  await restores.document({ previewId: preview.id, ns: 'shop.orders', index: documents[0]?.index ?? 0 });
  if (mode !== 'exact') return preview;
  for (const format of ['ndjson', 'csv', 'html'] as const) {
    const path = join(dataFolder.root, `dry.${format}`);
    resultOf(await jobs.wait((await restores.exportDiff({ previewId: preview.id, format, path })).id));
    expect(existsSync(path) && readFileSync(path, 'utf8').length).toBeGreaterThan(100);
  }
  return preview;
}

describe('a dry run', () => {
  it('needs no right to write: preview, details, problems, documents and exports', async () => {
    const preview = await lookAtEverything(reader.id, 'exact');
    const [orders] = preview.result.namespaces;
    expect(orders?.documents).toMatchObject({ onlyInBackup: 50, changed: 100, onlyInTarget: 2 });
    expect(orders?.details?.paths).toEqual([{ path: 'status', documents: 100 }]);
    const of = (code: string) => preview.result.problems.filter((problem) => problem.code === code);
    expect(of('validator-rejects').map(({ objectsTotal }) => objectsTotal)).toEqual([3]);
    expect(of('unique-index-conflict')[0]?.objects.map(({ id }) => id)).toEqual(['{"$numberInt":"7"}']);
    const missing = of('missing-privilege').flatMap(({ objects }) => objects.map(({ name }) => name));
    expect(missing).toEqual(expect.arrayContaining(['insert', 'update', 'remove']));
  });

  it('leaves nothing in the oplog but no-ops, whatever the mode', async () => {
    const oplog = client.db('local').collection('oplog.rs');
    const last = await oplog.find({}, { sort: { $natural: -1 }, limit: 1 }).next();
    const since = last?.['ts'] as Timestamp;
    for (const mode of restoreModes.filter((known) => availableModes.includes(known))) {
      await lookAtEverything(lifeboat.target.id, mode);
    }
    const written = await oplog
      .find({ ts: { $gt: since }, op: { $ne: 'n' } }, { projection: { op: 1, ns: 1, o: 1 } })
      .toArray();
    // Sessions of clients are noted by the server itself.
    expect(written.filter(({ ns }) => !String(ns).startsWith('config.'))).toEqual([]);
  });
});

describe('the estimate', () => {
  it('is told beforehand once a restore was done, and stands beside what it took', async () => {
    const first = await lifeboat.preview(backup, { mode: 'exact' });
    expect(first.estimates.exact).toEqual({ seconds: null, byBytes: null, byDocuments: null, restores: 0 });
    const { result } = await lifeboat.apply(first);
    expect(result.estimatedSeconds).toBeNull();
    await shop.collection<{ _id: number }>('orders').updateMany({ _id: { $lt: 100 } }, { $set: { status: 'again' } });
    const second = await lifeboat.preview(backup, { mode: 'exact' });
    expect(second.estimates.exact).toMatchObject({ restores: 1 });
    expect(second.estimates.exact?.seconds).toBeGreaterThan(0);
    expect(second.estimates.drop).toMatchObject({ seconds: null });
    const applied = await lifeboat.apply(second);
    expect(applied.result.estimatedSeconds).toBeCloseTo(second.estimates.exact?.seconds ?? 0, 3);
    expect(applied.result.elapsedMs).toBeGreaterThan(0);
  });
});
