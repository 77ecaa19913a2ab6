/** Which documents a restore writes, and what of them: asked by whoever saves them to undo it, and by the writer. */
import type { OpenArchive } from '../archive/open-archive';
import { findId, packValue } from '../diff/bson-reader';
import { DifferingReader, type DifferingEntry } from '../diff/differing-files';
import type { DocumentChange } from '../../shared/diff';
import { fail } from '../../shared/result';
import type { WriteItem } from './document-writer';
import { idKey } from './raw-documents';

/** One namespace's part of a restore. Plain data: it crosses into workers. */
export interface SelectedNamespace {
  /** Number of its folder in the preview. */
  index: number;
  backupNamespace: string | null;
  changes: readonly DocumentChange[];
}

/** Deletes free unique values for replacements, and both for inserts. */
export const writeOrder: readonly DocumentChange[] = ['onlyInTarget', 'changed', 'onlyInBackup'];
const entriesAtOnce = 4096;
const batchDocuments = 1000;
const batchBytes = 8 * 1024 * 1024;

/**
 * The items of one kind of change, in batches that fit into memory. Throws 'archive-damaged' when the archive lacks a
 * document that the preview lists.
 */
export async function* selectWrites(
  previewFolder: string,
  archive: OpenArchive,
  namespace: SelectedNamespace,
  change: DocumentChange,
  signal: AbortSignal,
): AsyncGenerator<WriteItem[], void, undefined> {
  if (!namespace.changes.includes(change)) return;
  const reader = await DifferingReader.open(previewFolder, namespace.index);
  try {
    const total = reader.counts[change];
    for (let first = 0; first < total; first += entriesAtOnce) {
      const entries = await reader.read(change, first, Math.min(entriesAtOnce, total - first));
      if (change === 'onlyInTarget') {
        for (let at = 0; at < entries.length; at += batchDocuments) {
          yield entries.slice(at, at + batchDocuments).flatMap((entry) => deleteItem(entry));
        }
      } else yield* withBackups(entries, archive, namespace.backupNamespace ?? '', signal);
    }
  } finally {
    await reader.close();
  }
}

async function* withBackups(
  entries: readonly DifferingEntry[],
  archive: OpenArchive,
  namespace: string,
  signal: AbortSignal,
): AsyncGenerator<WriteItem[], void, undefined> {
  const byOrdinal = new Map(entries.map((entry) => [entry.ordinal ?? -1, entry]));
  let batch: WriteItem[] = [];
  let bytes = 0;
  for await (const { ordinal, document } of archive.readDocuments(namespace, byOrdinal.keys(), signal)) {
    const entry = byOrdinal.get(ordinal);
    byOrdinal.delete(ordinal);
    if (!entry) continue;
    if (batch.length >= batchDocuments || (batch.length > 0 && bytes + document.length > batchBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(...itemsOf(entry, Buffer.from(document)));
    bytes += document.length;
  }
  if (batch.length > 0) yield batch;
  if (byOrdinal.size > 0) {
    fail('archive-damaged', `The archive lacks ${byOrdinal.size} documents of ${namespace} that its digest lists.`);
  }
}

/** The document as `item` leaves it; null: deleted. `live`: as it is before, null where it is not there. */
export function documentAfter(item: WriteItem, _live: Buffer | null): Buffer | null {
  return item.document;
}

function deleteItem({ id, documentHash }: DifferingEntry): WriteItem[] {
  return id ? [{ kind: 'delete', id, expectedHash: documentHash, document: null, rekey: false }] : [];
}

function itemsOf(entry: DifferingEntry, document: Buffer): WriteItem[] {
  const element = findId(document);
  if (!element) return [];
  const id = packValue(element);
  if (entry.change === 'onlyInBackup' || !entry.id) {
    return [{ kind: 'insert', id, expectedHash: null, document, rekey: false }];
  }
  if (idKey(id) !== idKey(entry.id)) {
    // Two `_id`s with one 64-bit hash: the live document is not this one but an extra, and this one is missing.
    return [...deleteItem(entry), { kind: 'insert', id, expectedHash: null, document, rekey: false }];
  }
  return [{ kind: 'replace', id: entry.id, expectedHash: entry.documentHash, document, rekey: !id.equals(entry.id) }];
}
