/** Pages of differing documents, and one of them field by field. */
import type { MongoClient } from 'mongodb';
import { valueToExtendedJson } from '../archive/extended-json';
import { OpenArchive } from '../archive/open-archive';
import { findId, packValue, unpackValue } from '../diff/bson-reader';
import { diffDocuments, idTypeOf, summariseDocument } from '../diff/document-diff';
import { SpoolReader } from '../diff/details/live-spool';
import type { ListedBy } from '../diff/details/order-task';
import { DifferingReader, type DifferingEntry } from '../diff/differing-files';
import { dataCollection } from '../diff/live-metadata';
import type { BackupLocation } from '../catalogue/backup-location';
import type { DifferingDocument, DocumentDiff } from '../../shared/diff';
import type { DocumentsRequest } from '../../shared/restore';
import { fail } from '../../shared/result';
import type { OrderedList } from './document-order';
import type { PlanNamespace } from './preview-store';
import { fetchInPieces, idKey } from './raw-documents';

export interface DocumentSource {
  previewFolder: string;
  location: BackupLocation;
  namespace: PlanNamespace;
  readPreference: 'primary' | 'secondaryPreferred';
  /** The list filtered and sorted. */
  order(listed: ListedBy): Promise<OrderedList>;
  /** Opens the target; not called when no live document is needed. */
  withTarget<T>(fn: (client: MongoClient) => Promise<T>): Promise<T>;
}

/** Live documents asked for together. */
const together = 50;

interface Placed {
  index: number;
  entry: DifferingEntry;
}

interface BothSides {
  backup: Buffer | null;
  target: Buffer | null;
}

async function readBackups(source: DocumentSource, page: readonly Placed[]): Promise<Map<number, Buffer>> {
  const found = new Map<number, Buffer>();
  const ordinals = page.flatMap(({ entry }) => (entry.ordinal === null ? [] : [entry.ordinal]));
  const { backupNamespace } = source.namespace;
  if (ordinals.length === 0 || backupNamespace === null) return found;
  const archive = await OpenArchive.open({
    archivePath: source.location.archive,
    blocksPath: source.location.blockIndex,
    cachedBlocks: 2,
  });
  try {
    for await (const { ordinal, document } of archive.readDocuments(backupNamespace, ordinals)) {
      found.set(ordinal, Buffer.from(document));
    }
  } finally {
    await archive.close();
  }
  return found;
}

/** Live documents by {@link idKey}: what the preview kept, and for the rest what is there now. */
async function readLive(
  source: DocumentSource,
  reader: DifferingReader,
  spool: SpoolReader | null,
  slice: readonly Placed[],
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const ids: Buffer[] = [];
  for (const { index, entry } of slice) {
    if (!entry.id) continue;
    const place = reader.placeOf(index);
    const kept = place && place.change !== 'onlyInBackup' && (await spool?.read(place.change, place.position));
    if (kept) found.set(idKey(entry.id), kept);
    else ids.push(entry.id);
  }
  const { target } = source.namespace;
  if (ids.length === 0 || !target) return found;
  const { database, type } = target;
  const collection = dataCollection(type, target.collection);
  await source.withTarget((client) =>
    fetchInPieces({ client, database, collection, readPreference: source.readPreference }, ids, (part) => {
      for (const [key, document] of part) found.set(key, document);
    }),
  );
  return found;
}

/** Calls `visit` with both sides of each entry, some at a time, so that a page of huge documents fits into memory. */
async function forEachPair(
  source: DocumentSource,
  reader: DifferingReader,
  page: readonly Placed[],
  visit: (placed: Placed, sides: BothSides) => void,
): Promise<void> {
  const spool = await SpoolReader.open(source.previewFolder, source.namespace.index);
  try {
    for (let at = 0; at < page.length; at += together) {
      const slice = page.slice(at, at + together);
      const [backups, live] = await Promise.all([readBackups(source, slice), readLive(source, reader, spool, slice)]);
      for (const placed of slice) {
        const { ordinal, id } = placed.entry;
        visit(placed, {
          backup: ordinal === null ? null : (backups.get(ordinal) ?? null),
          target: id === null ? null : (live.get(idKey(id)) ?? null),
        });
      }
    }
  } finally {
    await spool?.close();
  }
}

function idOf({ entry }: Placed, { backup }: BothSides): { text: string; type: string } {
  const packed = entry.id ?? (backup && packedId(backup));
  if (!packed) return { text: 'null', type: 'none' };
  return { text: valueToExtendedJson(packed), type: idTypeOf(unpackValue(packed)) };
}

function packedId(document: Buffer): Buffer | null {
  const element = findId(document);
  return element && packValue(element);
}

function summaryOf({ entry }: Placed, sides: BothSides): string {
  const gone = entry.change !== 'onlyInBackup' && sides.target === null;
  if (gone && entry.change === 'onlyInTarget') return 'deleted since the preview';
  const summary = summariseDocument(entry.change, sides.backup, sides.target);
  return gone ? `deleted since the preview · ${summary}` : summary;
}

/** A page of the list with a line for each document; the live side is read now where the preview kept no version. */
export async function listDocuments(
  source: DocumentSource,
  request: DocumentsRequest,
): Promise<{ total: number; documents: DifferingDocument[] }> {
  if (source.namespace.type === 'view') return { total: 0, documents: [] };
  const reader = await openReader(source);
  if (!reader) return { total: 0, documents: [] };
  try {
    const { total, page } = await choosePage(source, reader, request);
    const documents: DifferingDocument[] = [];
    await forEachPair(source, reader, page, (placed, sides) => {
      const id = idOf(placed, sides);
      documents.push({
        index: placed.index,
        id: id.text,
        idType: id.type,
        change: placed.entry.change,
        summary: summaryOf(placed, sides),
      });
    });
    return { total, documents };
  } finally {
    await reader.close();
  }
}

interface Page {
  total: number;
  page: Placed[];
}

/** The entries of a page in the order asked for; any other than the list's own is made when first asked for, and kept. */
async function choosePage(
  source: DocumentSource,
  reader: DifferingReader,
  { change, path, search, sort, direction, offset, limit }: DocumentsRequest,
): Promise<Page> {
  const descending = direction === 'descending';
  const isWhole = path === null && (search === null || search.trim() === '') && sort === 'position';
  if (isWhole && !descending) return { total: reader.total(change), page: await reader.page(change, offset, limit) };
  if (isWhole) {
    const total = reader.total(change);
    const end = Math.max(total - offset, 0);
    const first = Math.max(end - limit, 0);
    return { total, page: (await reader.page(change, first, end - first)).reverse() };
  }
  const positions = await source.order({ change, path, search, sort });
  const total = positions.total;
  const end = Math.min(offset + limit, total);
  const [first, last] = descending ? [Math.max(total - end, 0), total - offset] : [offset, end];
  const chosen = last > first ? await positions.read(first, last - first) : [];
  if (descending) chosen.reverse();
  return { total, page: await readEntries(reader, chosen) };
}

/** Entries at positions of the whole list, in the order given; neighbours are read together. */
async function readEntries(reader: DifferingReader, positions: readonly number[]): Promise<Placed[]> {
  const page: Placed[] = [];
  for (let at = 0; at < positions.length;) {
    const first = positions[at] ?? 0;
    let count = 1;
    while (positions[at + count] === first + count) count++;
    page.push(...(await reader.page(null, first, count)));
    at += count;
  }
  return page;
}

/** Null for a namespace whose documents were not compared (views, another type on the other side). */
async function openReader(source: DocumentSource): Promise<DifferingReader | null> {
  return DifferingReader.open(source.previewFolder, source.namespace.index).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

/** One document in two typed columns. Throws 'not-found' for an index beyond the list. */
export async function openDocument(source: DocumentSource, index: number): Promise<DocumentDiff> {
  const reader = await openReader(source);
  if (!reader) fail('not-found', 'There is no such document in the preview.');
  try {
    const page = await reader.page(null, index, 1);
    if (page.length === 0) fail('not-found', 'There is no such document in the preview.');
    let opened: DocumentDiff | null = null;
    await forEachPair(source, reader, page, (placed, sides) => {
      const { rows, rowsOmitted } = diffDocuments(sides.backup, sides.target);
      opened = { id: idOf(placed, sides).text, change: placed.entry.change, rows, rowsOmitted };
    });
    return opened ?? fail('not-found', 'There is no such document in the preview.');
  } finally {
    await reader.close();
  }
}
