/** How a set stands at this moment, told by its primary where there is one. */
import { MongoServerError, Timestamp, type Document, type MongoClient } from 'mongodb';
import { AppFailure, fail } from '../../shared/result';
import type { OperationPin, OperationPreview } from '../../shared/operations';
import { hello } from '../connections/deployment';
import { diagnoseDriverError } from '../connections/diagnose';
import { isWorthAsking, lagSeconds } from '../health/sampler/lag';
import { dateAt, listAt, numberAt, placeOf, textAt, valueAt, type OplogPlace } from '../health/sampler/server-values';
import {
  asConfiguration,
  isElectable,
  setIdOf,
  settingsOf,
  type MemberSettings,
  type RawConfiguration,
} from './configuration';
import type { SetAccess } from './set-access';
import { withinLimit } from './waiting';

export interface MemberState extends MemberSettings {
  id: number;
  host: string;
  /** MongoDB's name: PRIMARY, SECONDARY, RECOVERING, …, '(not reachable/healthy)' for one that is down. */
  state: string;
  /** Whether whoever told hears its heartbeats. */
  healthy: boolean;
  lagSeconds: number | null;
  /** What the heartbeat says when it fails. */
  problem: string | null;
  lastHeardAt: number | null;
  configurationVersion: number | null;
}

export interface SetState {
  set: string;
  setId: string | null;
  configuration: RawConfiguration;
  /** Of the election. */
  term: number | null;
  primary: string | null;
  /** Who told. */
  toldBy: string;
  members: MemberState[];
}

const answerMs = 10_000;

/** The answer to a short question put to one member; failures are described as connections describe them. */
export async function ask(access: SetAccess, host: string, command: Document, database = 'admin'): Promise<Document> {
  const client = await access.member(host);
  try {
    return await withinLimit(client.db(database).command(command), answerMs, host);
  } catch (error) {
    throw new AppFailure(diagnoseDriverError(error, host));
  }
}

async function isPrimary(access: SetAccess, host: string): Promise<boolean> {
  const answer = await withinLimit(hello(await access.member(host)), answerMs, host);
  return answer['isWritablePrimary'] === true || answer['ismaster'] === true;
}

/** The first of them that says it is primary; null when none does. */
export async function findPrimary(access: SetAccess, hosts: readonly string[]): Promise<string | null> {
  const looking = hosts.map(async (host) => {
    if (!(await isPrimary(access, host))) throw new Error(`${host} is not the primary`);
    return host;
  });
  return Promise.any(looking).catch(() => null);
}

async function configurationOf(access: SetAccess, host: string): Promise<RawConfiguration> {
  return asConfiguration(valueAt(await ask(access, host, { replSetGetConfig: 1 }), 'config'));
}

async function firstThatTells(access: SetAccess): Promise<{ host: string; configuration: RawConfiguration }> {
  const asked = access.seeds.map(async (host) => ({ host, configuration: await configurationOf(access, host) }));
  const first = await Promise.any(asked).catch(() => null);
  if (first) return first;
  const reason: unknown = await asked[0]?.catch((error: unknown) => error);
  if (reason instanceof AppFailure && reason.error.code === 'not-authorized')
    fail(
      'not-authorized',
      `The user of ${access.connection.name} may not look at the replica set: it lacks replSetGetConfig or replSetGetStatus on the cluster.`,
      'The role clusterMonitor holds these privileges, clusterManager also those to change the set.',
    );
  throw reason instanceof Error ? reason : new AppFailure({ code: 'unreachable', message: `${access.set} is silent.` });
}

/** Throws as connections do when no member answers, 'not-authorized' for a user who may not look. */
export async function readSetState(access: SetAccess, options: { lag?: boolean } = {}): Promise<SetState> {
  const found = await firstThatTells(access);
  const primary = await findPrimary(
    access,
    found.configuration.members.filter(isElectable).map(({ host }) => host),
  );
  const toldBy = primary ?? found.host;
  const [configuration, status] = await Promise.all([
    configurationOf(access, toldBy),
    ask(access, toldBy, { replSetGetStatus: 1 }),
  ]);
  const state: SetState = {
    set: access.set,
    setId: setIdOf(configuration),
    configuration,
    term: numberAt(status, 'term'),
    primary,
    toldBy,
    members: configuration.members.map((member) => ({
      id: member._id,
      host: member.host,
      ...settingsOf(member),
      ...statusOf(status, member._id),
    })),
  };
  if (options.lag === true && primary !== null) await addLag(await access.member(primary), state, status);
  return state;
}

type Told = Pick<MemberState, 'state' | 'healthy' | 'lagSeconds' | 'problem' | 'lastHeardAt' | 'configurationVersion'>;

function entryOf(status: Document, id: number): unknown {
  return listAt(status, 'members').find((entry) => numberAt(entry, '_id') === id);
}

/** What a status tells of a member by its id. */
export function statusOf(status: Document, id: number): Told {
  const entry = entryOf(status, id);
  const message = textAt(entry, 'lastHeartbeatMessage');
  // Heartbeats that are answered with a refusal leave no message.
  const unauthenticated = valueAt(entry, 'authenticated') === false;
  return {
    state: textAt(entry, 'stateStr') ?? 'UNKNOWN',
    healthy: numberAt(entry, 'health') === 1,
    lagSeconds: null,
    problem: message !== null && message !== '' ? message : unauthenticated ? 'authentication failed' : null,
    lastHeardAt: dateAt(entry, 'lastHeartbeatRecv'),
    configurationVersion: numberAt(entry, 'configVersion'),
  };
}

function appliedBy(status: Document, id: number): OplogPlace | null {
  const entry = entryOf(status, id);
  return placeOf(valueAt(entry, 'optime'), dateAt(entry, 'lastAppliedWallTime') ?? dateAt(entry, 'optimeDate'));
}

async function addLag(primary: MongoClient, state: SetState, status: Document): Promise<void> {
  const own = state.members.find(({ host }) => host === state.primary);
  const applied = own ? appliedBy(status, own.id) : null;
  if (!applied) return;
  const at = Date.now();
  for (const member of state.members) {
    const behind = appliedBy(status, member.id);
    if (member.state !== 'SECONDARY' || !behind) continue;
    const firstMissing = isWorthAsking(behind, applied) ? await firstEntryAfter(primary, behind) : null;
    member.lagSeconds = lagSeconds({ behind, primary: { at, applied }, earlier: [], firstMissing });
  }
}

async function firstEntryAfter(
  primary: MongoClient,
  { seconds, increment }: OplogPlace,
): Promise<{ wallMs: number; nowMs: number } | null> {
  try {
    const [entry, answer] = await Promise.all([
      primary
        .db('local')
        .collection<{ ts: Timestamp; wall?: Date }>('oplog.rs')
        .findOne(
          { ts: { $gt: new Timestamp({ t: seconds, i: increment }) } },
          { sort: { $natural: 1 }, projection: { ts: 1, wall: 1 }, maxTimeMS: 5000 },
        ),
      hello(primary),
    ]);
    const nowMs = dateAt(answer, 'localTime');
    if (!entry || nowMs === null) return null;
    return { wallMs: entry.wall?.getTime() ?? entry.ts.getHighBitsUnsigned() * 1000, nowMs };
  } catch (error) {
    if (error instanceof MongoServerError) return null;
    throw error;
  }
}

export function pinOf({ configuration, term, primary }: SetState): OperationPin {
  return { configurationVersion: configuration.version, term, primary };
}

/** Throws 'preview-stale' saying what has changed. */
export function requireUnchanged(pin: OperationPin, now: OperationPin, set: string): void {
  const again = 'Preview it again.';
  if (now.configurationVersion !== pin.configurationVersion)
    fail(
      'preview-stale',
      `The configuration of ${set} was changed since the preview: version ${now.configurationVersion} instead of ${pin.configurationVersion}.`,
      again,
    );
  if (now.primary !== pin.primary)
    fail(
      'preview-stale',
      `The primary of ${set} is ${now.primary ?? 'gone'} and was ${pin.primary ?? 'none'} at the preview.`,
      again,
    );
  if (now.term !== pin.term) fail('preview-stale', `There was an election in ${set} since the preview.`, again);
}

/** Members that could take over, the likeliest first: by priority, then by lag. */
export function electableBeside({ members, primary }: SetState): OperationPreview['electable'] {
  return members
    .filter(
      (member) =>
        member.host !== primary &&
        member.healthy &&
        member.state === 'SECONDARY' &&
        member.priority > 0 &&
        member.votes > 0 &&
        !member.arbiterOnly,
    )
    .sort((a, b) => b.priority - a.priority || (a.lagSeconds ?? Infinity) - (b.lagSeconds ?? Infinity))
    .map(({ host, priority, lagSeconds: lag }) => ({ host, priority, lagSeconds: lag }));
}

/** Throws 'topology' for a host that is none of them. */
export function requireMember({ members, set }: SetState, host: string): MemberState {
  return (
    members.find((member) => member.host === host) ??
    fail('topology', `${set} has no member ${host}.`, `Choose among ${members.map((each) => each.host).join(', ')}.`)
  );
}

/** Throws 'topology' while there is none. */
export function requirePrimary({ primary, set }: SetState): string {
  return (
    primary ??
    fail('topology', `${set} has no primary at the moment.`, 'Wait for the election to end, or look at its members.')
  );
}

const answering = new Set(['PRIMARY', 'SECONDARY', 'ARBITER']);

/** Whether it counts for a majority now. */
export function countsNow({ healthy, state }: MemberState): boolean {
  return healthy && answering.has(state);
}
