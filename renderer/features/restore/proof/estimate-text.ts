/** How long a restore may take, and how that compares with what it took. Pure. */
import { formatDuration, formatQuantity } from '../../../../shared/format';
import type { Estimate } from '../../../../shared/restore';

/** `about 12 s, from 3 earlier restores`; said where nothing is known, too. */
export function estimateText(estimate: Estimate | undefined): string {
  if (!estimate || estimate.seconds === null) return 'no estimate: nothing was restored to this target in this way yet';
  return `about ${formatDuration(estimate.seconds)}, from ${formatQuantity(estimate.restores, 'earlier restore')}`;
}

/** The two ways it was reckoned, of which the later counts; empty where there are not both. */
export function estimateParts(estimate: Estimate | undefined): string {
  if (!estimate || estimate.byDocuments === null || estimate.byBytes === null) return '';
  return `by documents ${formatDuration(estimate.byDocuments)}, by bytes ${formatDuration(estimate.byBytes)}`;
}

const closeEnough = 0.1;

/** `10 s: it took 1.2 times as long`. */
export function estimateComparison(estimatedSeconds: number | null, elapsedMs: number): string {
  if (estimatedSeconds === null) return 'none: nothing was restored to this target in this way before';
  const estimated = formatDuration(estimatedSeconds);
  const ratio = elapsedMs / 1000 / estimatedSeconds;
  if (!Number.isFinite(ratio)) return estimated;
  if (Math.abs(ratio - 1) <= closeEnough) return `${estimated}: as estimated`;
  return `${estimated}: it took ${ratio.toFixed(ratio < 1 ? 2 : 1)} times as long`;
}
