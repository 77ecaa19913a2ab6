/** "Would have fired 3 times last week": a rule against the history of one deployment. */
import type { AlertRule, RuleTrial } from '../../../shared/alerts';
import type { HealthEvent } from '../../../shared/health';
import { fail } from '../../../shared/result';
import type { History } from '../history/service';
import { metricOfRule, tryRule } from './try-rule';

const mostPoints = 20_000;
const mostEvents = 20_000;
/** What began before the time that was asked for. */
const earlierMs = 86_400_000;

/** Throws 'unsupported' for a rule whose past is not kept. */
export async function tryRuleOn(
  history: Pick<History, 'series' | 'events'>,
  rule: AlertRule,
  connectionId: string,
  from: number,
  to: number,
): Promise<RuleTrial> {
  if (toldByEvents[rule.condition.kind])
    return tryByEvents(rule, await history.events(connectionId, from - earlierMs, to, mostEvents), from, to);
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

/** What is told of a subject by events, because the history's coarse steps would hide how long it lasted. */
interface Told {
  /** A set or a member. */
  subjectOf: (event: HealthEvent) => string | null;
  begins: HealthEvent['kind'];
  ends: HealthEvent['kind'];
}

const toldByEvents: Partial<Record<AlertRule['condition']['kind'], Told>> = {
  'no-primary': { subjectOf: ({ set }) => set, begins: 'no-primary', ends: 'election' },
  'member-down': { subjectOf: ({ host }) => host, begins: 'stopped-answering', ends: 'answers-again' },
};

/**
 * From the events of a deployment, oldest first: a set is without primary until an election, a member down until it answers
 * again. What nobody watched is not known to have lasted. Pure.
 */
export function tryByEvents(rule: AlertRule, events: readonly HealthEvent[], from: number, to: number): RuleTrial {
  const told = toldByEvents[rule.condition.kind];
  const [forMs, clearMs] = [rule.forSeconds * 1000, rule.clearSeconds * 1000];
  const begun = new Map<string, number>();
  const spans = new Map<string, { begin: number; end: number | null }[]>();
  const add = (subject: string, end: number | null): void => {
    const begin = begun.get(subject);
    begun.delete(subject);
    if (begin === undefined) return;
    const list = spans.get(subject) ?? [];
    const last = list.at(-1);
    if (last?.end != null && begin - last.end < clearMs) last.end = end;
    else if ((end ?? to) - begin >= forMs) list.push({ begin, end });
    spans.set(subject, list);
  };
  for (const event of events) {
    const { kind, at } = event;
    if (kind === 'sampling-started' || kind === 'sampling-stopped') [...begun.keys()].forEach((one) => add(one, at));
    const subject = told?.subjectOf(event) ?? null;
    if (subject === null) continue;
    if (kind === told?.begins && !begun.has(subject)) begun.set(subject, at);
    if (kind === told?.ends) add(subject, at);
  }
  for (const subject of [...begun.keys()]) add(subject, null);
  const isWithin = (subject: string): boolean =>
    rule.condition.kind !== 'member-down' || (rule.scope.hosts?.includes(subject) ?? true);
  const firings = [...spans].flatMap(([host, list]) =>
    list
      .filter(() => isWithin(host))
      .map(({ begin, end }) => ({
        host,
        firedAt: begin + forMs,
        clearedAt: end === null || end + clearMs > to ? null : end + clearMs,
        worst: null,
      })),
  );
  const within = firings.filter(({ firedAt, clearedAt }) => firedAt <= to && (clearedAt ?? to) >= from);
  return { from, to, firings: within.sort((a, b) => a.firedAt - b.firedAt) };
}
