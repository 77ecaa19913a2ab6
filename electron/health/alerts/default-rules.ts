/** The rules Lifeboat begins with; each can be changed or switched off. */
import type { AlertCondition, AlertFact, AlertRule, Severity } from '../../../shared/alerts';
import type { MetricName } from '../../../shared/health';

const everywhere: AlertRule['scope'] = { connectionIds: null, environments: null, hosts: null };
const production: AlertRule['scope'] = { ...everywhere, environments: ['production'] };

interface Timing {
  forSeconds?: number;
  clearSeconds?: number;
}

function rule(
  id: string,
  group: string,
  name: string,
  severity: Severity,
  condition: AlertCondition,
  timing: Timing = {},
  scope = everywhere,
): AlertRule {
  const { forSeconds = 30, clearSeconds = 30 } = timing;
  return {
    id,
    name,
    enabled: true,
    severity,
    condition,
    forSeconds,
    clearSeconds,
    group,
    scope,
    runbook: null,
  };
}

/** Over at a tenth inside the threshold, so that a value that sways around it is one incident. */
function above(metric: MetricName, threshold: number, clearAt = threshold * 0.9): AlertCondition {
  return { kind: 'metric', metric, when: 'above', threshold, clearAt };
}
function below(metric: MetricName, threshold: number, clearAt = threshold * 1.1): AlertCondition {
  return { kind: 'metric', metric, when: 'below', threshold, clearAt };
}
function fact(name: AlertFact, when: 'above' | 'below', threshold: number, clearAt = threshold): AlertCondition {
  return { kind: 'fact', fact: name, when, threshold, clearAt };
}

const atOnce: Timing = { forSeconds: 0, clearSeconds: 0 };
const minutes = (count: number): Timing => ({ forSeconds: count * 60, clearSeconds: count * 60 });
const soon: Timing = { forSeconds: 10, clearSeconds: 10 };

export const defaultRules: readonly AlertRule[] = [
  rule('member-down', 'member-down', 'A member does not answer', 'critical', { kind: 'member-down' }, soon),
  rule('no-primary', 'no-primary', 'The set has no primary', 'critical', { kind: 'no-primary' }, soon),
  rule(
    'member-state',
    'member-state',
    'A member is neither primary nor secondary',
    'critical',
    { kind: 'member-state' },
    minutes(1),
  ),
  rule('lag-warning', 'lag', 'Replication lag over 10 s', 'warning', above('lagSeconds', 10)),
  rule('lag-high', 'lag', 'Replication lag over 30 s', 'high', above('lagSeconds', 30)),
  rule('lag-critical', 'lag', 'Replication lag over 5 min', 'critical', above('lagSeconds', 300)),
  rule(
    'connections-used',
    'connections',
    'Connections over 80 % of what is possible',
    'warning',
    above('connectionsUsedPercent', 80),
  ),
  rule('connections-many', 'connections', 'More than 800 connections', 'warning', above('connections', 800)),
  rule(
    'connections-exhausted',
    'connections',
    'Connections are exhausted',
    'critical',
    below('connectionsAvailable', 1, 5),
    soon,
  ),
  rule(
    'active-operations',
    'active-operations',
    'More than 50 active operations',
    'warning',
    above('activeOperations', 50),
  ),
  rule('disk-warning', 'disk', 'Disk over 80 % used', 'warning', above('diskUsedPercent', 80, 78), minutes(2)),
  rule('disk-critical', 'disk', 'Disk over 90 % used', 'critical', above('diskUsedPercent', 90, 88), minutes(1)),
  rule(
    'lock-time',
    'lock-time',
    'Operations wait for locks more than 10 % of the time',
    'warning',
    above('lockWaitPercent', 10),
    minutes(1),
  ),
  rule(
    'index-size',
    'index-size',
    'Indexes are larger than memory',
    'warning',
    above('indexOfMemoryPercent', 100, 98),
    minutes(5),
  ),
  rule('cache-hit', 'cache-hit', 'Cache hit ratio under 90 %', 'warning', below('cacheHitPercent', 90, 92), minutes(5)),
  rule('latency', 'latency', 'P95 latency over 500 ms', 'warning', above('p95LatencyMs', 500), minutes(1)),
  rule(
    'collection-scans',
    'collection-scans',
    'Queries read whole collections (COLLSCAN)',
    'warning',
    above('collectionScansPerSecond', 0, 0),
    { forSeconds: 30, clearSeconds: 300 },
    production,
  ),
  rule('oplog-window', 'oplog-window', 'Oplog window under 24 h', 'info', below('oplogReachHours', 24), minutes(5)),
  rule(
    'oplog-backup',
    'oplog-window',
    'Oplog window shorter than a backup and the gap to the next',
    'high',
    fact('oplogShortOfBackupHours', 'above', 0),
    minutes(5),
  ),
  rule(
    'backup-source-lag',
    'backup-source-lag',
    'The member that backups are read from lags',
    'high',
    fact('backupSourceLagSeconds', 'above', 30, 25),
  ),
  rule(
    'backup-failed',
    'backup-failed',
    'The newest backup failed',
    'critical',
    fact('backupFailed', 'above', 0),
    atOnce,
  ),
  rule(
    'backup-unverified',
    'backup-unverified',
    'No verified backup of the last 24 h',
    'critical',
    fact('hoursSinceVerifiedBackup', 'above', 24),
    atOnce,
  ),
  rule(
    'backup-long',
    'backup-time',
    'The newest backup took over 30 min',
    'warning',
    fact('backupMinutes', 'above', 30),
    atOnce,
  ),
  rule(
    'backup-slow',
    'backup-time',
    'The newest backup took over 120 % of the usual time',
    'warning',
    fact('backupTimeOfBaselinePercent', 'above', 120),
    atOnce,
  ),
  rule(
    'backup-larger',
    'backup-size',
    'The newest backup is over 120 % of the usual size',
    'warning',
    fact('backupSizeOfBaselinePercent', 'above', 120),
    atOnce,
  ),
  rule(
    'backup-smaller',
    'backup-size',
    'The newest backup is under half of the usual size',
    'warning',
    fact('backupSizeOfBaselinePercent', 'below', 50),
    atOnce,
  ),
  rule(
    'backup-grew',
    'backup-size',
    'The newest backup is over 150 % of the one a week before',
    'warning',
    fact('backupSizeOfLastWeekPercent', 'above', 150),
    atOnce,
  ),
  rule(
    'backup-shrank',
    'backup-size',
    'The newest backup is under half of the one a week before',
    'warning',
    fact('backupSizeOfLastWeekPercent', 'below', 50),
    atOnce,
  ),
  rule(
    'store-warning',
    'store',
    'The disk of the backups is over 80 % used',
    'warning',
    fact('storeUsedPercent', 'above', 80, 78),
    minutes(2),
  ),
  rule(
    'store-high',
    'store',
    'The disk of the backups is over 90 % used',
    'high',
    fact('storeUsedPercent', 'above', 90, 88),
    minutes(2),
  ),
  rule(
    'backup-success',
    'backup-success',
    'Less than 95 % of the backups succeed',
    'high',
    fact('backupSuccessPercent', 'below', 95),
    atOnce,
  ),
];
