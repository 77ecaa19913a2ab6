/** Reads logs in a worker thread and makes the report of their slow operations. */
import { basename } from 'node:path';
import type { OperationFilter, ProfileReport } from '../../shared/profiler';
import { unreadableKinds } from '../../shared/profiler';
import { fail } from '../../shared/result';
import type { Task } from '../jobs/task';
import { OperationAggregate } from './aggregate-operations';
import { LogTally } from './logs/log-tally';
import { findLogSources } from './logs/log-sources';
import { mergeByTime } from './logs/merge-by-time';
import { notesOn } from './report-notes';

export interface LogReportInput {
  /** Files and folders. */
  paths: string[];
  filter: OperationFilter;
  obfuscate: boolean;
}

/**
 * Fails with 'not-found' for a path that is not there, 'usage' for a folder without logs, 'cancelled'. Lines and files that
 * cannot be read are counted in the report.
 */
export const logReportTask: Task<LogReportInput, ProfileReport> = async (input, { signal, isCancelled, report }) => {
  const { files, ignored } = await findLogSources(input.paths);
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytesDone = 0;
  const phase = 'Reading logs';
  report({ phase, bytesDone, bytesTotal });
  const tally = new LogTally();
  const aggregate = new OperationAggregate(input.filter);
  const batches = mergeByTime(files, {
    tally,
    signal,
    onBytes: (bytes) => {
      bytesDone += bytes;
      report({ phase, bytesDone, bytesTotal });
    },
  });
  for await (const batch of batches) {
    if (isCancelled()) fail('cancelled', 'Cancelled.');
    for (const operation of batch) aggregate.add(operation);
  }
  const aggregated = aggregate.report(input.obfuscate);
  const sum = (of: 'lines' | 'slowOperations' | 'unreadable'): number =>
    tally.files.reduce((total, file) => total + file[of], 0);
  const log = {
    lines: sum('lines'),
    slowOperations: sum('slowOperations'),
    unreadable: sum('unreadable'),
    unreadableByKind: unreadableKinds.flatMap((kind) => {
      const count = tally.unreadable.get(kind) ?? 0;
      return count === 0 ? [] : [{ kind, count }];
    }),
    // A damaged line may hold anything.
    unreadableLines: input.obfuscate ? [] : tally.kept,
    files: tally.files,
    ignoredFiles: ignored,
  };
  return {
    source: sourceName(input.paths),
    ...aggregated,
    log,
    obfuscated: input.obfuscate,
    notes: notesOn(aggregated, log),
  };
};

function sourceName(paths: readonly string[]): string {
  return paths.map((path) => basename(path) || path).join(', ');
}
