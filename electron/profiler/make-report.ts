/** Puts a report together from what was aggregated and what was read. */
import type { ProfileReport } from '../../shared/profiler';
import { unreadableKinds } from '../../shared/profiler';
import type { OperationAggregate } from './aggregate-operations';
import type { LogTally } from './logs/log-tally';
import { notesOn } from './report-notes';

export interface ReportParts {
  source: string;
  aggregate: OperationAggregate;
  /** Null when the source is no log. */
  tally: LogTally | null;
  ignoredFiles: string[];
  obfuscate: boolean;
}

export function makeReport({ source, aggregate, tally, ignoredFiles, obfuscate }: ReportParts): ProfileReport {
  const aggregated = aggregate.report(obfuscate);
  const log = tally ? logCounts(tally, ignoredFiles, obfuscate) : null;
  return { source, ...aggregated, log, obfuscated: obfuscate, notes: notesOn(aggregated, log) };
}

/** Lines that could not be read are left out when `obfuscate` is set: they may hold anything. */
export function logCounts(
  tally: LogTally,
  ignoredFiles: string[],
  obfuscate: boolean,
): NonNullable<ProfileReport['log']> {
  const sum = (of: 'lines' | 'slowOperations' | 'unreadable'): number =>
    tally.files.reduce((total, file) => total + file[of], 0);
  return {
    lines: sum('lines'),
    slowOperations: sum('slowOperations'),
    unreadable: sum('unreadable'),
    unreadableByKind: unreadableKinds.flatMap((kind) => {
      const count = tally.unreadable.get(kind) ?? 0;
      return count === 0 ? [] : [{ kind, count }];
    }),
    // A damaged line may hold anything.
    unreadableLines: obfuscate ? [] : tally.kept,
    files: tally.files,
    ignoredFiles,
  };
}
