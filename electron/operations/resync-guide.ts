/** Whether a member can catch up by itself, and how to bring it back when it cannot. */
import type { Timestamp } from 'mongodb';
import { formatBytes, formatDuration } from '../../shared/format';
import type { ResyncGuide } from '../../shared/operations';
import { dateAt, numberAt, placeOf, valueAt } from '../health/sampler/server-values';
import type { SetAccess } from './set-access';
import { ask, countsNow, readSetState, requireMember, type MemberState, type SetState } from './set-state';
import { withinLimit } from './waiting';

/** What is left of the oplog that a member would need, before a judgement is worth anything. */
const thinSeconds = 600;

interface OplogSource {
  host: string;
  firstSeconds: number;
  lastSeconds: number;
}

async function oplogOf(access: SetAccess, host: string): Promise<OplogSource | null> {
  try {
    const oplog = (await access.member(host)).db('local').collection<{ ts: Timestamp }>('oplog.rs');
    const end = (direction: 1 | -1) =>
      oplog.findOne({}, { sort: { $natural: direction }, projection: { ts: 1 }, maxTimeMS: 5000 });
    const [first, last] = await withinLimit(Promise.all([end(1), end(-1)]), 8000, host);
    if (!first || !last) return null;
    return { host, firstSeconds: first.ts.getHighBitsUnsigned(), lastSeconds: last.ts.getHighBitsUnsigned() };
  } catch {
    return null;
  }
}

/** The newest entry that the member has, in seconds; from when it was last heard of where it does not tell. */
async function standOf(
  access: SetAccess,
  state: SetState,
  member: MemberState,
): Promise<{ seconds: number; exact: boolean } | null> {
  const own = await oplogOf(access, member.host);
  if (own) return { seconds: own.lastSeconds, exact: true };
  const status = await ask(access, state.toldBy, { replSetGetStatus: 1 });
  const members: unknown = valueAt(status, 'members');
  const entry = Array.isArray(members)
    ? (members as unknown[]).find((each) => numberAt(each, '_id') === member.id)
    : undefined;
  const place = placeOf(valueAt(entry, 'optime'), dateAt(entry, 'optimeDate'));
  if (place) return { seconds: place.seconds, exact: true };
  return member.lastHeardAt === null || member.lastHeardAt === 0
    ? null
    : { seconds: Math.floor(member.lastHeardAt / 1000), exact: false };
}

export interface Stand {
  host: string;
  state: string;
  /** Newest entry of the member; null when it is not known. */
  seconds: number | null;
  exact: boolean;
  sources: readonly OplogSource[];
}

/** Pure. */
export function judgeResync({ host, state, seconds, exact, sources }: Stand): Pick<ResyncGuide, 'verdict' | 'why'> {
  const best = [...sources].sort((a, b) => a.firstSeconds - b.firstSeconds)[0];
  if (!best) return { verdict: 'unknown', why: 'No other member that holds data could be asked for its oplog.' };
  const window = formatDuration(best.lastSeconds - best.firstSeconds);
  if (seconds === null)
    return {
      verdict: 'unknown',
      why: `${host} (${state}) does not answer, and nobody knows when it was last heard of. The oplog of ${best.host} reaches back ${window}.`,
    };
  const behind = Math.max(0, best.lastSeconds - seconds);
  const reserve = seconds - best.firstSeconds;
  const from = exact
    ? `${host} is ${formatDuration(behind)} behind`
    : `${host} (${state}) was last heard of ${formatDuration(behind)} before the newest entry`;
  if (reserve < 0)
    return {
      verdict: 'initial sync',
      why: `${from}; the oplog of ${best.host} reaches back only ${window}. What it lacks is gone from every oplog.`,
    };
  const thin = reserve < thinSeconds ? ' That is little: the oldest entries are given up as new ones come.' : '';
  return {
    verdict: 'catches up',
    why: `${from}, and the oplog of ${best.host} reaches back ${window}: ${formatDuration(reserve)} further than it needs.${thin}${exact ? '' : ' This holds if it was following until then.'}`,
  };
}

function stepsFor(
  guide: Pick<ResyncGuide, 'verdict'>,
  host: string,
  state: SetState,
  dataBytes: number | null,
): string[] {
  const member = state.members.find((each) => each.host === host);
  const down = member ? !member.healthy : true;
  if (guide.verdict === 'catches up' && member?.state === 'SECONDARY')
    return [
      `Nothing needs to be done to ${host}: it follows. Watch its lag: if it grows, look at its disk and at the load of its sync source.`,
    ];
  if (guide.verdict === 'catches up')
    return [
      down ? `Start the mongod of ${host} with the options it had.` : `Leave ${host} running.`,
      'Watch its lag: it has to shrink. If it grows, look at the disk of the member and at the load of its sync source.',
      'While it is behind, keep big writes and index builds back, so that the oplog goes on reaching far enough.',
    ];
  const size = dataBytes === null ? 'all data of the set' : formatBytes(dataBytes);
  const voters = state.members.filter(({ votes }) => votes > 0);
  const left = voters.filter((each) => each.host !== host && countsNow(each)).length;
  const others = state.members.filter((each) => each.host !== host && each.state === 'SECONDARY');
  return [
    `Make sure that the set stands without ${host}: ${left} other voting members answer of ${voters.length}, and ${Math.floor(voters.length / 2) + 1} are needed.`,
    `Make sure that there is room for ${size} on the disk of ${host}, and that a backup was verified lately.`,
    'See that the oplog of the others outlasts the copying; if in doubt, make it larger on them first: db.adminCommand({ replSetResizeOplog: 1, size: <MB> }).',
    `Stop the mongod of ${host} in order.`,
    'Move its data folder away rather than deleting it, and make an empty one with the same owner; keep configuration file and keyFile.',
    `Start it with the options it had. It goes through STARTUP2 while it copies ${size}, and becomes SECONDARY by itself.`,
    ...(others.length > 0
      ? [
          `With much data, files copied from ${others.map((each) => each.host).join(' or ')} are faster: a snapshot of its data folder, or one taken while it is stopped or locked (db.fsyncLock()), put in place of the empty folder.`,
        ]
      : []),
    'Delete the folder that was moved away once the member follows without lag.',
  ];
}

async function dataBytesOf(access: SetAccess, host: string): Promise<number | null> {
  const answer = await ask(access, host, { listDatabases: 1 }).catch(() => null);
  return numberAt(answer, 'totalSize');
}

/** Looks at the member and at the oplogs of all others; changes nothing. Throws 'topology' for what is no member or an arbiter. */
export async function makeResyncGuide(access: SetAccess, host: string): Promise<ResyncGuide> {
  const state = await readSetState(access);
  const member = requireMember(state, host);
  if (member.arbiterOnly)
    return {
      host,
      verdict: 'catches up',
      why: `${host} is an arbiter: it holds no data.`,
      steps: [`Start the mongod of ${host} if it is down.`],
      dataBytes: null,
    };
  const others = state.members.filter((each) => each.host !== host && !each.arbiterOnly && each.healthy);
  const [found, stand, dataBytes] = await Promise.all([
    Promise.all(others.map((each) => oplogOf(access, each.host))),
    standOf(access, state, member),
    dataBytesOf(access, state.toldBy),
  ]);
  const judged = judgeResync({
    host,
    state: member.state,
    seconds: stand?.seconds ?? null,
    exact: stand?.exact ?? false,
    sources: found.filter((source) => source !== null),
  });
  return { host, ...judged, steps: stepsFor(judged, host, state, dataBytes), dataBytes };
}
