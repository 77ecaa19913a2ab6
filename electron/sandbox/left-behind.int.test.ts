import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSilentLogger } from '../platform/logger';
import { bundleWorker } from '../test-support/bundle-worker';
import { testMongodPath } from '../test-support/runtime';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { findMongods, killMongods } from './sandbox-processes';
import { createSandboxes } from './service';

const mongodPath = testMongodPath();

describe.skipIf(process.platform === 'win32')('what a sandbox leaves when its owner', () => {
  let bundle: string;
  let bundleFolder: string;
  let folder: string;

  beforeAll(async () => {
    const entry = join(dirname(fileURLToPath(import.meta.url)), '..', 'test-support', 'sandbox-entry.ts');
    bundleFolder = temporaryFolder('sandbox-entry');
    bundle = await bundleWorker(entry, bundleFolder, 'sandbox-entry');
  });

  afterAll(() => removeTemporaryFolder(bundleFolder));

  beforeEach(() => {
    folder = temporaryFolder('lifeboat-left');
  });

  afterEach(async () => {
    await killMongods(folder);
    removeTemporaryFolder(folder);
  });

  function sandboxes() {
    return createSandboxes({
      toolchain: { require: () => Promise.resolve({ path: mongodPath, version: '6.0.5' }) },
      folder,
      logger: createSilentLogger(),
      audit: { record: () => Promise.resolve() },
    });
  }

  async function owner(kind: 'own' | 'detached'): Promise<ChildProcess> {
    const child = spawn(process.execPath, [bundle, folder, kind], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (text: Buffer) => text.includes('started') && resolve());
      child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    });
    return child;
  }

  function gone(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => (child.exitCode !== null ? resolve() : child.once('exit', () => resolve())));
  }

  it('was killed: no server on Linux, and no file after the next start', async () => {
    const child = await owner('own');
    expect(await findMongods(folder)).toHaveLength(1);
    child.kill('SIGKILL');
    await gone(child);
    if (process.platform === 'linux' && existsSync('/usr/bin/setpriv'))
      await vi.waitFor(async () => expect(await findMongods(folder)).toEqual([]), { timeout: 10_000 });
    expect(await sandboxes().list()).toEqual([]);
    expect(await sandboxes().recover()).toHaveLength(1);
    expect(await findMongods(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ended in order after starting a detached one: a running set, until it is stopped', async () => {
    const child = await owner('detached');
    await gone(child);
    expect(child.exitCode).toBe(0);
    expect(await sandboxes().recover()).toEqual([]);
    const [sandbox] = await sandboxes().list();
    const client = await new MongoClient(sandbox?.uri ?? '', { serverSelectionTimeoutMS: 5000 }).connect();
    await client.db('test').collection('a').insertOne({ x: 1 });
    await client.close();
    await sandboxes().stop(sandbox?.id ?? '');
    expect(await findMongods(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is gone together with the servers of a detached one: no file after the next start', async () => {
    await gone(await owner('detached'));
    await killMongods(folder);
    expect(await sandboxes().recover()).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
