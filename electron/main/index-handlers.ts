/** The requests of plans, advice and indexes, each answered by a service. Nothing is decided here. */
import type { RequestHandlers, RequestName } from '../../shared/contract';
import type { Services } from '../app';

type Handled = Extract<RequestName, `explain.${string}` | `advice.${string}` | `indexes.${string}`>;

export function createIndexHandlers({ explains, advisor, indexes }: Services): Pick<RequestHandlers, Handled> {
  return {
    'explain.run': (request) => explains.run(request),
    'indexes.of-collection': ({ connectionId, ns }) => advisor.indexes(connectionId, ns),
    'advice.shape': (request) => advisor.advise(request),
    'advice.shapes': async (request) => ({ jobId: (await advisor.adviseAll(request)).id }),
    'advice.result': ({ adviceId }) => advisor.result(adviceId),
    'advice.try-size': ({ connectionId, ns }) => advisor.trySize(connectionId, ns),
    'advice.try': async (request) => ({ jobId: (await advisor.try(request)).id }),
    'advice.try-result': ({ tryId }) => advisor.tryResult(tryId),
    'advice.tries': ({ captureId, shapeId }) => advisor.tries(captureId, shapeId),
    'advice.delete-try': async ({ tryId }) => {
      await advisor.deleteTry(tryId);
      return null;
    },
    'indexes.review': ({ connectionId, database }) => indexes.review(connectionId, database),
    'indexes.export-plan': ({ connectionId, database }) => indexes.exportPlan(connectionId, database),
    'indexes.preview-plan': (request) => indexes.previewPlan(request),
    'indexes.apply-plan': async (request) => ({ jobId: (await indexes.applyPlan(request)).id }),
    'indexes.plan-result': ({ id }) => indexes.planResult(id),
    'indexes.hide': async (change) => {
      await indexes.hide(change);
      return null;
    },
    'indexes.unhide': async (change) => {
      await indexes.unhide(change);
      return null;
    },
    'indexes.drop': (change) => indexes.drop(change),
    'indexes.rebuild': async (change) => ({ jobId: (await indexes.rebuild(change)).id }),
    'indexes.validate': async (request) => ({ jobId: (await indexes.validate(request)).id }),
  };
}
