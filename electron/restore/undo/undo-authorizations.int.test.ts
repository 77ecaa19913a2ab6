import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MongoClient } from 'mongodb';
import { defaultMetadata, type Preview, type RestoreResult } from '../../../shared/restore';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { resultOf } from '../../test-support/test-services';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let backup: string;

/** Stored documents, byte for byte. */
async function stored(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const kind of ['users', 'roles']) {
    const documents = client.db('admin').collection(`system.${kind}`);
    for (const { _id } of await documents.find({}, { projection: { _id: 1 } }).toArray()) {
      const raw = (await documents.findOne({ _id }, { raw: true })) as unknown as Buffer;
      found[`${kind} ${String(_id)}`] = raw.toString('hex');
    }
  }
  return found;
}

async function signIn(user: string, password: string, database: string): Promise<boolean> {
  const own = new MongoClient(server.uriWithoutCredentials, {
    auth: { username: user, password },
    authSource: database,
    serverSelectionTimeoutMS: 5000,
  });
  try {
    await own.db(database).command({ connectionStatus: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await own.close();
  }
}

async function clear(): Promise<void> {
  for (const [database, user] of Object.entries({ shop: 'kim', crm: 'lee', admin: 'ops' })) {
    await client
      .db(database)
      .command({ dropUser: user })
      .catch(() => undefined);
  }
  for (const role of ['clerk', 'keeper'])
    await client
      .db('shop')
      .command({ dropRole: role })
      .catch(() => undefined);
}

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true, auth: { user: 'admin', password: 'p' } });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  const shop = client.db('shop');
  await shop.collection('orders').insertOne({ _id: 1 as never });
  const resource = { db: 'shop', collection: '' };
  await shop.command({ createRole: 'clerk', privileges: [{ resource, actions: ['find'] }], roles: [] });
  await shop.command({ createRole: 'keeper', privileges: [{ resource, actions: ['insert'] }], roles: ['clerk'] });
  await shop.command({ createUser: 'kim', pwd: 'old', roles: ['keeper'], customData: { desk: 7 } });
  await client.db('crm').command({ createUser: 'lee', pwd: 'old', roles: ['read'] });
  await client.db('admin').command({ createUser: 'ops', pwd: 'old', roles: ['root'] });
  const job = await lifeboat.backups.run({
    connectionId: lifeboat.target.id,
    scope: { kind: 'deployment' },
    storeId: null,
    oplog: false,
    readPreference: 'primary',
    compressionLevel: 1,
    parallelCollections: 2,
    usersAndRoles: true,
    digest: true,
    category: 'user',
    pinned: false,
    note: '',
    plan: null,
  });
  backup = resultOf(await lifeboat.jobs.wait(job.id));
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});
beforeEach(clear);

async function restore(): Promise<RestoreResult> {
  const preview = await lifeboat.preview(backup, { mode: 'insert-missing' });
  const metadata = { ...defaultMetadata('insert-missing'), usersAndRoles: true };
  const { result } = await lifeboat.apply(preview, { metadata });
  expect(result.failures).toEqual([]);
  return result;
}

async function undoPreview(result: RestoreResult, connectionId?: string): Promise<Preview> {
  const job = await lifeboat.restores.undoPreview(result.restoreId, connectionId);
  return lifeboat.restores.getPreview(resultOf(await lifeboat.jobs.wait(job.id)));
}

const told = ({ result }: Preview): [string, string][] =>
  result.problems
    .filter(({ code }) => code === 'users-and-roles')
    .flatMap(({ objects }) => objects.map(({ name, detail }): [string, string] => [name ?? '', detail]))
    .sort();

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
  });
}

describe('users and roles that a restore added', () => {
  it('go with its undo, and come back with the undo of that, as they were stored', async () => {
    const before = await stored();
    const result = await restore();
    const restored = await stored();
    expect(Object.keys(restored)).toHaveLength(Object.keys(before).length + 5);
    const preview = await undoPreview(result);
    expect(told(preview)).toEqual(
      ['role clerk', 'role keeper', 'user kim', 'user lee', 'user ops'].map((name) => [name, 'is taken away']),
    );
    const request = { previewId: preview.id, mode: 'exact' as const, namespaces: [], typedName: null };
    expect(await lifeboat.restores.commands(request)).toContain('user kim of shop is taken away');
    const first = await lifeboat.apply(preview, { mode: 'exact' });
    expect(first.result.failures).toEqual([]);
    expect(await stored()).toEqual(before);

    const again = await undoPreview(first.result);
    expect(told(again).map(([, detail]) => detail)).toEqual(Array.from({ length: 5 }, () => 'comes back'));
    const second = await lifeboat.apply(again, { mode: 'exact' });
    expect(second.result.failures).toEqual([]);
    expect(await stored()).toEqual(restored);
    expect(await signIn('kim', 'old', 'shop')).toBe(true);

    const { credentials } = (await client
      .db('admin')
      .collection('system.users')
      .findOne({ user: 'kim' })) as unknown as {
      credentials: Record<string, { storedKey: string; salt: string }>;
    };
    const secrets = Object.values(credentials).flatMap(({ storedKey, salt }) => [storedKey, salt]);
    expect(secrets.length).toBeGreaterThan(0);
    const files = filesUnder(lifeboat.dataFolder.root);
    expect(files.some((path) => path.endsWith('undo.json'))).toBe(true);
    const telling = files.filter((path) => secrets.some((secret) => readFileSync(path, 'latin1').includes(secret)));
    expect(telling).toEqual([]);
  });

  it('stay where they were changed or given to others since, and that is told', async () => {
    const result = await restore();
    await client.db('crm').command({ updateUser: 'lee', pwd: 'new' });
    await client.db('crm').command({ createUser: 'max', pwd: 'x', roles: [{ role: 'clerk', db: 'shop' }] });
    try {
      const preview = await undoPreview(result);
      expect(told(preview)).toEqual([
        ['role clerk', 'given to others since the restore: it stays'],
        ['role keeper', 'is taken away'],
        ['user kim', 'is taken away'],
        ['user lee', 'changed since the restore: it stays'],
        ['user ops', 'is taken away'],
      ]);
      const { result: undone } = await lifeboat.apply(preview, { mode: 'exact' });
      expect(undone.failures.map(({ message }) => message).sort()).toEqual([
        'The role clerk of shop was given to others since the restore: it stays.',
        'The user lee of crm was changed since the restore: it stays.',
      ]);
      expect(await signIn('lee', 'new', 'crm')).toBe(true);
      expect(await signIn('kim', 'old', 'shop')).toBe(false);
    } finally {
      await client.db('crm').command({ dropUser: 'max' });
    }
  });

  it('stay where the connection that undoes it is signed in with them', async () => {
    const result = await restore();
    const uri = server.uri.replace('admin:p@', 'ops:old@');
    const own = await lifeboat.connections.ephemeral(uri, { name: 'as ops', environment: 'development' });
    const preview = await undoPreview(result, own.id);
    expect(told(preview)).toContainEqual(['user ops', 'in use by this connection: it stays']);
    await lifeboat.apply(preview, { mode: 'exact' });
    expect(await signIn('ops', 'old', 'admin')).toBe(true);
    expect(await signIn('kim', 'old', 'shop')).toBe(false);
  });
});
