/** The versions of a document in conflict, as texts: the backup's, the one that was previewed, the one of now. */
import { Timestamp, type MongoClient } from 'mongodb';
import { toExtendedJson } from '../../archive/extended-json';
import { findElement, iterateElements } from '../../archive/raw-bson';
import type { BsonKernel } from '../../archive/kernel/bson-kernel';
import type { ClusterTime } from '../../../shared/backups';
import type { Conflict } from '../../../shared/restore';
import { readPreviewVersion } from '../../diff/details/live-spool';
import type { ItemOutcome, WriteItem } from '../writing/write-item';
import { idFilter } from './raw-documents';

/** Larger documents are left out of the result: it is a list for people. */
const largestVersion = 64 * 1024;
const objectType = 0x03;

function textOf(document: Buffer | null | undefined): { text?: string | null } {
  if (document === null) return { text: null };
  if (document === undefined || document.length > largestVersion) return {};
  try {
    return { text: toExtendedJson(document) };
  } catch {
    return {};
  }
}

export interface VersionSource {
  client: MongoClient;
  /** Of the preview, and the namespace's folder in it. */
  previewFolder: string;
  index: number;
  database: string;
  collection: string;
  kernel: BsonKernel;
  /** Of the preview; null: it cannot be looked back. */
  clusterTime: ClusterTime | null;
}

async function previewed(source: VersionSource, { item }: ItemOutcome): Promise<Buffer | null | undefined> {
  if (item.expectedHash === null) return null;
  const kept =
    item.position === null
      ? undefined
      : await readPreviewVersion(source.previewFolder, source.index, item.position).catch(() => undefined);
  if (kept && source.kernel.hash128(kept).equals(item.expectedHash)) return kept;
  return readAsOfPreview(source, item, item.expectedHash);
}

/**
 * The document as the preview saw it, read as of the preview's cluster time: servers keep that for some minutes.
 * Undefined where they no longer do, or where what was previewed was written while the preview was made.
 */
async function readAsOfPreview(source: VersionSource, item: WriteItem, hash: Buffer): Promise<Buffer | undefined> {
  const filter = idFilter(item.id);
  if (!source.clusterTime || filter === null) return undefined;
  const { seconds, increment } = source.clusterTime;
  const command = {
    find: source.collection,
    filter,
    limit: 1,
    singleBatch: true,
    maxTimeMS: 2000,
    readConcern: { level: 'snapshot', atClusterTime: new Timestamp({ t: seconds, i: increment }) },
  };
  try {
    const answer = await source.client.db(source.database).command(command, { raw: true, readPreference: 'primary' });
    // With `raw` the parts of an answer are bytes, which the driver's types do not say.
    const bytes = answer['cursor'] as Buffer;
    const batch = findElement(bytes, 'firstBatch');
    if (!batch) return undefined;
    for (const { type, valueStart, valueEnd } of iterateElements(bytes, batch.valueStart)) {
      const document = Buffer.from(bytes.subarray(valueStart, valueEnd));
      if (type === objectType && source.kernel.hash128(document).equals(hash)) return document;
    }
    return undefined;
  } catch {
    // Standalone servers and those before 5.0 have no snapshot reads, others keep a few minutes of them.
    return undefined;
  }
}

/** Canonical Extended JSON of what is known; null where nobody looked at the document of now. */
export async function conflictVersions(source: VersionSource, outcome: ItemOutcome): Promise<Conflict['versions']> {
  if (outcome.now === undefined) return null;
  const backup = textOf(outcome.item.document);
  const preview = textOf(await previewed(source, outcome));
  const now = textOf(outcome.now);
  return {
    ...('text' in backup ? { backup: backup.text } : {}),
    ...('text' in preview ? { preview: preview.text } : {}),
    ...('text' in now ? { now: now.text } : {}),
  };
}
