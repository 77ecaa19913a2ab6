/** What one member answered at one moment, with the parts that servers of different versions lay out differently made alike. */
import type { HealthState, MemberConfiguration, MemberProblem } from '../../../shared/health';
import { healthStates } from '../../../shared/health';
import { dateAt, listAt, numberAt, placeOf, textAt, valueAt, type OplogPlace } from './server-values';

/** The answers as they came; null for a part that was not asked or not permitted. */
export interface RawReading {
  /** Milliseconds since 1970 here, halfway between asking and the answer. */
  at: number;
  roundTripMs: number;
  hello: unknown;
  serverStatus: unknown;
  replicaSetStatus: unknown;
  /** Which part was refused. */
  problem: MemberProblem | null;
  /** Scans of the oplog that this reader asked for before, of those that the server counts. */
  ownScans?: number;
}

/** Counters that only grow while a process runs. */
export interface Counters {
  opcounters: Readonly<Record<'insert' | 'query' | 'update' | 'delete' | 'getmore' | 'command', number | null>>;
  replicated: number | null;
  /** Microseconds and operations. */
  latencies: Readonly<Record<'reads' | 'writes' | 'commands', { micros: number; operations: number } | null>>;
  /** Of reads and writes: operations by the lower bound of their bucket in microseconds. */
  histogram: ReadonlyMap<number, number> | null;
  pagesRequested: number | null;
  pagesRead: number | null;
  networkIn: number | null;
  networkOut: number | null;
  requests: number | null;
  asserts: number | null;
  userAsserts: number | null;
  flowControlMicros: number | null;
  lockWaitMicros: number | null;
  /** Of whole collections; waiting for the end of the oplog is none. */
  collectionScans: number | null;
  ownScans: number;
}

/** What simply is, at the moment. */
export interface Gauges {
  connections: number | null;
  connectionsAvailable: number | null;
  activeOperations: number | null;
  queuedOperations: number | null;
  cacheUsedPercent: number | null;
  cacheDirtyPercent: number | null;
  residentBytes: number | null;
  virtualBytes: number | null;
  readTicketsUsedPercent: number | null;
  writeTicketsUsedPercent: number | null;
}

/** A member as another one sees it. */
export interface SeenMember {
  host: string;
  state: HealthState;
  healthy: boolean;
  arbiter: boolean;
}

export interface Reading {
  at: number;
  roundTripMs: number;
  problem: MemberProblem | null;
  isMongos: boolean;
  setName: string | null;
  state: HealthState;
  me: string | null;
  version: string | null;
  pid: number | null;
  uptimeMs: number | null;
  term: number | null;
  syncSource: string | null;
  configVersion: string | null;
  applied: OplogPlace | null;
  committed: OplogPlace | null;
  /** The server's own clock. */
  localTimeMs: number | null;
  seen: SeenMember[];
  /** Null when the user may not see the server's status. */
  counters: Counters | null;
  gauges: Gauges | null;
}

function stateOf(code: number | null): HealthState {
  const state = code === null ? undefined : healthStates[code];
  return state === undefined || state === 'STANDALONE' || state === 'MONGOS' ? 'UNKNOWN' : state;
}

function stateFromHello(hello: unknown): HealthState {
  if (textAt(hello, 'msg') === 'isdbgrid') return 'MONGOS';
  if (textAt(hello, 'setName') === null) return valueAt(hello, 'isreplicaset') === true ? 'STARTUP' : 'STANDALONE';
  if (valueAt(hello, 'isWritablePrimary') === true || valueAt(hello, 'ismaster') === true) return 'PRIMARY';
  if (valueAt(hello, 'secondary') === true) return 'SECONDARY';
  return valueAt(hello, 'arbiterOnly') === true ? 'ARBITER' : 'UNKNOWN';
}

function seenFromStatus(status: unknown): SeenMember[] {
  return listAt(status, 'members').flatMap((member) => {
    const host = textAt(member, 'name');
    if (host === null) return [];
    const state = stateOf(numberAt(member, 'state'));
    return [{ host, state, healthy: numberAt(member, 'health') !== 0, arbiter: state === 'ARBITER' }];
  });
}

/** The same, of users who may not ask for the set's status: hidden members are missing. */
function seenFromHello(hello: unknown): SeenMember[] {
  const hosts = (name: string): string[] =>
    listAt(hello, name).filter((host): host is string => typeof host === 'string');
  const primary = textAt(hello, 'primary');
  const arbiters = hosts('arbiters');
  return [...hosts('hosts'), ...hosts('passives'), ...arbiters].map((host) => ({
    host,
    state: host === primary ? 'PRIMARY' : arbiters.includes(host) ? 'ARBITER' : 'UNKNOWN',
    healthy: true,
    arbiter: arbiters.includes(host),
  }));
}

function latencyOf(status: unknown, kind: string): { micros: number; operations: number } | null {
  const micros = numberAt(status, 'opLatencies', kind, 'latency');
  const operations = numberAt(status, 'opLatencies', kind, 'ops');
  return micros === null || operations === null ? null : { micros, operations };
}

function histogramOf(status: unknown): Map<number, number> | null {
  const histogram = new Map<number, number>();
  for (const kind of ['reads', 'writes']) {
    for (const bucket of listAt(status, 'opLatencies', kind, 'histogram')) {
      const micros = numberAt(bucket, 'micros');
      const count = numberAt(bucket, 'count');
      if (micros !== null && count !== null) histogram.set(micros, (histogram.get(micros) ?? 0) + count);
    }
  }
  const told = valueAt(status, 'opLatencies', 'reads', 'histogram');
  return Array.isArray(told) ? histogram : null;
}

/** Null unless any of the parts is told. */
function sum(parts: readonly (number | null)[]): number | null {
  const told = parts.filter((part): part is number => part !== null);
  return told.length === 0 ? null : told.reduce((total, part) => total + part, 0);
}

/** Microseconds that operations waited for locks, of every kind of lock and every mode. */
function lockWaitOf(status: unknown): number | null {
  const locks = valueAt(status, 'locks');
  if (typeof locks !== 'object' || locks === null) return null;
  const waits = Object.values(locks).flatMap((lock: unknown) =>
    ['r', 'w', 'R', 'W'].map((mode) => numberAt(lock, 'timeAcquiringMicros', mode)),
  );
  return sum(waits) ?? 0;
}

function countersOf(status: unknown, ownScans: number): Counters {
  const opcounter = (name: string): number | null => numberAt(status, 'opcounters', name);
  const replicatedKinds = ['insert', 'update', 'delete', 'command'];
  const assert = (name: string): number | null => numberAt(status, 'asserts', name);
  return {
    opcounters: {
      insert: opcounter('insert'),
      query: opcounter('query'),
      update: opcounter('update'),
      delete: opcounter('delete'),
      getmore: opcounter('getmore'),
      command: opcounter('command'),
    },
    replicated: sum(replicatedKinds.map((kind) => numberAt(status, 'opcountersRepl', kind))),
    latencies: {
      reads: latencyOf(status, 'reads'),
      writes: latencyOf(status, 'writes'),
      commands: latencyOf(status, 'commands'),
    },
    histogram: histogramOf(status),
    pagesRequested: numberAt(status, 'wiredTiger', 'cache', 'pages requested from the cache'),
    pagesRead: numberAt(status, 'wiredTiger', 'cache', 'pages read into cache'),
    networkIn: numberAt(status, 'network', 'bytesIn'),
    networkOut: numberAt(status, 'network', 'bytesOut'),
    requests: numberAt(status, 'network', 'numRequests'),
    asserts: sum(['regular', 'warning', 'msg'].map(assert)),
    userAsserts: assert('user'),
    flowControlMicros: numberAt(status, 'flowControl', 'timeAcquiringMicros'),
    lockWaitMicros: lockWaitOf(status),
    collectionScans: numberAt(status, 'metrics', 'queryExecutor', 'collectionScans', 'nonTailable'),
    ownScans,
  };
}

function percent(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : (part / whole) * 100;
}

/** 8.0 tells tickets under `queues.execution`, older servers under `wiredTiger.concurrentTransactions`. */
function ticketsUsed(status: unknown, kind: 'read' | 'write'): number | null {
  for (const path of [
    ['queues', 'execution', kind],
    ['wiredTiger', 'concurrentTransactions', kind],
  ]) {
    const out = numberAt(status, ...path, 'out');
    const available = numberAt(status, ...path, 'available');
    if (out !== null && available !== null) return percent(out, out + available);
  }
  return null;
}

function gaugesOf(status: unknown): Gauges {
  const cacheLimit = numberAt(status, 'wiredTiger', 'cache', 'maximum bytes configured');
  const megabytes = (name: string): number | null => {
    const told = numberAt(status, 'mem', name);
    return told === null ? null : told * 1024 * 1024;
  };
  const cache = (name: string): number | null => percent(numberAt(status, 'wiredTiger', 'cache', name), cacheLimit);
  return {
    connections: numberAt(status, 'connections', 'current'),
    connectionsAvailable: numberAt(status, 'connections', 'available'),
    activeOperations: sum(['readers', 'writers'].map((kind) => numberAt(status, 'globalLock', 'activeClients', kind))),
    queuedOperations: numberAt(status, 'globalLock', 'currentQueue', 'total'),
    cacheUsedPercent: cache('bytes currently in the cache'),
    cacheDirtyPercent: cache('tracked dirty bytes in the cache'),
    residentBytes: megabytes('resident'),
    virtualBytes: megabytes('virtual'),
    readTicketsUsedPercent: ticketsUsed(status, 'read'),
    writeTicketsUsedPercent: ticketsUsed(status, 'write'),
  };
}

/** What the answers say. Pure. */
export function parseReading(raw: RawReading): Reading {
  const { hello, serverStatus, replicaSetStatus: status } = raw;
  const setName = textAt(hello, 'setName') ?? textAt(status, 'set');
  const fromStatus = seenFromStatus(status);
  const version = [numberAt(status, 'configVersion'), numberAt(status, 'configTerm')];
  const self = listAt(status, 'members').find((member) => valueAt(member, 'self') === true);
  const configVersion = numberAt(self, 'configVersion') ?? version[0] ?? numberAt(hello, 'setVersion');
  const configTerm = numberAt(self, 'configTerm') ?? version[1] ?? null;
  const isMongos = textAt(hello, 'msg') === 'isdbgrid';
  const stateCode = numberAt(status, 'myState');
  const optimes = valueAt(status, 'optimes');
  const uptimeMs =
    numberAt(serverStatus, 'uptimeMillis') ??
    ((seconds) => (seconds === null ? null : seconds * 1000))(numberAt(serverStatus, 'uptime'));
  return {
    at: raw.at,
    roundTripMs: raw.roundTripMs,
    problem: raw.problem,
    isMongos,
    setName,
    state: stateCode === null ? stateFromHello(hello) : stateOf(stateCode),
    me: textAt(hello, 'me') ?? textAt(self, 'name'),
    version: textAt(serverStatus, 'version'),
    pid: numberAt(serverStatus, 'pid'),
    uptimeMs,
    term: numberAt(status, 'term'),
    syncSource: textAt(status, 'syncSourceHost') || null,
    configVersion: configVersion === null ? null : `${configVersion}.${configTerm ?? ''}`,
    applied:
      placeOf(valueAt(optimes, 'appliedOpTime'), dateAt(optimes, 'lastAppliedWallTime')) ??
      placeOf(valueAt(hello, 'lastWrite', 'opTime'), null),
    committed:
      placeOf(valueAt(optimes, 'lastCommittedOpTime'), dateAt(optimes, 'lastCommittedWallTime')) ??
      placeOf(valueAt(hello, 'lastWrite', 'majorityOpTime'), null),
    localTimeMs: dateAt(hello, 'localTime'),
    seen: fromStatus.length > 0 ? fromStatus : seenFromHello(hello),
    counters: serverStatus == null ? null : countersOf(serverStatus, raw.ownScans ?? 0),
    gauges: serverStatus == null ? null : gaugesOf(serverStatus),
  };
}

/** The members of a set's configuration by host; empty where it could not be read. */
export function parseConfiguration(answer: unknown): Map<string, MemberConfiguration> {
  const members = new Map<string, MemberConfiguration>();
  for (const member of listAt(answer, 'config', 'members')) {
    const host = textAt(member, 'host');
    if (host === null) continue;
    const tags = valueAt(member, 'tags');
    members.set(host, {
      priority: numberAt(member, 'priority') ?? 1,
      votes: numberAt(member, 'votes') ?? 1,
      hidden: valueAt(member, 'hidden') === true,
      arbiterOnly: valueAt(member, 'arbiterOnly') === true,
      delaySeconds: numberAt(member, 'secondaryDelaySecs') ?? numberAt(member, 'slaveDelay') ?? 0,
      tags: Object.fromEntries(
        Object.entries(typeof tags === 'object' && tags !== null ? tags : {}).map(([name, value]) => [
          name,
          String(value),
        ]),
      ),
    });
  }
  return members;
}
