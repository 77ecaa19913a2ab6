/** Tests a connection: reachable or exactly why not, what is there, and what the user may do with it. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MongoClient, MongoServerError, MongoServerSelectionError, type Document } from 'mongodb';
import type { ConnectionTest, Deployment } from '../../shared/connections';
import type { AppError } from '../../shared/result';
import { clientOptions } from './client-pool';
import { hostsOf, optionOf, toolConnectionString, usesTls } from './connection-string';
import { describeDeployment, hello } from './deployment';
import { diagnoseDriverError } from './diagnose';
import { checkPrivileges, parseConnectionStatus } from './privileges';
import { serverSupport } from './server-support';

export interface TestTarget {
  /** With secrets. */
  fullUri: string;
  /** Without. */
  uri: string;
  production: boolean;
}

const selectionMs = 5000;
const probeMs = 2000;

function splitHost(host: string): { host: string; port: number } {
  const colon = host.lastIndexOf(':');
  return { host: host.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(host.slice(colon + 1)) };
}

/** Whether a TLS handshake succeeds, whatever certificate is shown. */
function answersInTls(address: string): Promise<boolean> {
  const { host, port } = splitHost(address);
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false, timeout: probeMs });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('secureConnect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

/** Whether a TCP connection is accepted at all. */
function acceptsConnections(address: string): Promise<boolean> {
  const { host, port } = splitHost(address);
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: probeMs });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

/** hello of one host by itself, without credentials; null when it does not answer. */
async function askAlone(uri: string, host: string, tls: boolean): Promise<Document | null> {
  let alone = toolConnectionString(uri, { host, resolved: { tls, authSource: null } });
  if (!tls) alone = `mongodb://${host}/?directConnection=true`;
  let client: MongoClient | null = null;
  try {
    client = new MongoClient(alone, { serverSelectionTimeoutMS: probeMs, connectTimeoutMS: probeMs });
    return await hello(client);
  } catch {
    return null;
  } finally {
    await client?.close();
  }
}

async function explainSet(uri: string, host: string, error: AppError): Promise<AppError> {
  const wanted = optionOf(uri, 'replicaSet');
  const answer = await askAlone(uri, host, usesTls(uri));
  if (!answer) return error;
  const setName: unknown = answer['setName'];
  const details = error.details ? { details: error.details } : {};
  if (typeof setName !== 'string') {
    if (wanted === null) return error;
    return {
      code: 'topology',
      message: `${host} is not a member of a replica set, but the connection string asks for set ${wanted}.`,
      hint: 'Remove replicaSet=… to connect to it as a standalone server.',
      ...details,
    };
  }
  if (wanted !== null && wanted !== setName)
    return {
      code: 'topology',
      message: `${host} is a member of replica set ${setName}, not of ${wanted}.`,
      hint: `Write replicaSet=${setName}.`,
      ...details,
    };
  const members = (Array.isArray(answer['hosts']) ? (answer['hosts'] as unknown[]) : []).map(String);
  const reachable = await Promise.all(members.map(acceptsConnections));
  if (members.length > 0 && !members.includes(host) && reachable.every((answered) => !answered))
    return {
      code: 'topology',
      message: `${host} answers, but its replica set names its members ${members.join(', ')}, which cannot be reached from here.`,
      hint: 'Make these names resolve here, or add directConnection=true to talk to this member alone.',
      ...details,
    };
  if (typeof answer['primary'] !== 'string')
    return {
      code: 'topology',
      message: `Replica set ${setName} has no primary at the moment.`,
      hint: 'Wait for the election to end, or look at the state of its members.',
      ...details,
    };
  return error;
}

/**
 * Why a client could not connect. Looks closer than {@link diagnoseDriverError} by asking the host itself, without
 * credentials: was it TLS, the name of the set, members that cannot be reached? Takes up to some seconds.
 */
export async function explainConnectFailure(target: Pick<TestTarget, 'uri'>, failure: unknown): Promise<AppError> {
  const error = diagnoseDriverError(failure, hostsOf(target.uri).join(', '));
  const host = hostsOf(target.uri)[0];
  if (host === undefined || target.uri.startsWith('mongodb+srv:') || /%2f/i.test(host)) return error;
  const tls = usesTls(target.uri);
  const details = error.details ? { details: error.details } : {};
  if (!tls && (error.code === 'unreachable' || error.code === 'timeout' || error.code === 'topology')) {
    if (/ECONNREFUSED/.test(error.details ?? '')) return error;
    const mayBeTls = error.code !== 'topology' && (await answersInTls(host));
    if (mayBeTls)
      return {
        code: 'tls',
        message: `${host} expects TLS.`,
        hint: 'Add tls=true to the connection string.',
        ...details,
      };
  }
  if (tls && (error.code === 'tls' || error.code === 'unreachable' || error.code === 'timeout')) {
    const plain = /ECONNREFUSED|ENOTFOUND|ENOENT|EACCES|PEM|ALTNAME|CERT|certificate/i.test(error.details ?? '')
      ? null
      : await askAlone(`mongodb://${host}/`, host, false);
    if (plain)
      return {
        code: 'tls',
        message: `${host} does not use TLS, but the connection string asks for it.`,
        hint: 'Remove tls=true from the connection string.',
        ...details,
      };
  }
  if (failure instanceof MongoServerSelectionError && (error.code === 'topology' || failure.reason?.type !== 'Unknown'))
    return explainSet(target.uri, host, error);
  return error;
}

/** False when the server lets anybody do anything. */
async function hasAccessControl(client: MongoClient, authenticatedAs: string | null): Promise<boolean> {
  if (authenticatedAs !== null) return true;
  try {
    await client.db('admin').command({ listDatabases: 1, nameOnly: true });
    return false;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === 13) return true;
    throw error;
  }
}

function warningsOf(deployment: Deployment, target: TestTarget, accessControl: boolean): string[] {
  const warnings: string[] = [];
  const [major = 0, minor = 0] = deployment.serverVersion.split('.').map(Number);
  const { warning } = serverSupport(deployment.serverVersion);
  if (warning !== null) warnings.push(warning);
  const compatibility = deployment.featureCompatibilityVersion;
  if (compatibility !== null && compatibility !== `${major}.${minor}`)
    warnings.push(`The feature compatibility version is ${compatibility} although the server is ${major}.${minor}.`);
  if (deployment.topology === 'standalone')
    warnings.push('A standalone server has no oplog: a backup taken while it is written to is not one moment in time.');
  if (deployment.topology === 'sharded')
    warnings.push('Sharded clusters cannot be backed up consistently with mongodump; use Percona Backup for MongoDB.');
  if (deployment.directToSecondary)
    warnings.push(`${deployment.host} is a secondary: it can be backed up from, but nothing can be restored to it.`);
  if (!accessControl) warnings.push('Access control is off: whoever reaches this server may do anything.');
  if (target.production && !usesTls(target.uri) && !hostsOf(target.uri).every(isLoopback))
    warnings.push('The connection is not encrypted (no TLS).');
  return warnings;
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i.test(host) || /%2f/i.test(host);
}

const definite =
  /ENOTFOUND|ECONNREFUSED|CERT|certificate|altnames|wrong version number|connection .* closed|disconnected before/i;

/** Connects; does not wait for the time limit when every host has failed for a reason that waiting will not mend. */
async function connectOrFailEarly(client: MongoClient, hosts: number): Promise<void> {
  const failures = new Map<string, Error>();
  const allFailed = new Promise<never>((_resolve, reject) => {
    client.on('serverHeartbeatFailed', ({ connectionId, failure }) => {
      if (definite.test(diagnoseDriverError(failure, connectionId).details ?? '')) failures.set(connectionId, failure);
      else failures.delete(connectionId);
      if (failures.size >= hosts) reject(failure);
    });
    client.on('serverHeartbeatSucceeded', ({ connectionId }) => failures.delete(connectionId));
  });
  const connecting = client.connect();
  connecting.catch(() => undefined);
  await Promise.race([connecting, allFailed]);
}

/** Connects with a client of its own (5 s for each step), tells what it found, and closes it. Never throws for what it finds. */
export async function testConnection(target: TestTarget): Promise<ConnectionTest> {
  const started = Date.now();
  const answer: ConnectionTest = {
    reachable: false,
    error: null,
    deployment: null,
    authenticatedAs: null,
    privileges: [],
    warnings: [],
    elapsedMs: 0,
  };
  const host = hostsOf(target.uri).join(', ');
  let client: MongoClient | null = null;
  try {
    client = new MongoClient(target.fullUri, clientOptions(target.fullUri, selectionMs));
    await connectOrFailEarly(client, hostsOf(target.uri).length);
    answer.reachable = true;
    const status = parseConnectionStatus(
      await client.db('admin').command({ connectionStatus: 1, showPrivileges: true }),
    );
    answer.authenticatedAs = status.authenticatedAs;
    const accessControl = await hasAccessControl(client, status.authenticatedAs);
    if (accessControl && status.authenticatedAs === null) {
      answer.error = {
        code: 'authentication',
        message: `${host} requires authentication and no user name was given.`,
        hint: 'Enter user name and password.',
      };
    }
    answer.deployment = await describeDeployment(client);
    answer.privileges = checkPrivileges(status.privileges, accessControl);
    answer.warnings = warningsOf(answer.deployment, target, accessControl);
  } catch (error) {
    answer.error = await explainConnectFailure(target, error);
    // Whoever refuses a password was reached.
    answer.reachable ||= answer.error.code === 'authentication' || answer.error.code === 'not-authorized';
  } finally {
    await client?.close();
  }
  answer.elapsedMs = Date.now() - started;
  return answer;
}
