/** The requests of slow queries: profilers, captures and live operations. */
import type { RequestHandlers, RequestName } from '../../shared/contract';
import { fail } from '../../shared/result';

type Handled = Extract<
  RequestName,
  `profiling.${string}` | `captures.${string}` | `live-operations.${string}` | 'dialogs.choose-logs'
>;
export type SlowQueryHandlers = Pick<RequestHandlers, Handled>;

function notBuilt(): Promise<never> {
  return Promise.resolve().then(() => fail('unsupported', 'Slow queries are not in this version.'));
}

export function createSlowQueryHandlers(): SlowQueryHandlers {
  return {
    'profiling.status': notBuilt,
    'profiling.preview': notBuilt,
    'profiling.start': notBuilt,
    'profiling.stop': notBuilt,
    'profiling.resize-preview': notBuilt,
    'profiling.resize': notBuilt,
    'captures.list': () => Promise.resolve([]),
    'captures.start': notBuilt,
    'captures.stop': notBuilt,
    'captures.delete': notBuilt,
    'captures.summary': notBuilt,
    'captures.shapes': notBuilt,
    'captures.points': notBuilt,
    'captures.heat-map': notBuilt,
    'captures.collscans': notBuilt,
    'captures.operations': notBuilt,
    'captures.shape': notBuilt,
    'captures.compare': notBuilt,
    'captures.report': notBuilt,
    'dialogs.choose-logs': () => Promise.resolve(null),
    'live-operations.list': notBuilt,
    'live-operations.kill': notBuilt,
  };
}
