import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import type { Job } from '../../shared/jobs';
import { createToolchain } from '../toolchain/service';
import { requireTestTools } from '../test-support/runtime';
import { temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createHarness, type BackupHarness } from './test-support/backup-harness';

const scope = { kind: 'databases' as const, databases: ['shop'] };
let server: TestMongod;
let harness: BackupHarness | undefined;

async function fill(mongod: TestMongod, documents: number): Promise<void> {
  const client = await mongod.connect();
  const collection = client.db('shop').collection('orders');
  for (let from = 0; from < documents; from += 10_000) {
    const batch = Array.from({ length: 10_000 }, (_, n) => ({
      n: from + n,
      text: `${Math.sin(from + n)} `.repeat(12),
    }));
    await collection.insertMany(batch);
  }
}

beforeAll(async () => {
  server = await startTestMongod({ members: 1 });
  await fill(server, 200_000);
});

afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

afterAll(() => server?.stop());

/** Resolves once the job is in `phase` and has done something there. */
async function whenIn(jobs: BackupHarness['jobs'], phase: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = jobs.onChange(({ progress }) => {
      const begun = phase === 'Preparing' || progress.bytesDone > 0;
      if (progress.phase !== phase || !begun) return;
      stop();
      resolve();
    });
  });
}

async function expectNothingLeft(of: BackupHarness): Promise<void> {
  expect(await of.leftInStore()).toEqual([]);
  expect(readdirSync(of.dataFolder.temporaryFolder)).toEqual([]);
}

describe('a server that goes away', () => {
  it('fails the backup with what happened and leaves nothing', async () => {
    const victim = await startTestMongod();
    try {
      await fill(victim, 200_000);
      harness = await createHarness({ uri: victim.uri });
      const started = await harness.backups.run(harness.backupRequest(scope));
      await whenIn(harness.jobs, 'Dumping');
      await victim.members[0]?.kill();
      const job = await harness.jobs.wait(started.id);
      expect(job.status).toBe('failed');
      expect(job.error).toMatchObject({ code: 'tool-failed' });
      expect(job.error?.message).toMatch(/server went away/);
      await expectNothingLeft(harness);
      expect(await harness.catalogue.list()).toEqual([]);
    } finally {
      await victim.stop();
    }
  });
});

describe('a cancel', () => {
  it.each(['Preparing', 'Dumping', 'Verifying file', 'Verifying structure'])(
    'while %s leaves nothing',
    async (phase) => {
      harness = await createHarness({ uri: server.uri });
      const reached = whenIn(harness.jobs, phase);
      const started = await harness.backups.run(harness.backupRequest(scope));
      await reached;
      await harness.jobs.cancel(started.id);
      const job = await harness.jobs.wait(started.id);
      expect(job.status).toBe('cancelled');
      await expectNothingLeft(harness);
      const { entries } = await harness.audit.list({ offset: 0, limit: 1 });
      expect(entries[0]).toMatchObject({ operation: 'backup.run', result: 'cancelled', jobId: job.id });
    },
  );
});

describe('a mongodump that is no good', () => {
  async function runWith(mongodump: string): Promise<Job | Error> {
    harness = await createHarness({ uri: server.uri, mongodump });
    return harness.backUp(scope);
  }

  it('is named when it is missing, not executable, or no program', async () => {
    const folder = temporaryFolder('lifeboat-tools');
    expect(await runWith(join(folder, 'absent'))).toMatchObject({ error: { code: 'tool-missing' } });
    await harness?.close();
    const file = join(folder, 'mongodump');
    await writeFile(file, 'not a program');
    expect(await runWith(file)).toMatchObject({ error: { code: 'tool-unusable' } });
    await harness?.close();
    await chmod(file, 0o755);
    expect(await runWith(file)).toMatchObject({ status: 'failed' });
    await expectNothingLeft(harness as BackupHarness);
  });

  it('is refused when it is too old, before anything is done', async () => {
    const file = join(temporaryFolder('lifeboat-tools'), 'mongodump');
    await writeFile(file, '#!/bin/sh\necho "mongodump version: 100.4.0"\n', { mode: 0o755 });
    const toolchain = createToolchain({ settings: { get: () => Promise.resolve({ toolPaths: { mongodump: file } }) } });
    await expect(toolchain.require('mongodump')).rejects.toMatchObject({ error: { code: 'tool-too-old' } });
  });

  it('does not pass with exit code 0 and documents missing', async () => {
    const folder = temporaryFolder('lifeboat-tools');
    const real = requireTestTools().mongodump;
    const silent = join(folder, 'cut');
    await writeFile(silent, `#!/bin/sh\n"${real}" "$@" 2>/dev/null | head -c 3000000\nexit 0\n`, { mode: 0o755 });
    expect(await runWith(silent)).toMatchObject({ status: 'failed', error: { code: 'archive-truncated' } });
    await expectNothingLeft(harness as BackupHarness);
    await harness?.close();
    const lying = join(folder, 'lying');
    const lie = `sed 's/orders (200000 documents)/orders (200001 documents)/' >&2`;
    await writeFile(lying, `#!/bin/sh\n{ "${real}" "$@" 2>&1 1>&3 | ${lie}; } 3>&1\n`, { mode: 0o755 });
    const job = await runWith(lying);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'archive-damaged' } });
    await expectNothingLeft(harness as BackupHarness);
  });
});

/** Mounts a tmpfs, which takes root; null says why it could not. */
function mountTmpfs(path: string, size: string): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a store that fails', () => {
  it('says that the disk is full, where, and how much is free', async (context) => {
    const folder = temporaryFolder('lifeboat-small-disk');
    const problem = mountTmpfs(folder, '3m');
    if (problem !== null) return context.skip(`mounting a small tmpfs was refused: ${problem}`);
    try {
      harness = await createHarness({ uri: server.uri });
      const store = await harness.settings.addStore({ name: 'Small', path: folder });
      const job = await harness.backUp(scope, { storeId: store.id });
      expect(job.error).toMatchObject({ code: 'disk-full' });
      expect(job.error?.message).toContain(folder);
      expect(job.error?.message).toMatch(/are free there/);
      expect(readdirSync(folder)).toEqual([]);
      expect(readdirSync(harness.dataFolder.temporaryFolder)).toEqual([]);
      const estimate = await harness.backups.estimate(harness.backupRequest(scope, { storeId: store.id }));
      expect(estimate.problems[0]?.message).toMatch(/free/);
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('is named when it is read-only', async (context) => {
    const folder = temporaryFolder('lifeboat-read-only');
    const problem = mountTmpfs(folder, '3m');
    if (problem !== null) return context.skip(`mounting a tmpfs was refused: ${problem}`);
    try {
      harness = await createHarness({ uri: server.uri });
      const store = await harness.settings.addStore({ name: 'Fixed', path: folder });
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      await expect(harness.backUp(scope, { storeId: store.id })).rejects.toMatchObject({
        error: { code: 'store-unavailable' },
      });
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('is never made anew when it is gone', async () => {
    harness = await createHarness({ uri: server.uri });
    const folder = join(temporaryFolder('lifeboat-gone'), 'store');
    const store = await harness.settings.addStore({ name: 'Gone', path: folder });
    await rm(folder, { recursive: true });
    await expect(harness.backUp(scope, { storeId: store.id })).rejects.toMatchObject({
      error: { code: 'store-unavailable' },
    });
    expect(existsSync(folder)).toBe(false);
    // It may also go while the backup is being made.
    await mkdir(folder);
    const reached = whenIn(harness.jobs, 'Dumping');
    const started = await harness.backups.run(harness.backupRequest(scope, { storeId: store.id }));
    await reached;
    await rm(folder, { recursive: true, force: true });
    const job = await harness.jobs.wait(started.id);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'store-unavailable' } });
    expect(existsSync(folder)).toBe(false);
  });
});

/** Command lines and environments of every process that can be read, but this one’s own. */
function processTexts(): string {
  const texts: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    for (const file of ['cmdline', 'environ']) {
      try {
        texts.push(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      } catch {
        // Gone, or not ours to read.
      }
    }
  }
  return texts.join('\n');
}

describe.skipIf(process.platform !== 'linux')('a password', () => {
  it('is seen by mongodump alone', async () => {
    const password = 'Tr0ub4dor&3 @/:ü';
    const guarded = await startTestMongod({ auth: { user: 'keeper', password } });
    try {
      await fill(guarded, 50_000);
      harness = await createHarness({ uri: guarded.uri });
      const reached = whenIn(harness.jobs, 'Dumping');
      const started = await harness.backups.run(harness.backupRequest(scope));
      await reached;
      const seen = processTexts();
      expect(seen).toContain('mongodump');
      const job = await harness.jobs.wait(started.id);
      expect(job.status, JSON.stringify(job.error)).toBe('succeeded');
      const { log } = await harness.catalogue.location(job.resultId ?? '');
      const written = [await harness.writtenText(), await readFile(log, 'utf8'), JSON.stringify(job)].join('\n');
      for (const text of [password, encodeURIComponent(password), 'Tr0ub4dor']) {
        expect(seen.includes(text), 'in /proc').toBe(false);
        expect(written.includes(text), 'in what was written').toBe(false);
      }
      expect(readdirSync(harness.dataFolder.temporaryFolder)).toEqual([]);
      // A wrong one is explained, and not shown either.
      const client = new MongoClient(guarded.uri.replace(/:[^:@]*@/, ':Wr0ngSecret@'));
      await expect(client.connect()).rejects.toThrow();
      await client.close();
    } finally {
      await guarded.stop();
    }
  });
});

it('cleans up after a process that was killed in the middle', async () => {
  harness = await createHarness({ uri: server.uri });
  const folder = join(
    harness.dataFolder.defaultStoreFolder,
    'Test-set',
    '.20261120T233000Z-shop-database-7k2p.partial',
  );
  const job = await harness.jobs.start(
    { kind: 'backup', title: 'x', phases: ['x'], connectionId: null },
    async (context) => {
      await context.own(folder);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'archive.gz'), 'part');
      throw new Error('stopped');
    },
  );
  await harness.jobs.wait(job.id);
  expect(existsSync(folder)).toBe(false);
  expect(await harness.catalogue.list()).toEqual([]);
});
