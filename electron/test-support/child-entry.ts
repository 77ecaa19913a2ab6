/** What tests run in a process of its own, to contend for files with it and to kill it. */
import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { createServices } from '../app';
import { createAudit } from '../audit/service';
import { createMemorySecretStore } from '../connections/secret-store';
import type { RoutedNotice } from '../health/channels/routing';
import { openTestChannels } from '../health/channels/test-support/test-channels';
import { HistoryStore } from '../health/history/history-store';
import { packMetrics } from '../health/history/packing';
import { JobRunner } from '../jobs/runner';
import { acquireFileLock, waitForFileLock } from '../platform/file-lock';
import { JsonStore } from '../platform/json-file';
import { resolveDataFolder } from '../platform/data-folder';
import { createSilentLogger } from '../platform/logger';
import { withToolConfig } from '../platform/secret-config-file';
import { startTool } from '../platform/spawn-tool';
import { noMetrics } from '../../shared/health';
import { applyRequestSchema, previewRequestSchema } from '../../shared/restore';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const forever = (): Promise<never> =>
  new Promise(() => {
    setInterval(() => undefined, 60_000);
  });
const holder = { title: 'Child at work', origin: 'cli' as const, processId: process.pid, hostname: hostname() };
const logger = createSilentLogger();

const commands: Record<string, (...args: string[]) => Promise<void>> = {
  async 'hold-lock'(path = '') {
    await acquireFileLock(path, holder);
    say('held');
    await forever();
  },

  /** Counts in a file, unguarded but for the lock: every lost mutual exclusion loses a count. */
  async 'count-under-lock'(path = '', counter = '', times = '0') {
    for (let turn = 0; turn < Number(times); turn++) {
      const lock = await waitForFileLock(path, holder, { timeoutMs: 60_000 });
      const count = Number(await readFile(counter, 'utf8'));
      if (turn % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await writeFile(counter, String(count + 1));
      await lock.release();
    }
    say('counted');
  },

  async 'update-json'(path = '', times = '0') {
    const store = new JsonStore({ path, schema: z.object({ count: z.number() }), absent: () => ({ count: 0 }) });
    for (let turn = 0; turn < Number(times); turn++) await store.update(({ count }) => ({ count: count + 1 }));
    say('updated');
  },

  async 'write-audit'(file = '', times = '0') {
    const audit = createAudit({ file, origin: 'cli', logger });
    for (let turn = 0; turn < Number(times); turn++) {
      await audit.record({
        operation: 'backup.run',
        target: `turn ${turn}`,
        category: 'backup',
        parameters: { turn },
        result: 'succeeded',
        error: null,
        jobId: null,
      });
      if (times === '1000000') say(`recorded ${turn + 1}`);
    }
    say('recorded');
  },

  /** Previews and applies a restore; says how far it is. */
  async restore(root = '', uri = '', backupId = '', mode = 'exact', picks = '[]') {
    const services = await createServices({
      dataFolder: resolveDataFolder(root),
      origin: 'cli',
      workerFile: process.env['LIFEBOAT_WORKER_FILE'] ?? '',
      secrets: createMemorySecretStore(),
      version: '0.1.0',
    });
    const { jobs, restores, connections } = services;
    const connection = await connections.ephemeral(uri, { name: 'target', environment: 'development' });
    const asked = previewRequestSchema.parse({
      backupId,
      connectionId: connection.id,
      namespaces: [],
      renames: [],
      mode,
      readPreference: 'primary',
    });
    const compared = await jobs.wait((await restores.preview(asked)).id);
    const previewId = compared.resultId ?? '';
    say(`previewed ${previewId}`);
    const order = { previewId, mode, namespaces: [], typedName: null, picks: JSON.parse(picks) as unknown };
    const applied = await jobs.wait((await restores.apply(applyRequestSchema.parse(order))).id);
    say(`applied ${applied.status} ${applied.resultId ?? ''}`);
    await services.close();
  },

  /** Previews and applies the undo of a restore; says how far it is. */
  async undo(root = '', uri = '', restoreId = '') {
    const services = await createServices({
      dataFolder: resolveDataFolder(root),
      origin: 'cli',
      workerFile: process.env['LIFEBOAT_WORKER_FILE'] ?? '',
      secrets: createMemorySecretStore(),
      version: '0.1.0',
    });
    const { jobs, restores, connections } = services;
    const connection = await connections.ephemeral(uri, { name: 'target', environment: 'development' });
    const compared = await jobs.wait((await restores.undoPreview(restoreId, connection.id)).id);
    const previewId = compared.resultId ?? '';
    say(`previewed ${previewId}`);
    const order = { previewId, mode: 'exact', namespaces: [], typedName: null };
    const applied = await jobs.wait((await restores.apply(applyRequestSchema.parse(order))).id);
    say(`applied ${applied.status} ${applied.resultId ?? ''}`);
    await services.close();
  },

  /** Writes samples into a history of health as fast as it can, saying the number of each that is written. */
  async 'write-history'(path = '', from = '0') {
    const store = await HistoryStore.open(path, { largestBytes: 2 ** 31 });
    for (let number = Number(from); ; number++) {
      const values = packMetrics({ ...noMetrics, connections: number });
      const members = ['a:1', 'b:1', 'c:1'].map((host) => ({ host, set: 'rs', values }));
      store.append({ deployment: 'd', at: number * 5000, members, events: [] });
      writeSync(1, `wrote ${number}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },

  /** Watches a saved connection of a data folder as `health watch` does; says whether it records. */
  async 'record-health'(root = '', connectionId = '') {
    const services = await createServices({
      dataFolder: resolveDataFolder(root),
      origin: 'cli',
      workerFile: process.env['LIFEBOAT_WORKER_FILE'] ?? '',
      secrets: createMemorySecretStore(),
      version: '0.1.0',
    });
    await services.health.watch(connectionId, { intervalMs: 1000, record: true }, ({ recordedHere }) =>
      say(`recorded ${recordedHere}`),
    );
    await forever();
  },

  /** Tells the channels of a folder one notice, and goes on. */
  async 'tell-channels'(folder = '', notice = '') {
    const channels = openTestChannels(folder);
    await channels.start();
    await channels.tell(JSON.parse(notice) as RoutedNotice);
    await forever();
  },

  /** A job that owns a folder, writes into it and goes on until it is cancelled or killed. */
  async 'run-job'(jobsFolder = '', locksFolder = '', owned = '') {
    const runner = new JobRunner({ jobsFolder, locksFolder, origin: 'cli', logger });
    const job = await runner.start(
      { kind: 'backup', title: 'Backup of shop', phases: ['Dumping'], connectionId: null, lock: 'target' },
      async (context) => {
        await context.own(owned);
        mkdirSync(owned);
        writeFileSync(`${owned}/archive.gz`, 'part of an archive');
        context.report({ phase: 'Dumping', bytesDone: 5, bytesTotal: 10 });
        context.log('dumping shop');
        await new Promise<void>((resolve) => setTimeout(resolve, 100));
        say(`running ${context.jobId}`);
        await new Promise((_resolve, reject) => {
          context.signal.addEventListener('abort', () => {
            const error = new Error('aborted');
            error.name = 'AbortError';
            reject(error);
          });
        });
      },
    );
    say(`ended ${(await runner.wait(job.id)).status}`);
  },

  async 'hold-tool-config'(folder = '') {
    await withToolConfig({ password: 'hunter2' }, folder, async (path) => {
      say(`config ${path}`);
      await forever();
    });
  },

  async 'start-tool-and-exit'() {
    const running = startTool({ path: '/bin/sleep', args: ['300'] });
    say(`started ${running.pid}`);
    setTimeout(() => process.exit(0), 50);
    await forever();
  },
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (!command) throw new Error(`No command ${name}`);
void command(...args).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
