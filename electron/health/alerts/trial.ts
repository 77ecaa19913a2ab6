/** "Would have fired 3 times last week": a rule against the history of one deployment. */
import type { AlertRule, RuleTrial } from '../../../shared/alerts';
import type { HealthEvent } from '../../../shared/health';
import { fail } from '../../../shared/result';
import type { History } from '../history/service';
import { metricOfRule, tryRule } from './try-rule';

const mostPoints = 20_000;
const mostEvents = 20_000;
/** A set that lost its primary before the time that was asked for. */
const earlierMs = 86_400_000;

/** Throws 'unsupported' for a rule whose past is not kept. */
export async function tryRuleOn(
  history: Pick<History, 'series' | 'events'>,
  rule: AlertRule,
  connectionId: string,
  from: number,
  to: number,
): Promise<RuleTrial> {
  if (rule.condition.kind === 'no-primary')
    return tryNoPrimary(rule, await history.events(connectionId, from - earlierMs, to, mostEvents), from, to);
  const metric =
    metricOfRule(rule) ??
    fail(
      'unsupported',
      `The past of "${rule.name}" is not kept.`,
      'Only what members tell is: of backups and stores there is what is so now.',
    );
  const query = { deployment: connectionId, hosts: null, metrics: [metric], from, to, points: mostPoints };
  return tryRule(rule, await history.series(query));
}

/** From the events of a deployment, oldest first: a set is without primary until an election. Pure. */
export function tryNoPrimary(rule: AlertRule, events: readonly HealthEvent[], from: number, to: number): RuleTrial {
  const [forMs, clearMs] = [rule.forSeconds * 1000, rule.clearSeconds * 1000];
  const lostAt = new Map<string, number>();
  const spans = new Map<string, { begin: number; end: number | null }[]>();
  const add = (set: string, begin: number, end: number | null): void => {
    const list = spans.get(set) ?? [];
    const last = list.at(-1);
    if (last?.end != null && begin - last.end < clearMs) last.end = end;
    else if ((end ?? to) - begin >= forMs) list.push({ begin, end });
    spans.set(set, list);
  };
  for (const { kind, set, at } of events) {
    if (set === null) continue;
    if (kind === 'no-primary' && !lostAt.has(set)) lostAt.set(set, at);
    if (kind === 'election') {
      const begin = lostAt.get(set);
      lostAt.delete(set);
      if (begin !== undefined) add(set, begin, at);
    }
  }
  for (const [set, begin] of lostAt) add(set, begin, null);
  const firings = [...spans].flatMap(([host, list]) =>
    list.map(({ begin, end }) => ({
      host,
      firedAt: begin + forMs,
      clearedAt: end === null || end + clearMs > to ? null : end + clearMs,
      worst: null,
    })),
  );
  const within = firings.filter(({ firedAt, clearedAt }) => firedAt <= to && (clearedAt ?? to) >= from);
  return { from, to, firings: within.sort((a, b) => a.firedAt - b.firedAt) };
}
