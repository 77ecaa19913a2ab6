/** When the changed documents of a comparison are read once more, and what comes of it. */
import { dataCollection } from '../../diff/live-metadata';
import type { DetailsTaskInput, DetailsTaskNamespace, DetailsTaskOutput } from '../../diff/details/details-task';
import type { ChangeDetails, DocumentCounts } from '../../../shared/diff';
import type { PreviewRequest } from '../../../shared/restore';
import type { TaskCallContext } from '../../jobs/run-in-worker';
import type { RestoreDependencies } from '../dependencies';
import type { PlanNamespace } from './preview-store';

/**
 * With `details: 'always'`, changed documents of a namespace are read up to this number; beyond it only merge, which
 * cannot be predicted without, reads them all.
 */
export const mostReadAlways = 200_000;
/** Documents only in the target whose versions are kept, of each namespace. */
const mostExtrasKept = 100_000;
/** Live versions kept in a preview's folder, bytes on disk. */
const spoolBytes = 512 * 1024 * 1024;

export interface DetailsInput {
  request: PreviewRequest;
  plan: readonly PlanNamespace[];
  counts: ReadonlyMap<number, DocumentCounts>;
  uri: string;
  folder: string;
  archive: string;
  blockIndex: string;
}

/** Details by the namespaces' index; empty where the request asks for none. Throws as the comparison does. */
export async function compareDetails(
  { tasks }: Pick<RestoreDependencies, 'tasks'>,
  input: DetailsInput,
  context: TaskCallContext,
): Promise<Map<number, ChangeDetails>> {
  const { request, plan, counts } = input;
  const always = request.details === 'always';
  if (!always && request.mode !== 'merge') return new Map();
  const namespaces = plan.flatMap(({ index, target, backupNamespace }): DetailsTaskNamespace[] => {
    const documents = counts.get(index);
    if (!documents || !target) return [];
    const changed = documents.changed > 0 && (request.mode === 'merge' || documents.changed <= mostReadAlways);
    const onlyInTarget = always ? Math.min(documents.onlyInTarget, mostExtrasKept) : 0;
    if (!changed && onlyInTarget === 0) return [];
    const { database, collection, type } = target;
    return [{ index, database, collection: dataCollection(type, collection), backupNamespace, changed, onlyInTarget }];
  });
  if (namespaces.length === 0) return new Map();
  const task: DetailsTaskInput = {
    uri: input.uri,
    previewFolder: input.folder,
    archive: input.archive,
    blockIndex: input.blockIndex,
    readPreference: request.readPreference,
    spoolBytes,
    namespaces,
  };
  const output = await tasks.run<DetailsTaskInput, DetailsTaskOutput>('diff.details', task, context);
  return new Map(output.namespaces.flatMap(({ index, details }) => (details ? [[index, details] as const] : [])));
}
