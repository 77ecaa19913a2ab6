/** Starts one mongod on loopback and tells when it answers, or why it does not. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { AppFailure, fail } from '../../shared/result';
import { startTool } from '../platform/spawn-tool';
import { toolEnvironment } from '../platform/tool-environment';

export interface MongodStart {
  mongodPath: string;
  /** Holds `data` and `mongod.log`; made when absent. */
  folder: string;
  port: number;
  /** Absent: a standalone server. */
  setName?: string;
  oplogMegabytes?: number;
  /** Goes on when this process ends. */
  detached?: boolean;
  signal?: AbortSignal;
}

export interface MongodProcess {
  pid: number;
  port: number;
  host: string;
  /** Resolves when it is gone, however it ended; with the reason its log gives, if there is one. */
  ended: Promise<void>;
  /** A client for this member alone; the caller closes it. */
  connect(): Promise<MongoClient>;
}

/** mongod's exit code when its port is taken. */
const portTaken = 48;
const startLimitMs = 60_000;

export class PortTaken extends Error {}

export function dataFolderOf(memberFolder: string): string {
  return join(memberFolder, 'data');
}

function argumentsOf(start: MongodStart): string[] {
  return [
    '--dbpath',
    dataFolderOf(start.folder),
    '--logpath',
    join(start.folder, 'mongod.log'),
    '--port',
    String(start.port),
    '--bind_ip',
    '127.0.0.1',
    ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
    '--wiredTigerCacheSizeGB',
    '0.25',
    // Journal files are 100 MB each otherwise, several a member, allocated at once.
    '--wiredTigerEngineConfigString',
    'log=(enabled=true,path=journal,compressor=snappy,prealloc=false,file_max=16MB)',
    '--setParameter',
    'diagnosticDataCollectionEnabled=false',
    ...(start.setName ? ['--replSet', start.setName, '--oplogSize', String(start.oplogMegabytes ?? 990)] : []),
  ];
}

const deathSignalPaths = ['/usr/bin/setpriv', '/bin/setpriv'];
let deathSignal: string | null | undefined;

/**
 * On Linux the kernel ends a mongod together with the thread that started it, even after kill -9: asked for by
 * util-linux' setpriv. On Windows Node's own job object does the same; elsewhere the next start cleans up.
 */
function withDeathSignal(path: string, args: string[]): { path: string; args: string[] } {
  if (deathSignal === undefined) {
    deathSignal = process.platform === 'linux' ? (deathSignalPaths.find(isExecutable) ?? null) : null;
  }
  if (deathSignal === null) return { path, args };
  return { path: deathSignal, args: ['--pdeathsig', 'KILL', '--', path, ...args] };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

interface Launched {
  pid: number;
  /** The exit code, null when a signal ended it. */
  exit: Promise<number | null>;
}

function launchOwned(start: MongodStart): Launched {
  const { pid, done } = startTool({
    ...withDeathSignal(start.mongodPath, argumentsOf(start)),
    workingFolder: start.folder,
  });
  return { pid, exit: done.then(({ code }) => code) };
}

/** Without pipes, in a session of its own, so that nothing of ours is needed for it to go on. */
function launchDetached(start: MongodStart): Launched {
  const child = spawn(start.mongodPath, argumentsOf(start), {
    cwd: start.folder,
    env: toolEnvironment(),
    shell: false,
    windowsHide: true,
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        new AppFailure({
          code: 'tool-unusable',
          message: `${start.mongodPath} cannot be run: ${error.message}.`,
          hint: 'Choose another mongod under Settings, Tools.',
        }),
      ),
    );
    child.once('exit', (code) => resolve(code));
  });
  return { pid: child.pid ?? 0, exit };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function logTail(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'mongod.log'), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-15).join('\n');
}

async function whyEnded(start: MongodStart, code: number | null): Promise<never> {
  const details = await logTail(start.folder);
  if (code === portTaken || /Address already in use/.test(details)) throw new PortTaken(`Port ${start.port} is taken`);
  if (/No space left on device|errno:28/.test(details))
    fail(
      'disk-full',
      `No space is left for the sandbox in ${start.folder}.`,
      'Free some space and try again.',
      details,
    );
  return fail(
    'server-error',
    `The sandbox's mongod ended at its start${code === null ? '' : ` with exit code ${code}`}.`,
    'Its last log lines are in the details.',
    details,
  );
}

/**
 * Resolves when the server accepts connections. Throws {@link PortTaken}, 'disk-full', 'server-error' with its last log
 * lines, 'timeout' after a minute, or 'cancelled'; then it does not run any more (a detached one: its caller's folder
 * clean-up ends it).
 */
export async function startMongod(start: MongodStart): Promise<MongodProcess> {
  if (!existsSync(start.mongodPath))
    fail('tool-missing', `${start.mongodPath} was not found.`, 'Choose another mongod under Settings, Tools.');
  await mkdir(dataFolderOf(start.folder), { recursive: true, mode: 0o700 });
  // What an earlier run in this folder logged would be taken for this one's.
  await rm(join(start.folder, 'mongod.log'), { force: true });
  const { pid, exit } = start.detached ? launchDetached(start) : launchOwned(start);
  let code: number | null | undefined;
  let failure: unknown;
  const ended = exit.then(
    (exitCode) => {
      code = exitCode;
    },
    (error: unknown) => {
      code = null;
      failure = error;
    },
  );
  for (const end = Date.now() + startLimitMs; ; await pause(20)) {
    if (failure !== undefined) throw failure;
    if (code !== undefined) return whyEnded(start, code);
    if (start.signal?.aborted) fail('cancelled', 'Cancelled.');
    // Another server may listen there: then ours ends with "address in use" a moment later.
    if ((await accepts(start.port)) && (await isListening(start.folder))) break;
    if (Date.now() > end)
      fail('timeout', "The sandbox's mongod did not answer within a minute.", undefined, await logTail(start.folder));
  }
  const host = `127.0.0.1:${start.port}`;
  return {
    pid,
    port: start.port,
    host,
    ended,
    connect: () =>
      new MongoClient(`mongodb://${host}/?directConnection=true`, {
        appName: 'Lifeboat',
        serverSelectionTimeoutMS: 20_000,
        heartbeatFrequencyMS: 500,
      }).connect(),
  };
}

/** Whether this very server says that it listens (log message 23016, "Waiting for connections"). */
async function isListening(folder: string): Promise<boolean> {
  return /"id":23016\b/.test(await readFile(join(folder, 'mongod.log'), 'utf8').catch(() => ''));
}
