import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MongoClient, type Db } from 'mongodb';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createTestServices, resultOf, type TestServices } from '../../test-support/test-services';
import { restoreUsersAndRoles, type UsersRestore } from './users-and-roles';

let server: TestMongod;
let client: MongoClient;
let lifeboat: TestServices;
let shop: Db;
let backup: { archive: string; blockIndex: string };

const names = async (command: 'usersInfo' | 'rolesInfo', database: string): Promise<string[]> => {
  const answer = await client.db(database).command({ [command]: 1 });
  const found = (answer['users'] ?? answer['roles']) as { user?: string; role?: string }[];
  return found.map(({ user, role }) => user ?? role ?? '').sort();
};

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

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true, auth: { user: 'admin', password: 'p' } });
  client = await server.connect();
  lifeboat = await createTestServices(server.uri, { name: 'target' });
  shop = client.db('shop');
  await shop.collection('orders').insertOne({ _id: 1 as never });
  await client
    .db('crm')
    .collection('people')
    .insertOne({ _id: 1 as never });
  await shop.command({
    createRole: 'clerk',
    privileges: [{ resource: { db: 'shop', collection: '' }, actions: ['find'] }],
    roles: [],
  });
  await shop.command({ createUser: 'kim', pwd: 'old', roles: ['clerk'] });
  await client.db('crm').command({ createUser: 'lee', pwd: 'old', roles: ['read'] });
  await client.db('admin').command({ createUser: 'ops', pwd: 'old', roles: ['readAnyDatabase'] });
  const job = await lifeboat.backUp(
    { kind: 'deployment' },
    { connectionId: lifeboat.connection.id, usersAndRoles: true },
  );
  backup = await lifeboat.catalogue.location(resultOf(job));
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

function restore(databases: readonly string[] | null) {
  const input: UsersRestore = {
    client,
    archive: backup.archive,
    blockIndex: backup.blockIndex,
    databases,
    replicated: true,
    signal: new AbortController().signal,
    log: () => undefined,
  };
  return restoreUsersAndRoles(input);
}

describe('users and roles of a backup', () => {
  it('come back with their passwords, those of the databases asked for only', async () => {
    await shop.command({ dropUser: 'kim' });
    await shop.command({ dropRole: 'clerk' });
    await client.db('crm').command({ dropUser: 'lee' });
    expect(await restore(['shop'])).toEqual({ users: 1, roles: 1, failures: [] });
    expect(await names('usersInfo', 'shop')).toEqual(['kim']);
    expect(await names('rolesInfo', 'shop')).toEqual(['clerk']);
    expect(await names('usersInfo', 'crm')).toEqual([]);
    expect(await signIn('kim', 'old', 'shop')).toBe(true);
  });

  it('leave those that are there as they are, and never send the one that is signed in', async () => {
    await client.db('admin').command({ updateUser: 'ops', pwd: 'new' });
    await client.db('admin').command({ createUser: 'later', pwd: 'x', roles: [] });
    const outcome = await restore(null);
    expect(outcome).toEqual({ users: 3, roles: 1, failures: [] });
    expect(await names('usersInfo', 'admin')).toEqual(['admin', 'later', 'ops']);
    expect(await signIn('ops', 'new', 'admin')).toBe(true);
    expect(await signIn('lee', 'old', 'crm')).toBe(true);
    expect(await signIn('admin', 'p', 'admin')).toBe(true);
    const left = await client
      .db('admin')
      .listCollections({ name: { $in: ['tempusers', 'temproles'] } })
      .toArray();
    expect(left).toEqual([]);
  });

  it('are restored only when asked for', async () => {
    await shop.command({ dropUser: 'kim' });
    await shop.collection('orders').deleteMany({});
    const previewJob = await lifeboat.restores.preview({
      backupId: (await lifeboat.catalogue.list())[0]?.id ?? '',
      connectionId: lifeboat.connection.id,
      namespaces: ['shop.orders'],
      renames: [],
      mode: 'insert-missing',
      readPreference: 'primary',
    });
    const previewId = resultOf(await lifeboat.jobs.wait(previewJob.id));
    const request = { previewId, mode: 'insert-missing' as const, namespaces: [], typedName: null };
    const plain = await lifeboat.restores.apply(request);
    await lifeboat.jobs.wait(plain.id);
    expect(await names('usersInfo', 'shop')).toEqual([]);
    const metadata = {
      options: false,
      missingIndexes: false,
      changedIndexes: false,
      extraIndexes: false,
      extraNamespaces: false,
      usersAndRoles: true,
    };
    const asked = await lifeboat.jobs.wait((await lifeboat.restores.apply({ ...request, metadata })).id);
    expect((await lifeboat.restores.result(resultOf(asked))).failures).toEqual([]);
    expect(await names('usersInfo', 'shop')).toEqual(['kim']);
  });
});
