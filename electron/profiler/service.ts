/** The door of the profiler: slow operations of logs, grouped by shape. */
import type { OperationFilter, ProfileReport } from '../../shared/profiler';
import { fail } from '../../shared/result';
import type { TaskCallContext, TaskRunner } from '../jobs/run-in-worker';
import type { LogReportInput } from './report-task';

export interface LogReportRequest {
  /** Log files and folders of them. */
  paths: readonly string[];
  filter: OperationFilter;
  /** Leaves out all values and addresses. */
  obfuscate: boolean;
}

export interface Profiler {
  /**
   * Reads logs in a worker thread and groups their slow operations by shape. Fails with 'usage' without a path or for a
   * folder without logs, 'not-found', 'cancelled'. Lines that cannot be read are counted in the report, never a failure.
   */
  reportLogs(request: LogReportRequest, context?: TaskCallContext): Promise<ProfileReport>;
}

export function createProfiler({ tasks }: { tasks: TaskRunner }): Profiler {
  return {
    async reportLogs({ paths, filter, obfuscate }, context) {
      if (paths.length === 0) fail('usage', 'No log is named.', 'Name log files or folders of them.');
      const input: LogReportInput = { paths: [...paths], filter, obfuscate };
      return tasks.run<LogReportInput, ProfileReport>('profiler.log-report', input, context);
    },
  };
}
