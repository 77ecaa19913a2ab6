/** Rules in words, and their numbers with units. Pure. */
import { alertFactUnits, type AlertCondition, type AlertFact, type AlertRule } from '../../../shared/alerts';
import { formatBytes, formatCount } from '../../../shared/format';
import { metricUnits, type MetricName, type MetricUnit } from '../../../shared/health';
import type { RuleEntry } from '../../../shared/incidents';
import { metricWords } from '../../components/metric-text';

export const factWords: Readonly<Record<AlertFact, string>> = {
  backupFailed: 'failed newest backups',
  hoursSinceVerifiedBackup: 'time since the newest verified backup',
  backupMinutes: 'time the newest backup took',
  backupTimeOfBaselinePercent: 'time of the newest backup against the usual',
  backupSizeOfBaselinePercent: 'size of the newest backup against the usual',
  backupSuccessPercent: 'backups of the last 7 days that succeeded',
  oplogShortOfBackupHours: 'what the oplog falls short of a backup and the gap to the next',
  backupSourceLagSeconds: 'lag of the member that backups are read from',
  storeUsedPercent: 'disk under the newest backup used',
  backupSizeOfLastWeekPercent: 'size of the newest backup against that of a week before',
};

type RuleUnit = MetricUnit | 'minutes';

/** Null where the condition has no number. */
export function unitOf(condition: AlertCondition): RuleUnit | null {
  switch (condition.kind) {
    case 'metric':
      return metricUnits[condition.metric];
    case 'fact':
      return alertFactUnits[condition.fact];
    case 'member-down':
    case 'member-state':
    case 'no-primary':
      return null;
  }
}

/** Beside a field for a number: `s`, `%`, `ms`. */
export function unitSign(unit: RuleUnit): string {
  switch (unit) {
    case 'count':
      return '';
    case 'percent':
      return '%';
    case 'seconds':
      return 's';
    case 'milliseconds':
      return 'ms';
    case 'minutes':
      return 'min';
    case 'hours':
      return 'h';
    case 'bytes':
      return 'bytes';
    case 'per second':
      return '/s';
    case 'bytes per second':
      return 'bytes/s';
    case 'bytes per hour':
      return 'bytes/h';
  }
}

function plainNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return formatCount(value);
  return value.toFixed(Math.abs(value) < 1 ? 2 : 1);
}

/** Whole seconds without a zero too many: `30 s`, `5 min`, `1 min 30 s`, `2 h`, `1 d`. */
export function durationWords(seconds: number): string {
  const units: readonly [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ];
  const parts: string[] = [];
  let rest = seconds;
  for (const [size, sign] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${sign}`);
    rest -= count * size;
  }
  if (rest > 0 || parts.length === 0) parts.push(`${plainNumber(rest)} s`);
  return parts.join(' ');
}

/** `12.4 s`, `80 %`, `1.20 GiB/s`. */
export function valueWords(value: number, unit: RuleUnit | null): string {
  switch (unit) {
    case null:
    case 'count':
      return plainNumber(value);
    case 'seconds':
      return value >= 60 ? durationWords(Math.round(value)) : `${plainNumber(value)} s`;
    case 'bytes':
      return formatBytes(value);
    case 'bytes per second':
      return `${formatBytes(value)}/s`;
    case 'bytes per hour':
      return `${formatBytes(value)}/h`;
    case 'per second':
      return `${plainNumber(value)}/s`;
    case 'percent':
    case 'milliseconds':
    case 'minutes':
    case 'hours':
      return `${plainNumber(value)} ${unitSign(unit)}`;
  }
}

/** What charts can say shorter, because their axis says the rest. */
const sentenceWords: Partial<Record<MetricName, string>> = {
  oplogReachHours: 'oplog window',
  oplogWindowHours: 'oplog window of this moment',
  majorityLagSeconds: 'lag of majority commits',
  readLatencyMs: 'mean latency of reads',
  writeLatencyMs: 'mean latency of writes',
  commandLatencyMs: 'mean latency of commands',
  p95LatencyMs: 'P95 latency',
  cacheHitPercent: 'cache hit ratio',
  flowControlPercent: 'time under flow control',
  lockWaitPercent: 'time waiting for locks',
  indexOfMemoryPercent: 'size of indexes against memory',
};

function metricInSentence(metric: MetricName): string {
  const words = metricWords[metric];
  return sentenceWords[metric] ?? words.charAt(0).toLowerCase() + words.slice(1);
}

const lasting = (seconds: number): string => (seconds > 0 ? ` for ${durationWords(seconds)}` : '');

/** "replication lag above 10 s for 30 s, over at or below 9 s for 30 s". */
export function conditionWords({ condition, forSeconds, clearSeconds }: AlertRule): string {
  const fires = lasting(forSeconds);
  const ends = lasting(clearSeconds);
  switch (condition.kind) {
    case 'metric':
    case 'fact': {
      if (condition.kind === 'fact' && condition.fact === 'backupFailed')
        return `the newest backup failed${fires}, over when one succeeds`;
      const subject = condition.kind === 'metric' ? metricInSentence(condition.metric) : factWords[condition.fact];
      const unit = unitOf(condition);
      const side = condition.when === 'above' ? 'at or below' : 'at or above';
      return `${subject} ${condition.when} ${valueWords(condition.threshold, unit)}${fires}, over ${side} ${valueWords(condition.clearAt, unit)}${ends}`;
    }
    case 'member-down':
      return `a member does not answer${fires}, over when it answers${ends}`;
    case 'member-state':
      return `a member is neither primary, secondary nor arbiter${fires}, over when it is one of them${ends}`;
    case 'no-primary':
      return `a set has no primary${fires}, over when it has one${ends}`;
  }
}

/** "everywhere", or what it is limited to. `nameOf` gives a connection's name. */
export function scopeWords({ connectionIds, environments, hosts }: AlertRule['scope'], nameOf: (id: string) => string) {
  const parts = [
    (connectionIds ?? []).map(nameOf).join(', '),
    (environments ?? []).join(', '),
    (hosts ?? []).join(', '),
  ];
  return parts.filter((part) => part !== '').join(' · ') || 'everywhere';
}

/** Values of JSON, whatever the order of their keys. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  const other = new Map(Object.entries(right));
  return Object.entries(left).every(([key, value]) => other.has(key) && isSame(value, other.get(key)));
}

const partWords: readonly [keyof AlertRule, string][] = [
  ['enabled', 'switched off'],
  ['severity', 'severity'],
  ['condition', 'threshold'],
  ['forSeconds', 'duration'],
  ['clearSeconds', 'duration until it is over'],
  ['scope', 'scope'],
  ['runbook', 'runbook'],
  ['name', 'name'],
];

/** What a user changed of a default, in words; empty for rules as they were and rules of the user's own. */
export function changesOf({ rule, original }: RuleEntry): string[] {
  if (!original) return [];
  return partWords.filter(([part]) => !isSame(rule[part], original[part])).map(([, words]) => words);
}
