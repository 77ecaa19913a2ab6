import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemorySecretStore } from '../connections/secret-store';
import { createConnections, type Connections } from '../connections/service';
import { JobRunner } from '../jobs/runner';
import { prepareDataFolder, resolveDataFolder, type DataFolder } from '../platform/data-folder';
import { createSilentLogger } from '../platform/logger';
import { testMongodPath } from '../test-support/runtime';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { createDemo, type Demo } from './demo';
import { workloadCollections } from './demo-workload';
import { findMongods } from './sandbox-processes';
import { createSandboxes, type Sandboxes } from './service';

const mongodPath = testMongodPath();
const logger = createSilentLogger();
const audit = { record: () => Promise.resolve() };

describe('the demo', () => {
  let cache: string;
  let folder: DataFolder;
  let sandboxes: Sandboxes;
  let connections: Connections;
  let jobs: JobRunner;
  let demo: Demo;

  beforeAll(() => {
    cache = temporaryFolder('lifeboat-cache');
  });

  afterAll(() => removeTemporaryFolder(cache));

  beforeEach(async () => {
    vi.stubEnv('LIFEBOAT_CACHE', cache);
    folder = resolveDataFolder(temporaryFolder('lifeboat-demo'));
    await prepareDataFolder(folder);
    const toolchain = { require: () => Promise.resolve({ path: mongodPath, version: '6.0.5' }) };
    sandboxes = createSandboxes({ folder: folder.sandboxesFolder, toolchain, logger, audit });
    const secrets = createMemorySecretStore();
    connections = createConnections({ file: folder.connectionsFile, secrets, logger, audit });
    jobs = new JobRunner({ jobsFolder: folder.jobsFolder, locksFolder: folder.locksFolder, origin: 'window', logger });
    demo = createDemo({ sandboxes, connections, jobs, logger });
  });

  afterEach(async () => {
    await jobs.close();
    await demo.stop();
    await sandboxes.close();
    await connections.close();
    expect(await findMongods(folder.root)).toEqual([]);
    expect(readdirSync(folder.sandboxesFolder)).toEqual([]);
    removeTemporaryFolder(folder.root);
    vi.unstubAllEnvs();
  });

  async function started(): Promise<number> {
    const begun = Date.now();
    const job = await jobs.wait((await demo.start()).id);
    expect(job).toMatchObject({ kind: 'demo', status: 'succeeded', error: null });
    return Date.now() - begun;
  }

  async function inShop<T>(work: (shop: Db, client: MongoClient) => Promise<T>): Promise<T> {
    const { connectionId } = demo.status();
    return connections.use(connectionId ?? '', ({ client }) => work(client.db('shop'), client));
  }

  async function fingerprints(): Promise<Record<string, string>> {
    return inShop(async (shop) => (await shop.command({ dbHash: 1 }))['collections'] as Record<string, string>);
  }

  function templates(): string[] {
    return readdirSync(join(cache, 'demo'));
  }

  it('brings up three members with a shop that has something of everything, quicker the second time', async () => {
    const cold = await started();
    expect(demo.status()).toMatchObject({ state: 'running', workload: 'running', error: null });
    await demo.setWorkload(false);
    const [connection] = await connections.list();
    expect(connection).toMatchObject({ name: 'Demo shop', environment: 'sandbox', readOnly: false });
    expect(connection?.sandboxId).toMatch(/^sandbox-/);
    expect(templates()).toHaveLength(1);

    const collections = await connections.collections(connection?.id ?? '');
    expect(collections.filter(({ database }) => database === 'shop').length).toBeGreaterThanOrEqual(8);
    expect(collections.reduce((sum, { documents }) => sum + (documents ?? 0), 0)).toBeGreaterThanOrEqual(200_000);
    expect(new Set(collections.map(({ type }) => type))).toEqual(new Set(['collection', 'view', 'timeseries']));
    const { setId, members } = await connections.use(connection?.id ?? '', (deployment) => deployment.describe());
    expect(members.map(({ state }) => state).sort()).toEqual(['PRIMARY', 'SECONDARY', 'SECONDARY']);
    const firstFingerprints = await fingerprints();
    const indexes = await inShop(async (shop) => {
      const all = await Promise.all(
        ['sessions', 'reviews', 'stores', 'orders'].map((name) => shop.collection(name).indexes()),
      );
      expect(await shop.collection('order_totals_by_day').countDocuments()).toBeGreaterThan(600);
      expect(await shop.collection('pageviews').isCapped()).toBe(true);
      expect(await shop.collection('sessions').countDocuments()).toBe(3000);
      await expect(shop.collection('orders').insertOne({ status: 'lost' })).rejects.toMatchObject({ code: 121 });
      return JSON.stringify(all);
    });
    for (const kind of ['expireAfterSeconds', '"text"', '2dsphere', 'hashed', 'sparse', 'unique'])
      expect(indexes).toContain(kind);
    await demo.stop();
    expect(demo.status().state).toBe('stopped');
    expect(await connections.list()).toEqual([]);

    const warm = await started();
    await demo.setWorkload(false);
    process.stderr.write(`demo: cold ${cold} ms, warm ${warm} ms\n`);
    expect(warm).toBeLessThan(cold);
    const again = await connections.use(demo.status().connectionId ?? '', (deployment) => deployment.describe());
    expect(again.setId).not.toBe(setId);
    const secondFingerprints = await fingerprints();
    for (const name of ['customers', 'products', 'inventory', 'reviews', 'stores'])
      expect(secondFingerprints[name]).toBe(firstFingerprints[name]);
  });

  it('holds the same data on all members', async () => {
    await started();
    await demo.setWorkload(false);
    const { sandboxId } = await connections.get('Demo shop');
    const sandbox = (await sandboxes.list()).find(({ id }) => id === sandboxId);
    const hashes = await Promise.all(
      (sandbox?.members ?? []).map(async ({ host }) => {
        const client = await new MongoClient(`mongodb://${host}/?directConnection=true`, {
          readPreference: 'secondaryPreferred',
        }).connect();
        try {
          await client.db('admin').command({ ping: 1 });
          return (await client.db('shop').command({ dbHash: 1 }))['md5'] as string;
        } finally {
          await client.close();
        }
      }),
    );
    expect(hashes).toHaveLength(3);
    expect(new Set(hashes).size).toBe(1);
  });

  it('keeps still while its workload is paused, and writes to known collections only otherwise', async () => {
    await started();
    expect((await demo.setWorkload(false)).workload).toBe('paused');
    const before = await fingerprints();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await fingerprints()).toEqual(before);

    expect((await demo.setWorkload(true)).workload).toBe('running');
    await vi.waitFor(async () => expect(await fingerprints()).not.toEqual(before), { timeout: 20_000, interval: 500 });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await demo.setWorkload(false);
    const after = await fingerprints();
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    const allowed: string[] = [...workloadCollections, 'system.buckets.warehouse_temperature'];
    expect(changed.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('gives the running demo when it is started twice', async () => {
    const [first, second] = await Promise.all([demo.start(), demo.start()]);
    expect(second.id).toBe(first.id);
    await jobs.wait(first.id);
    expect((await demo.start()).id).toBe(first.id);
    expect(await sandboxes.list()).toHaveLength(1);
  });

  it('makes its data anew when the kept files are damaged', async () => {
    const [name = ''] = templates();
    const data = join(cache, 'demo', name, 'data');
    truncateSync(join(data, 'WiredTiger.wt'), 100);
    await started();
    expect(statSync(join(data, 'WiredTiger.wt')).size).toBeGreaterThan(100);
  });

  it('stops while it is being started, and leaves nothing', async () => {
    rmSync(join(cache, 'demo'), { recursive: true });
    const job = await demo.start();
    await vi.waitFor(async () => expect((await jobs.get(job.id)).progress.documentsDone).toBeGreaterThan(20_000), {
      timeout: 60_000,
      interval: 50,
    });
    await demo.stop();
    expect((await jobs.get(job.id)).status).toBe('cancelled');
    expect(demo.status()).toMatchObject({ state: 'stopped', error: null });
  });

  it('is stopped for this process too when another one stops its sandbox', async () => {
    await started();
    const { connectionId } = demo.status();
    const toolchain = { require: () => Promise.resolve({ path: mongodPath, version: '6.0.5' }) };
    const other = createSandboxes({ folder: folder.sandboxesFolder, toolchain, logger, audit });
    expect(await other.stopAll()).toHaveLength(1);
    await vi.waitFor(() => expect(demo.status()).toMatchObject({ state: 'stopped', connectionId: null, error: null }), {
      timeout: 20_000,
      interval: 100,
    });
    expect((await connections.list()).map(({ id }) => id)).not.toContain(connectionId);
    await started();
  });

  it('says why it did not start', async () => {
    const failing = createDemo({
      sandboxes: createSandboxes({
        folder: folder.sandboxesFolder,
        logger,
        audit,
        toolchain: { require: () => Promise.resolve({ path: '/nowhere/mongod', version: '6.0.5' }) },
      }),
      connections,
      jobs,
      logger,
    });
    const job = await jobs.wait((await failing.start()).id);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'tool-missing' } });
    expect(failing.status()).toMatchObject({ state: 'failed', error: { code: 'tool-missing' } });
    await expect(failing.setWorkload(true)).rejects.toMatchObject({ error: { code: 'refused' } });
  });
});
