/** The requests of operations on replica sets, each answered by the service. Nothing is decided here. */
import type { RequestHandlers, RequestName } from '../../shared/contract';
import type { Services } from '../app';

type Handled = Extract<RequestName, `operations.${string}`>;

export function createOperationHandlers({ operations }: Pick<Services, 'operations'>): Pick<RequestHandlers, Handled> {
  return {
    'operations.preview': (request) => operations.preview(request),
    'operations.start': async (request) => ({ jobId: (await operations.start(request)).id }),
    'operations.outcome': ({ id }) => operations.outcome(id),
    'operations.list': () => operations.list(),
    'operations.resync-guide': ({ connectionId, set, host }) => operations.resyncGuide(connectionId, set, host),
  };
}
