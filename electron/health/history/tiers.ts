/** How finely the past is kept. */
export interface Tier {
  readonly number: number;
  /** Milliseconds of a bucket; of raw samples the least time between two. */
  readonly stepMs: number;
  readonly keptMs: number;
  /** So long a stretch is put together into columns. */
  readonly chunkMs: number;
  readonly isAggregate: boolean;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const tiers: readonly [Tier, Tier, Tier] = [
  { number: 0, stepMs: 1000, keptMs: day, chunkMs: hour, isAggregate: false },
  { number: 1, stepMs: minute, keptMs: 30 * day, chunkMs: day, isAggregate: true },
  { number: 2, stepMs: 10 * minute, keptMs: 365 * day, chunkMs: 10 * day, isAggregate: true },
];

/**
 * The tier to read a stretch from: the coarsest that still has `points` of it, else the finest that reaches back that far.
 * Coarse ones keep lows and peaks, so nothing is lost by it.
 */
export function chooseTier(from: number, to: number, points: number, now: number): Tier {
  const [raw, minutes, tens] = tiers;
  // "The last 24 hours" was asked for a moment ago.
  const reaches = (tier: Tier): boolean => from >= now - tier.keptMs - minute;
  if ((to - from) / tens.stepMs >= points) return tens;
  if ((to - from) / minutes.stepMs >= points && reaches(minutes)) return minutes;
  return reaches(raw) ? raw : reaches(minutes) ? minutes : tens;
}
