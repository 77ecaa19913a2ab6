import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db, MongoClient } from 'mongodb';
import type { RestoreMode } from '../../../shared/diff';
import type { ApplyRequestInput, Preview, RestoreResult } from '../../../shared/restore';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { resultOf } from '../../test-support/test-services';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';
import { readState } from '../test-support/target-state';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let shop: Db;

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
async function fill(): Promise<void> {
  for (const { name } of (await client.db('admin').admin().listDatabases({ nameOnly: true })).databases) {
    if (!['admin', 'config', 'local'].includes(name)) await client.db(name).dropDatabase();
  }
  await shop.createCollection('orders', { validator: { status: { $exists: true } } });
  const orders = Array.from({ length: 2000 }, (_, at) => ({ _id: at as never, status: 'paid', total: at / 4 }));
  await shop.collection('orders').insertMany(orders);
  await shop.collection('orders').createIndex({ status: 1, total: -1 });
  await shop.collection('orders').createIndex({ total: 1 });
  await shop.collection('customers').insertMany([
    { _id: 'a' as never, name: 'Ada' },
    { _id: 'b' as never, name: 'Bob' },
  ]);
  await shop.createCollection('paid', { viewOn: 'orders', pipeline: [{ $match: { status: 'paid' } }] });
  await shop.createCollection('readings', { timeseries: { timeField: 'at', metaField: 'sensor' } });
  const readings = Array.from({ length: 300 }, (_, at) => ({ at: new Date(at * 60_000), sensor: at % 3, value: at }));
  await shop.collection('readings').insertMany(readings);
}

/** Deletes, changes, adds; drops an index and makes others; edits options; drops, makes and changes collections and views. */
async function damage(): Promise<void> {
  const orders = shop.collection<{ _id: number; status?: string }>('orders');
  await orders.deleteMany({ _id: { $lt: 400 } });
  await orders.updateMany({ _id: { $gte: 400, $lt: 425 } }, { $set: { status: 'refunded', extra: 1 } });
  await orders.insertMany(Array.from({ length: 7 }, (_, at) => ({ _id: 9000 + at, status: 'new' })));
  await orders.dropIndex('total_1');
  await orders.createIndex({ added: 1 }, { sparse: true });
  await shop.command({ collMod: 'orders', validator: { status: { $in: ['paid', 'refunded', 'new'] } } });
  await shop.collection('customers').drop();
  await shop.collection('extra').insertMany([{ a: 1 }, { a: 2 }]);
  await shop.collection('extra').createIndex({ a: 1 }, { unique: true });
  await shop.command({ collMod: 'paid', viewOn: 'orders', pipeline: [{ $match: { status: 'refunded' } }] });
  await shop.collection('readings').insertOne({ at: new Date(9e8), sensor: 1, value: 5 });
}

async function undoPreviewOf(result: Pick<RestoreResult, 'restoreId'>): Promise<Preview> {
  const job = await lifeboat.restores.undoPreview(result.restoreId);
  return lifeboat.restores.getPreview(resultOf(await lifeboat.jobs.wait(job.id)));
}

async function undo(result: Pick<RestoreResult, 'restoreId'>) {
  const preview = await undoPreviewOf(result);
  return { preview, ...(await lifeboat.apply(preview, { mode: 'exact' })) };
}

async function restore(backup: string, mode: RestoreMode, more?: Partial<ApplyRequestInput>): Promise<RestoreResult> {
  const preview = await lifeboat.preview(backup, { mode });
  const { job, result } = await lifeboat.apply(preview, more);
  expect(job.error).toBeNull();
  return result;
}

describe('undo of every mode', () => {
  let backup: string;
  // Each ends where it began.
  beforeAll(async () => {
    await fill();
    backup = await lifeboat.backUp(scope);
    await damage();
  });
  const picks = [{ ns: 'shop.orders', changes: ['changed' as const], except: [], documents: [3, 5], fields: [] }];
  it.each<[RestoreMode, Partial<ApplyRequestInput>]>([
    ['exact', {}],
    ['insert-missing', {}],
    ['overwrite', {}],
    ['merge', {}],
    ['pick', { picks }],
    ['drop', {}],
    ['clone', {}],
  ])('of %s makes everything as it was before, and proves it', async (mode, more) => {
    const names = async () => (await client.db('admin').admin().listDatabases({ nameOnly: true })).databases.length;
    const [before, databases] = [await readState(shop), await names()];
    const result = await restore(backup, mode, more);
    expect(result.failures).toEqual([]);
    expect(result.undoId).toMatch(/-undo-/);
    if (mode !== 'clone') expect(await readState(shop)).not.toEqual(before);
    const undone = await undo(result);
    expect(undone.preview).toMatchObject({ undoOf: result.restoreId, request: { backupId: result.undoId } });
    expect(undone.result).toMatchObject({ undoOf: result.restoreId, failures: [], conflicts: [] });
    expect(undone.result.effect).toEqual(undone.result.predicted);
    expect(undone.result.remaining?.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);
    expect(undone.job.status).toBe('succeeded');
    expect(await readState(shop)).toEqual(before);
    expect(await names()).toBe(databases);
    const [last, first] = await lifeboat.restores.list();
    expect(last).toMatchObject({ restoreId: undone.result.restoreId, state: 'finished', undoOf: result.restoreId });
    expect(first).toMatchObject({ restoreId: result.restoreId, undoneBy: undone.result.restoreId });
  });
});

describe('undo', () => {
  beforeEach(fill);

  it('is undone itself', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const result = await restore(backup, 'exact');
    const restored = await readState(shop);
    const first = await undo(result);
    expect(first.result.undoId).not.toBeNull();
    const second = await undo(first.result);
    expect(second.result.failures).toEqual([]);
    expect(await readState(shop)).toEqual(restored);
  });

  it('leaves alone what someone changed after the restore, and lists it before and after', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const result = await restore(backup, 'exact');
    const orders = shop.collection<{ _id: number; status?: string }>('orders');
    await orders.updateOne({ _id: 5 }, { $set: { late: 1 } });
    await orders.updateOne({ _id: 400 }, { $set: { late: 2 } });
    await orders.insertOne({ _id: 9000, status: 'new' });
    await orders.updateOne({ _id: 9000 }, { $set: { late: 3 } });
    const { preview, job, result: undone } = await undo(result);
    expect(preview.result.problems).toContainEqual(
      expect.objectContaining({ code: 'changed-since-restore', ns: 'shop.orders', objectsTotal: 3 }),
    );
    expect(job.status).toBe('succeeded-with-warnings');
    expect(undone.effect).toEqual(undone.predicted);
    expect(undone.effect.conflict).toBe(3);
    expect(undone.conflicts.map(({ id }) => id).sort()).toEqual([
      '{"$numberInt":"400"}',
      '{"$numberInt":"5"}',
      '{"$numberInt":"9000"}',
    ]);
    const versions = new Map(undone.conflicts.map((conflict) => [conflict.id, conflict.versions]));
    expect(versions.get('{"$numberInt":"5"}')).toMatchObject({
      backup: null,
      now: expect.stringContaining('late') as string,
    });
    expect(versions.get('{"$numberInt":"9000"}')).toEqual({
      backup: expect.stringMatching(/^\{"_id":\{"\$numberInt":"9000"\}(?!.*late)/) as string,
      now: expect.stringContaining('late') as string,
    });
    expect((await orders.find({ late: { $exists: true } }).toArray()).length).toBe(3);
  });

  it('keeps documents that came into a collection since it was cloned', async () => {
    const backup = await lifeboat.backUp(scope);
    const preview = await lifeboat.preview(backup, { mode: 'clone' });
    const { result } = await lifeboat.apply(preview);
    const clone = client.db(preview.cloneNames['shop'] ?? '');
    await clone.collection('customers').insertOne({ _id: 'mine' as never });
    const undone = await undo(result);
    expect(undone.result.conflicts.map(({ id }) => id)).toEqual(['"mine"']);
    expect(await clone.collection('customers').countDocuments()).toBe(1);
    const names = (await clone.listCollections().toArray()).map(({ name }) => name);
    expect(names.filter((name) => name !== 'system.views')).toEqual(['customers']);
  });

  it('saves nothing when it is declined, and says so in the audit', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const result = await restore(backup, 'exact', { undo: false });
    expect(result.undoId).toBeNull();
    await expect(lifeboat.restores.undoPreview(result.restoreId)).rejects.toMatchObject({
      error: { code: 'not-found' },
    });
    const { entries } = await lifeboat.audit.list({ offset: 0, limit: 1 });
    expect(entries[0]?.parameters).toMatchObject({ undo: false });
  });

  it('is a pinned backup that plain tools read, which never stands for whole collections', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const result = await restore(backup, 'exact');
    const { entry, manifest } = await lifeboat.catalogue.show(result.undoId ?? '');
    expect(entry).toMatchObject({ type: 'undo', pinned: true, status: 'complete' });
    expect(entry.verification).toMatchObject({ level: 1, ok: true });
    expect(manifest?.namespaces.find(({ collection }) => collection === 'orders')?.documents).toBe(32);
    const verified = await lifeboat.jobs.wait((await lifeboat.catalogue.verify(entry.id, 2)).id);
    expect(verified.status).toBe('succeeded');
    expect((await lifeboat.catalogue.show('latest')).entry.id).toBe(backup);
    const whole = await lifeboat.preview(entry.id, { mode: 'exact' });
    await expect(lifeboat.apply(whole)).rejects.toMatchObject({ error: { code: 'refused' } });
    const beside = await restore(entry.id, 'clone');
    expect(beside.failures).toEqual([]);
    expect(beside.effect.insert).toBe(entry.documents);
  });

  it('is removed at a start after its seven days, and says so in the audit', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const { restoreId, undoId } = await restore(backup, 'exact');
    const path = join(lifeboat.dataFolder.restoresFolder, restoreId, 'journal.json');
    const journal = JSON.parse(await readFile(path, 'utf8')) as { undoUntil: string };
    expect(Date.parse(journal.undoUntil) - Date.now()).toBeGreaterThan(6.9 * 24 * 60 * 60 * 1000);
    await lifeboat.restores.recover();
    expect((await lifeboat.catalogue.list({ type: 'undo' })).map(({ id }) => id)).toContain(undoId);
    await writeFile(path, JSON.stringify({ ...journal, undoUntil: new Date(0).toISOString() }));
    await lifeboat.restores.recover();
    expect((await lifeboat.catalogue.list({ type: 'undo' })).map(({ id }) => id)).not.toContain(undoId);
    expect((await lifeboat.restores.list())[0]).toMatchObject({ restoreId, undoId: null, undoUntil: null });
    const { entries } = await lifeboat.audit.list({ offset: 0, limit: 1 });
    expect(entries[0]).toMatchObject({ operation: 'backup.delete', target: undoId, result: 'succeeded' });
  });

  it('refuses to go on with what reached its end, and to leave what waits for nothing', async () => {
    const backup = await lifeboat.backUp(scope);
    await damage();
    const { restoreId } = await restore(backup, 'exact');
    const refused = { error: { code: 'refused' } };
    await expect(lifeboat.restores.continueRestore(restoreId)).rejects.toMatchObject(refused);
    await expect(lifeboat.restores.leave('latest')).rejects.toMatchObject(refused);
    await expect(lifeboat.restores.undoPreview('restore-1')).rejects.toMatchObject({ error: { code: 'not-found' } });
  });
});
