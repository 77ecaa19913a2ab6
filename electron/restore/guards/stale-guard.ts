/** Whether the target is still what the preview saw, in everything that is not guarded document by document. */
import type { MongoClient } from 'mongodb';
import { timestampOf } from '../../connections/oplog-position';
import { dataCollection } from '../../diff/live-metadata';
import { specificationText } from '../../diff/normalise-metadata';
import { diffMetadata, type ComparedNamespace } from '../../diff/metadata-diff';
import { notPermitted, readOplog } from '../../diff/oplog/read-oplog';
import type { NamespaceDiff } from '../../../shared/diff';
import type { ClusterTime, OplogSpan } from '../../../shared/backups';
import { fail } from '../../../shared/result';
import type { PlanNamespace, StoredPreview } from '../preview/preview-store';

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

function requireSameCounts(
  previewed: readonly { diff: NamespaceDiff }[],
  counts: ReadonlyMap<string, number | null>,
): void {
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
}

/**
 * For drop, which takes whole collections: throws 'preview-stale' when the oplog holds a write to one of the namespaces
 * since the preview began, or does not tell any more. Where it cannot be asked (no oplog, no privilege) the numbers of
 * documents must do.
 */
export async function requireUntouched(
  client: MongoClient,
  stored: Pick<StoredPreview, 'preview' | 'span'>,
  previewed: readonly { diff: NamespaceDiff; plan: PlanNamespace }[],
  counts: ReadonlyMap<string, number | null>,
): Promise<void> {
  requireSameCounts(previewed, counts);
  const reason = stored.span
    ? await writtenSince(client, stored.span, previewed)
    : await writtenAfter(client, stored.preview.result.clusterTime, previewed);
  if (reason !== null) fail('preview-stale', reason, hint);
}

/** Bytes of oplog that are looked through at most. */
const mostOplogBytes = 1024 ** 3;

async function writtenSince(
  client: MongoClient,
  span: OplogSpan,
  previewed: readonly { diff: NamespaceDiff; plan: PlanNamespace }[],
): Promise<string | null> {
  const followed = previewed.flatMap(({ plan: { index, target } }) => {
    if (!target || target.type === 'view') return [];
    const ns = `${target.database}.${dataCollection(target.type, target.collection)}`;
    return [{ index, ns, uuid: target.uuid, mostTouched: 1 }];
  });
  if (followed.length === 0) return null;
  const isCancelled = (): boolean => false;
  const answer = await readOplog({ client, span, followed, mostBytes: mostOplogBytes, isCancelled });
  if (answer.unreadable === notPermitted) return null;
  if (answer.touched === null)
    return `Whether anything was written since the preview is not known: ${answer.unreadable}.`;
  const { touched } = answer;
  const written = followed.find(({ index }) => touched.reason(index) !== null || touched.ids(index).length > 0);
  return written ? `The collections were written to since the preview (${written.ns}).` : null;
}

/** Of a preview that may have been read from several members, so that only its time is known. */
async function writtenAfter(
  client: MongoClient,
  clusterTime: ClusterTime | null,
  previewed: readonly { plan: PlanNamespace }[],
): Promise<string | null> {
  if (!clusterTime) return null;
  const names = previewed.flatMap(({ plan: { target } }) =>
    target ? [`${target.database}.${dataCollection(target.type, target.collection)}`] : [],
  );
  const written = await client
    .db('local')
    .collection('oplog.rs')
    .findOne(
      {
        ts: { $gt: timestampOf(clusterTime) },
        $or: [{ op: { $in: ['i', 'u', 'd'] }, ns: { $in: names } }, { 'o.applyOps.ns': { $in: names } }],
      },
      { projection: { ns: 1 }, readPreference: 'primary', maxTimeMS: 30_000 },
    )
    .catch(() => undefined);
  // Undefined: the user may not read the oplog, and the counts must do.
  return written ? `The collections were written to since the preview (${String(written['ns'])}).` : null;
}
