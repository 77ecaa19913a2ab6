/** The estimate a restore begins with, and what it adds to its target's history when it has ended well. */
import type { Manifest } from '../../shared/backups';
import type { Effect } from '../../shared/diff';
import { effectOf, type ApplyRequest, type RestoreResult } from '../../shared/restore';
import type { RestoreDependencies } from './dependencies';
import { estimateOf, PhaseClock, readTimings, recordTiming, workOf, type Work } from './estimate';
import type { ChosenNamespace } from './plan-writes';
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

/** Sets `result.estimatedSeconds`. */
export async function beginEstimate(
  { restoresFolder }: Pick<RestoreDependencies, 'restoresFolder'>,
  { request, stored, manifest }: { request: ApplyRequest; stored: StoredPreview; manifest: Manifest },
  chosen: readonly ChosenNamespace[],
  result: RestoreResult,
): Promise<TimedRestore> {
  const { preview } = stored;
  const { connectionId } = preview.request;
  const { mode } = request;
  const single = mode === 'pick' || preview.undoOf !== null;
  const work = single
    ? workOfPicks(result.predicted, chosen, manifest)
    : workOf(
        chosen.map(({ diff }) => ({ diff, effect: effectOf(mode, diff, request.metadata) })),
        manifest,
      );
  const archiveBytes = manifest.file.bytes;
  const comparisonMs = preview.result.elapsedMs;
  const timings = await readTimings(restoresFolder, connectionId);
  result.estimatedSeconds = estimateOf(timings, { mode, work, archiveBytes, comparisonMs }).seconds;
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
