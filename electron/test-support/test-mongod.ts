/** Real mongods for tests: on free loopback ports, in temporary folders, always ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { testMongodPath } from './runtime';
import { removeTemporaryFolder, temporaryFolder } from './temporary-folder';

export interface TestMongodOptions {
  /** A replica set `rs0`; implied by `members`. */
  replicaSet?: boolean;
  members?: 1 | 3;
  /** Switches access control on and makes this user with role root. */
  auth?: { user: string; password: string };
  /** requireTLS with these files (see makeTestCertificates). */
  tls?: { certificateKeyFile: string; caFile: string; clientCertificateKeyFile?: string };
  /** Of the first member; a free one by default. */
  port?: number;
  /** Another mongod than testMongodPath(). */
  mongodPath?: string;
  /** False: secondaries replicate from the primary alone, so that what holds one of them up is not passed on. */
  chaining?: boolean;
  /** More arguments for every mongod. */
  args?: string[];
  /** Environment for every mongod, e.g. LD_LIBRARY_PATH of an old one. */
  env?: Record<string, string>;
}

export interface TestMember {
  host: string;
  port: number;
  pid: number;
  folder: string;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder after kill(). */
  restart(): Promise<void>;
}

export interface TestMongod {
  /** With user, password, replica set and TLS files where there are any. */
  uri: string;
  /** The same without user and password. */
  uriWithoutCredentials: string;
  /** `127.0.0.1:port` of the first member. */
  host: string;
  port: number;
  members: TestMember[];
  /** A new client; closed by stop(). */
  connect(options?: MongoClientOptions): Promise<MongoClient>;
  /** Ends all members and removes their folders. */
  stop(): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const livePids = new Set<number>();
let exitHandled = false;

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** A shell that outlives a killed test process by a moment and takes the mongod and its folder along. */
function startWatchdog(pid: number, folder: string): ChildProcess | null {
  if (process.platform === 'win32') return null;
  const watchdog = spawn(
    '/bin/sh',
    ['-c', 'read answer || { kill -9 "$0"; sleep 0.2; rm -rf "$1"; }', `${pid}`, folder],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  );
  watchdog.stdin?.on('error', () => undefined);
  watchdog.unref();
  const pipe = watchdog.stdin;
  if ('unref' in pipe && typeof pipe.unref === 'function') (pipe.unref as () => void).call(pipe);
  return watchdog;
}

async function startMember(port: number, root: string, options: TestMongodOptions): Promise<TestMember> {
  const folder = join(root, `member-${port}`);
  mkdirSync(folder);
  const logFile = join(root, `member-${port}.log`);
  const args = [
    '--bind_ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--dbpath',
    folder,
    '--logpath',
    logFile,
    '--logappend',
    '--wiredTigerCacheSizeGB',
    '0.25',
    '--nounixsocket',
    '--setParameter',
    'diagnosticDataCollectionEnabled=false',
    '--setParameter',
    'ttlMonitorSleepSecs=1',
  ];
  if (options.replicaSet) args.push('--replSet', 'rs0', '--oplogSize', '64');
  if (options.auth) args.push(...(options.replicaSet ? ['--keyFile', join(root, 'key')] : ['--auth']));
  if (options.tls) {
    args.push('--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', options.tls.certificateKeyFile);
    args.push('--tlsCAFile', options.tls.caFile, '--tlsAllowConnectionsWithoutCertificates');
  }
  args.push(...(options.args ?? []));

  let child: ChildProcess;
  let watchdog: ChildProcess | null = null;
  const start = async (): Promise<number> => {
    child = spawn(options.mongodPath ?? testMongodPath(), args, {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '', ...options.env },
    });
    const pid = child.pid;
    if (pid === undefined) throw new Error('mongod could not be started');
    livePids.add(pid);
    const onEnd = child;
    void ended(onEnd).then(() => livePids.delete(pid));
    watchdog = startWatchdog(pid, root);
    await answering(port, options, onEnd, logFile);
    return pid;
  };
  const member: TestMember = {
    host: `127.0.0.1:${port}`,
    port,
    pid: await start(),
    folder,
    kill: async () => {
      watchdog?.stdin?.end('done\n');
      child.kill('SIGKILL');
      await ended(child);
    },
    restart: async () => {
      member.pid = await start();
    },
  };
  return member;
}

function clientOptions(options: TestMongodOptions): MongoClientOptions {
  const { tls } = options;
  if (!tls) return {};
  return {
    tls: true,
    tlsCAFile: tls.caFile,
    ...(tls.clientCertificateKeyFile ? { tlsCertificateKeyFile: tls.clientCertificateKeyFile } : {}),
  };
}

async function answering(port: number, options: TestMongodOptions, child: ChildProcess, log: string): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    ...clientOptions(options),
    serverSelectionTimeoutMS: 30_000,
    heartbeatFrequencyMS: 500,
  });
  const crashed = ended(child).then(() => {
    const lines = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');
    throw new Error(`mongod ended at start:\n${lines}`);
  });
  try {
    await Promise.race([waitForPort(port).then(() => client.db('admin').command({ ping: 1 })), crashed]);
  } finally {
    crashed.catch(() => undefined);
    await client.close();
  }
}

/** One that was killed reads its journal first, which takes long where the disk is busy. */
async function waitForPort(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (const end = Date.now() + 120_000; Date.now() < end; await pause(25)) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
  }
  throw new Error(`Nothing listens on port ${port}`);
}

async function initiate(members: TestMember[], options: TestMongodOptions): Promise<void> {
  const first = members[0];
  if (!first) return;
  const client = new MongoClient(`mongodb://${first.host}/?directConnection=true`, clientOptions(options));
  try {
    const admin = client.db('admin');
    await admin.command({
      replSetInitiate: {
        _id: 'rs0',
        members: members.map((member, index) => ({ _id: index, host: member.host, priority: index === 0 ? 2 : 1 })),
        settings: {
          electionTimeoutMillis: members.length === 1 ? 1000 : 2000,
          heartbeatIntervalMillis: 200,
          chainingAllowed: options.chaining ?? true,
        },
      },
    });
    for (const end = Date.now() + 60_000; ; await pause(25)) {
      // By its old name, which all versions know.
      const { ismaster } = await admin.command({ isMaster: 1 });
      if (ismaster === true) break;
      if (Date.now() > end) throw new Error('The replica set elected no primary within a minute');
    }
  } finally {
    await client.close();
  }
}

async function addUser(host: string, options: TestMongodOptions): Promise<void> {
  if (!options.auth) return;
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, clientOptions(options));
  try {
    await client
      .db('admin')
      .command({ createUser: options.auth.user, pwd: options.auth.password, roles: [{ role: 'root', db: 'admin' }] });
  } finally {
    await client.close();
  }
}

function uriOf(members: TestMember[], options: TestMongodOptions, credentials: boolean): string {
  const { auth, tls } = options;
  const user = credentials && auth ? `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.password)}@` : '';
  const parameters = new URLSearchParams();
  if (options.replicaSet) parameters.set('replicaSet', 'rs0');
  else parameters.set('directConnection', 'true');
  if (credentials && auth) parameters.set('authSource', 'admin');
  if (tls) {
    parameters.set('tls', 'true');
    parameters.set('tlsCAFile', tls.caFile);
    if (tls.clientCertificateKeyFile) parameters.set('tlsCertificateKeyFile', tls.clientCertificateKeyFile);
  }
  return `mongodb://${user}${members.map((member) => member.host).join(',')}/?${parameters.toString()}`;
}

/**
 * Starts a standalone mongod, or a replica set that accepts writes when the promise resolves (one member: about a
 * second; three: about five). Ended by stop(), when the test process exits, and also when it is killed.
 */
export async function startTestMongod(given: TestMongodOptions = {}): Promise<TestMongod> {
  const options = { ...given, replicaSet: given.replicaSet ?? given.members !== undefined };
  const root = temporaryFolder('mongod');
  if (options.auth) writeFileSync(join(root, 'key'), randomBytes(96).toString('base64'), { mode: 0o400 });
  if (!exitHandled) {
    exitHandled = true;
    process.once('exit', () => {
      for (const pid of livePids) process.kill(pid, 'SIGKILL');
    });
  }
  const clients: MongoClient[] = [];
  const members: TestMember[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all(members.map((member) => member.kill()));
    removeTemporaryFolder(root);
  };
  try {
    const ports = [options.port ?? (await freePort())];
    while (ports.length < (options.members ?? 1)) ports.push(await freePort());
    members.push(...(await Promise.all(ports.map((port) => startMember(port, root, options)))));
    if (options.replicaSet) await initiate(members, options);
    const first = members[0];
    if (!first) throw new Error('no member');
    await addUser(first.host, options);
    const uri = uriOf(members, options, true);
    return {
      uri,
      uriWithoutCredentials: uriOf(members, options, false),
      host: first.host,
      port: first.port,
      members,
      connect: async (clientOptionsGiven) => {
        const client = new MongoClient(uri, { serverSelectionTimeoutMS: 10_000, ...clientOptionsGiven });
        clients.push(client);
        return client.connect();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
