/** Whether the target is still what the preview saw, in everything that is not guarded document by document. */
import { Timestamp, type MongoClient } from 'mongodb';
import { specificationText } from '../diff/normalise-metadata';
import { diffMetadata, type ComparedNamespace } from '../diff/metadata-diff';
import type { NamespaceDiff } from '../../shared/diff';
import type { ClusterTime } from '../../shared/backups';
import { fail } from '../../shared/result';
import type { PlanNamespace } from './preview-store';

const hint = 'Compare again, look at what changed, and apply then.';

function fingerprint({ indexes, options }: NamespaceDiff): string {
  const names = (changes: readonly { name: string; target: object | null }[]): string =>
    changes.map(({ name, target }) => `${name} ${target ? specificationText(target as never) : ''}`).join('|');
  return [
    names(indexes.same),
    names(indexes.add),
    names(indexes.change),
    names(indexes.remove),
    options.target ? specificationText(options.target) : '',
  ].join('\n');
}

/**
 * Throws 'preview-stale' when a collection in the scope was created, dropped, re-created, re-indexed or given other
 * options since the preview. Documents are not asked about here: each is checked before it is written. `ordered` as for
 * diffMetadata.
 */
export function requireSameCollections(
  previewed: readonly { diff: NamespaceDiff; plan: PlanNamespace }[],
  pairs: readonly ComparedNamespace[],
  ordered: boolean,
): void {
  const now = new Map(pairs.map((pair) => [pair.targetNs, pair]));
  for (const { diff, plan } of previewed) {
    const pair = now.get(diff.targetNs);
    const target = pair?.target ?? null;
    if ((target === null) !== (plan.target === null)) {
      const what = target === null ? 'was dropped' : 'was created';
      fail('preview-stale', `${diff.targetNs} ${what} since the preview.`, hint);
    }
    if (!pair || !target) continue;
    if (target.uuid !== plan.target?.uuid)
      fail('preview-stale', `${diff.targetNs} was made anew since the preview.`, hint);
    if (fingerprint(diffMetadata(pair, ordered)) !== fingerprint(diff)) {
      fail('preview-stale', `Indexes or options of ${diff.targetNs} changed since the preview.`, hint);
    }
  }
}

/**
 * For drop, which takes whole collections: throws 'preview-stale' when the oplog holds a write to one of the namespaces
 * since the preview, or no longer reaches back to it. Without an oplog the numbers of documents are compared.
 */
export async function requireUnwritten(
  client: MongoClient,
  clusterTime: ClusterTime | null,
  previewed: readonly { diff: NamespaceDiff }[],
  counts: ReadonlyMap<string, number | null>,
): Promise<void> {
  for (const { diff } of previewed) {
    const count = counts.get(diff.targetNs);
    if (count != null && diff.type !== 'view' && count !== diff.documents.inTarget) {
      fail(
        'preview-stale',
        `${diff.targetNs} holds ${count} documents; the preview saw ${diff.documents.inTarget}.`,
        hint,
      );
    }
  }
  if (!clusterTime) return;
  const names = previewed.map(({ diff }) => diff.targetNs);
  const since = new Timestamp({ t: clusterTime.seconds, i: clusterTime.increment });
  const oplog = client.db('local').collection('oplog.rs');
  const written = await oplog
    .findOne(
      {
        ts: { $gt: since },
        $or: [{ op: { $in: ['i', 'u', 'd'] }, ns: { $in: names } }, { 'o.applyOps.ns': { $in: names } }],
      },
      { projection: { ns: 1 }, readPreference: 'primary', maxTimeMS: 30_000 },
    )
    .catch(() => undefined);
  // Undefined: the user may not read the oplog, and the counts must do.
  if (written)
    fail('preview-stale', `The collections were written to since the preview (${String(written['ns'])}).`, hint);
}
