/** Whether somebody wrote to what a preview shows since it was read: told by the target's oplog, without a comparison. */
import type { MongoClient } from 'mongodb';
import { dataCollection } from '../../diff/live-metadata';
import { readOplog } from '../../diff/oplog/read-oplog';
import type { WrittenSince } from '../../../shared/restore';
import type { StoredPreview } from '../preview/preview-store';

/** Beyond it the answer would come later than a new preview. */
const mostOplogBytes = 64 * 1024 ** 2;
const mostCounted = 100_000;

/** Only reads. Throws what the connection throws. */
export async function writtenSince(
  client: MongoClient,
  { span, plan }: Pick<StoredPreview, 'span' | 'plan'>,
): Promise<WrittenSince> {
  if (!span) return { namespaces: [], unknown: 'it is not known where in its oplog the target was read' };
  const followed = plan.flatMap(({ index, targetNs, target }) => {
    if (!target || target.type === 'view') return [];
    const ns = `${target.database}.${dataCollection(target.type, target.collection)}`;
    return [{ index, ns, uuid: target.uuid, mostTouched: mostCounted, targetNs }];
  });
  if (followed.length === 0) return { namespaces: [], unknown: null };
  const isCancelled = (): boolean => false;
  const { touched, unreadable } = await readOplog({ client, span, followed, mostBytes: mostOplogBytes, isCancelled });
  if (touched === null) return { namespaces: [], unknown: unreadable };
  const namespaces = followed.flatMap(({ index, targetNs: ns }): WrittenSince['namespaces'] => {
    const reason = touched.reason(index);
    if (reason !== null) return [{ ns, documents: null, reason }];
    const documents = touched.ids(index).length;
    return documents === 0 ? [] : [{ ns, documents, reason: null }];
  });
  return { namespaces, unknown: null };
}
