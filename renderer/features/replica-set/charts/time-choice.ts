/** Which time the charts show: the newest so-and-so long, or a stretch of the past. Pure. Times are milliseconds since 1970. */
import { seriesTime, stepOfTime } from '../../../components/chart/time-frame';
import type { TimeRange } from '../../../components/chart/time-view';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const spans = [
  { label: '5 min', ms: 5 * minute },
  { label: '15 min', ms: 15 * minute },
  { label: '1 h', ms: hour },
  { label: '6 h', ms: 6 * hour },
  { label: '24 h', ms: day },
  { label: '7 d', ms: 7 * day },
  { label: '30 d', ms: 30 * day },
  { label: '90 d', ms: 90 * day },
  { label: '1 y', ms: 365 * day },
] as const;

/** As far back as the history goes. */
export const longestMs = 366 * day;
export const defaultSpanMs = hour;

export interface TimeChoice {
  /** What "live" shows, and what zooming out in full comes back to. */
  spanMs: number;
  /** Null: live, the newest sample at the right edge. */
  fixed: TimeRange | null;
}

/** The newest moment the charts show: it moves on a step at a time, so that nothing shifts by parts of a pixel. */
export function liveEnd(spanMs: number, now: number): number {
  const step = stepOfTime(seriesTime({ from: now - spanMs, to: now }));
  return Math.ceil(now / step) * step;
}

export function rangeOf({ spanMs, fixed }: TimeChoice, now: number): TimeRange {
  if (fixed) return fixed;
  const to = liveEnd(spanMs, now);
  return { from: to - spanMs, to };
}

/** The most that can be seen. */
export function limitsAt(now: number): TimeRange {
  const to = liveEnd(day, now);
  return { from: to - longestMs, to };
}

/** The stretch before or after, as long as this; null where the next one is the present. */
export function neighbour(range: TimeRange, direction: -1 | 1, now: number): TimeRange | null {
  const length = range.to - range.from;
  const from = Math.max(limitsAt(now).from, range.from + direction * length);
  const to = from + length;
  return direction === 1 && to >= now ? null : { from, to };
}

/** Twice as long around the same middle, not beyond what there is. */
export function zoomedOut(range: TimeRange, now: number): TimeRange {
  const limits = limitsAt(now);
  const quarter = (range.to - range.from) / 2;
  return { from: Math.max(limits.from, range.from - quarter), to: Math.min(limits.to, range.to + quarter) };
}

export function zoomedIn(range: TimeRange, centre: number | null): TimeRange {
  const quarter = (range.to - range.from) / 4;
  const middle = centre === null ? (range.from + range.to) / 2 : centre;
  const from = Math.min(Math.max(range.from, middle - quarter), range.to - 2 * quarter);
  return 4 * quarter < 2000 ? range : { from, to: from + 2 * quarter };
}

/** How long a range is, in its greatest units: "2 h 30 min". */
export function lengthText({ from, to }: TimeRange): string {
  const known = spans.find(({ ms }) => Math.abs(ms - (to - from)) < 1000);
  if (known) return known.label;
  const seconds = Math.round((to - from) / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
