/** Reads logs in a worker thread and makes the report of their slow operations. */
import { basename } from 'node:path';
import type { OperationFilter, ProfileReport } from '../../shared/profiler';
import { fail } from '../../shared/result';
import type { Task } from '../jobs/task';
import { OperationAggregate } from './aggregate-operations';
import { LogTally } from './logs/log-tally';
import { findLogSources } from './logs/log-sources';
import { mergeByTime } from './logs/merge-by-time';
import { makeReport } from './make-report';

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
  return makeReport({
    source: sourceName(input.paths),
    aggregate,
    tally,
    ignoredFiles: ignored,
    obfuscate: input.obfuscate,
  });
};

function sourceName(paths: readonly string[]): string {
  return paths.map((path) => basename(path) || path).join(', ');
}
