/** The door of the profiler: slow operations of logs and servers, grouped by shape. */
import type { OperationFilter, ProfileReport } from '../../shared/profiler';
import { fail } from '../../shared/result';
import type { Connections } from '../connections/service';
import type { TaskCallContext, TaskRunner } from '../jobs/run-in-worker';
import { OperationAggregate } from './aggregate-operations';
import { readProfiles, readServerLog } from './live-sources';
import { LogTally } from './logs/log-tally';
import { makeReport } from './make-report';
import type { LogReportInput } from './report-task';

export interface LogReportRequest {
  /** Log files and folders of them. */
  paths: readonly string[];
  filter: OperationFilter;
  /** Leaves out all values and addresses. */
  obfuscate: boolean;
}

export interface ServerReportRequest {
  connectionId: string;
  /** `system.profile`, or the last lines of the log, which the server keeps in memory. */
  from: 'profile' | 'log';
  filter: OperationFilter;
  obfuscate: boolean;
}

export interface Profiler {
  /**
   * Reads logs in a worker thread and groups their slow operations by shape. Fails with 'usage' without a path or for a
   * folder without logs, 'not-found', 'cancelled'. Lines that cannot be read are counted in the report, never a failure.
   */
  reportLogs(request: LogReportRequest, context?: TaskCallContext): Promise<ProfileReport>;
  /** The same of what a server remembers; writes nothing. Fails as connections do, and with 'cancelled'. */
  reportServer(request: ServerReportRequest, context?: { signal?: AbortSignal }): Promise<ProfileReport>;
}

export interface ProfilerOptions {
  tasks: TaskRunner;
  connections: Connections;
}

export function createProfiler({ tasks, connections }: ProfilerOptions): Profiler {
  return {
    async reportLogs({ paths, filter, obfuscate }, context) {
      if (paths.length === 0) fail('usage', 'No log is named.', 'Name log files or folders of them.');
      const input: LogReportInput = { paths: [...paths], filter, obfuscate };
      return tasks.run<LogReportInput, ProfileReport>('profiler.log-report', input, context);
    },
    async reportServer({ connectionId, from, filter, obfuscate }, { signal } = {}) {
      return connections.use(
        connectionId,
        async ({ client, connection }) => {
          const aggregate = new OperationAggregate(filter);
          const tally = from === 'log' ? new LogTally() : null;
          if (tally) for (const operation of await readServerLog(client, tally)) aggregate.add(operation);
          else
            for await (const batch of readProfiles(client, filter, signal))
              for (const operation of batch) aggregate.add(operation);
          if (signal?.aborted) fail('cancelled', 'Cancelled.');
          return makeReport({ source: connection.name, aggregate, tally, ignoredFiles: [], obfuscate });
        },
        signal ? { signal } : {},
      );
    },
  };
}
