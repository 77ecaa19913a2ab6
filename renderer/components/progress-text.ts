import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../shared/format';
import type { Progress } from '../../shared/jobs';

/** 0 to 1 where a total is known, else null: nothing invents a percentage. */
export function fractionOf(progress: Progress): number | null {
  const { bytesDone, bytesTotal, documentsDone, documentsTotal } = progress;
  if (bytesTotal !== null && bytesTotal > 0) return Math.min(1, bytesDone / bytesTotal);
  if (documentsTotal !== null && documentsTotal > 0) return Math.min(1, documentsDone / documentsTotal);
  return null;
}

/** `1.20 GiB of 2.00 GiB · 120,000 documents · 84.0 MiB/s · 12 s left`; parts that are unknown are left out. */
export function progressText(progress: Progress): string {
  const parts: string[] = [];
  if (progress.bytesTotal !== null && progress.bytesTotal > 0) {
    parts.push(`${formatBytes(progress.bytesDone)} of ${formatBytes(progress.bytesTotal)}`);
  } else if (progress.bytesDone > 0) {
    parts.push(formatBytes(progress.bytesDone));
  }
  if (progress.documentsTotal !== null && progress.documentsTotal > 0) {
    parts.push(`${formatCount(progress.documentsDone)} of ${formatQuantity(progress.documentsTotal, 'document')}`);
  } else if (progress.documentsDone > 0) {
    parts.push(formatQuantity(progress.documentsDone, 'document'));
  }
  if (progress.bytesPerSecond !== null && progress.bytesPerSecond > 0) {
    parts.push(`${formatBytes(progress.bytesPerSecond)}/s`);
  } else if (progress.documentsPerSecond !== null && progress.documentsPerSecond > 0) {
    parts.push(`${formatCount(progress.documentsPerSecond)} documents/s`);
  }
  if (progress.secondsLeft !== null) parts.push(`${formatDuration(progress.secondsLeft)} left`);
  return parts.join(' · ');
}
