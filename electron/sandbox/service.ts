/** Sandboxes: replica sets of real mongods in folders of their own, which never outlive their owner for long. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRecord } from '../../shared/audit';
import type { ProgressUpdate } from '../../shared/jobs';
import { AppFailure, fail } from '../../shared/result';
import type { Sandbox } from '../../shared/toolchain';
import { syncFolder } from '../platform/durable-file';
import { toStoreFailure } from '../platform/failures';
import type { Logger } from '../platform/logger';
import { isProcessAlive, processIdentity } from '../platform/process-identity';
import type { Toolchain } from '../toolchain/service';
import { copyFolder } from './copy-folder';
import { freePorts } from './free-ports';
import { dataFolderOf, PortTaken, startMongod, type MongodProcess } from './mongod-process';
import { becomePrimary, extendSet, initiateSet, shutDown } from './replica-set';
import { createDemoSeed } from './demo-seed';
import type { SandboxSeed } from './sandbox-seed';
import { findMongods, killMongods } from './sandbox-processes';
import {
  findSandboxes,
  folderOf,
  toSandbox,
  writeRecord,
  type FoundSandbox,
  type SandboxRecord,
} from './sandbox-record';

export interface SandboxStart {
  members: 1 | 3;
  purpose: Sandbox['purpose'];
  /** Stays until it is stopped, also when this process ends; `ownerProcessId` is 0 then. */
  detached?: boolean;
  signal?: AbortSignal;
  report?: (update: ProgressUpdate) => void;
}

export interface Sandboxes {
  /**
   * Resolves when the set takes writes and all members follow. Throws 'tool-missing' and kin, 'disk-full',
   * 'server-error', 'timeout', 'cancelled'; then nothing runs and nothing is left on disk.
   */
  start(options: SandboxStart): Promise<Sandbox>;
  /** Ends its servers and removes its files; throws 'not-found'. */
  stop(id: string): Promise<Sandbox>;
  stopAll(): Promise<Sandbox[]>;
  /** Those that run, of every process that shares the data folder. */
  list(): Promise<Sandbox[]>;
  /** Ends and removes what processes that are gone have left; returns the ids. */
  recover(): Promise<string[]>;
  /** Called when a server of a sandbox of this process ended by itself. */
  onLost(listener: (sandboxId: string) => void): () => void;
  /** Ends the sandboxes of this process; detached ones go on. */
  close(): Promise<void>;
}

export interface SandboxesOptions {
  /** Holds a folder for each sandbox. */
  folder: string;
  toolchain: Pick<Toolchain, 'require'>;
  logger: Logger;
  audit: { record(record: AuditRecord): Promise<unknown> };
  /** The data of sandboxes with purpose `demo`; the online shop by default. */
  demoSeed?: SandboxSeed;
}

const attempts = 4;
/** A folder without record is somebody's start of a moment ago, or a leftover. */
const recordGraceMs = 60_000;

export function createSandboxes(options: SandboxesOptions): Sandboxes {
  const { folder, toolchain } = options;
  const logger = options.logger.child({ part: 'sandbox' });
  const demoSeed = options.demoSeed ?? createDemoSeed({ logger });
  const own = new Map<string, { cancel: AbortController; settled: Promise<unknown> }>();
  const stopping = new Set<string>();
  const listeners = new Set<(id: string) => void>();

  async function record(operation: string, { id, purpose, members }: Sandbox, result: 'succeeded'): Promise<void> {
    const parameters = { purpose, members: members.length };
    await options.audit.record({
      operation,
      target: id,
      category: 'sandbox' as const,
      parameters,
      result,
      error: null,
      jobId: null,
    });
  }

  async function removeFiles(id: string): Promise<void> {
    await rm(folderOf(folder, id), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  async function end(id: string): Promise<void> {
    stopping.add(id);
    if (!(await killMongods(folderOf(folder, id))))
      fail('busy', `The servers of sandbox ${id} do not end.`, 'Try again, or end the mongod processes yourself.');
    await removeFiles(id);
    own.delete(id);
  }

  async function isDead({ id, folder: sandboxFolder, record }: FoundSandbox): Promise<boolean> {
    if (own.has(id)) return false;
    if (record?.owner) return !isProcessAlive(record.owner);
    return record ? (await findMongods(sandboxFolder)).length === 0 : isOld(sandboxFolder);
  }

  async function isOld(path: string): Promise<boolean> {
    const information = await stat(path).catch(() => null);
    return information === null || Date.now() - information.mtimeMs > recordGraceMs;
  }

  async function list(): Promise<Sandbox[]> {
    const running: Sandbox[] = [];
    for (const found of await findSandboxes(folder)) {
      if (found.record?.ready && !(await isDead(found))) running.push(toSandbox(folder, found.record));
    }
    return running.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  async function stop(id: string): Promise<Sandbox> {
    const found = (await findSandboxes(folder)).find((candidate) => candidate.id === id);
    if (!found?.record) fail('not-found', `There is no sandbox ${id}.`, 'See the list of sandboxes.');
    own.get(id)?.cancel.abort();
    await end(id);
    const sandbox = toSandbox(folder, found.record);
    await record('sandbox.stop', sandbox, 'succeeded');
    return sandbox;
  }

  async function start(given: SandboxStart): Promise<Sandbox> {
    const id = `sandbox-${randomBytes(4).toString('hex')}`;
    const cancel = new AbortController();
    const onAbort = (): void => cancel.abort();
    if (given.signal?.aborted) fail('cancelled', 'Cancelled.');
    given.signal?.addEventListener('abort', onAbort, { once: true });
    const work = run(id, { ...given, signal: cancel.signal });
    own.set(id, { cancel, settled: work.catch(() => undefined) });
    try {
      const sandbox = await work;
      await record('sandbox.start', sandbox, 'succeeded');
      return sandbox;
    } catch (error) {
      await end(id).catch((failure: unknown) => logger.error({ error: failure, sandbox: id }, 'Cannot clean up'));
      if (cancel.signal.aborted) throw new AppFailure({ code: 'cancelled', message: 'Cancelled.' });
      throw toStoreFailure(error, folderOf(folder, id));
    } finally {
      given.signal?.removeEventListener('abort', onAbort);
      if (given.detached) own.delete(id);
    }
  }

  async function run(id: string, given: SandboxStart): Promise<Sandbox> {
    const { path: mongodPath, version: mongodVersion } = await toolchain.require('mongod');
    const report = given.report ?? (() => undefined);
    const entry: SandboxRecord = {
      formatVersion: 1,
      id,
      purpose: given.purpose,
      setName: given.purpose === 'demo' ? 'demo' : 'sandbox',
      // Also of a detached one, until it is ready: then it belongs to nobody.
      owner: processIdentity(),
      startedAt: new Date().toISOString(),
      ready: false,
      members: [],
    };
    await mkdir(folderOf(folder, id), { recursive: true, mode: 0o700 });
    await writeRecord(folder, entry);
    await syncFolder(folder);
    let seedFolder: string | null = null;
    if (given.purpose === 'demo') {
      seedFolder = join(folderOf(folder, id), 'seed');
      const workFolder = join(folderOf(folder, id), 'work');
      await mkdir(dataFolderOf(seedFolder), { recursive: true, mode: 0o700 });
      await demoSeed.fill(dataFolderOf(seedFolder), {
        mongodPath,
        mongodVersion,
        workFolder,
        signal: given.signal,
        report,
      });
      await rm(workFolder, { recursive: true, force: true });
    }
    for (let attempt = 1; ; attempt++) {
      try {
        const members = await startMembers(entry, given, mongodPath, seedFolder, report);
        entry.members = members.map(({ port, pid }) => ({ port, pid }));
        entry.ready = true;
        if (given.detached) entry.owner = null;
        await writeRecord(folder, entry);
        if (seedFolder) await rm(seedFolder, { recursive: true, force: true });
        if (!given.detached) watch(id, members);
        logger.info({ sandbox: id, purpose: given.purpose, members: members.length }, 'Sandbox is up');
        return toSandbox(folder, entry);
      } catch (error) {
        if (!(error instanceof PortTaken) || attempt === attempts) throw error;
        await killMongods(folderOf(folder, id));
        for (let index = 0; index < given.members; index++)
          await rm(join(folderOf(folder, id), `member-${index}`), { recursive: true, force: true });
      }
    }
  }

  async function startMembers(
    entry: SandboxRecord,
    given: SandboxStart,
    mongodPath: string,
    seedFolder: string | null,
    report: (update: ProgressUpdate) => void,
  ): Promise<MongodProcess[]> {
    const { id, setName } = entry;
    const { signal, detached } = given;
    const ports = await freePorts(given.members);
    entry.members = ports.map((port) => ({ port, pid: null }));
    await writeRecord(folder, entry);
    const launch = (index: number, port: number, owned = false): Promise<MongodProcess> =>
      startMongod({
        mongodPath,
        port,
        setName,
        signal,
        detached: detached && !owned,
        folder: join(folderOf(folder, id), `member-${index}`),
      });
    report({ phase: given.members === 1 ? 'Starting mongod' : `Starting ${given.members} mongods` });
    if (seedFolder) await plantSeed(id, given, seedFolder, (port) => launch(0, port, true), ports[0] ?? 0, setName);
    const members = await allStarted(ports.map((port, index) => launch(index, port)));
    const first = members[0];
    if (!first) throw new Error('A sandbox without members');
    report({ phase: 'Electing a primary' });
    const client = await first.connect();
    try {
      if (seedFolder) {
        await extendSet(client, setName, members, signal);
        await demoSeed.finish(client, { signal, report });
      } else await initiateSet(client, setName, members, signal);
    } finally {
      await client.close();
    }
    return members;
  }

  /** Each member gets a copy of the seed in which a set of one was begun: an identity and an oplog of its own. */
  async function plantSeed(
    id: string,
    given: SandboxStart,
    seedFolder: string,
    launch: (port: number) => Promise<MongodProcess>,
    port: number,
    setName: string,
  ): Promise<void> {
    const memberData = (index: number): string => dataFolderOf(join(folderOf(folder, id), `member-${index}`));
    await copyFolder(dataFolderOf(seedFolder), memberData(0));
    const founder = await launch(port);
    const client = await founder.connect();
    await client.db('admin').command({ replSetInitiate: { _id: setName, members: [{ _id: 0, host: founder.host }] } });
    await becomePrimary(client, given.signal);
    await shutDown(client, founder);
    for (let index = 1; index < given.members; index++) await copyFolder(memberData(0), memberData(index));
  }

  function watch(id: string, members: readonly MongodProcess[]): void {
    for (const { ended, host } of members) {
      void ended.then(() => {
        if (stopping.has(id)) return;
        logger.warn({ sandbox: id, host }, 'A server of a sandbox ended by itself');
        for (const listener of [...listeners]) listener(id);
      });
    }
  }

  return {
    start,
    stop,
    stopAll: async () => {
      const stopped: Sandbox[] = [];
      for (const { id, record } of await findSandboxes(folder)) if (record) stopped.push(await stop(id));
      return stopped;
    },
    list,
    recover: async () => {
      const removed: string[] = [];
      for (const found of await findSandboxes(folder)) {
        if (!(await isDead(found))) continue;
        try {
          await end(found.id);
          removed.push(found.id);
        } catch (error) {
          logger.error({ error, sandbox: found.id }, 'Cannot remove a sandbox that was left');
        }
      }
      if (removed.length > 0) logger.info({ sandboxes: removed }, 'Removed sandboxes that were left');
      return removed;
    },
    onLost: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      for (const { cancel } of own.values()) cancel.abort();
      await Promise.all(
        [...own].map(async ([id, { settled }]) => {
          await settled;
          if (own.has(id)) await end(id);
        }),
      );
    },
  };
}

/** All of them, or the first failure once every one has settled. */
async function allStarted(starting: Promise<MongodProcess>[]): Promise<MongodProcess[]> {
  const results = await Promise.allSettled(starting);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return Promise.all(starting);
}
