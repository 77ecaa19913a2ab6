/** Whether a restore settled what its mode was to settle: told by the diff after it. */
import type { NamespaceDiff } from '../../shared/diff';
import { PickedPositions, picksByNamespace } from '../../shared/picks';
import { defaultMetadata, type ApplyRequest, type MetadataChoice } from '../../shared/restore';

/** A namespace as it was previewed and applied. */
export interface AppliedNamespace {
  diff: NamespaceDiff;
}

type Applied = Pick<ApplyRequest, 'mode' | 'metadata' | 'picks'>;

function metadataLeft({ options, indexes, status }: NamespaceDiff, metadata: MetadataChoice): boolean {
  if (status === 'onlyInTarget') return false;
  return (
    (metadata.options && !options.same) ||
    (metadata.missingIndexes && indexes.add.length > 0) ||
    (metadata.changedIndexes && indexes.change.length > 0) ||
    (metadata.extraIndexes && indexes.remove.length > 0)
  );
}

/** Documents that should not differ any more. `merge` leaves those changed in which the target only holds more. */
function documentsLeft(mode: ApplyRequest['mode'], { documents, details }: NamespaceDiff): number {
  const { changed, onlyInBackup, onlyInTarget } = documents;
  if (mode === 'insert-missing') return onlyInBackup;
  if (mode === 'merge') return onlyInBackup + changed - (details?.mergeKeeps ?? 0);
  if (mode === 'overwrite') return onlyInBackup + changed;
  return onlyInBackup + changed + onlyInTarget;
}

/** What was not picked still differs afterwards, and so do documents of which only some fields were. */
function picksLeft({ picks }: Applied, before: NamespaceDiff, { documents }: NamespaceDiff): boolean {
  const own = picksByNamespace(picks, [before.ns, ...picks.map(({ ns }) => ns)]).get(before.ns);
  if (!own) return false;
  const positions = new PickedPositions(before.ns, own, before.documents);
  const { onlyInBackup, onlyInTarget, changed } = positions.counts;
  return (
    documents.onlyInBackup > before.documents.onlyInBackup - onlyInBackup ||
    documents.onlyInTarget > before.documents.onlyInTarget - onlyInTarget ||
    documents.changed > before.documents.changed - changed + positions.byFields.length
  );
}

/** True when `after`, the diff that proves a restore, still shows something that was to be settled. */
export function isLeftOver(applied: Applied, chosen: readonly AppliedNamespace[], after: NamespaceDiff): boolean {
  const { mode } = applied;
  if (mode === 'clone' || mode === 'drop') return after.status !== 'same';
  const metadata = applied.metadata ?? defaultMetadata(mode);
  if (mode === 'pick') {
    const before = chosen.find(({ diff }) => diff.targetNs === after.targetNs)?.diff;
    if (!before || after.status === 'onlyInBackup') return before !== undefined && picksLeft(applied, before, after);
    return picksLeft(applied, before, after) || metadataLeft(after, metadata);
  }
  if (after.status === 'onlyInTarget') return metadata.extraNamespaces;
  return after.status === 'onlyInBackup' || documentsLeft(mode, after) > 0 || metadataLeft(after, metadata);
}
