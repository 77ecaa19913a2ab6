/** The report task as a test calls it: in this thread, to its end. */
import type { OperationFilter, ProfileReport } from '../../../shared/profiler';
import { logReportTask } from '../report-task';

export interface RunLogReportOptions extends Partial<OperationFilter> {
  obfuscate?: boolean;
}

export async function runLogReport(paths: string[], options: RunLogReportOptions = {}): Promise<ProfileReport> {
  const { obfuscate = false, database = null, since = null, until = null } = options;
  return logReportTask(
    { paths, filter: { database, since, until }, obfuscate },
    {
      signal: new AbortController().signal,
      isCancelled: () => false,
      report: () => undefined,
      log: () => undefined,
      emit: () => undefined,
    },
  );
}
