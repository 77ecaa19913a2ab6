/** The estimate a restore begins with, and what it adds to its target's history when it has ended well. */
import type { Manifest } from '../../../shared/backups';
import type { Effect } from '../../../shared/diff';
import {
  effectOf,
  effectOfPicks,
  sumEffects,
  type ApplyRequest,
  type Estimate,
  type RestoreResult,
} from '../../../shared/restore';
import type { RestoreDependencies } from '../dependencies';
import { estimateOf, PhaseClock, readTimings, recordTiming, workOf, type Work } from './estimate';
import type { ChosenNamespace } from '../writing/plan-writes';
import type { StoredPreview } from './preview-store';

export interface TimedRestore {
  /** To be told what the restore reports. */
  clock: PhaseClock;
  record(result: RestoreResult): Promise<void>;
}

/** The part of an effect that falls to each namespace is not known for picks: sizes are averaged over all of them. */
function workOfPicks(predicted: Effect, chosen: readonly ChosenNamespace[], manifest: Manifest): Work {
  const written = predicted.insert + predicted.replace + predicted.delete;
  const everything = workOf(
    chosen.map(({ diff }) => ({ diff, effect: effectOf('exact', diff) })),
    manifest,
  );
  return {
    documents: written,
    bytes: everything.documents > 0 ? (everything.bytes * written) / everything.documents : 0,
  };
}

/** What is applied: a preview, as the request asks for it. */
interface TimedOrder {
  request: ApplyRequest;
  stored: StoredPreview;
  manifest: Manifest;
}

/** The effect of applying, as the preview tells it. Throws 'usage' for picks that it does not hold. */
export function predictEffect(
  { request, stored }: Pick<TimedOrder, 'request' | 'stored'>,
  chosen: readonly ChosenNamespace[],
): Effect {
  const diffs = chosen.map(({ diff }) => diff);
  if (stored.preview.undoOf !== null) return sumEffects(diffs.map(({ effect }) => effect));
  if (request.mode === 'pick') return effectOfPicks(request.picks, diffs);
  return sumEffects(diffs.map((diff) => effectOf(request.mode, diff, request.metadata)));
}

function workOfOrder(
  { request: { mode, metadata }, stored, manifest }: TimedOrder,
  chosen: readonly ChosenNamespace[],
  predicted: Effect,
): Work {
  if (mode === 'pick' || stored.preview.undoOf !== null) return workOfPicks(predicted, chosen, manifest);
  return workOf(
    chosen.map(({ diff }) => ({ diff, effect: effectOf(mode, diff, metadata) })),
    manifest,
  );
}

/** How long applying may take, by the history of the target. Throws as {@link predictEffect}. */
export async function estimateRestore(
  { restoresFolder }: Pick<RestoreDependencies, 'restoresFolder'>,
  order: TimedOrder,
  chosen: readonly ChosenNamespace[],
  predicted: Effect = predictEffect(order, chosen),
): Promise<Estimate> {
  const { request, stored, manifest } = order;
  const work = workOfOrder(order, chosen, predicted);
  const archiveBytes = manifest.file.bytes;
  const comparisonMs = stored.preview.result.elapsedMs;
  const timings = await readTimings(restoresFolder, stored.preview.request.connectionId);
  return estimateOf(timings, { mode: request.mode, work, archiveBytes, comparisonMs });
}

/** Sets `result.estimatedSeconds`. */
export async function beginEstimate(
  dependencies: Pick<RestoreDependencies, 'restoresFolder'>,
  order: TimedOrder,
  chosen: readonly ChosenNamespace[],
  result: RestoreResult,
): Promise<TimedRestore> {
  const { mode } = order.request;
  const { restoresFolder } = dependencies;
  const { connectionId } = order.stored.preview.request;
  const archiveBytes = order.manifest.file.bytes;
  const work = workOfOrder(order, chosen, result.predicted);
  result.estimatedSeconds = (await estimateRestore(dependencies, order, chosen, result.predicted)).seconds;
  const clock = new PhaseClock();
  return {
    clock,
    async record({ restoreId, effect }) {
      clock.end();
      const documents = effect.insert + effect.replace + effect.delete;
      if (documents === 0) return;
      const bytes = work.documents > 0 ? (work.bytes * documents) / work.documents : 0;
      const endedAt = new Date().toISOString();
      const { milliseconds } = clock;
      await recordTiming(restoresFolder, connectionId, {
        restoreId,
        mode,
        endedAt,
        documents,
        bytes,
        archiveBytes,
        milliseconds,
      });
    },
  };
}
