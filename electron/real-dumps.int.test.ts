/** Dumps that other people's tools made, and a real data set, through the whole line: import or back up, diff, restore. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EJSON } from 'bson';
import type { Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preview, RestoreResult } from '../shared/restore';
import { createRestoreHarness, type RestoreHarness } from './restore/test-support/restore-harness';
import { startTestMongod, type TestMongod } from './test-support/test-mongod';
import { resultOf } from './test-support/test-services';

const testData = join(__dirname, '..', '..', 'shared', 'testdata');
const present = existsSync(testData);
const reason = present ? '' : ' (skipped: the folder of test data is not beside this checkout)';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;

beforeAll(async () => {
  if (!present) return;
  server = await startTestMongod();
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
});

afterAll(async () => {
  await lifeboat?.close();
  await server?.stop();
});

async function importDump(name: string): Promise<string> {
  const job = await lifeboat.catalogue.import(join(testData, 'mongo-tools', name), 'default');
  return resultOf(await lifeboat.jobs.wait(job.id));
}

async function restoreExactly(preview: Preview): Promise<RestoreResult> {
  return (await lifeboat.apply(preview)).result;
}

function differing({ result }: { result: Preview['result'] }): string[] {
  return result.namespaces.filter(({ status }) => status !== 'same').map(({ ns }) => ns);
}

describe.skipIf(!present)(`dumps that other tools made${reason}`, () => {
  it.each([
    ['dump-w-oplog.archive', { documents: null, index: null }],
    ['indextestdump', { documents: null, index: { ns: 'indextest.test_collection', least: 2 } }],
    ['specialcharacter', { documents: null, index: null }],
    ['coll_with_ttl_index', { documents: null, index: { ns: 'test.foo', least: 2 } }],
  ])('%s is imported, compared, restored and then the same', async (name, { index }) => {
    const backupId = await importDump(name);
    const { manifest, entry } = await lifeboat.catalogue.show(backupId);
    expect(entry.verification).toMatchObject({ level: 2, ok: true });
    for (const database of new Set(manifest?.namespaces.map((namespace) => namespace.database)))
      if (database !== 'admin') await client.db(database).dropDatabase();

    const before = await lifeboat.preview(backupId);
    expect(before.result.namespaces.length).toBeGreaterThan(0);
    expect(before.result.namespaces.every(({ status }) => status === 'onlyInBackup')).toBe(true);
    const restored = await restoreExactly(before);
    expect(restored.failures).toEqual([]);
    expect(restored.effect).toEqual(restored.predicted);
    expect(restored.remaining && differing({ result: restored.remaining })).toEqual([]);

    for (const { database, collection, documents } of manifest?.namespaces ?? [])
      expect(await client.db(database).collection(collection).countDocuments(), collection).toBe(documents);
    if (index) {
      const [database = '', collection = ''] = index.ns.split('.');
      expect((await client.db(database).collection(collection).indexes()).length).toBeGreaterThanOrEqual(index.least);
    }
    expect(differing(await lifeboat.preview(backupId))).toEqual([]);
  });

  it('a collection whose name holds an accent comes back under that name', async () => {
    const backupId = await importDump('specialcharacter');
    const { manifest } = await lifeboat.catalogue.show(backupId);
    expect(manifest?.namespaces.map(({ database, collection }) => `${database}.${collection}`)).toEqual(['db1.cafés']);
  });

  it('the oplog of a dump is kept, and its TTL index comes back with its expiry', async () => {
    const withOplog = await lifeboat.catalogue.show(await importDump('dump-w-oplog.archive'));
    expect(withOplog.manifest?.oplog?.entries).toBeGreaterThanOrEqual(0);
    expect(withOplog.manifest?.oplog).not.toBeNull();
    await client.db('test').collection('foo').drop();
    await restoreExactly(await lifeboat.preview(await importDump('coll_with_ttl_index')));
    const indexes = await client.db('test').collection('foo').indexes();
    expect(indexes.some(({ expireAfterSeconds }) => expireAfterSeconds !== undefined)).toBe(true);
  });
});

describe.skipIf(!present)(`a real data set${reason}`, () => {
  async function rawDocuments(): Promise<{ count: number; sha256: string }> {
    const collection = client.db('nyc').collection<Document>('neighborhoods', { raw: true });
    const documents = (await collection.find({}, { sort: { _id: 1 } }).toArray()) as unknown as Buffer[];
    const hash = createHash('sha256');
    for (const document of documents) hash.update(document);
    return { count: documents.length, sha256: hash.digest('hex') };
  }

  it('survives backup, damage, diff and restore byte for byte', async () => {
    const lines = gunzipSync(readFileSync(join(testData, 'datasets', 'neighborhoods.json.gz')))
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const neighborhoods = client.db('nyc').collection('neighborhoods');
    await neighborhoods.insertMany(lines.map((line) => EJSON.parse(line, { relaxed: false }) as Document));
    await neighborhoods.createIndex({ geometry: '2dsphere' });
    const original = await rawDocuments();
    expect(original.count).toBe(195);

    const backupId = await lifeboat.backUp({ kind: 'databases', databases: ['nyc'] });
    expect(differing(await lifeboat.preview(backupId))).toEqual([]);

    await neighborhoods.deleteMany({ name: /^B/ });
    await neighborhoods.updateMany({ name: /^C/ }, { $set: { name: 'gone' } });
    await neighborhoods.dropIndex('geometry_2dsphere');
    const damaged = await lifeboat.preview(backupId);
    expect(differing(damaged)).toEqual(['nyc.neighborhoods']);
    const restored = await restoreExactly(damaged);
    expect(restored.effect).toEqual(restored.predicted);
    expect(restored.indexesBuilt).toBe(1);
    expect(await rawDocuments()).toEqual(original);
  });
});
