/** What an incident is about: its page is put together by it. Pure. */
import type { AlertFact, AlertRule, Incident } from '../../../shared/alerts';
import type { MetricName } from '../../../shared/health';

export type Subject =
  | 'member-down'
  | 'member-state'
  | 'no-primary'
  | 'lag'
  | 'connections'
  | 'operations'
  | 'locks'
  | 'latency'
  | 'cache'
  | 'scans'
  | 'disk'
  | 'index-size'
  | 'oplog'
  | 'flow-control'
  | 'store'
  | 'backup'
  | 'load';

const subjectOfMetric: Readonly<Partial<Record<MetricName, Subject>>> = {
  state: 'member-state',
  lagSeconds: 'lag',
  majorityLagSeconds: 'flow-control',
  flowControlPercent: 'flow-control',
  oplogWindowHours: 'oplog',
  oplogReachHours: 'oplog',
  oplogBytesPerHour: 'oplog',
  connections: 'connections',
  connectionsAvailable: 'connections',
  connectionsUsedPercent: 'connections',
  activeOperations: 'operations',
  queuedOperations: 'operations',
  readTicketsUsedPercent: 'operations',
  writeTicketsUsedPercent: 'operations',
  lockWaitPercent: 'locks',
  readLatencyMs: 'latency',
  writeLatencyMs: 'latency',
  commandLatencyMs: 'latency',
  p95LatencyMs: 'latency',
  roundTripMs: 'latency',
  cacheUsedPercent: 'cache',
  cacheDirtyPercent: 'cache',
  cacheHitPercent: 'cache',
  residentBytes: 'cache',
  collectionScansPerSecond: 'scans',
  diskUsedPercent: 'disk',
  diskUsedBytes: 'disk',
  diskTotalBytes: 'disk',
  indexBytes: 'index-size',
  indexOfMemoryPercent: 'index-size',
};

function subjectOfFact(fact: AlertFact): Subject {
  if (fact === 'oplogShortOfBackupHours') return 'oplog';
  if (fact === 'backupSourceLagSeconds') return 'lag';
  return fact === 'storeUsedPercent' ? 'store' : 'backup';
}

/** By the rule's condition; of a deleted rule by the incident's group, which is named after it. */
export function subjectOf({ group }: Pick<Incident, 'group'>, rule: AlertRule | null): Subject {
  const condition = rule?.condition;
  if (condition?.kind === 'metric') return subjectOfMetric[condition.metric] ?? 'load';
  if (condition?.kind === 'fact') return subjectOfFact(condition.fact);
  if (condition) return condition.kind;
  return group === 'member-down' || group === 'member-state' || group === 'no-primary' || group === 'lag'
    ? group
    : 'load';
}

/** What is drawn: the number that the rule looks at, or the one that shows best what happened. */
export function chartedMetric(subject: Subject, rule: AlertRule | null): MetricName | null {
  const condition = rule?.condition;
  if (condition?.kind === 'metric') return condition.metric;
  if (condition?.kind === 'fact') {
    if (condition.fact === 'oplogShortOfBackupHours') return 'oplogReachHours';
    return condition.fact === 'backupSourceLagSeconds' ? 'lagSeconds' : null;
  }
  // A member that does not answer shows as a gap, a set without primary as work that was not done.
  if (subject === 'member-down') return 'roundTripMs';
  if (subject === 'no-primary') return 'requestsPerSecond';
  return subject === 'member-state' ? 'lagSeconds' : null;
}
