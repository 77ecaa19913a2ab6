/** A rule while it is being edited: as its fields hold it, what is wrong with it, and back. Pure. */
import { alertFacts, type AlertCondition, type AlertFact, type AlertRule, type Severity } from '../../../shared/alerts';
import type { Environment } from '../../../shared/connections';
import { metricNames, type MetricName } from '../../../shared/health';
import { metricWords } from '../../components/metric-text';
import { factWords } from './rule-words';

/** `metric lagSeconds`, `fact backupMinutes`, `member-down`, …: what a condition is about, as one value of a list. */
export type Watched = `metric ${MetricName}` | `fact ${AlertFact}` | Exclude<AlertCondition['kind'], 'metric' | 'fact'>;

/** What number fields hold: text while it is no number. */
type Typed = number | string;

export interface RuleDraft {
  id: string;
  group: string;
  name: string;
  enabled: boolean;
  severity: Severity;
  watched: Watched;
  when: 'above' | 'below';
  threshold: Typed;
  clearAt: Typed;
  forSeconds: Typed;
  clearSeconds: Typed;
  /** Empty: everything. */
  connectionIds: string[];
  environments: Environment[];
  hosts: string[];
  runbook: string;
}

export type DraftProblems = Partial<Record<'name' | 'threshold' | 'clearAt' | 'forSeconds' | 'clearSeconds', string>>;

const longestSeconds = 86_400;
const longestName = 120;

const watchedOf = (condition: AlertCondition): Watched => {
  switch (condition.kind) {
    case 'metric':
      return `metric ${condition.metric}`;
    case 'fact':
      return `fact ${condition.fact}`;
    case 'member-down':
    case 'member-state':
    case 'no-primary':
      return condition.kind;
  }
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What can be watched, as a grouped list. */
export const watchedChoices: readonly { group: string; items: { value: Watched; label: string }[] }[] = [
  {
    group: 'Members',
    items: [
      { value: 'member-down', label: 'A member does not answer' },
      { value: 'member-state', label: 'A member is neither primary, secondary nor arbiter' },
      { value: 'no-primary', label: 'A set has no primary' },
    ],
  },
  {
    group: 'Numbers of each member',
    items: metricNames
      .filter((metric) => metric !== 'state')
      .map((metric) => ({ value: `metric ${metric}` as const, label: metricWords[metric] })),
  },
  {
    group: 'Backups of the deployment',
    items: alertFacts.map((fact) => ({ value: `fact ${fact}` as const, label: capital(factWords[fact]) })),
  },
];

const everyChoice = watchedChoices.flatMap(({ items }) => items);

export function isWatched(text: string | null): text is Watched {
  return everyChoice.some(({ value }) => value === text);
}

export function hasNumber(watched: Watched): boolean {
  return watched.startsWith('metric ') || watched.startsWith('fact ');
}

/** Whether it is about single members, which it then can be limited to. */
export function isOfMembers(watched: Watched): boolean {
  return watched !== 'no-primary' && !watched.startsWith('fact ');
}

export function draftOf(rule: AlertRule): RuleDraft {
  const { id, group, name, enabled, severity, condition, forSeconds, clearSeconds, scope, runbook } = rule;
  const limits =
    condition.kind === 'metric' || condition.kind === 'fact'
      ? { when: condition.when, threshold: condition.threshold, clearAt: condition.clearAt }
      : { when: 'above' as const, threshold: '', clearAt: '' };
  return {
    id,
    group,
    name,
    enabled,
    severity,
    watched: watchedOf(condition),
    ...limits,
    forSeconds,
    clearSeconds,
    connectionIds: scope.connectionIds ?? [],
    environments: scope.environments ?? [],
    hosts: scope.hosts ?? [],
    runbook: runbook ?? '',
  };
}

/** A rule of the user's own, with an id that no other has. */
export function newDraft(taken: readonly string[]): RuleDraft {
  let number = 1;
  while (taken.includes(`own-${number}`)) number += 1;
  const id = `own-${number}`;
  return {
    id,
    // One incident of a member for each rule of one's own.
    group: id,
    name: '',
    enabled: true,
    severity: 'warning',
    watched: 'metric connections',
    when: 'above',
    threshold: '',
    clearAt: '',
    forSeconds: 30,
    clearSeconds: 30,
    connectionIds: [],
    environments: [],
    hosts: [],
    runbook: '',
  };
}

function secondsProblem(value: Typed): string | undefined {
  if (typeof value !== 'number') return 'Enter a number of seconds, 0 for at once';
  return value < 0 || value > longestSeconds ? 'From 0 to 86,400 seconds (a day)' : undefined;
}

export function problemsOf(draft: RuleDraft): DraftProblems {
  const problems: DraftProblems = {};
  const name = draft.name.trim();
  if (name === '') problems.name = 'Give the rule a name: it is what an alert is called';
  else if (name.length > longestName) problems.name = `At most ${longestName} characters`;
  if (hasNumber(draft.watched)) {
    const { when, threshold, clearAt } = draft;
    if (typeof threshold !== 'number') problems.threshold = 'Enter a number';
    if (typeof clearAt !== 'number') problems.clearAt = 'Enter a number';
    else if (typeof threshold === 'number' && (when === 'above' ? clearAt > threshold : clearAt < threshold))
      problems.clearAt =
        when === 'above'
          ? 'Not above the threshold: it would be over while it still is'
          : 'Not below the threshold: it would be over while it still is';
  }
  const fires = secondsProblem(draft.forSeconds);
  const ends = secondsProblem(draft.clearSeconds);
  if (fires) problems.forSeconds = fires;
  if (ends) problems.clearSeconds = ends;
  return problems;
}

function conditionOf({ watched, when, threshold, clearAt }: RuleDraft): AlertCondition {
  const limits = { when, threshold: Number(threshold), clearAt: Number(clearAt) };
  const metric = metricNames.find((name) => watched === `metric ${name}`);
  if (metric) return { kind: 'metric', metric, ...limits };
  const fact = alertFacts.find((name) => watched === `fact ${name}`);
  if (fact) return { kind: 'fact', fact, ...limits };
  switch (watched) {
    case 'member-state':
    case 'no-primary':
      return { kind: watched };
    default:
      return { kind: 'member-down' };
  }
}

/** Null while the draft has a problem. */
export function ruleOf(draft: RuleDraft): AlertRule | null {
  if (Object.keys(problemsOf(draft)).length > 0) return null;
  const some = <Value>(values: Value[]): Value[] | null => (values.length === 0 ? null : values);
  const { id, group, enabled, severity } = draft;
  const runbook = draft.runbook.trim();
  return {
    id,
    group,
    name: draft.name.trim(),
    enabled,
    severity,
    condition: conditionOf(draft),
    forSeconds: Number(draft.forSeconds),
    clearSeconds: Number(draft.clearSeconds),
    scope: {
      connectionIds: some(draft.connectionIds),
      environments: some(draft.environments),
      hosts: isOfMembers(draft.watched) ? some(draft.hosts) : null,
    },
    runbook: runbook === '' ? null : runbook,
  };
}
