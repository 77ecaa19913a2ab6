/** What a sample says of a rule, subject by subject. Pure. */
import { alertFactUnits, type AlertCondition, type AlertFacts, type AlertRule } from '../../../shared/alerts';
import type { Environment } from '../../../shared/connections';
import { formatBytes, formatCount } from '../../../shared/format';
import { metricUnits, type DeploymentSample, type MemberSample, type MetricUnit } from '../../../shared/health';

/** One member, set or deployment against one rule. */
export interface Observation {
  set: string | null;
  host: string | null;
  /** Null: not known now, which neither fires nor clears. */
  breaks: boolean | null;
  /** Well enough to be over. */
  isWell: boolean | null;
  value: number | null;
  text: string;
}

/** Facts with the member that backups are read from, which an incident about it names. */
export type NamedFacts = AlertFacts & { backupSource?: string | null };

/** A deployment as alerts look at it. */
export interface Observed {
  sample: DeploymentSample;
  environment: Environment;
  facts: NamedFacts;
}

type Limits = Extract<AlertCondition, { kind: 'metric' }> | Extract<AlertCondition, { kind: 'fact' }>;

export function breaksLimit({ when, threshold }: Limits, value: number): boolean {
  return when === 'above' ? value > threshold : value < threshold;
}

export function isWellWithin({ when, clearAt }: Limits, value: number): boolean {
  return when === 'above' ? value <= clearAt : value >= clearAt;
}

function rounded(value: number): string {
  return Math.abs(value) >= 100 ? formatCount(value) : value.toFixed(1).replace(/\.0$/, '');
}

function withUnit(value: number, unit: MetricUnit | 'minutes'): string {
  switch (unit) {
    case 'count':
      return rounded(value);
    case 'percent':
      return `${rounded(value)} %`;
    case 'seconds':
      return `${rounded(value)} s`;
    case 'milliseconds':
      return `${rounded(value)} ms`;
    case 'minutes':
      return `${rounded(value)} min`;
    case 'hours':
      return `${rounded(value)} h`;
    case 'bytes':
      return formatBytes(value);
    case 'per second':
      return `${rounded(value)}/s`;
    case 'bytes per second':
      return `${formatBytes(value)}/s`;
    case 'bytes per hour':
      return `${formatBytes(value)}/h`;
  }
}

function describeLimit(condition: Limits, value: number | null): string {
  if (value === null) return 'not known at the moment';
  if (condition.kind === 'fact' && condition.fact === 'backupFailed')
    return value > 0 ? 'the newest attempt at a backup failed' : 'the newest attempt at a backup succeeded';
  const unit = condition.kind === 'metric' ? metricUnits[condition.metric] : alertFactUnits[condition.fact];
  return `${withUnit(value, unit)}, the limit is ${withUnit(condition.threshold, unit)}`;
}

function limited(condition: Limits, value: number | null): Pick<Observation, 'breaks' | 'isWell' | 'value' | 'text'> {
  return {
    breaks: value === null ? null : breaksLimit(condition, value),
    isWell: value === null ? null : isWellWithin(condition, value),
    value,
    text: describeLimit(condition, value),
  };
}

function plain(breaks: boolean | null, text: string): Pick<Observation, 'breaks' | 'isWell' | 'value' | 'text'> {
  return { breaks, isWell: breaks === null ? null : !breaks, value: null, text };
}

const healthyStates = new Set(['PRIMARY', 'SECONDARY', 'ARBITER', 'STANDALONE', 'MONGOS']);

function observeMember(
  condition: AlertCondition,
  member: MemberSample,
): Pick<Observation, 'breaks' | 'isWell' | 'value' | 'text'> | null {
  switch (condition.kind) {
    case 'metric':
      return limited(condition, member.metrics[condition.metric]);
    case 'member-down':
      return plain(!member.answered, member.problem?.message ?? `${member.host} does not answer`);
    case 'member-state':
      return plain(member.answered ? !healthyStates.has(member.state) : null, `${member.host} is ${member.state}`);
    case 'fact':
    case 'no-primary':
      return null;
  }
}

/** Empty for what is out of the rule's scope. */
export function observe(rule: AlertRule, { sample, environment, facts }: Observed): Observation[] {
  const { condition, scope } = rule;
  if (scope.connectionIds && !scope.connectionIds.includes(sample.connectionId)) return [];
  if (scope.environments && !scope.environments.includes(environment)) return [];
  const ofHosts = (host: string): boolean => !scope.hosts || scope.hosts.includes(host);
  if (condition.kind === 'fact') {
    if (scope.hosts) return [];
    const host = condition.fact === 'backupSourceLagSeconds' ? (facts.backupSource ?? null) : null;
    const set = sample.sets.find(({ members }) => members.some((member) => member.host === host))?.name ?? null;
    return [{ set, host, ...limited(condition, facts[condition.fact]) }];
  }
  if (condition.kind === 'no-primary')
    return sample.sets.map(({ name, primary, members }) => ({
      set: name,
      host: null,
      // When no member answers, nothing is known of a primary: they are down for us.
      ...plain(
        primary !== null ? false : members.some(({ answered }) => answered) ? true : null,
        `${name} has no primary`,
      ),
    }));
  const members = [
    ...sample.sets.flatMap(({ name, members }) => members.map((member) => ({ set: name, member }))),
    ...sample.singles.map((member) => ({ set: null, member })),
  ];
  return members
    .filter(({ member }) => ofHosts(member.host))
    .flatMap(({ set, member }) => {
      const observed = observeMember(condition, member);
      return observed ? [{ set, host: member.host, ...observed }] : [];
    });
}
