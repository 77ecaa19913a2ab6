/** Pages of differing documents, and one of them field by field. */
import type { MongoClient } from 'mongodb';
import { valueToExtendedJson } from '../archive/extended-json';
import { OpenArchive } from '../archive/open-archive';
import { findId, packValue, unpackValue } from '../diff/bson-reader';
import { diffDocuments, idTypeOf, summariseDocument } from '../diff/document-diff';
import { DifferingReader, type DifferingEntry } from '../diff/differing-files';
import { dataCollection } from '../diff/live-metadata';
import type { BackupLocation } from '../catalogue/backup-location';
import type { DifferingDocument, DocumentDiff } from '../../shared/diff';
import type { DocumentsRequest } from '../../shared/restore';
import { fail } from '../../shared/result';
import type { PlanNamespace } from './preview-store';
import { fetchDocuments, idKey } from './raw-documents';

export interface DocumentSource {
  previewFolder: string;
  location: BackupLocation;
  namespace: PlanNamespace;
  readPreference: 'primary' | 'secondaryPreferred';
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

async function readLive(source: DocumentSource, ids: readonly Buffer[]): Promise<Map<string, Buffer>> {
  const { target } = source.namespace;
  if (ids.length === 0 || !target) return new Map();
  const { database, type } = target;
  const collection = dataCollection(type, target.collection);
  return source.withTarget(async (client) => {
    const question = { client, database, collection, readPreference: source.readPreference };
    try {
      return await fetchDocuments(question, ids);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Too many bytes together: huge documents come one by one.
      const found = new Map<string, Buffer>();
      for (const id of ids)
        for (const [key, document] of await fetchDocuments(question, [id])) found.set(key, document);
      return found;
    }
  });
}

/** Calls `visit` with both sides of each entry, some at a time, so that a page of huge documents fits into memory. */
async function forEachPair(
  source: DocumentSource,
  page: readonly Placed[],
  visit: (placed: Placed, sides: BothSides) => void,
): Promise<void> {
  for (let at = 0; at < page.length; at += together) {
    const slice = page.slice(at, at + together);
    const backups = await readBackups(source, slice);
    const live = await readLive(
      source,
      slice.flatMap(({ entry }) => (entry.id ? [entry.id] : [])),
    );
    for (const placed of slice) {
      const { ordinal, id } = placed.entry;
      visit(placed, {
        backup: ordinal === null ? null : (backups.get(ordinal) ?? null),
        target: id === null ? null : (live.get(idKey(id)) ?? null),
      });
    }
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

/** A page of the list with a line for each document; the live side is read now. */
export async function listDocuments(
  source: DocumentSource,
  { change, offset, limit }: DocumentsRequest,
): Promise<{ total: number; documents: DifferingDocument[] }> {
  if (source.namespace.type === 'view') return { total: 0, documents: [] };
  const reader = await openReader(source);
  if (!reader) return { total: 0, documents: [] };
  try {
    const page = await reader.page(change, offset, limit);
    const documents: DifferingDocument[] = [];
    await forEachPair(source, page, (placed, sides) => {
      const id = idOf(placed, sides);
      documents.push({
        index: placed.index,
        id: id.text,
        idType: id.type,
        change: placed.entry.change,
        summary: summaryOf(placed, sides),
      });
    });
    return { total: reader.total(change), documents };
  } finally {
    await reader.close();
  }
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
    await forEachPair(source, page, (placed, sides) => {
      const { rows, rowsOmitted } = diffDocuments(sides.backup, sides.target);
      opened = { id: idOf(placed, sides).text, change: placed.entry.change, rows, rowsOmitted };
    });
    return opened ?? fail('not-found', 'There is no such document in the preview.');
  } finally {
    await reader.close();
  }
}
