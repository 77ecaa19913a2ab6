/** One rule and one subject over time: a duration to fire, a duration and another threshold to be over, no flapping. Pure. */
import type { AlertRule } from '../../../shared/alerts';

export interface Tracker {
  phase: 'well' | 'pending' | 'firing';
  /** When the condition began; null while well. */
  since: number | null;
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

/** `breaks` and `isWell` null: not known, which changes nothing but ends what had not lasted long enough yet. */
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
  const isQuiet = tracker.clearedAt === null || at - tracker.clearedAt > quietMs;
  if (seen.breaks !== true)
    return { ...untroubled, ...(isQuiet ? {} : { recurrences: tracker.recurrences, clearedAt: tracker.clearedAt }) };
  const since = tracker.since ?? at;
  if (at - since < rule.forSeconds * 1000) return { ...tracker, phase: 'pending', since };
  const recurrences = isQuiet ? 0 : tracker.recurrences + 1;
  return { phase: 'firing', since, firedAt: at, wellSince: null, recurrences, clearedAt: null };
}
