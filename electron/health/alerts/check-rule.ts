/** What a rule must be to do what its author means. Pure. */
import type { AlertCondition, AlertFact, AlertRule } from '../../../shared/alerts';
import { metricUnits, type MetricName } from '../../../shared/health';
import { fail } from '../../../shared/result';

/** Facts and metrics that can be below zero, or above a hundred although they are percentages. */
const signedFacts = new Set<AlertFact>(['oplogShortOfBackupHours']);
const unboundedPercents = new Set<MetricName>(['lockWaitPercent', 'indexOfMemoryPercent', 'flowControlPercent']);
const shareFacts = new Set<AlertFact>(['backupSuccessPercent', 'storeUsedPercent']);

function refuse(message: string, hint?: string): never {
  return fail('usage', message, hint);
}

type Limits = Extract<AlertCondition, { kind: 'metric' }> | Extract<AlertCondition, { kind: 'fact' }>;

function greatestOf(condition: Limits): number {
  if (condition.kind === 'fact') return shareFacts.has(condition.fact) ? 100 : Infinity;
  const { metric } = condition;
  return metricUnits[metric] === 'percent' && !unboundedPercents.has(metric) ? 100 : Infinity;
}

function checkLimits(condition: Limits): void {
  const { when, threshold, clearAt } = condition;
  if (when === 'above' && clearAt > threshold)
    refuse(
      `A rule that fires above ${threshold} cannot be over above it, at ${clearAt}.`,
      'Choose a value to clear at that is the threshold or lower.',
    );
  if (when === 'below' && clearAt < threshold)
    refuse(
      `A rule that fires below ${threshold} cannot be over below it, at ${clearAt}.`,
      'Choose a value to clear at that is the threshold or higher.',
    );
  const isSigned = condition.kind === 'fact' && signedFacts.has(condition.fact);
  if (isSigned) return;
  if (when === 'below' && threshold <= 0) refuse(`No value is ever below ${threshold}: this rule would never fire.`);
  if (when === 'above' && threshold < 0) refuse(`Every value is above ${threshold}: this rule would always fire.`);
  if (when === 'above' && clearAt < 0) refuse(`No value is ever as low as ${clearAt}: this rule would never clear.`);
  const greatest = greatestOf(condition);
  if (when === 'above' && threshold >= greatest)
    refuse(`No value is ever above ${greatest} %: this rule would never fire.`);
  if (when === 'below' && clearAt > greatest)
    refuse(`No value is ever above ${greatest} %: this rule would never clear.`);
}

function sameSubject(a: AlertCondition, b: AlertCondition): boolean {
  if (a.kind === 'metric' && b.kind === 'metric') return a.metric === b.metric;
  if (a.kind === 'fact' && b.kind === 'fact') return a.fact === b.fact;
  return a.kind === b.kind;
}

function checkScope({ condition, scope }: AlertRule): void {
  if (scope.hosts && (condition.kind === 'fact' || condition.kind === 'no-primary'))
    refuse(
      condition.kind === 'fact'
        ? 'A rule on backups is about a whole deployment and cannot be limited to members.'
        : 'A rule on the primary is about a whole set and cannot be limited to members.',
    );
  if (scope.hosts?.length === 0) refuse('A rule that is limited to members names at least one.');
  if (scope.environments?.length === 0) refuse('A rule that is limited to environments names at least one.');
  if (scope.connectionIds?.length === 0) refuse('A rule that is limited to connections names at least one.');
}

function checkRunbook(runbook: string): void {
  if (runbook.length > 2000) refuse('The reference to the runbook is longer than 2,000 characters.');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(runbook.trim())?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    refuse(`A runbook is reached by https or http, not by ${scheme}.`);
}

/** Of ids and groups: they are put together to keys. */
const plainName = /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u;

/**
 * The rule as it is stored. Throws 'usage' for one that could never fire or never be over, and for a default that would look
 * at something else than it did.
 */
export function checkedRule(rule: AlertRule, original: AlertRule | null): AlertRule {
  const name = rule.name.trim();
  const group = rule.group.trim();
  if (name === '') refuse('A rule has a name.');
  if (!plainName.test(rule.id)) refuse(`"${rule.id}" cannot be the id of a rule.`);
  if (!plainName.test(group) || group.length > 80)
    refuse('The group of a rule is a word of letters, digits, blanks, dots and dashes.');
  if (original && !sameSubject(rule.condition, original.condition))
    refuse(
      `"${original.name}" goes on looking at what it looked at.`,
      'Switch it off and make a rule of your own instead.',
    );
  const { condition } = rule;
  if (condition.kind === 'metric' || condition.kind === 'fact') checkLimits(condition);
  checkScope(rule);
  const runbook = rule.runbook?.trim() ? rule.runbook.trim() : null;
  if (runbook !== null) checkRunbook(runbook);
  return { ...rule, name, group, runbook };
}

/** Whether two rules do the same, whatever the order of their fields. */
export function isSameRule(a: AlertRule, b: AlertRule): boolean {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? (value as unknown[]).map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([left], [right]) => (left < right ? -1 : 1))
              .map(([name, each]) => [name, sorted(each)]),
          )
        : value;
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
