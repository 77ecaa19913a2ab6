import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../shared/audit';
import type { ConnectionInput } from '../../shared/connections';
import { createLogger } from '../platform/logger';
import { runTool } from '../platform/spawn-tool';
import { withToolConfig } from '../platform/secret-config-file';
import { testTools } from '../test-support/runtime';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createMemorySecretStore, type SecretStore } from './secret-store';
import { createConnections, type Connections } from './service';

const password = 'p:@/?#[]% "\'\\ü';
const tools = testTools();
let server: TestMongod;

beforeAll(async () => {
  server = await startTestMongod({ members: 1, auth: { user: 'admin@home', password } });
});

afterAll(() => server.stop());

describe('connections', () => {
  let folder: string;
  let secrets: SecretStore;
  let audited: AuditRecord[];
  let connections: Connections;

  function create(): Connections {
    return createConnections({
      file: join(folder, 'connections.json'),
      secrets,
      logger: createLogger({ folder: join(folder, 'logs'), name: 'test' }),
      audit: { record: (record) => Promise.resolve(audited.push(record)) },
    });
  }

  function input(more: Partial<ConnectionInput> = {}): ConnectionInput {
    return {
      name: 'Shop',
      colour: 'blue',
      environment: 'development',
      readOnly: false,
      secretPlace: 'keychain',
      uri: server.uri,
      username: null,
      ...more,
    } as ConnectionInput;
  }

  /** Everything on disk, the log included. */
  function onDisk(): string {
    const files = ['connections.json', join('logs', 'test.log')];
    return files
      .map((file) => {
        try {
          return readFileSync(join(folder, file), 'utf8');
        } catch {
          return '';
        }
      })
      .join('\n');
  }

  beforeEach(() => {
    folder = temporaryFolder('lifeboat-connections');
    secrets = createMemorySecretStore();
    audited = [];
    connections = create();
  });

  afterEach(async () => {
    await connections.close();
    removeTemporaryFolder(folder);
  });

  it('moves a password typed in the connection string into the secret place', async () => {
    const added = await connections.add(input({ secretPlace: 'none' }));
    expect(added).toMatchObject({ username: 'admin@home', secretPlace: 'keychain' });
    expect(added.uri).not.toContain('@');
    expect(added.uri).toContain('replicaSet=rs0');
    for (const spelling of [password, encodeURIComponent(password)]) {
      expect(onDisk()).not.toContain(spelling);
      expect(JSON.stringify(audited)).not.toContain(spelling);
    }
    expect(audited).toMatchObject([{ operation: 'connection.add', target: 'Shop', result: 'succeeded' }]);
    await connections.close();

    connections = create();
    const user = await connections.use(added.id, async ({ client }) => {
      const status = await client.db('admin').command({ connectionStatus: 1 });
      return (status['authInfo'] as { authenticatedUsers: { user: string }[] }).authenticatedUsers[0]?.user;
    });
    expect(user).toBe('admin@home');
  });

  it('asks for the password of an "ask" connection, and keeps it in memory only', async () => {
    const added = await connections.add(
      input({ uri: server.uriWithoutCredentials, username: 'admin@home', secretPlace: 'ask' }),
    );
    await expect(connections.use(added.id, () => Promise.resolve())).rejects.toMatchObject({
      error: { code: 'secret-unavailable' },
    });
    await connections.unlock(added.id, 'wrong');
    await expect(connections.use(added.id, () => Promise.resolve())).rejects.toMatchObject({
      error: { code: 'authentication' },
    });
    await connections.unlock(added.id, password);
    expect((await connections.use(added.id, (deployment) => deployment.describe())).setName).toBe('rs0');
    await connections.close();
    connections = create();
    await expect(connections.use(added.id, () => Promise.resolve())).rejects.toMatchObject({
      error: { code: 'secret-unavailable' },
    });
  });

  it('keeps the saved password when a connection is edited, removes it when it is emptied', async () => {
    const added = await connections.add(input());
    const edit = input({ uri: added.uri, username: added.username, name: 'Shop 2' });
    const renamed = await connections.update(added.id, edit);
    expect(renamed).toMatchObject({
      id: added.id,
      name: 'Shop 2',
      secretPlace: 'keychain',
      createdAt: added.createdAt,
    });
    expect((await connections.test(added.id)).authenticatedAs).toBe('admin@home@admin');
    const emptied = await connections.update(added.id, { ...edit, password: '' });
    expect(emptied.secretPlace).toBe('none');
    expect(await secrets.get(`connection:${added.id}`)).toBeNull();
    expect((await connections.test(added.id)).error?.code).toBe('authentication');
  });

  it('refuses writes through a read-only connection, whoever asks', async () => {
    const added = await connections.add(input({ readOnly: true }));
    await expect(connections.use(added.id, () => Promise.resolve(), { write: true })).rejects.toMatchObject({
      error: { code: 'refused' },
    });
    expect(await connections.use(added.id, () => Promise.resolve('read'))).toBe('read');
  });

  it('refuses a second connection of the same name', async () => {
    await connections.add(input());
    await expect(connections.add(input({ name: 'shop' }))).rejects.toMatchObject({ error: { code: 'usage' } });
    expect(await connections.list()).toHaveLength(1);
    expect(audited.map(({ result }) => result)).toEqual(['succeeded', 'failed']);
  });

  it('forgets a removed connection and its password', async () => {
    const added = await connections.add(input());
    await connections.remove(added.id);
    expect(await connections.list()).toEqual([]);
    expect(await secrets.get(`connection:${added.id}`)).toBeNull();
    await expect(connections.get('Shop')).rejects.toMatchObject({ error: { code: 'not-found' } });
    expect(audited.at(-1)).toMatchObject({ operation: 'connection.remove', target: 'Shop' });
  });

  it('exports connections without secrets and imports them under free names', async () => {
    await connections.add(input());
    const exported = await connections.exportWithoutSecrets();
    expect(exported).not.toContain(encodeURIComponent(password));
    const [imported] = await connections.importConnections(exported);
    expect(imported).toMatchObject({ name: 'Shop (2)', username: 'admin@home', secretPlace: 'ask' });
    await expect(connections.importConnections('{"kind":"other"}')).rejects.toMatchObject({ error: { code: 'usage' } });
  });

  it('keeps a passing connection off the disk', async () => {
    const passing = await connections.ephemeral(server.uri, { name: 'Demo shop', environment: 'sandbox' });
    expect(await connections.list()).toEqual([passing]);
    expect(passing.uri).not.toContain('@');
    expect(onDisk()).not.toContain('Demo shop');
    expect(await connections.use(passing.id, ({ client }) => client.db('shop').collection('a').countDocuments())).toBe(
      0,
    );
    await connections.remove(passing.id);
    expect(await connections.list()).toEqual([]);
    expect(audited).toEqual([]);
  });

  it('explains what the server refuses while a connection is used', async () => {
    const added = await connections.add(input());
    await expect(
      connections.use(added.id, ({ client }) => client.db('shop').command({ noSuchCommand: 1 })),
    ).rejects.toMatchObject({ error: { code: 'server-error' } });
    await expect(connections.use(added.id, () => Promise.reject(new RangeError('ours')))).rejects.toThrow(RangeError);
  });

  it('stops waiting for a server when the work is cancelled', async () => {
    const passing = await connections.ephemeral('mongodb://192.0.2.1:27017/');
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 100);
    await expect(connections.use(passing.id, () => Promise.resolve(), { signal: cancel.signal })).rejects.toMatchObject(
      {
        error: { code: 'cancelled' },
      },
    );
  });

  it('lists collections with their kind and size', async () => {
    const added = await connections.add(input());
    await connections.use(added.id, async ({ client }) => {
      const shop = client.db('shop');
      await shop.collection('orders').insertMany([{ total: 1 }, { total: 2 }]);
      await shop.createCollection('weather', { timeseries: { timeField: 'at' } });
      await shop.collection('weather').insertMany([{ at: new Date() }, { at: new Date() }]);
      await shop.createCollection('big_orders', { viewOn: 'orders', pipeline: [] });
    });
    expect(await connections.collections(added.id)).toEqual([
      { database: 'shop', collection: 'big_orders', type: 'view', documents: null, bytes: null },
      { database: 'shop', collection: 'orders', type: 'collection', documents: 2, bytes: expect.any(Number) as number },
      // Two measurements in one bucket, which is what a backup holds.
      {
        database: 'shop',
        collection: 'weather',
        type: 'timeseries',
        documents: 1,
        bytes: expect.any(Number) as number,
      },
    ]);
  });

  it.skipIf(tools.skip)('gives mongodump a connection string it can log in with', async () => {
    if (tools.skip !== null) return;
    const added = await connections.add(input());
    const exit = await connections.use(added.id, (deployment) => {
      const uri = deployment.toolUri({ host: server.host, readPreference: 'secondaryPreferred' });
      expect(uri).toContain('directConnection=true');
      expect(uri).not.toContain('replicaSet');
      return withToolConfig({ uri }, folder, (config) =>
        runTool({ path: tools.mongodump, args: ['--config', config, '--db', 'admin', '--archive'], okExitCodes: [0] }),
      );
    });
    expect(exit.code).toBe(0);
  });
});
