import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../shared/audit';
import { createSilentLogger } from '../platform/logger';
import { testMongodPath } from '../test-support/runtime';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startMongod } from './mongod-process';
import { becomePrimary } from './replica-set';
import { findMongods } from './sandbox-processes';
import { writeRecord } from './sandbox-record';
import { createSandboxes, type Sandboxes } from './service';

const mongodPath = testMongodPath();
const toolchain = { require: () => Promise.resolve({ path: mongodPath, version: '6.0.5' }) };
const neverSeeded = {
  fill: () => Promise.reject(new Error('no seed wanted')),
  finish: () => Promise.reject(new Error('no seed wanted')),
};

describe('sandboxes', () => {
  let folder: string;
  let sandboxes: Sandboxes;
  let audited: AuditRecord[];

  function create(): Sandboxes {
    return createSandboxes({
      folder,
      toolchain,
      logger: createSilentLogger(),
      demoSeed: neverSeeded,
      audit: { record: (record) => Promise.resolve(audited.push(record)) },
    });
  }

  beforeEach(async () => {
    folder = join(temporaryFolder('lifeboat-sandbox'), 'sand boxes');
    await mkdir(folder);
    audited = [];
    sandboxes = create();
  });

  afterEach(async () => {
    await sandboxes.stopAll();
    await sandboxes.close();
    expect(await findMongods(folder)).toEqual([]);
    removeTemporaryFolder(folder);
  });

  it('starts three members that take writes, and leaves nothing when stopped', async () => {
    const phases: string[] = [];
    const sandbox = await sandboxes.start({
      members: 3,
      purpose: 'scratch',
      report: ({ phase }) => phases.push(phase),
    });
    expect(phases).toEqual(['Starting 3 mongods', 'Electing a primary']);
    expect(sandbox.ownerProcessId).toBe(process.pid);
    expect(sandbox.members.map(({ host }) => host.split(':')[0])).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
    const client = await new MongoClient(sandbox.uri, { serverSelectionTimeoutMS: 5000 }).connect();
    await client
      .db('test')
      .collection('a')
      .insertOne({ x: 1 }, { writeConcern: { w: 3, wtimeoutMS: 10_000 } });
    await client.close();
    expect(await sandboxes.list()).toEqual([sandbox]);
    expect((await findMongods(sandbox.folder)).sort()).toEqual(sandbox.members.map(({ pid }) => pid).sort());

    await sandboxes.stop(sandbox.id);
    expect(await findMongods(sandbox.folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect(await sandboxes.list()).toEqual([]);
    expect(audited.map(({ operation }) => operation)).toEqual(['sandbox.start', 'sandbox.stop']);
    await expect(sandboxes.stop(sandbox.id)).rejects.toMatchObject({ error: { code: 'not-found' } });
  });

  it('keeps acknowledged writes when a server is killed', async () => {
    const sandbox = await sandboxes.start({ members: 1, purpose: 'scratch' });
    const lost = new Promise((resolve) => sandboxes.onLost(resolve));
    const client = await new MongoClient(sandbox.uri, { serverSelectionTimeoutMS: 5000 }).connect();
    await client
      .db('test')
      .collection('a')
      .insertOne({ x: 1 }, { writeConcern: { w: 'majority', journal: true } });
    await client.close();
    process.kill(sandbox.members[0]?.pid ?? 0, 'SIGKILL');
    expect(await lost).toBe(sandbox.id);
    const port = Number(sandbox.members[0]?.host.split(':')[1]);
    const memberFolder = join(sandbox.folder, 'member-0');
    const again = await startMongod({ mongodPath, port, setName: 'sandbox', folder: memberFolder });
    const reader = await again.connect();
    await becomePrimary(reader);
    expect(await reader.db('test').collection('a').countDocuments()).toBe(1);
    await reader.close();
  });

  it('leaves nothing when its start is cancelled', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 400);
    await expect(sandboxes.start({ members: 3, purpose: 'scratch', signal: cancel.signal })).rejects.toMatchObject({
      error: { code: 'cancelled' },
    });
    expect(await findMongods(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells why a server did not start, with its log', async () => {
    await expect(
      createSandboxes({
        folder,
        logger: createSilentLogger(),
        audit: { record: () => Promise.resolve() },
        toolchain,
        demoSeed: {
          ...neverSeeded,
          fill: (dataFolder) => {
            writeFileSync(join(dataFolder, 'WiredTiger.turtle'), 'not a turtle');
            writeFileSync(join(dataFolder, 'storage.bson'), 'not BSON');
            return Promise.resolve();
          },
        },
      }).start({ members: 1, purpose: 'demo' }),
    ).rejects.toMatchObject({ error: { code: 'server-error', details: expect.stringContaining('"msg"') as string } });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends with close() those of this process, and keeps detached ones until they are stopped', async () => {
    const own = await sandboxes.start({ members: 1, purpose: 'scratch' });
    const detached = await sandboxes.start({ members: 1, purpose: 'scratch', detached: true });
    expect(detached.ownerProcessId).toBe(0);
    await sandboxes.close();
    expect(await findMongods(own.folder)).toEqual([]);
    sandboxes = create();
    expect(await sandboxes.recover()).toEqual([]);
    expect(await sandboxes.list()).toEqual([detached]);
    expect((await sandboxes.stopAll()).map(({ id }) => id)).toEqual([detached.id]);
  });

  it('removes what a dead owner left, running servers included', async () => {
    const left = await sandboxes.start({ members: 1, purpose: 'scratch', detached: true });
    // As a killed process leaves it: servers run, and the record names an owner that is gone.
    await writeRecord(folder, {
      formatVersion: 1,
      id: left.id,
      purpose: 'scratch',
      setName: 'sandbox',
      ready: true,
      owner: { pid: process.pid, startedAt: 'another life' },
      startedAt: left.startedAt,
      members: [],
    });
    mkdirSync(join(folder, 'somebody-elses'));
    expect(await sandboxes.list()).toEqual([]);
    expect(await sandboxes.recover()).toEqual([left.id]);
    expect(await findMongods(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual(['somebody-elses']);
  });
});
