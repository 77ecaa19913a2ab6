/** What a deployment is: version, topology, members with their lag, oplog window. */
import { MongoServerError, Timestamp, type Document, type MongoClient, type ReadPreferenceLike } from 'mongodb';
import type { Deployment, Member } from '../../shared/connections';
import { isWorthAsking, lagSeconds, type PrimaryMark } from '../health/sampler/lag';
import { dateAt, listAt, numberAt, placeOf, textAt, valueAt, type OplogPlace } from '../health/sampler/server-values';

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

/** `hello`, or what servers before 4.4.2 call it, of the member that `readPreference` leads to. */
export async function hello(client: MongoClient, readPreference?: ReadPreferenceLike): Promise<Document> {
  const options = readPreference === undefined ? {} : { readPreference };
  try {
    return await client.db('admin').command({ hello: 1 }, options);
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== commandNotFound) throw error;
    return client.db('admin').command({ isMaster: 1 }, options);
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

/** So often an idle primary writes a no-op, in seconds. */
const idleWriteSeconds = 10;

/**
 * How long the oldest write has been waiting that the member lacks. Where the oplog may not be read the optimes' difference less
 * an idle primary's no-op, which nobody waits for: it is at least that.
 */
async function lagOf(client: MongoClient, behind: OplogPlace, primary: PrimaryMark): Promise<number> {
  const input = { behind, primary, earlier: [], firstMissing: null };
  if (!isWorthAsking(behind, primary.applied)) return lagSeconds(input);
  const after = new Timestamp({ t: behind.seconds, i: behind.increment });
  const entry = await client
    .db('local')
    .collection<{ ts: Timestamp; wall?: Date }>('oplog.rs')
    .findOne(
      { ts: { $gt: after } },
      { sort: { $natural: 1 }, projection: { ts: 1, wall: 1 }, maxTimeMS: 1000, readPreference: 'primary' },
    )
    .catch(() => null);
  if (!entry) return Math.max(0, lagSeconds(input) - idleWriteSeconds);
  const wallMs = dateAt(entry, 'wall') ?? entry.ts.getHighBitsUnsigned() * 1000;
  return lagSeconds({ ...input, firstMissing: { wallMs, nowMs: primary.at } });
}

async function membersFromStatus(client: MongoClient, status: Document, config: Document | null): Promise<Member[]> {
  const members = listAt(status, 'members');
  const placeOfMember = (member: unknown): OplogPlace | null =>
    placeOf(valueAt(member, 'optime'), dateAt(member, 'lastAppliedWallTime') ?? dateAt(member, 'optimeDate'));
  const primary = members.find((member) => numberAt(member, 'state') === 1);
  const applied = placeOfMember(primary);
  const at = dateAt(status, 'date');
  const configured =
    (config?.['config'] as { members?: { host: string; hidden?: boolean }[] } | undefined)?.members ?? [];
  return Promise.all(
    members.map(async (member) => {
      const host = textAt(member, 'name') ?? '';
      const state = stateByNumber[numberAt(member, 'state') ?? 6] ?? 'UNKNOWN';
      const behind = state === 'SECONDARY' ? placeOfMember(member) : null;
      return {
        host,
        state,
        lagSeconds: behind && applied && at !== null ? await lagOf(client, behind, { at, applied }) : null,
        hidden: configured.some((entry) => entry.host === host && entry.hidden === true),
      };
    }),
  );
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
    members:
      topology !== 'replica set'
        ? []
        : status
          ? await membersFromStatus(client, status, config)
          : membersFromHello(answer),
    serverVersion: String(build['version']),
    featureCompatibilityVersion: version?.version ?? null,
    host: text(answer['me']) ?? client.options.hosts.map(String)[0] ?? '',
    directToSecondary: isSecondaryAlone(answer) && client.options.directConnection === true,
    oplogWindowHours: topology === 'replica set' ? await oplogWindowHours(client) : null,
  };
}
