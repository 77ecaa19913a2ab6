/** Which documents a restore writes, and what of them: asked by whoever saves them to undo it, and by the writer. */
import { findId, packValue } from '../../diff/bson-reader';
import { DifferingReader, type DifferingEntry } from '../../diff/differing-files';
import { mergeDocuments } from '../../diff/merge-documents';
import { pickFields } from '../../diff/pick-fields';
import type { DocumentChange } from '../../../shared/diff';
import { PickedPositions, type PickedPart, type PickedDocuments } from '../../../shared/picks';
import { fail } from '../../../shared/result';
import type { BackupDocuments } from '../documents/chosen-documents';
import type { WriteItem } from './write-item';
import { idKey } from '../documents/raw-documents';

/** One namespace's part of a restore. Plain data: it crosses into workers. */
export interface SelectedNamespace {
  /** Number of its folder in the preview. */
  index: number;
  backupNamespace: string | null;
  changes: readonly DocumentChange[];
  /** Only these of them; null: all. */
  picks: readonly PickedDocuments[] | null;
  /** Changed documents keep what only the target has. */
  merge: boolean;
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
  archive: BackupDocuments,
  namespace: SelectedNamespace,
  change: DocumentChange,
  signal: AbortSignal,
): AsyncGenerator<WriteItem[], void, undefined> {
  if (!namespace.changes.includes(change)) return;
  const reader = await DifferingReader.open(previewFolder, namespace.index);
  try {
    if (change === 'changed') await announceMissing(reader, archive, namespace);
    for await (const entries of selectEntries(reader, namespace, change)) {
      if (change === 'onlyInTarget') {
        for (let at = 0; at < entries.length; at += batchDocuments) {
          yield entries.slice(at, at + batchDocuments).flatMap((entry) => deleteItem(entry));
        }
      } else yield* withBackups(entries, archive, namespace, signal);
    }
  } finally {
    await reader.close();
  }
}

/** Beyond so many it would take too much memory to know which they are. */
const mostAnnounced = 200_000;

/** Changed documents are read before missing ones, often from the same blocks. */
async function announceMissing(
  reader: DifferingReader,
  archive: BackupDocuments,
  namespace: SelectedNamespace,
): Promise<void> {
  const { changes, backupNamespace } = namespace;
  const { changed, onlyInBackup } = reader.counts;
  if (!changes.includes('onlyInBackup') || changed === 0 || onlyInBackup > mostAnnounced || !backupNamespace) return;
  const ordinals: number[] = [];
  for await (const entries of selectEntries(reader, namespace, 'onlyInBackup')) {
    for (const { ordinal } of entries) if (ordinal !== null) ordinals.push(ordinal);
  }
  archive.keepAlong(backupNamespace, ordinals);
}

/** `position`: in the whole list. */
type SelectedEntry = DifferingEntry & { position: number; part: PickedPart };

/** Unpicked entries between picked ones that are read along rather than sought over. */
const widestGap = 64;

async function* selectEntries(
  reader: DifferingReader,
  { picks }: SelectedNamespace,
  change: DocumentChange,
): AsyncGenerator<SelectedEntry[], void, undefined> {
  const total = reader.counts[change];
  const start = reader.firstIndex(change);
  if (!picks) {
    for (let first = 0; first < total; first += entriesAtOnce) {
      const entries = await reader.read(change, first, Math.min(entriesAtOnce, total - first));
      yield entries.map((entry, at) => ({ ...entry, position: start + first + at, part: 'whole' }));
    }
    return;
  }
  const positions = new PickedPositions(picks[0]?.ns ?? '', picks, reader.counts);
  let gathered: SelectedEntry[] = [];
  for (let first = positions.next(change, 0); first !== null;) {
    let last = first;
    let following = positions.next(change, last + 1);
    while (following !== null && following - last <= widestGap && following - first < entriesAtOnce) {
      last = following;
      following = positions.next(change, last + 1);
    }
    for (const [at, entry] of (await reader.read(change, first, last - first + 1)).entries()) {
      const part = positions.partOf(change, first + at);
      if (part !== null) gathered.push({ ...entry, position: start + first + at, part });
    }
    if (gathered.length >= entriesAtOnce) {
      yield gathered;
      gathered = [];
    }
    first = following;
  }
  if (gathered.length > 0) yield gathered;
}

async function* withBackups(
  entries: readonly SelectedEntry[],
  archive: BackupDocuments,
  selected: SelectedNamespace,
  signal: AbortSignal,
): AsyncGenerator<WriteItem[], void, undefined> {
  const namespace = selected.backupNamespace ?? '';
  const byOrdinal = new Map(entries.map((entry) => [entry.ordinal ?? -1, entry]));
  let batch: WriteItem[] = [];
  let bytes = 0;
  for await (const group of archive.readGroups(namespace, byOrdinal.keys(), signal)) {
    for (const { ordinal, document } of group) {
      const entry = byOrdinal.get(ordinal);
      byOrdinal.delete(ordinal);
      if (!entry) continue;
      if (batch.length >= batchDocuments || (batch.length > 0 && bytes + document.length > batchBytes)) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(...itemsOf(entry, Buffer.from(document), selected));
      bytes += document.length;
    }
  }
  if (batch.length > 0) yield batch;
  if (byOrdinal.size > 0) {
    fail('archive-damaged', `The archive lacks ${byOrdinal.size} documents of ${namespace} that its digest lists.`);
  }
}

/**
 * The document as `item` leaves it; null: deleted. `live`: as it is before, null where it is not there. Equal to `live`
 * where the item changes nothing. Throws ArchiveDamage on bytes that are no BSON.
 */
export function documentAfter(item: WriteItem, live: Buffer | null): Buffer | null {
  return item.compose && live ? item.compose(live) : item.document;
}

function deleteItem({ id, documentHash, position }: SelectedEntry): WriteItem[] {
  if (!id) return [];
  return [{ kind: 'delete', id, expectedHash: documentHash, document: null, compose: null, rekey: false, position }];
}

function insertItem(id: Buffer, document: Buffer, position: number): WriteItem {
  return { kind: 'insert', id, expectedHash: null, document, compose: null, rekey: false, position };
}

/** How the new document comes of the live one; null: the backup's takes its place. */
function composition(document: Buffer, part: PickedPart, merge: boolean): WriteItem['compose'] {
  if (merge) return (live) => mergeDocuments(document, live);
  if (part === 'whole') return null;
  return (live) => pickFields(document, live, part);
}

function itemsOf(entry: SelectedEntry, document: Buffer, { changes, merge }: SelectedNamespace): WriteItem[] {
  const element = findId(document);
  if (!element) return [];
  const id = packValue(element);
  if (entry.change === 'onlyInBackup' || !entry.id) return [insertItem(id, document, entry.position)];
  if (idKey(id) !== idKey(entry.id)) {
    // Two `_id`s with one 64-bit hash: the live document is not this one but an extra, and this one is missing.
    const extra = changes.includes('onlyInTarget') ? deleteItem(entry) : [];
    return entry.part === 'whole' ? [...extra, insertItem(id, document, entry.position)] : [];
  }
  const compose = composition(document, entry.part, merge);
  const { position } = entry;
  const rekey = compose === null && !id.equals(entry.id);
  return [{ kind: 'replace', id: entry.id, expectedHash: entry.documentHash, document, compose, rekey, position }];
}
