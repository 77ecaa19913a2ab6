/**
 * What is known of the health of deployments: samples of their members, events, and series of numbers over time. Times are
 * milliseconds since 1970; what is not known is null, never a guess and never the last value.
 */
import { z } from 'zod';

/** What the axis of a chart says. */
export type MetricUnit =
  | 'count'
  | 'percent'
  | 'seconds'
  | 'milliseconds'
  | 'hours'
  | 'bytes'
  | 'per second'
  | 'bytes per second'
  | 'bytes per hour';

/**
 * The numbers kept of each member. The history stores them by their place in this list: new ones are added at its end, none
 * is ever moved or taken out.
 */
export const metricUnits = {
  /** MongoDB's number of the member's state; null while it does not answer. */
  state: 'count',
  /** How long the oldest write has been waiting that the member lacks; of a delayed member, beyond its delay. */
  lagSeconds: 'seconds',
  /** From the first to the last entry of the oplog. */
  oplogWindowHours: 'hours',
  /** The window as it will be once the oplog is full: what a backup or a stopped member can count on. */
  oplogReachHours: 'hours',
  oplogBytesPerHour: 'bytes per hour',
  /** Of a primary: how long the oldest write has been waiting that no majority has yet. */
  majorityLagSeconds: 'seconds',
  connections: 'count',
  connectionsAvailable: 'count',
  connectionsUsedPercent: 'percent',
  activeOperations: 'count',
  queuedOperations: 'count',
  insertsPerSecond: 'per second',
  queriesPerSecond: 'per second',
  updatesPerSecond: 'per second',
  deletesPerSecond: 'per second',
  getMoresPerSecond: 'per second',
  commandsPerSecond: 'per second',
  replicatedPerSecond: 'per second',
  readLatencyMs: 'milliseconds',
  writeLatencyMs: 'milliseconds',
  commandLatencyMs: 'milliseconds',
  /** Of reads and writes together, from the server's own histogram. */
  p95LatencyMs: 'milliseconds',
  cacheUsedPercent: 'percent',
  cacheDirtyPercent: 'percent',
  cacheHitPercent: 'percent',
  residentBytes: 'bytes',
  virtualBytes: 'bytes',
  networkInBytesPerSecond: 'bytes per second',
  networkOutBytesPerSecond: 'bytes per second',
  requestsPerSecond: 'per second',
  diskUsedPercent: 'percent',
  diskUsedBytes: 'bytes',
  diskTotalBytes: 'bytes',
  assertsPerSecond: 'per second',
  userAssertsPerSecond: 'per second',
  readTicketsUsedPercent: 'percent',
  writeTicketsUsedPercent: 'percent',
  /** Of the time that passed: how long writes were held back for the sake of lagging members. */
  flowControlPercent: 'percent',
  /** Time that operations waited for locks, of the time that passed: 100 when one of them waited all the time. */
  lockWaitPercent: 'percent',
  indexBytes: 'bytes',
  memoryBytes: 'bytes',
  indexOfMemoryPercent: 'percent',
  /** How long the member took to answer Lifeboat. */
  roundTripMs: 'milliseconds',
  /** Queries that read a whole collection; reading the oplog is none, nor are Lifeboat's own questions. */
  collectionScansPerSecond: 'per second',
} as const satisfies Record<string, MetricUnit>;

export type MetricName = keyof typeof metricUnits;
export const metricNames = Object.keys(metricUnits) as MetricName[];
export const metricNameSchema = z.enum(metricNames as [MetricName, ...MetricName[]]);
export type Metrics = Record<MetricName, number | null>;

export const noMetrics: Metrics = Object.fromEntries(metricNames.map((name) => [name, null])) as Metrics;

/** MongoDB's names of states by their number, and two of our own for what is no state of a replica set. */
export const healthStates = [
  'STARTUP',
  'PRIMARY',
  'SECONDARY',
  'RECOVERING',
  /** Number 4, which no server that Lifeboat knows tells any more. */
  'FATAL',
  'STARTUP2',
  'UNKNOWN',
  'ARBITER',
  'DOWN',
  'ROLLBACK',
  'REMOVED',
  'STANDALONE',
  'MONGOS',
] as const;
/** 'DOWN': it does not answer Lifeboat. */
export type HealthState = (typeof healthStates)[number];

export type MemberRole = 'member' | 'standalone' | 'mongos';

/** What the set's configuration says of a member; null where it could not be read. */
export interface MemberConfiguration {
  priority: number;
  votes: number;
  hidden: boolean;
  arbiterOnly: boolean;
  delaySeconds: number;
  tags: Record<string, string>;
}

export interface MemberProblem {
  code: string;
  message: string;
}

/** One member at one moment. */
export interface MemberSample {
  /** `host:port` as the set calls it. */
  host: string;
  role: MemberRole;
  /** When it answered; when it was asked, if it did not. */
  at: number;
  answered: boolean;
  /** Why it did not answer, or which part it may not tell us. */
  problem: MemberProblem | null;
  state: HealthState;
  /** Whether the other members hear its heartbeats: false when any of them says no; null when none can be asked. */
  heardByOthers: boolean | null;
  syncSource: string | null;
  term: number | null;
  version: string | null;
  uptimeSeconds: number | null;
  configuration: MemberConfiguration | null;
  metrics: Metrics;
}

/** A replica set: a deployment, or a shard of one, or its config servers. */
export interface SetSample {
  name: string;
  /** Name of the shard; 'config' for config servers; null for a deployment that is not sharded. */
  shard: string | null;
  /** Host of the primary; null when no member is one. */
  primary: string | null;
  term: number | null;
  members: MemberSample[];
}

/** A deployment at one moment. */
export interface DeploymentSample {
  connectionId: string;
  at: number;
  topology: 'standalone' | 'replica set' | 'sharded' | 'unknown';
  sets: SetSample[];
  /** Of a sharded deployment: its mongos; of a standalone: the one mongod. */
  singles: MemberSample[];
  /** Why nothing of the deployment can be sampled. */
  problem: MemberProblem | null;
}

export const healthEventKinds = [
  'state-changed',
  'stopped-answering',
  'answers-again',
  'restarted',
  'election',
  'no-primary',
  'member-added',
  'member-removed',
  'reconfigured',
  'sampling-started',
  'sampling-stopped',
  'alert-fired',
  'alert-cleared',
  'sync-source-changed',
] as const;
export type HealthEventKind = (typeof healthEventKinds)[number];

export interface HealthEvent {
  at: number;
  kind: HealthEventKind;
  /** The member it is about; null for the whole set. */
  host: string | null;
  /** Name of the set; null for standalones and mongos. */
  set: string | null;
  /** For people: "SECONDARY became PRIMARY". */
  text: string;
}

/** All members of a sample: those of every set, then the single ones. */
export function membersOf(sample: DeploymentSample): MemberSample[] {
  return [...sample.sets.flatMap(({ members }) => members), ...sample.singles];
}
