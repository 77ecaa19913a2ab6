/** Whether a mongod can become a member of a set: looked at before the set is told of it. */
import { MongoServerError, type MongoClient } from 'mongodb';
import { formatBytes, formatQuantity } from '../../shared/format';
import { AppFailure } from '../../shared/result';
import { hello } from '../connections/deployment';
import { diagnoseDriverError } from '../connections/diagnose';
import { numberAt, textAt, valueAt } from '../health/sampler/server-values';
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
  /** It told without a user having been authenticated. */
  open: boolean;
  /** Who may be asked further; null where it asks for authentication that it does not accept from us. */
  teller: MongoClient | null;
  /** The set whose member it was last, as its own files say; null for none. */
  formerSet: { name: string; id: string } | null;
  /** Collections that are not the server's own; null where it does not tell. */
  collections: number | null;
}

const unauthorized = 13;

async function configurationOf(client: MongoClient): Promise<Looked['formerSet']> {
  try {
    const answer = await client.db('admin').command({ replSetGetConfig: 1 });
    const id: unknown = valueAt(answer, 'config', 'settings', 'replicaSetId');
    return { name: textAt(answer, 'config', '_id') ?? '', id: String(id) };
  } catch (error) {
    // It was in none: "no replset config has been received".
    if (error instanceof MongoServerError && error.code !== unauthorized) return null;
    throw error;
  }
}

/** A member that is in no set answers to few commands; these are among them. */
async function lookInside(access: SetAccess, host: string, anonymous: MongoClient): Promise<Looked> {
  const look = async (client: MongoClient, open: boolean): Promise<Looked> => {
    const formerSet = await configurationOf(client);
    const status = await softly(client.db('admin').command({ serverStatus: 1, repl: 0, metrics: 0, catalogStats: 1 }));
    return { open, teller: client, formerSet, collections: numberAt(status, 'catalogStats', 'collections') };
  };
  try {
    return await look(anonymous, true);
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
  }
  const client = await softly(access.member(host));
  const looked = client ? await softly(look(client, false)) : null;
  return looked ?? { open: false, teller: null, formerSet: null, collections: null };
}

function dataRemarks(host: string, { formerSet, collections }: Looked, { set, setId }: SetState): Remark[] {
  if (formerSet !== null && (formerSet.name !== set || formerSet.id !== setId))
    return [
      refused(`${host} was a member of another replica set (${formerSet.name}): start it with an empty data folder.`),
    ];
  if (formerSet !== null)
    return [
      note(
        `${host} was a member of this set before: it only needs what it has missed, as long as the oplog still has it.`,
      ),
    ];
  if (collections === null || collections === 0) return [];
  return [
    refused(
      `${host} holds data that would be lost (${formatQuantity(collections, 'collection')}): start it with an empty data folder.`,
    ),
  ];
}

function accessRemarks(host: string, { open, teller }: Looked, set: SetFacts): Remark[] {
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
  if (set.accessControl && teller === null)
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
    remarks.push(
      ...versionRemarks(host, String(build['version']), set),
      ...accessRemarks(host, looked, set),
      ...dataRemarks(host, looked, state),
    );
    if (!arbiterOnly) remarks.push(...(await spaceRemarks(looked, host, set)));
    return remarks;
  } catch (error) {
    const described = error instanceof AppFailure ? error.error : diagnoseDriverError(error, host);
    return [...remarks, refused(`${described.message} ${described.hint ?? ''}`.trim())];
  }
}

async function spaceRemarks(looked: Looked, host: string, set: SetFacts): Promise<Remark[]> {
  if (set.dataBytes === null || looked.formerSet !== null) return [];
  const size = formatBytes(set.dataBytes);
  const text = `It copies all data of the set first, ${size} on the primary's disk.`;
  const stats = looked.teller ? await softly(looked.teller.db('admin').command({ dbStats: 1 })) : null;
  const total = numberAt(stats, 'fsTotalSize');
  const used = numberAt(stats, 'fsUsedSize');
  if (total === null || used === null) return [note(`${text} Make sure that ${host} has room for it.`)];
  const free = total - used;
  if (free < set.dataBytes)
    return [refused(`The disk of ${host} has ${formatBytes(free)} free, and the set holds ${size}.`)];
  return [note(`${text} Free there: ${formatBytes(free)}.`)];
}
