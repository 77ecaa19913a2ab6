/** One rule and one subject over time: a duration to fire, a duration and another threshold to be over, no flapping. Pure. */
import type { AlertRule } from '../../../shared/alerts';

export interface Tracker {
  phase: 'well' | 'pending' | 'firing';
  /** When the condition began; null while well. */
  since: number | null;
  /** When it was last known to break, while pending. */
  brokenAt: number | null;
  firedAt: number | null;
  /** Since when it is well enough, while firing. */
  wellSince: number | null;
  /** How often it fired again soon after it was over. */
  recurrences: number;
  clearedAt: number | null;
}

export const untroubled: Tracker = {
  phase: 'well',
  since: null,
  brokenAt: null,
  firedAt: null,
  wellSince: null,
  recurrences: 0,
  clearedAt: null,
};

/** What fires again within it was not really over. */
const quietMs = 600_000;
const longestClearMs = 900_000;

/** Every recurrence doubles the time it has to be well: what comes and goes becomes one incident. */
function clearAfterMs({ clearSeconds }: Pick<AlertRule, 'clearSeconds'>, recurrences: number): number {
  const doubled = Math.max(clearSeconds, recurrences > 0 ? 5 : 0) * 1000 * 2 ** Math.min(recurrences, 10);
  return Math.max(clearSeconds * 1000, Math.min(longestClearMs, doubled));
}

/** Of a rule's duration: for so long a condition that had begun may be unknown and go on. */
const toleratedGap = 0.1;

/**
 * `breaks` and `isWell` null: not known, which changes nothing but ends what had not lasted long enough yet, unless it is known
 * again within a tenth of the duration: one answer that was too late does not begin five minutes anew.
 */
export function advance(
  tracker: Tracker,
  rule: Pick<AlertRule, 'forSeconds' | 'clearSeconds'>,
  seen: { breaks: boolean | null; isWell: boolean | null },
  at: number,
): Tracker {
  if (tracker.phase === 'firing') {
    if (seen.isWell === null) return tracker;
    if (!seen.isWell) return { ...tracker, wellSince: null };
    const wellSince = tracker.wellSince ?? at;
    if (at - wellSince < clearAfterMs(rule, tracker.recurrences)) return { ...tracker, wellSince };
    return { ...untroubled, recurrences: tracker.recurrences, clearedAt: at };
  }
  const forMs = rule.forSeconds * 1000;
  if (seen.breaks === null && tracker.phase === 'pending' && at - (tracker.brokenAt ?? 0) <= forMs * toleratedGap)
    return tracker;
  const isQuiet = tracker.clearedAt === null || at - tracker.clearedAt > quietMs;
  if (seen.breaks !== true)
    return { ...untroubled, ...(isQuiet ? {} : { recurrences: tracker.recurrences, clearedAt: tracker.clearedAt }) };
  const since = tracker.since ?? at;
  if (at - since < forMs) return { ...tracker, phase: 'pending', since, brokenAt: at };
  const recurrences = isQuiet ? 0 : tracker.recurrences + 1;
  return { phase: 'firing', since, brokenAt: at, firedAt: at, wellSince: null, recurrences, clearedAt: null };
}
