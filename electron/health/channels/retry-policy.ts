/** How often and how far apart a message is tried. Pure. */

export interface RetryPolicy {
  /** Before a message is given up. */
  tries: number;
  /** Milliseconds of pause after the first try; each further one is twice as long. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** Milliseconds one try may take. */
  tryMs: number;
  /** Milliseconds after which a message is given up that could not be tried. */
  longestWaitMs: number;
}

/** The last of twelve tries comes after an hour and three quarters. */
export const usualRetries: RetryPolicy = {
  tries: 12,
  firstPauseMs: 5000,
  longestPauseMs: 1_800_000,
  tryMs: 20_000,
  longestWaitMs: 86_400_000,
};

/**
 * Milliseconds to wait after try number `tried` (from 1). `random` (0 to 1) spreads them over half a pause, so that what
 * failed together does not come back together.
 */
export function pauseAfter(tried: number, { firstPauseMs, longestPauseMs }: RetryPolicy, random: number): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1));
  return Math.round(pause * (0.75 + random / 2));
}
