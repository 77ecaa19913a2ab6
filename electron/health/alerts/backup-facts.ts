/** What the backups of a deployment give its alerts to judge by. Pure. */
import type { AlertFacts } from '../../../shared/alerts';
import { membersOf, type DeploymentSample } from '../../../shared/health';
import type { NamedFacts } from './conditions';

/** A finished backup, or an attempt at one. */
export interface BackupAttempt {
  /** What it is of: only attempts at the same are compared in time and size. */
  scope: string;
  startedAt: number;
  endedAt: number;
  succeeded: boolean;
  /** Null while it is not verified, or did not pass. */
  verifiedAt: number | null;
  bytes: number | null;
  /** Host that it was read from, where known. */
  readFrom: string | null;
}

export const noFacts: AlertFacts = {
  backupFailed: null,
  hoursSinceVerifiedBackup: null,
  backupMinutes: null,
  backupTimeOfBaselinePercent: null,
  backupSizeOfBaselinePercent: null,
  backupSuccessPercent: null,
  oplogShortOfBackupHours: null,
  backupSourceLagSeconds: null,
  storeUsedPercent: null,
  backupSizeOfLastWeekPercent: null,
};

const hour = 3_600_000;
const day = 24 * hour;
const week = 7 * day;
/** So many backups before the newest make what is usual. */
const leastBaseline = 3;

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length < leastBaseline ? null : (sorted[Math.floor(sorted.length / 2)] ?? null);
}

function ofBaseline(value: number | null | undefined, baseline: number | null): number | null {
  return value == null || baseline === null || baseline <= 0 ? null : (value / baseline) * 100;
}

/** The one nearest to a week before, at most a day and a half off. */
function ofWeekBefore(last: BackupAttempt, before: readonly BackupAttempt[]): BackupAttempt | undefined {
  const offBy = ({ startedAt }: BackupAttempt): number => Math.abs(last.startedAt - week - startedAt);
  return [...before].sort((a, b) => offBy(a) - offBy(b)).find((attempt) => offBy(attempt) <= 1.5 * day);
}

/**
 * All null for a deployment that was never backed up: that is for the overview to say, not for an alert at night. Backups of
 * which none was ever verified count from the first of them. `storeUsedPercent`: of the disk that the newest one is on.
 */
export function backupFacts(
  attempts: readonly BackupAttempt[],
  sample: DeploymentSample,
  storeUsedPercent: number | null = null,
): NamedFacts {
  const byTime = [...attempts].sort((a, b) => b.startedAt - a.startedAt);
  const newest = byTime[0];
  if (!newest) return noFacts;
  const good = byTime.filter(({ succeeded }) => succeeded);
  const last = good[0];
  const same = good.slice(1).filter(({ scope }) => scope === last?.scope);
  const before = same.slice(0, 7);
  const duration = ({ startedAt, endedAt }: BackupAttempt): number => endedAt - startedAt;
  const verified = good.map(({ verifiedAt }) => verifiedAt).filter((at): at is number => at !== null);
  const verifiedSince =
    verified.length > 0 ? Math.max(...verified) : Math.min(...byTime.map(({ startedAt }) => startedAt));
  const weekBefore = last && ofWeekBefore(last, same);
  const recent = byTime.filter(({ startedAt }) => sample.at - startedAt <= week);
  const gaps = good.slice(0, 8).flatMap((attempt, index) => {
    const next = good[index + 1];
    return next ? [attempt.startedAt - next.endedAt] : [];
  });
  const reaches = membersOf(sample)
    .map(({ metrics }) => metrics.oplogReachHours)
    .filter((hours): hours is number => hours !== null);
  const needed = last && gaps.length > 0 ? (duration(last) + Math.max(...gaps)) / hour : null;
  const source = last && membersOf(sample).find(({ host }) => host === last.readFrom);
  return {
    backupFailed: newest.succeeded ? 0 : 1,
    hoursSinceVerifiedBackup: (sample.at - verifiedSince) / hour,
    backupMinutes: last ? duration(last) / 60_000 : null,
    backupTimeOfBaselinePercent: ofBaseline(last && duration(last), median(before.map(duration))),
    backupSizeOfBaselinePercent: ofBaseline(
      last?.bytes,
      median(before.map(({ bytes }) => bytes).filter((bytes): bytes is number => bytes !== null)),
    ),
    backupSuccessPercent:
      recent.length === 0 ? null : (recent.filter(({ succeeded }) => succeeded).length / recent.length) * 100,
    oplogShortOfBackupHours: needed === null || reaches.length === 0 ? null : needed - Math.min(...reaches),
    backupSourceLagSeconds: source?.metrics.lagSeconds ?? null,
    backupSource: source?.host ?? null,
    storeUsedPercent,
    backupSizeOfLastWeekPercent: ofBaseline(last?.bytes, weekBefore?.bytes ?? null),
  };
}
