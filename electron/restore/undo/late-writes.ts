/** Writes that reached a collection while it was being saved and dropped: told by the oplog, so that none is lost silently. */
import { EJSON, serialize } from 'bson';
import { Binary, Timestamp, type Document, type MongoClient } from 'mongodb';
import type { ClusterTime } from '../../../shared/backups';
import type { Conflict } from '../../../shared/restore';
import type { JobContext } from '../../jobs/runner';
import { findId, packValue } from '../../diff/bson-reader';
import { idKey } from '../documents/raw-documents';
import { listed, type RestoreTally } from '../writing/tally';

export interface DroppedCollection {
  ns: string;
  /** 32 hex digits: of the collection that was dropped, not of the one made since. */
  uuid: string;
}

function uuidOf(value: unknown): string | null {
  const buffer = (value as { buffer?: unknown } | null | undefined)?.buffer;
  return buffer instanceof Uint8Array ? Buffer.from(buffer).toString('hex') : null;
}

/** Single writes of an oplog entry: itself, or those of its transaction. */
function writesOf(entry: Document): Document[] {
  if (entry['op'] !== 'c') return [entry];
  const operations: unknown = (entry['o'] as Document | undefined)?.['applyOps'];
  return Array.isArray(operations) ? (operations as Document[]) : [];
}

interface LateWrite {
  ns: string;
  /** `i`, `u` or `d`. */
  op: string;
  id: unknown;
  /** What was inserted; null for the rest. */
  inserted: unknown;
}

/** Throws what the server throws, and RangeError where the oplog no longer reaches back to `since`. */
async function* writesSince(
  client: MongoClient,
  since: ClusterTime,
  collections: readonly DroppedCollection[],
): AsyncGenerator<LateWrite, void, undefined> {
  const byUuid = new Map(collections.map(({ ns, uuid }) => [uuid, ns]));
  const start = new Timestamp({ t: since.seconds, i: since.increment });
  const oplog = client.db('local').collection('oplog.rs');
  const oldest = await oplog.findOne({}, { sort: { $natural: 1 }, projection: { ts: 1 }, readPreference: 'primary' });
  if (!(oldest?.['ts'] instanceof Timestamp) || oldest['ts'].greaterThan(start)) {
    throw new RangeError('The oplog no longer reaches back.');
  }
  const uuids = collections.map(({ uuid }) => new Binary(Buffer.from(uuid, 'hex'), Binary.SUBTYPE_UUID));
  const single = { op: { $in: ['i', 'u', 'd'] }, ui: { $in: uuids } };
  const cursor = oplog.find(
    { ts: { $gt: start }, $or: [single, { 'o.applyOps': { $exists: true } }] },
    { readPreference: 'primary', promoteValues: false, projection: { op: 1, ui: 1, o: 1, o2: 1 } },
  );
  for await (const entry of cursor) {
    for (const write of writesOf(entry)) {
      const ns = byUuid.get(uuidOf(write['ui']) ?? '');
      const op = String(write['op']);
      if (ns === undefined || !['i', 'u', 'd'].includes(op)) continue;
      const id: unknown = ((op === 'u' ? write['o2'] : write['o']) as Document | undefined)?.['_id'];
      yield { ns, op, id: id ?? null, inserted: op === 'i' ? write['o'] : null };
    }
  }
}

/**
 * Writes to `dropped` after `since`. They may or may not be in what was saved: each is listed. Null: the oplog cannot be
 * read or no longer reaches back, so that nobody can tell.
 */
async function findLateWrites(
  client: MongoClient,
  since: ClusterTime,
  dropped: readonly DroppedCollection[],
): Promise<{ count: number; conflicts: Conflict[] } | null> {
  const conflicts: Conflict[] = [];
  let count = 0;
  try {
    for await (const { ns, op, id, inserted } of writesSince(client, since, dropped)) {
      count++;
      if (conflicts.length >= listed) continue;
      const now = op === 'd' ? { now: null } : op === 'i' ? { now: EJSON.stringify(inserted, { relaxed: false }) } : {};
      conflicts.push({
        ns,
        id: EJSON.stringify(id, { relaxed: false }),
        reason: 'It was written while its collection was being saved and dropped: compare it with the undo.',
        versions: now,
      });
    }
    return { count, conflicts };
  } catch {
    return null;
  }
}

/** Packed `_id`s of the documents written to `collection` after `since`, each once. Null: nobody can tell. */
export async function touchedSince(
  client: MongoClient,
  since: ClusterTime,
  collection: DroppedCollection,
): Promise<Buffer[] | null> {
  const ids = new Map<string, Buffer>();
  try {
    for await (const { id } of writesSince(client, since, [collection])) {
      const element = findId(Buffer.from(serialize({ _id: id }, { ignoreUndefined: false })));
      if (!element) continue;
      const packed = packValue(element);
      ids.set(idKey(packed), packed);
    }
    return [...ids.values()];
  } catch {
    return null;
  }
}

/** Counts and lists them as conflicts. `since` null: the server has no oplog. */
export async function noteLateWrites(
  client: MongoClient,
  since: ClusterTime | null,
  dropped: readonly DroppedCollection[],
  tally: RestoreTally,
  context: JobContext,
): Promise<void> {
  if (!since || dropped.length === 0) return;
  const late = await findLateWrites(client, since, dropped);
  if (!late) context.log('The oplog does not tell whether someone wrote to what was dropped meanwhile.');
  tally.effect.conflict += late?.count ?? 0;
  for (const conflict of late?.conflicts ?? []) {
    if (tally.conflicts.length < listed) tally.conflicts.push(conflict);
  }
}
