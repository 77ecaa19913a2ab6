/** What a backup will take, before it runs: pure. */
import type { BackupEstimate, Manifest } from '../../shared/backups';
import { formatBytes } from '../../shared/format';

/** Backups of the same source that are looked at, the newest first. */
const historyDepth = 10;

interface Rate {
  compression: number | null;
  bytesPerSecond: number | null;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** Seconds from start to end of a past backup; null when the clock went backwards. */
function secondsOf(manifest: Pick<Manifest, 'createdAt' | 'completedAt'>): number | null {
  const seconds = (Date.parse(manifest.completedAt) - Date.parse(manifest.createdAt)) / 1000;
  return seconds > 0 ? seconds : null;
}

/** Medians over past backups of this source: compressed size per byte, bytes per second. */
export function rateOf(history: readonly Manifest[]): Rate {
  const recent = history.filter((manifest) => manifest.file.uncompressedBytes > 0).slice(0, historyDepth);
  const speeds = recent.flatMap((manifest) => {
    const seconds = secondsOf(manifest);
    return seconds === null ? [] : [manifest.file.uncompressedBytes / seconds];
  });
  return {
    compression: median(recent.map(({ file }) => file.bytes / file.uncompressedBytes)),
    bytesPerSecond: median(speeds),
  };
}

export interface EstimateInput {
  documents: number | null;
  bytes: number | null;
  history: readonly Manifest[];
  freeBytes: number | null;
  storePath: string;
  commands: string[];
  memberReadFrom: string | null;
  oplog: boolean;
  problems: BackupEstimate['problems'];
}

export function makeEstimate(input: EstimateInput): BackupEstimate {
  const { history, ...rest } = input;
  const { bytes, freeBytes, storePath } = input;
  const rate = rateOf(history);
  const compressedBytes = bytes === null || rate.compression === null ? null : Math.round(bytes * rate.compression);
  const seconds = bytes === null || rate.bytesPerSecond === null ? null : bytes / rate.bytesPerSecond;
  const problems = [...input.problems];
  const needed = compressedBytes ?? bytes;
  if (needed !== null && freeBytes !== null && needed > freeBytes) {
    problems.push({
      // Without history the uncompressed size is compared, which no archive reaches.
      severity: compressedBytes === null ? 'warning' : 'error',
      message: `${storePath} has ${formatBytes(freeBytes)} free; ${compressedBytes === null ? 'up to ' : 'about '}${formatBytes(needed)} are needed.`,
      hint: 'Free some space, or choose a store on another disk.',
    });
  }
  return { ...rest, compressedBytes, seconds, problems };
}
