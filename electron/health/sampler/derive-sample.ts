/** From what members answered at one moment to what is true of them and their set. Pure. */
import {
  noMetrics,
  healthStates,
  type HealthState,
  type MemberConfiguration,
  type MemberRole,
  type MemberSample,
  type Metrics,
  type SetSample,
} from '../../../shared/health';
import type { AgentAnswer } from './member-agent';

/** What the set adds to a member's own answer. */
export interface MemberSurroundings {
  configuration: MemberConfiguration | null;
  heardByOthers: boolean | null;
  /** Seconds, of secondaries only. */
  lag: number | null;
  /** Seconds, of primaries only. */
  majorityLag: number | null;
}

export const alone: MemberSurroundings = { configuration: null, heardByOthers: null, lag: null, majorityLag: null };

function percent(part: number | null | undefined, whole: number | null | undefined): number | null {
  return part == null || whole == null || whole <= 0 ? null : (part / whole) * 100;
}

function metricsOf(answer: AgentAnswer, around: MemberSurroundings): Metrics {
  const { reading, rates, oplog, sizes, capacity } = answer;
  if (!reading) return noMetrics;
  const { gauges } = reading;
  const capacityOfConnections =
    gauges?.connections == null || gauges.connectionsAvailable === null
      ? null
      : gauges.connections + gauges.connectionsAvailable;
  const lag = around.lag === null ? null : Math.max(0, around.lag - (around.configuration?.delaySeconds ?? 0));
  return {
    ...noMetrics,
    ...rates,
    ...(gauges ?? {}),
    state: healthStates.indexOf(reading.state),
    lagSeconds: lag,
    majorityLagSeconds: around.majorityLag,
    oplogWindowHours: oplog?.windowHours ?? null,
    oplogReachHours: oplog?.reachHours ?? null,
    oplogBytesPerHour: oplog?.bytesPerHour ?? null,
    connectionsUsedPercent: percent(gauges?.connections, capacityOfConnections),
    diskUsedBytes: sizes?.diskUsedBytes ?? null,
    diskTotalBytes: sizes?.diskTotalBytes ?? null,
    diskUsedPercent: percent(sizes?.diskUsedBytes, sizes?.diskTotalBytes),
    indexBytes: capacity?.indexBytes ?? null,
    memoryBytes: capacity?.memoryBytes ?? null,
    indexOfMemoryPercent: percent(capacity?.indexBytes, capacity?.memoryBytes),
    roundTripMs: reading.roundTripMs,
  };
}

function roleOf(state: HealthState): MemberRole {
  return state === 'MONGOS' ? 'mongos' : state === 'STANDALONE' ? 'standalone' : 'member';
}

export function deriveMember(answer: AgentAnswer, around: MemberSurroundings, role?: MemberRole): MemberSample {
  const { host, reading, askedAt, problem } = answer;
  return {
    host,
    role: role ?? (reading ? roleOf(reading.state) : 'member'),
    at: reading?.at ?? askedAt,
    answered: reading !== null,
    problem,
    state: reading?.state ?? 'DOWN',
    heardByOthers: around.heardByOthers,
    syncSource: reading?.syncSource ?? null,
    term: reading?.term ?? null,
    version: reading?.version ?? null,
    uptimeSeconds: reading?.uptimeMs == null ? null : reading.uptimeMs / 1000,
    configuration: around.configuration,
    metrics: metricsOf(answer, around),
  };
}

/** The answer of the primary: of two that claim to be, the one of the newer term. */
export function primaryAmong(answers: readonly AgentAnswer[]): AgentAnswer | null {
  const claiming = answers.filter(({ reading }) => reading?.state === 'PRIMARY');
  return claiming.sort((a, b) => (b.reading?.term ?? 0) - (a.reading?.term ?? 0))[0] ?? null;
}

/** False when any other member that answers does not hear this one; null when none says anything. */
export function heardByOthers(host: string, answers: readonly AgentAnswer[]): boolean | null {
  const opinions = answers
    .filter((answer) => answer.host !== host)
    .flatMap(({ reading }) => reading?.seen.filter((seen) => seen.host === host) ?? [])
    .map(({ healthy }) => healthy);
  return opinions.length === 0 ? null : opinions.every(Boolean);
}

/** The hosts of a set as its newest configuration names them; null when nobody can say. */
export function hostsSeen(answers: readonly AgentAnswer[]): { hosts: string[]; arbiters: string[] } | null {
  const telling = answers.filter(
    ({ reading }) => reading !== null && reading.seen.length > 0 && reading.state !== 'REMOVED',
  );
  const version = (answer: AgentAnswer): number => Number.parseInt(answer.reading?.configVersion ?? '0', 10);
  // A primary decides; among others the newest configuration, and of equal ones the fuller list (hello hides hidden members).
  const best = [...telling].sort(
    (a, b) =>
      Number(b.reading?.state === 'PRIMARY') - Number(a.reading?.state === 'PRIMARY') ||
      version(b) - version(a) ||
      (b.reading?.seen.length ?? 0) - (a.reading?.seen.length ?? 0),
  )[0]?.reading;
  if (!best) return null;
  return {
    hosts: best.seen.map(({ host }) => host),
    arbiters: best.seen.filter(({ arbiter }) => arbiter).map(({ host }) => host),
  };
}

export function deriveSet(
  name: string,
  shard: string | null,
  answers: readonly AgentAnswer[],
  surroundings: ReadonlyMap<string, MemberSurroundings>,
): SetSample {
  const primary = primaryAmong(answers);
  const terms = answers.map(({ reading }) => reading?.term ?? null).filter((term): term is number => term !== null);
  return {
    name,
    shard,
    primary: primary?.host ?? null,
    term: terms.length === 0 ? null : Math.max(...terms),
    members: answers.map((answer) => deriveMember(answer, surroundings.get(answer.host) ?? alone, 'member')),
  };
}
