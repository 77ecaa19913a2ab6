import { readFile, writeFile } from 'node:fs/promises';
import type { Db, Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupDetails } from '../../shared/backups';
import { runTool } from '../platform/spawn-tool';
import { requireTestTools } from '../test-support/runtime';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createHarness, type BackupHarness } from './test-support/backup-harness';
import { everyBsonType, fillWithEverything, openOrders, specialNames } from './test-support/sample-data';

let source: TestMongod;
let target: TestMongod;
let harness: BackupHarness;

beforeAll(async () => {
  [source, target] = await Promise.all([startTestMongod({ members: 3 }), startTestMongod()]);
  const client = await source.connect();
  await fillWithEverything(client);
  harness = await createHarness({ uri: source.uri });
});

afterAll(async () => {
  await harness?.close();
  await Promise.all([source?.stop(), target?.stop()]);
});

async function restoreElsewhere(details: BackupDetails): Promise<MongoClient> {
  const client = await target.connect();
  for (const name of ['shop', 'crm', '-neg']) await client.db(name).dropDatabase();
  const location = await harness.catalogue.location(details.entry.id);
  const exit = await runTool({
    path: requireTestTools().mongorestore,
    args: [`--uri=${target.uri}`, '--gzip', `--archive=${location.archive}`],
  });
  expect(exit.code, exit.stderrTail).toBe(0);
  expect(exit.stderrTail).toContain('0 document(s) failed to restore');
  return client;
}

async function rawDocuments(database: Db, collection: string): Promise<string[]> {
  const documents = await database
    .collection(collection)
    .find({}, { raw: true, sort: { _id: 1 } })
    .toArray();
  return documents.map((document: Document) => Buffer.from(document as Uint8Array).toString('hex'));
}

async function expectEqual(restored: MongoClient, database: string, collection: string): Promise<void> {
  const [here, there] = await Promise.all([
    rawDocuments(harness.client.db(database), collection),
    rawDocuments(restored.db(database), collection),
  ]);
  expect(there, `${database}.${collection}`).toEqual(here);
}

function documentsIn(details: BackupDetails, namespace: string): number | undefined {
  return details.manifest?.namespaces.find((each) => `${each.database}.${each.collection}` === namespace)?.documents;
}

describe('a full backup of a replica set', () => {
  it('holds everything as of one moment, verified, and mongorestore alone reads it', async () => {
    const details = await harness.makeBackup({ kind: 'deployment' });
    const { entry, manifest } = details;
    expect(entry.status).toBe('complete');
    expect(entry.verification).toMatchObject({ ok: true, level: 2, problems: [] });
    expect(manifest?.type).toBe('full');
    expect(manifest?.oplog?.entries).toBeGreaterThanOrEqual(1);
    expect(manifest?.clusterTimeStart?.seconds).toBeGreaterThan(0);
    expect(manifest?.clusterTimeEnd?.seconds).toBeGreaterThanOrEqual(manifest?.clusterTimeStart?.seconds ?? 0);
    expect(source.members.slice(1).map(({ host }) => host)).toContain(manifest?.source.memberReadFrom);
    expect(manifest?.command).toContain('--oplog');
    expect(manifest?.usersAndRoles).toBe(false);
    expect(manifest?.namespaces.some(({ database }) => database === 'admin')).toBe(false);
    expect(documentsIn(details, 'shop.orders')).toBe(2000);
    const restored = await restoreElsewhere(details);
    for (const collection of ['orders', 'types', 'big', 'capped', 'empty', ...specialNames]) {
      await expectEqual(restored, 'shop', collection);
    }
    await expectEqual(restored, '-neg', '-coll');
    const view = await restored.db('shop').collection('open').countDocuments();
    expect(view).toBe(await harness.client.db('shop').collection('open').countDocuments());
    const [definition] = await restored.db('shop').listCollections({ name: 'open' }).toArray();
    // As text: the order of names matters, and mongodump alone loses it.
    expect(JSON.stringify(definition)).toContain(JSON.stringify(openOrders));
    expect(await restored.db('shop').collection('readings').countDocuments()).toBe(300);
  });

  it('brings users and roles along when asked', async () => {
    const { manifest } = await harness.makeBackup({ kind: 'deployment' }, { usersAndRoles: true, oplog: false });
    expect(manifest?.usersAndRoles).toBe(true);
    expect(manifest?.oplog).toBeNull();
    expect(manifest?.namespaces.map(({ collection }) => collection)).toContain('system.users');
  });
});

describe('a backup of databases', () => {
  it('merges several databases into one archive', async () => {
    const details = await harness.makeBackup({ kind: 'databases', databases: ['shop', 'crm', '-neg'] });
    expect(details.manifest?.type).toBe('database');
    expect(details.entry.scope).toBe('-neg, crm, shop');
    expect(details.manifest?.command.filter((part) => part === ';')).toHaveLength(2);
    const restored = await restoreElsewhere(details);
    await expectEqual(restored, 'shop', 'orders');
    await expectEqual(restored, 'shop', 'types');
    await expectEqual(restored, 'crm', 'people');
    await expectEqual(restored, '-neg', '-coll');
  });

  it('brings the users of a database along when asked', async () => {
    const { manifest } = await harness.makeBackup(
      { kind: 'databases', databases: ['shop'] },
      { usersAndRoles: true, oplog: null },
    );
    expect(manifest?.usersAndRoles).toBe(true);
    expect(manifest?.oplog).toBeNull();
  });

  it('says that a database does not exist, and leaves nothing', async () => {
    const before = await harness.leftInStore();
    const job = await harness.backUp({ kind: 'databases', databases: ['shop', 'nope'] });
    expect(job.status).toBe('failed');
    expect(job.error).toMatchObject({ code: 'not-found' });
    expect(job.error?.message).toContain('nope');
    expect(await harness.leftInStore()).toEqual(before);
  });
});

describe('a backup of collections', () => {
  it('takes any names, each exactly once', async () => {
    const namespaces = [...specialNames.map((name) => `shop.${name}`), 'crm.people', 'shop.open', 'shop.readings'];
    const details = await harness.makeBackup({ kind: 'collections', namespaces });
    const found = details.manifest?.namespaces.map((each) => `${each.database}.${each.collection}`);
    expect(found?.sort()).toEqual([...namespaces].sort());
    expect(details.manifest?.namespaces.find(({ collection }) => collection === 'open')?.type).toBe('view');
    expect(details.manifest?.namespaces.find(({ collection }) => collection === 'readings')?.type).toBe('timeseries');
    const restored = await restoreElsewhere(details);
    for (const name of specialNames) await expectEqual(restored, 'shop', name);
  });

  it('takes the documents a query chooses', async () => {
    const details = await harness.makeBackup({
      kind: 'collections',
      namespaces: ['shop.orders', 'shop.-dash'],
      queries: { 'shop.orders': '{"n": {"$gte": 1990}}' },
    });
    expect(documentsIn(details, 'shop.orders')).toBe(10);
    expect(documentsIn(details, 'shop.-dash')).toBe(1);
    expect(details.manifest?.command.join(' ')).toContain('$gte');
  });

  it('names the collection that does not exist', async () => {
    const job = await harness.backUp({ kind: 'collections', namespaces: ['shop.orders', 'shop.nope'] });
    expect(job.error).toMatchObject({ code: 'not-found' });
    expect(job.error?.message).toContain('shop.nope');
  });

  it('keeps every BSON type byte for byte', async () => {
    const details = await harness.makeBackup({ kind: 'collections', namespaces: ['shop.types'] });
    expect(documentsIn(details, 'shop.types')).toBe(everyBsonType().length);
    await expectEqual(await restoreElsewhere(details), 'shop', 'types');
  });
});

describe('everything around a backup', () => {
  it('tells before what it will take, by past runs, and the exact commands', async () => {
    const scope = { kind: 'databases' as const, databases: ['shop'] };
    await harness.makeBackup(scope);
    const estimate = await harness.backups.estimate(harness.backupRequest(scope));
    expect(estimate.documents).toBeGreaterThan(2000);
    expect(estimate.bytes).toBeGreaterThan(15_000_000);
    expect(estimate.compressedBytes).toBeGreaterThan(0);
    expect(estimate.seconds).toBeGreaterThan(0);
    expect(estimate.freeBytes).toBeGreaterThan(0);
    expect(estimate.commands[0]).toMatch(/^mongodump '--config=<connection string of 127\.0\.0\.1:\d+>' --db=shop/);
    const missing = await harness.backups.estimate(harness.backupRequest({ ...scope, databases: ['nope'] }));
    expect(missing.problems).toMatchObject([{ severity: 'error' }]);
  });

  it('is written to the audit and to the log of the dump', async () => {
    const details = await harness.makeBackup(
      { kind: 'collections', namespaces: ['crm.people'] },
      { note: 'for audit' },
    );
    const { entries } = await harness.audit.list({ offset: 0, limit: 2 });
    expect(entries.map(({ operation, result }) => [operation, result])).toEqual([
      ['backup.run', 'succeeded'],
      ['backup.run', 'started'],
    ]);
    const location = await harness.catalogue.location(details.entry.id);
    expect(await readFile(location.log, 'utf8')).toContain('done dumping crm.people');
    expect(details.manifest?.note).toBe('for audit');
  });

  it('warns when an older backup passes for the latest because the clock went backwards', async () => {
    const scope = { kind: 'collections' as const, namespaces: ['crm.people'] };
    const earlier = await harness.makeBackup(scope);
    const { manifest } = await harness.catalogue.location(earlier.entry.id);
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace(/"createdAt": "\d{4}/, '"createdAt": "2999'));
    const job = await harness.jobs.wait((await harness.backups.run(harness.backupRequest(scope))).id);
    expect(job.status).toBe('succeeded-with-warnings');
    expect(job.warnings.join()).toContain(`${earlier.entry.id} says it was made at 2999`);
  });

  it('reports true totals while it runs', async () => {
    const seen: { done: number; total: number | null }[] = [];
    const stop = harness.jobs.onChange((job) => {
      if (job.progress.phase !== 'Dumping') return;
      seen.push({ done: job.progress.documentsDone, total: job.progress.documentsTotal });
    });
    await harness.makeBackup({ kind: 'collections', namespaces: ['shop.orders'] });
    stop();
    expect(seen.some(({ total }) => total === 2000)).toBe(true);
    expect(seen.every(({ done, total }) => total === null || done <= total)).toBe(true);
  });
});
