/**
 * How far a member is behind, honestly. The difference of two optimes is not it: on an idle set the primary writes a no-op
 * every ten seconds, and whoever looks right then sees a member "ten seconds behind" that lacks one entry of a millisecond
 * ago. What counts is how long the oldest write has been waiting that the member lacks. Pure.
 */
import { comparePlaces, type OplogPlace } from './server-values';

/** Where the primary stood at a moment. */
export interface PrimaryMark {
  /** Milliseconds since 1970 here. */
  at: number;
  applied: OplogPlace;
}

/** Differences under it are told as they are: nothing finer can be known from two servers asked at nearly one moment. */
export const worthAskingMs = 1000;

export interface LagInput {
  /** The member's last applied entry. */
  behind: OplogPlace;
  primary: PrimaryMark;
  /** Where the primary stood before, oldest first. */
  earlier: readonly PrimaryMark[];
  /**
   * When the primary wrote the first entry that the member lacks, by the primary's clock, and that clock's time now; null
   * when it was not asked or may not be.
   */
  firstMissing: { wallMs: number; nowMs: number } | null;
}

/** For how long, at least, the member has lacked something: since when the primary has been seen with more than it has. */
export function seenWaitingMs({ behind, primary, earlier }: Omit<LagInput, 'firstMissing'>): number {
  const ahead = earlier.find((mark) => comparePlaces(mark.applied, behind) > 0);
  return ahead ? Math.max(0, primary.at - ahead.at) : 0;
}

/**
 * Whether the optimes differ by so much, or have differed for so long, that only the oplog tells what has been waiting: on an idle
 * set two writes within a second of each other differ by less, however long the second is missing.
 */
export function isWorthAsking(behind: OplogPlace, primary: OplogPlace, waitingMs = 0): boolean {
  if (comparePlaces(behind, primary) >= 0) return false;
  return primary.wallMs - behind.wallMs > worthAskingMs || waitingMs > worthAskingMs;
}

/**
 * Seconds that the oldest write has been waiting which the member lacks; 0 when it lacks none. Without a look into the oplog
 * it is the optimes' difference, but never more than the time since the primary was last seen with nothing the member lacks, and
 * never less than the time it has been seen with more.
 */
export function lagSeconds({ behind, primary, earlier, firstMissing }: LagInput): number {
  if (comparePlaces(behind, primary.applied) >= 0) return 0;
  if (firstMissing) return Math.max(0, firstMissing.nowMs - firstMissing.wallMs) / 1000;
  const difference = Math.max(0, primary.applied.wallMs - behind.wallMs);
  const level = [...earlier].reverse().find((mark) => comparePlaces(mark.applied, behind) <= 0);
  const most = level ? Math.max(0, primary.at - level.at) : Infinity;
  const least = seenWaitingMs({ behind, primary, earlier });
  return Math.max(least, Math.min(difference, most)) / 1000;
}

/** Keeps the marks of the last ten minutes, at most `most` of them. */
export function withMark(marks: readonly PrimaryMark[], mark: PrimaryMark, most = 240): PrimaryMark[] {
  return [...marks, mark].filter(({ at }) => mark.at - at <= 600_000).slice(-most);
}
