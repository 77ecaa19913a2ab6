/** Profilers of a real replica set: set for a time, put back whatever happens in between. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient, type Document } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TimeBox } from '../../../shared/profiling';
import { createServices, type Services } from '../../app';
import { createMemorySecretStore } from '../../connections/secret-store';
import { resolveDataFolder } from '../../platform/data-folder';
import { bundleWorker } from '../../test-support/bundle-worker';
import { removeTemporaryFolder, temporaryFolder } from '../../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import type { ProfilingOrder } from './service';

let server: TestMongod;
let folder: string;
let program: string;
let services: Services;
let connectionId: string;
const clients = new Map<string, MongoClient>();

async function open(): Promise<Services> {
  return createServices({
    dataFolder: resolveDataFolder(join(folder, 'data')),
    origin: 'window',
    workerFile: process.env['LIFEBOAT_WORKER_FILE'] ?? '',
    secrets: createMemorySecretStore(),
    version: '0.1.0',
  });
}

async function profileOf(host: string, database = 'shop'): Promise<Document> {
  let client = clients.get(host);
  if (!client) {
    client = new MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 10_000 });
    clients.set(host, client);
  }
  const { was, slowms, sampleRate, filter } = await client.db(database).command({ profile: -1 });
  return { level: Number(was), slowms, sampleRate, ...(filter === undefined ? {} : { filter }) };
}

async function setProfile(host: string, command: Document, database = 'shop'): Promise<void> {
  await profileOf(host);
  await clients.get(host)?.db(database).command(command);
}

const standard = { level: 0, slowms: 100, sampleRate: 1 };

function order(more: Partial<ProfilingOrder> = {}): ProfilingOrder {
  return {
    connectionId,
    hosts: null,
    databases: ['shop'],
    level: 1,
    slowms: 20,
    sampleRate: 0.5,
    filter: null,
    minutes: 10,
    typedName: null,
    ...more,
  };
}

function lifeboat(...args: string[]): ChildProcess {
  return spawn(process.execPath, [program, 'profile', ...args, '--data-dir', join(folder, 'data')], {
    env: { ...process.env, LIFEBOAT_URI: server.uri },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function answer(child: ChildProcess): Promise<{ code: number | null; json: unknown; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, json: stdout === '' ? null : JSON.parse(stdout), stderr };
}

beforeAll(async () => {
  folder = temporaryFolder('profilers');
  program = await bundleWorker('electron/cli/index.ts', folder, 'cli');
  server = await startTestMongod({ members: 3 });
  await (await server.connect()).db('shop').collection('orders').insertOne({ a: 1 });
  services = await open();
  const connection = await services.connections.add({
    name: 'shop',
    colour: 'gray',
    environment: 'development',
    readOnly: false,
    uri: server.uri,
    username: null,
    secretPlace: 'none',
  });
  connectionId = connection.id;
}, 120_000);
afterEach(async () => {
  for (const { host } of server.members)
    await setProfile(host, { profile: 0, slowms: 100, sampleRate: 1, filter: 'unset' });
});
afterAll(async () => {
  await services.close();
  for (const client of clients.values()) await client.close();
  await server.stop();
  removeTemporaryFolder(folder);
});

describe('a time-box', () => {
  it('sets every member and puts each back to what it was', async () => {
    const [first, second, third] = server.members.map(({ host }) => host);
    await setProfile(second ?? '', { profile: 2, slowms: 70 });
    await setProfile(third ?? '', { profile: 1, filter: { op: 'query' } });
    const thirdBefore = await profileOf(third ?? '');
    const preview = await services.profilers.preview(order());
    expect(preview.changes).toContain(`shop on ${first ?? ''}: level 0 → 1`);
    expect(preview.costs.join(' ')).toContain('whole server');
    expect(await profileOf(first ?? '')).toEqual(standard);

    const { box } = await services.profilers.start(order());
    for (const { host } of server.members)
      expect(await profileOf(host)).toEqual({ level: 1, slowms: 20, sampleRate: 0.5 });
    const status = await services.profilers.status(connectionId);
    expect(status.members).toHaveLength(3);
    for (const { databases } of status.members)
      expect(databases.find(({ name }) => name === 'shop')).toMatchObject({
        level: 1,
        boxId: box.id,
        until: box.until,
      });
    expect(await services.profilers.stop(box.id)).toMatchObject({ status: 'restored' });
    expect(await profileOf(first ?? '')).toEqual(standard);
    expect(await profileOf(second ?? '')).toEqual({ ...standard, level: 2, slowms: 70 });
    expect(await profileOf(third ?? '')).toEqual(thirdBefore);
    const { entries } = await services.audit.list({ offset: 0, limit: 2 });
    expect(entries.map(({ operation, result }) => [operation, result])).toEqual([
      ['profiler.restore', 'succeeded'],
      ['profiler.start', 'succeeded'],
    ]);
  });

  it('started twice keeps what was before the first, and stays open for whoever wants it longer', async () => {
    const [{ host } = { host: '' }] = server.members;
    const [first, second] = await Promise.all([
      services.profilers.start(order({ hosts: [host] })),
      services.profilers.start(order({ hosts: [host], level: 2, slowms: 5, minutes: 20 })),
    ]);
    expect(first.box.id).toBe(second.box.id);
    await services.profilers.release(first.claimId);
    expect((await profileOf(host)).level).not.toBe(0);
    await services.profilers.release(second.claimId);
    expect(await profileOf(host)).toEqual(standard);
  });

  it('leaves what somebody else has set meanwhile', async () => {
    const [{ host } = { host: '' }] = server.members;
    const { box } = await services.profilers.start(order({ hosts: [host] }));
    await setProfile(host, { profile: 2, slowms: 33 });
    const ended = await services.profilers.stop(box.id);
    expect(ended.status).toBe('left');
    expect(ended.databases[0]?.note).toBe('Somebody set level 2 meanwhile.');
    expect(await profileOf(host)).toEqual({ level: 2, slowms: 33, sampleRate: 1 });
  });

  it('ends by itself when its time is over', async () => {
    const [{ host } = { host: '' }] = server.members;
    await services.profilers.start(order({ hosts: [host], minutes: 0.02 }));
    await expect.poll(() => profileOf(host), { timeout: 20_000 }).toEqual(standard);
  });

  it('waits for a member that is down and puts it back when it answers', async () => {
    const member = server.members.find(({ host }) => host !== server.members[0]?.host);
    if (!member) throw new Error('A set has more than one member');
    const { box } = await services.profilers.start(order({ hosts: [member.host] }));
    await member.kill();
    const waiting = await services.profilers.stop(box.id);
    expect(waiting).toMatchObject({ status: 'waiting', databases: [{ state: 'waiting' }] });
    await member.restart();
    await clients.get(member.host)?.close();
    clients.delete(member.host);
    // A server that was started anew has its own settings again: those are what they were.
    await expect
      .poll(async () => (await services.profilers.restore({ all: true }))[0]?.status ?? 'restored', { timeout: 30_000 })
      .toBe('restored');
    expect(await profileOf(member.host)).toEqual(standard);
  }, 60_000);

  it('leaves out a member that is down, says so, and refuses when that one was chosen', async () => {
    const down = server.members.find(({ host }) => host !== server.members[0]?.host);
    if (!down) throw new Error('A set has more than one member');
    await down.kill();
    try {
      const preview = await services.profilers.preview(order());
      expect(preview.problems).toEqual([]);
      expect(preview.leftOut).toMatchObject([
        { host: down.host, message: expect.stringContaining(down.host) as string },
      ]);
      const chosen = await services.profilers.preview(order({ hosts: [down.host] }));
      expect(chosen).toMatchObject({ leftOut: [], problems: [expect.stringContaining(`${down.host} cannot be set`)] });
      await expect(services.profilers.start(order({ hosts: [down.host] }))).rejects.toMatchObject({
        error: { code: 'unreachable' },
      });
      const { box } = await services.profilers.start(order());
      expect(box.leftOut.map(({ host }) => host)).toEqual([down.host]);
      expect(box.databases).toHaveLength(2);
      expect((await services.profilers.stop(box.id)).status).toBe('restored');
      const told = await answer(lifeboat('start', '--connection', 'shop', '--db', 'shop', '--for', '2s', '--json'));
      expect(told.code, told.stderr).toBe(6);
      expect(told.stderr).toContain(`${down.host} is left out`);
      expect((told.json as TimeBox).leftOut).toMatchObject([{ host: down.host }]);
    } finally {
      await down.restart();
      await services.profilers.restore({ all: true });
    }
    await clients.get(down.host)?.close();
    clients.delete(down.host);
    for (const { host } of server.members)
      await expect.poll(() => profileOf(host), { timeout: 30_000 }).toEqual(standard);
  }, 90_000);

  it('is refused where nothing may be changed, and without the typed name on production', async () => {
    const guarded = await services.connections.ephemeral(server.uri, { name: 'prod', environment: 'production' });
    const readOnly = await services.connections.ephemeral(server.uri, { name: 'look', readOnly: true });
    const refused = { error: { code: 'refused' } };
    await expect(services.profilers.start(order({ connectionId: readOnly.id }))).rejects.toMatchObject(refused);
    await expect(services.profilers.start(order({ connectionId: guarded.id }))).rejects.toMatchObject(refused);
    const { box } = await services.profilers.start(order({ connectionId: guarded.id, typedName: 'prod' }));
    expect((await services.profilers.stop(box.id)).status).toBe('restored');
    await services.connections.remove(guarded.id);
    await services.connections.remove(readOnly.id);
  });
});

describe('system.profile', () => {
  it('is made anew in another size, with the profiler as it was', async () => {
    const status = await services.profilers.status(connectionId);
    const host = status.members.find(({ state }) => state === 'PRIMARY')?.host ?? '';
    await setProfile(host, { profile: 2, slowms: 44 });
    const size = { host, database: 'shop', bytes: 3_000_000 };
    const preview = await services.profilers.previewResize(connectionId, size);
    expect(preview.steps).toHaveLength(4);
    await services.profilers.resize(connectionId, { ...size, typedName: null });
    expect(await profileOf(host)).toEqual({ level: 2, slowms: 44, sampleRate: 1 });
    const after = await services.profilers.status(connectionId);
    const database = after.members
      .find((member) => member.host === host)
      ?.databases.find(({ name }) => name === 'shop');
    expect(database).toMatchObject({ level: 2, boxId: null, collection: { maxBytes: 3_000_064 } });
    const secondary = status.members.find(({ state }) => state === 'SECONDARY')?.host ?? '';
    await expect(
      services.profilers.resize(connectionId, { ...size, host: secondary, typedName: null }),
    ).rejects.toMatchObject({ error: { code: 'topology' } });
  });
});

describe('the command line', () => {
  it('puts back what a killed one left, at the next start of the window', async () => {
    const [{ host } = { host: '' }] = server.members;
    const child = lifeboat(
      'start',
      '--connection',
      'shop',
      '--db',
      'shop',
      '--level',
      '2',
      '--for',
      '10m',
      '--wait',
      '--yes',
    );
    await expect.poll(async () => (await profileOf(host)).level, { timeout: 30_000 }).toBe(2);
    // Set is not noted yet as set: killed right there it must be put back as well.
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    const next = await open();
    try {
      for (const member of server.members)
        await expect.poll(() => profileOf(member.host), { timeout: 30_000 }).toEqual(standard);
    } finally {
      await next.close();
    }
  }, 90_000);

  it('sets, tells, and puts back when the time is over although the command has ended', async () => {
    const [{ host } = { host: '' }] = server.members;
    const started = await answer(
      lifeboat('set', '--db', 'shop', '--host', host, '--slowms', '15', '--for', '8s', '--json'),
    );
    expect(started.code, started.stderr).toBe(0);
    expect(started.stderr).toContain('system.profile');
    expect((started.json as TimeBox).databases).toMatchObject([{ host, database: 'shop', state: 'active' }]);
    const status = await answer(lifeboat('status', '--json'));
    expect(status.json).toMatchObject({ databases: ['shop'] });
    await expect.poll(() => profileOf(host), { timeout: 60_000 }).toEqual(standard);
    const journal = readFileSync(join(folder, 'data', 'profilers.json'), 'utf8');
    expect(journal).not.toContain('mongodb://');
    const nothing = await answer(lifeboat('restore', '--json'));
    expect(nothing.code, nothing.stderr).toBe(0);
  }, 120_000);
});
