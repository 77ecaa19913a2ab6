/** The comparison after a restore: the proof when nothing is left. */
import type { OpenDeployment } from '../connections/service';
import type { JobContext } from '../jobs/runner';
import type { DiffResult } from '../../shared/diff';
import { defaultMetadata, problemsOf, type ApplyRequest, type PreviewRequest, type Rename } from '../../shared/restore';
import { AppFailure, fail } from '../../shared/result';
import type { ApplyInput } from './apply-input';
import { compare, pairWithTarget, type ComparisonContext, type ComparisonScope } from './preview/compare';
import type { RestoreDependencies } from './dependencies';
import type { ChosenNamespace } from './writing/plan-writes';
import type { PreviewStore } from './preview/preview-store';
import { compareUndo, type UndoScope } from './undo/undo-preview';

/** The same scope, under the names that were written to. */
export function proofRequestOf(
  previewed: PreviewRequest,
  request: ApplyRequest,
  chosen: readonly ChosenNamespace[],
  renames: readonly Rename[],
): PreviewRequest {
  const inBackup = chosen.filter(({ diff }) => diff.status !== 'onlyInTarget').map(({ diff }) => diff.ns);
  return {
    ...previewed,
    mode: request.mode,
    // What merge leaves is told by reading what still differs.
    details: request.mode === 'merge' ? 'always' : 'where-needed',
    namespaces: request.namespaces.length === 0 ? previewed.namespaces : inBackup,
    renames: [...renames],
    readPreference: 'primary',
    member: null,
  };
}

/** For clone. Throws 'refused' naming what lives under a name that it would write to. */
export async function requireNothingThere(scope: ComparisonScope, deployment: OpenDeployment): Promise<void> {
  const { pairs } = await pairWithTarget({ ...scope, withExtras: false }, deployment);
  const there = pairs.find(({ target }) => target !== null);
  if (there) fail('refused', `${there.targetNs} exists: a clone never writes into what is there.`, 'Compare again.');
}

/** Null where there is nothing to compare, or the comparison failed: what was written is written, and a warning tells. */
export async function prove(
  dependencies: RestoreDependencies,
  previews: PreviewStore,
  scope: ComparisonScope,
  { request, stored, previewFolder }: ApplyInput,
  chosen: readonly ChosenNamespace[],
  context: JobContext,
): Promise<DiffResult | null> {
  const earlier = { stored, folder: previewFolder };
  const onlyExtras = request.namespaces.length > 0 && chosen.every(({ diff }) => diff.status === 'onlyInTarget');
  if (onlyExtras) return null;
  const { extraNamespaces } = request.metadata ?? defaultMetadata(request.mode);
  const withExtras = extraNamespaces && request.namespaces.length === 0;
  // What the preview found still holds, but for the documents that were touched since: by the restore or anybody else.
  return inPassingPreview(previews, context, async (folder, comparison) => {
    const { result } = await compare(
      dependencies,
      { ...scope, withExtras, earlier, foresee: false },
      folder,
      comparison,
    );
    return { ...result, problems: problemsOf(request.mode, result.problems) };
  });
}

/** The same of an undo: over what its restore wrote. */
export async function proveUndo(
  dependencies: RestoreDependencies,
  previews: PreviewStore,
  scope: UndoScope,
  context: JobContext,
): Promise<DiffResult | null> {
  return inPassingPreview(previews, context, async (folder, comparison) => {
    return (await compareUndo(dependencies, scope, folder, comparison)).result;
  });
}

async function inPassingPreview(
  previews: PreviewStore,
  context: JobContext,
  work: (folder: string, comparison: ComparisonContext) => Promise<DiffResult>,
): Promise<DiffResult | null> {
  const id = previews.newId();
  await context.own(previews.folderOf(id));
  const folder = await previews.create(id);
  try {
    return await work(folder, {
      signal: context.signal,
      log: (line) => context.log(line),
      report: (update) => context.report({ ...update, phase: `Proof: ${update.phase}` }),
    });
  } catch (error) {
    // What was written is written: that it could not be proven is told beside it.
    if (context.signal.aborted || !(error instanceof AppFailure)) throw error;
    context.warn(`The proof could not be made: ${error.message}`);
    return null;
  } finally {
    await previews.close(id);
    await context.disown(previews.folderOf(id));
  }
}
