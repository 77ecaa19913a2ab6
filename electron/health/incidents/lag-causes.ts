/** Why a member lags. */
import { formatDuration } from '../../../shared/format';
import type { LikelyCause } from '../../../shared/incidents';
import { upstreamOf } from '../alerts/consequences';
import { numberAt, textAt, listAt, valueAt } from '../sampler/server-values';
import { no, unknown, yes, type Check } from './checks';
import { backupReads, elections, longOperations, moreWrites, restarted, slowDisk, whileOpen } from './load-causes';
import { eventsOf, hostOf, type Scene } from './scene';

/** Before an incident began. */
const recentMs = 120_000;

const fsyncLocked: Check = whileOpen({
  whether: 'it is locked',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    // No operation has this number: what is wanted stands beside the list.
    const answer = await scene.members.command(host, { currentOp: 1, opid: -1 });
    return valueAt(answer, 'fsyncLock') === true
      ? [yes(`${host} is locked by fsyncLock: nothing is written there until db.fsyncUnlock().`)]
      : [no(`${host} is not locked by fsyncLock.`)];
  },
});

const replicationStands: Check = whileOpen({
  whether: 'its replication stands still',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null || host === scene.primary?.host) return [];
    const { applied, received, waiting, seconds } = await scene.movement(host);
    if (applied === null || received === null) return [unknown(`${host} does not tell what it receives and applies.`)];
    const within = `within ${seconds.toFixed(1)} s`;
    if (applied > 0)
      return [no(`${host} replicates: it applied ${Math.round(applied / seconds)} operations a second just now.`)];
    if ((waiting ?? 0) > 0)
      return [
        yes(`${host} holds ${waiting ?? 0} operations and applied none of them ${within}: its replication is held up.`),
      ];
    const lag = scene.member?.metrics.lagSeconds ?? null;
    if (received === 0 && lag !== null && lag > 2)
      return [
        yes(
          `${host} lacks writes of ${formatDuration(lag)} ago and received nothing ${within}: its replication stands still.`,
        ),
      ];
    return [no(`${host} had nothing to apply ${within}.`)];
  },
});

/** Whom it reads from, and whether that one has what it lacks. */
export function sourceCauses({ member, set, primary }: Pick<Scene, 'member' | 'set' | 'primary'>): LikelyCause[] {
  if (!member || member.host === primary?.host || member.state !== 'SECONDARY') return [];
  const source = member.syncSource;
  if (source === null) return [yes(`${member.host} has no sync source: it reads from nobody.`)];
  const its = set?.members.find(({ host }) => host === source);
  if (!its) return [unknown(`${member.host} reads from ${source}, of which nothing is known here.`)];
  if (!its.answered) return [yes(`${member.host} reads from ${source}, which does not answer.`)];
  const lag = its.metrics.lagSeconds;
  const own = member.metrics.lagSeconds;
  // Nearly all of its lag: a source that is a moment behind is not the reason.
  if (lag !== null && (lag > 5 || (lag > 1 && own !== null && lag > own * 0.7))) {
    const upstream = upstreamOf(set ?? { members: [], primary: null }, member.host);
    const first = upstream.filter((host) => isBehind(set, host)).pop() ?? source;
    const chain = upstream.length > 1 ? ` (${[member.host, ...upstream].join(' ← ')})` : '';
    return [
      yes(
        `${member.host} reads from ${source}, which itself lags by ${formatDuration(lag)}${chain}: look at ${first} first. Meanwhile rs.syncFrom("${primary?.host ?? 'the primary'}") on ${member.host} goes past it.`,
      ),
    ];
  }
  return [no(`${member.host} reads from ${source}, which does not lag.`)];
}

function isBehind(set: Scene['set'], host: string): boolean {
  return (set?.members.find((member) => member.host === host)?.metrics.lagSeconds ?? 0) > 1;
}

const syncSource: Check = whileOpen({ whether: 'it reads from a good source', look: sourceCauses });

const sourceChanged: Check = {
  whether: 'its sync source changed',
  look(scene) {
    const { host, since } = scene.incident;
    if (host === null) return [];
    const [newest] = eventsOf(scene, host, ['sync-source-changed']).filter(({ at }) => at > since - recentMs);
    return newest ? [yes(`Its sync source changed: ${newest.text}.`, newest.at)] : [];
  },
};

const network: Check = whileOpen({
  whether: 'the network to it is slow',
  async look(scene) {
    const { member, primary } = scene;
    if (!member) return [];
    const answer =
      primary && primary.host !== member.host
        ? await scene.members.command(primary.host, { replSetGetStatus: 1 })
        : null;
    const seen = listAt(answer, 'members').find((other) => textAt(other, 'name') === member.host);
    const ping = numberAt(seen, 'pingMs');
    const own = member.metrics.roundTripMs;
    const parts = [
      ...(ping === null ? [] : [`a heartbeat of the primary takes ${ping} ms`]),
      ...(own === null ? [] : [`it answers Lifeboat in ${Math.round(own)} ms`]),
    ].join(', ');
    if (parts === '') return [unknown(`Nobody tells how long the way to ${member.host} is.`)];
    return (ping ?? 0) > 50 || (own ?? 0) > 500
      ? [yes(`The way to ${member.host} is slow: ${parts}.`)]
      : [no(`The network to ${member.host} is quick: ${parts}.`)];
  },
});

const flowControl: Check = whileOpen({
  whether: 'flow control holds writes back',
  look({ primary }) {
    const percent = primary?.metrics.flowControlPercent ?? null;
    if (!primary || percent === null) return [];
    return percent > 1
      ? [
          yes(
            `${primary.host} holds writes back ${percent.toFixed(0)} % of the time (flow control): the majority lags.`,
          ),
        ]
      : [no(`${primary.host} does not hold writes back (flow control).`)];
  },
});

const oplogReaches: Check = whileOpen({
  whether: 'the oplog still reaches back to it',
  look({ member, primary }) {
    const lag = member?.metrics.lagSeconds ?? null;
    // Of an oplog that is not full yet nothing is lost, however short it is.
    const window = primary?.metrics.oplogReachHours ?? null;
    if (!member || !primary || lag === null || window === null) return [];
    const share = lag / 3600 / window;
    const text = `the oplog of ${primary.host} reaches back ${formatDuration(window * 3600)}, ${member.host} lags by ${formatDuration(lag)}`;
    return share > 0.5
      ? [yes(`It may fall off the oplog: ${text}. Then only an initial sync helps.`)]
      : [no(`It can still catch up by itself: ${text}.`)];
  },
});

export const lagCauses: readonly Check[] = [
  fsyncLocked,
  replicationStands,
  syncSource,
  sourceChanged,
  longOperations,
  backupReads,
  restarted,
  slowDisk,
  moreWrites,
  network,
  elections,
  flowControl,
  oplogReaches,
];
