/** Both sides of differing documents: the backup's from its archive, the target's as the preview saw it, or as it is now. */
import type { MongoClient } from 'mongodb';
import { throwIfCancelled } from '../../archive/archive-damage';
import { valueToExtendedJson } from '../../archive/extended-json';
import { OpenArchive } from '../../archive/open-archive';
import { SpoolReader } from '../../diff/details/live-spool';
import { findId, packValue, unpackValue } from '../../diff/bson-reader';
import { DifferingReader, type DifferingEntry } from '../../diff/differing-files';
import { idTypeOf } from '../../diff/document-diff';
import { dataCollection } from '../../diff/live-metadata';
import type { PlanNamespace } from '../preview/preview-store';
import { fetchInPieces, idKey } from './raw-documents';

export interface PairSource {
  previewFolder: string;
  archive: string;
  blockIndex: string;
  namespace: Pick<PlanNamespace, 'index' | 'type' | 'target' | 'backupNamespace'>;
  readPreference: 'primary' | 'secondaryPreferred';
  /** Opens the target; not called when no live document is needed. */
  withTarget<T>(fn: (client: MongoClient) => Promise<T>): Promise<T>;
  signal?: AbortSignal;
}

export interface Placed {
  /** Position in the whole list. */
  index: number;
  entry: DifferingEntry;
}

export interface BothSides {
  backup: Buffer | null;
  target: Buffer | null;
}

/** Documents read together: few at first, then as many as fit into these bytes. */
const fewest = 8;
const most = 250;
const bytesTogether = 32 * 1024 * 1024;
/** Entries taken from the list in one go. */
const pageEntries = 2000;

/** Opens the namespace's list; null where its documents were not compared (views, another type on the other side). */
export async function openReader({
  previewFolder,
  namespace,
}: Pick<PairSource, 'previewFolder' | 'namespace'>): Promise<DifferingReader | null> {
  if (namespace.type === 'view') return null;
  return DifferingReader.open(previewFolder, namespace.index).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

async function readBackups(
  source: PairSource,
  archive: OpenArchive | null,
  slice: readonly Placed[],
): Promise<Map<number, Buffer>> {
  const found = new Map<number, Buffer>();
  const ordinals = slice.flatMap(({ entry }) => entry.ordinal ?? []);
  const { backupNamespace } = source.namespace;
  if (!archive || ordinals.length === 0 || backupNamespace === null) return found;
  for await (const { ordinal, document } of archive.readDocuments(backupNamespace, ordinals, source.signal)) {
    found.set(ordinal, Buffer.from(document));
  }
  return found;
}

/** Live documents by {@link idKey}: what the preview kept, and for the rest what is there now. */
async function readLive(
  source: PairSource,
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
export async function forEachPair(
  source: PairSource,
  reader: DifferingReader,
  page: readonly Placed[],
  visit: (placed: Placed, sides: BothSides) => Promise<void> | void,
): Promise<void> {
  const inArchive = page.some(({ entry }) => entry.ordinal !== null);
  const spool = await SpoolReader.open(source.previewFolder, source.namespace.index);
  let archive: OpenArchive | null = null;
  try {
    if (inArchive) {
      const { archive: archivePath, blockIndex: blocksPath } = source;
      archive = await OpenArchive.open({ archivePath, blocksPath, cachedBlocks: 2 });
    }
    let together = fewest;
    for (let at = 0; at < page.length;) {
      throwIfCancelled(source.signal);
      const slice = page.slice(at, at + together);
      at += slice.length;
      const [backups, live] = await Promise.all([
        readBackups(source, archive, slice),
        readLive(source, reader, spool, slice),
      ]);
      let bytes = 1;
      for (const placed of slice) {
        const { ordinal, id } = placed.entry;
        const sides: BothSides = {
          backup: ordinal === null ? null : (backups.get(ordinal) ?? null),
          target: id === null ? null : (live.get(idKey(id)) ?? null),
        };
        bytes += (sides.backup?.length ?? 0) + (sides.target?.length ?? 0);
        await visit(placed, sides);
      }
      const fitting = Math.floor((slice.length * bytesTogether) / bytes);
      together = Math.max(1, Math.min(fitting, together * 8, most));
    }
  } finally {
    await archive?.close();
    await spool?.close();
  }
}

/** {@link forEachPair} over a namespace's whole list, or its first `limit` entries. */
export async function forEachDifference(
  source: PairSource,
  limit: number,
  visit: (placed: Placed, sides: BothSides) => Promise<void> | void,
): Promise<void> {
  const reader = await openReader(source);
  if (!reader) return;
  try {
    const total = Math.min(reader.total(null), limit);
    for (let first = 0; first < total; first += pageEntries) {
      const page = await reader.page(null, first, Math.min(pageEntries, total - first));
      await forEachPair(source, reader, page, visit);
    }
  } finally {
    await reader.close();
  }
}

/** The `_id` as canonical Extended JSON and the name of its type. */
export function idOf({ entry }: Placed, { backup }: BothSides): { text: string; type: string } {
  const packed = entry.id ?? (backup && packedId(backup));
  if (!packed) return { text: 'null', type: 'none' };
  return { text: valueToExtendedJson(packed), type: idTypeOf(unpackValue(packed)) };
}

function packedId(document: Buffer): Buffer | null {
  const element = findId(document);
  return element && packValue(element);
}
