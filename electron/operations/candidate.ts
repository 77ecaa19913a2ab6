/** Whether a mongod can become a member of a set: looked at before the set is told of it. */
import { MongoServerError, type MongoClient } from 'mongodb';
import { formatBytes } from '../../shared/format';
import { AppFailure } from '../../shared/result';
import { hello } from '../connections/deployment';
import { diagnoseDriverError } from '../connections/diagnose';
import { listAt, numberAt, textAt, valueAt } from '../health/sampler/server-values';
import { note, refused, warning, type Remark } from './planned-operation';
import type { SetAccess } from './set-access';
import { ask, type SetState } from './set-state';
import { withinLimit } from './waiting';

const answerMs = 8000;

/** `host:port`, as the configuration of a set names its members. */
export const hostAndPort = /^(?:\[[0-9a-fA-F:.%]+\]|[^\s/@,:[\]]+):([1-9]\d{0,4})$/;

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|\[::1\]):\d+$/i.test(host);
}

/** Of the set that it would join. */
export interface SetFacts {
  version: string;
  featureCompatibilityVersion: string | null;
  accessControl: boolean;
  dataBytes: number | null;
}

async function softly<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch {
    return null;
  }
}

export async function factsOfSet(access: SetAccess, primary: string): Promise<SetFacts> {
  const [build, compatibility, options, databases] = await Promise.all([
    ask(access, primary, { buildInfo: 1 }),
    softly(ask(access, primary, { getParameter: 1, featureCompatibilityVersion: 1 })),
    softly(ask(access, primary, { getCmdLineOpts: 1 })),
    softly(ask(access, primary, { listDatabases: 1 })),
  ]);
  const security = valueAt(options, 'parsed', 'security');
  return {
    version: String(build['version']),
    featureCompatibilityVersion: textAt(compatibility, 'featureCompatibilityVersion', 'version'),
    accessControl:
      textAt(security, 'authorization') === 'enabled' ||
      textAt(security, 'keyFile') !== null ||
      textAt(security, 'clusterAuthMode') !== null,
    dataBytes: numberAt(databases, 'totalSize'),
  };
}

/** The feature compatibility versions that a server of this version starts with; null where that is not known. */
function compatibleWith(version: string): string[] | null {
  const releases = ['3.6', '4.0', '4.2', '4.4', '5.0', '6.0', '7.0', '8.0'];
  const own = version.split('.').slice(0, 2).join('.');
  const at = releases.indexOf(own);
  return at < 1 ? null : releases.slice(at - 1, at + 1);
}

export function versionRemarks(host: string, version: string, set: SetFacts): Remark[] {
  const release = (text: string): string => text.split('.').slice(0, 2).join('.');
  if (version === set.version) return [];
  if (release(version) === release(set.version))
    return [note(`${host} runs ${version}, the primary ${set.version}: the same release.`)];
  const compatible = compatibleWith(version);
  const needed = set.featureCompatibilityVersion;
  if (needed !== null && compatible !== null && !compatible.includes(needed))
    return [
      refused(
        `${host} runs ${version}, which cannot follow a set of feature compatibility version ${needed} (the primary runs ${set.version}).`,
      ),
    ];
  return [
    warning(
      `${host} runs ${version}, the primary ${set.version}: different releases belong together only while a set is upgraded.`,
    ),
  ];
}

interface Looked {
  /** Null when it asks for authentication that it does not accept from us. */
  databases: { name: string; bytes: number }[] | null;
  /** It told without a user having been authenticated. */
  open: boolean;
}

function databasesOf(answer: unknown): { name: string; bytes: number }[] {
  return listAt(answer, 'databases').map((database) => ({
    name: textAt(database, 'name') ?? '',
    bytes: numberAt(database, 'sizeOnDisk') ?? 0,
  }));
}

async function lookInside(access: SetAccess, host: string, anonymous: MongoClient): Promise<Looked> {
  const list = { listDatabases: 1 };
  try {
    return { databases: databasesOf(await anonymous.db('admin').command(list)), open: true };
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
  }
  const client = await softly(access.member(host));
  const answer = client ? await softly(client.db('admin').command(list)) : null;
  return { databases: answer ? databasesOf(answer) : null, open: false };
}

const own = new Set(['admin', 'config', 'local']);

function dataRemarks(host: string, { databases }: Looked, wasMember: boolean): Remark[] {
  const foreign = databases?.filter(({ name }) => !own.has(name)) ?? [];
  if (foreign.length === 0 || wasMember) return [];
  const names = foreign.map(({ name }) => name).join(', ');
  return [refused(`${host} holds data that would be lost (${names}): start it with an empty data folder.`)];
}

function accessRemarks(host: string, { open, databases }: Looked, set: SetFacts): Remark[] {
  if (set.accessControl && open)
    return [
      refused(
        `${host} runs without access control, the set with it: the members could not authenticate with each other. Start it with the same keyFile (or x.509) as the others.`,
      ),
    ];
  if (!set.accessControl && !open)
    return [
      refused(
        `${host} asks for authentication, the set does not: start it without keyFile and authorization, as the others.`,
      ),
    ];
  if (set.accessControl && databases === null)
    return [
      note(
        `${host} has no users yet, so it could not be looked into; it must have an empty data folder. Whether its keyFile is that of the set shows when the members greet each other: if it is not, ${host} is taken out again.`,
      ),
    ];
  return [];
}

/** Looks at the mongod that is to join; never throws for what it finds. */
export async function candidateRemarks(
  access: SetAccess,
  state: SetState,
  host: string,
  set: SetFacts,
  arbiterOnly: boolean,
): Promise<Remark[]> {
  if (!hostAndPort.test(host)) return [refused(`"${host}" is no host:port, as members are named.`)];
  if (state.members.some((member) => member.host === host)) return [refused(`${host} is a member already.`)];
  const remarks: Remark[] = [];
  const [someone] = state.members;
  if (someone && isLoopback(someone.host) !== isLoopback(host))
    remarks.push(refused('Either all members of a set are named by a loopback address, or none is.'));
  try {
    const client = await access.member(host, { anonymous: true });
    const [answer, build] = await withinLimit(
      Promise.all([hello(client), client.db('admin').command({ buildInfo: 1 })]),
      answerMs,
      host,
    );
    const setName = textAt(answer, 'setName');
    if (setName !== null) return [...remarks, refused(`${host} belongs to a replica set already (${setName}).`)];
    if (answer['msg'] === 'isdbgrid') return [...remarks, refused(`${host} is a mongos.`)];
    if (answer['isreplicaset'] !== true)
      return [...remarks, refused(`${host} was not started as a member: start it with --replSet ${state.set}.`)];
    const looked = await withinLimit(lookInside(access, host, client), answerMs, host);
    const wasMember = await hasBeenMember(access, host, looked, state);
    remarks.push(
      ...versionRemarks(host, String(build['version']), set),
      ...accessRemarks(host, looked, set),
      ...dataRemarks(host, looked, wasMember),
    );
    if (wasMember)
      remarks.push(
        note(`${host} was a member of this set before: it only needs what it has missed, if the oplog still has it.`),
      );
    if (!arbiterOnly) remarks.push(...(await spaceRemarks(access, host, looked, set)));
    return remarks;
  } catch (error) {
    const described = error instanceof AppFailure ? error.error : diagnoseDriverError(error, host);
    return [...remarks, refused(`${described.message} ${described.hint ?? ''}`.trim())];
  }
}

async function hasBeenMember(
  access: SetAccess,
  host: string,
  { databases, open }: Looked,
  { setId, set }: SetState,
): Promise<boolean> {
  if (databases === null || setId === null) return false;
  const client = await softly(access.member(host, { anonymous: open }));
  const stored = client
    ? await softly(
        client
          .db('local')
          .collection('system.replset')
          .findOne({}, { projection: { settings: 1 } }),
      )
    : null;
  const id: unknown = valueAt(stored, 'settings', 'replicaSetId');
  return textAt(stored, '_id') === set && id !== undefined && String(id) === setId;
}

async function spaceRemarks(access: SetAccess, host: string, looked: Looked, set: SetFacts): Promise<Remark[]> {
  if (set.dataBytes === null) return [];
  const size = formatBytes(set.dataBytes);
  const text = `It copies all data of the set first, ${size} on the primary's disk.`;
  if (looked.databases === null) return [note(text)];
  const client = await softly(access.member(host, { anonymous: looked.open }));
  const stats = client ? await softly(client.db('admin').command({ dbStats: 1 })) : null;
  const total = numberAt(stats, 'fsTotalSize');
  const used = numberAt(stats, 'fsUsedSize');
  if (total === null || used === null) return [note(text)];
  const free = total - used;
  if (free < set.dataBytes)
    return [refused(`The disk of ${host} has ${formatBytes(free)} free, and the set holds ${size}.`)];
  return [note(`${text} Free there: ${formatBytes(free)}.`)];
}
