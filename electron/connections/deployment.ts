/** What a deployment is: version, topology, members with their lag, oplog window. */
import { MongoServerError, type Document, type MongoClient, type Timestamp } from 'mongodb';
import type { Deployment, Member } from '../../shared/connections';

const commandNotFound = 59;

/** Number 4 is no state of today's servers. */
const stateByNumber: Readonly<Record<number, Member['state']>> = {
  0: 'STARTUP',
  1: 'PRIMARY',
  2: 'SECONDARY',
  3: 'RECOVERING',
  5: 'STARTUP2',
  6: 'UNKNOWN',
  7: 'ARBITER',
  8: 'DOWN',
  9: 'ROLLBACK',
  10: 'REMOVED',
};

/** `hello`, or what servers before 4.4.2 call it. */
export async function hello(client: MongoClient): Promise<Document> {
  try {
    return await client.db('admin').command({ hello: 1 });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== commandNotFound) throw error;
    return client.db('admin').command({ isMaster: 1 });
  }
}

/** True for an answer of hello that came from a member which cannot be written to. */
export function isSecondaryAlone(answer: Document): boolean {
  const writable = answer['isWritablePrimary'] ?? answer['ismaster'];
  return typeof answer['setName'] === 'string' && writable !== true;
}

/** The answer of a command, or null when the user may not run it or the server does not know it. */
async function ifAllowed(client: MongoClient, command: Document): Promise<Document | null> {
  try {
    return await client.db('admin').command(command);
  } catch (error) {
    if (error instanceof MongoServerError) return null;
    throw error;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function membersFromHello(answer: Document): Member[] {
  const primary = text(answer['primary']);
  const arbiters = strings(answer['arbiters']);
  return [...strings(answer['hosts']), ...strings(answer['passives']), ...arbiters].map((host) => ({
    host,
    state: host === primary ? 'PRIMARY' : arbiters.includes(host) ? 'ARBITER' : 'UNKNOWN',
    lagSeconds: null,
    hidden: false,
  }));
}

interface StatusMember {
  name: string;
  state: number;
  optimeDate?: Date;
}

function statusMembers(status: Document): StatusMember[] {
  const members: unknown = status['members'];
  return Array.isArray(members) ? (members as StatusMember[]) : [];
}

function membersFromStatus(status: Document, config: Document | null): Member[] {
  const members = statusMembers(status);
  const primary = members.find((member) => member.state === 1);
  const configured =
    (config?.['config'] as { members?: { host: string; hidden?: boolean }[] } | undefined)?.members ?? [];
  return members.map((member) => {
    const state = stateByNumber[member.state] ?? 'UNKNOWN';
    const behind =
      member.state === 2 && primary?.optimeDate && member.optimeDate
        ? Math.max(0, (primary.optimeDate.getTime() - member.optimeDate.getTime()) / 1000)
        : null;
    return {
      host: member.name,
      state,
      lagSeconds: behind,
      hidden: configured.some((entry) => entry.host === member.name && entry.hidden === true),
    };
  });
}

async function oplogWindowHours(client: MongoClient): Promise<number | null> {
  const oplog = client.db('local').collection<{ ts: Timestamp }>('oplog.rs');
  const end = async (direction: 1 | -1): Promise<number | null> => {
    const entry = await oplog.findOne({}, { sort: { $natural: direction }, projection: { ts: 1 } });
    return entry ? entry.ts.getHighBits() : null;
  };
  try {
    const [first, last] = await Promise.all([end(1), end(-1)]);
    return first === null || last === null ? null : Math.max(0, (last - first) / 3600);
  } catch (error) {
    if (error instanceof MongoServerError) return null;
    throw error;
  }
}

/**
 * Describes the deployment `client` is connected to, as far as its user may know: what is not permitted becomes null or
 * 'UNKNOWN'. Driver errors pass through.
 */
export async function describeDeployment(client: MongoClient): Promise<Deployment> {
  const [answer, build, compatibility, status, config] = await Promise.all([
    hello(client),
    client.db('admin').command({ buildInfo: 1 }),
    ifAllowed(client, { getParameter: 1, featureCompatibilityVersion: 1 }),
    ifAllowed(client, { replSetGetStatus: 1 }),
    ifAllowed(client, { replSetGetConfig: 1 }),
  ]);
  const setName = text(answer['setName']);
  const topology = answer['msg'] === 'isdbgrid' ? 'sharded' : setName === null ? 'standalone' : 'replica set';
  const settings = (config?.['config'] as { settings?: { replicaSetId?: { toHexString(): string } } } | undefined)
    ?.settings;
  const version = compatibility?.['featureCompatibilityVersion'] as { version?: string } | undefined;
  return {
    topology,
    setName,
    setId: settings?.replicaSetId?.toHexString() ?? null,
    members: topology !== 'replica set' ? [] : status ? membersFromStatus(status, config) : membersFromHello(answer),
    serverVersion: String(build['version']),
    featureCompatibilityVersion: version?.version ?? null,
    host: text(answer['me']) ?? client.options.hosts.map(String)[0] ?? '',
    directToSecondary: isSecondaryAlone(answer) && client.options.directConnection === true,
    oplogWindowHours: topology === 'replica set' ? await oplogWindowHours(client) : null,
  };
}
