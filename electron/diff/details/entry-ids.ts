/** The `_id`s of differing documents in the order of the list. Those only in the backup are read from its archive, once. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { DocumentChange } from '../../../shared/diff';
import { throwIfCancelled } from '../../archive/archive-damage';
import { readUpTo } from '../../archive/archive-file';
import { OpenArchive } from '../../archive/open-archive';
import { findId, packValue } from '../bson-reader';
import { Appender, namespaceFolder, type DifferingReader } from '../differing-files';

export interface EntryIdSource {
  previewFolder: string;
  index: number;
  archive: string;
  blockIndex: string;
  backupNamespace: string | null;
}

const together = 8192;

/** Calls `visit` for each entry of one kind in the list's order; null: a document without `_id`. */
export async function forEachEntryId(
  reader: DifferingReader,
  source: EntryIdSource,
  change: DocumentChange,
  signal: AbortSignal,
  visit: (position: number, id: Buffer | null) => void,
): Promise<void> {
  const count = reader.counts[change];
  if (count === 0) return;
  if (change === 'onlyInBackup') {
    await forEachKept(await keepBackupIds(reader, source, signal), signal, visit);
    return;
  }
  for (let first = 0; first < count; first += together) {
    throwIfCancelled(signal);
    const entries = await reader.read(change, first, Math.min(together, count - first));
    entries.forEach(({ id }, at) => visit(first + at, id));
  }
}

interface KeptIds {
  ids: string;
  /** Ends of the packed `_id`s, u32 lengths. */
  lengths: string;
}

/** Writes the `_id`s of what only the backup has beside its entries; does nothing when they are there. */
async function keepBackupIds(reader: DifferingReader, source: EntryIdSource, signal: AbortSignal): Promise<KeptIds> {
  const folder = namespaceFolder(source.previewFolder, source.index);
  const kept: KeptIds = { ids: join(folder, 'onlyInBackup.ids'), lengths: join(folder, 'onlyInBackup.id-lengths') };
  const isThere = await open(kept.lengths, 'r').then(
    (handle) => handle.close().then(() => true),
    () => false,
  );
  if (isThere) return kept;
  // Two tasks may do it at the same time: each under a name of its own.
  const mark = randomBytes(4).toString('hex');
  const ids = new Appender(`${kept.ids}.${mark}`);
  const lengths = new Appender(`${kept.lengths}.${mark}`);
  const { archive: archivePath, blockIndex: blocksPath } = source;
  try {
    const archive = await OpenArchive.open({ archivePath, blocksPath });
    try {
      const count = reader.counts.onlyInBackup;
      for (let first = 0; first < count; first += together) {
        const entries = await reader.read('onlyInBackup', first, Math.min(together, count - first));
        const found = new Map<number, Buffer>();
        const ordinals = entries.flatMap(({ ordinal }) => ordinal ?? []);
        for await (const { ordinal, document } of archive.readDocuments(
          source.backupNamespace ?? '',
          ordinals,
          signal,
        )) {
          const element = findId(document);
          if (element) found.set(ordinal, packValue(element));
        }
        for (const { ordinal } of entries) {
          const id = found.get(ordinal ?? -1);
          const length = lengths.reserve(4);
          length.buffer.writeUInt32LE(id?.length ?? 0, length.at);
          if (!id) continue;
          const place = ids.reserve(id.length);
          id.copy(place.buffer, place.at);
        }
      }
    } finally {
      await archive.close();
      ids.close();
      lengths.close();
    }
    await rename(`${kept.ids}.${mark}`, kept.ids);
    await rename(`${kept.lengths}.${mark}`, kept.lengths);
  } catch (error) {
    await rm(`${kept.ids}.${mark}`, { force: true });
    await rm(`${kept.lengths}.${mark}`, { force: true });
    throw error;
  }
  return kept;
}

async function forEachKept(
  { ids, lengths }: KeptIds,
  signal: AbortSignal,
  visit: (position: number, id: Buffer | null) => void,
): Promise<void> {
  const all = await readFile(lengths);
  const handle = await open(ids, 'r');
  try {
    let offset = 0;
    const count = all.length / 4;
    for (let first = 0; first < count; first += together) {
      throwIfCancelled(signal);
      const end = Math.min(first + together, count);
      let bytes = 0;
      for (let at = first; at < end; at++) bytes += all.readUInt32LE(at * 4);
      const part = await readUpTo(handle, offset, bytes);
      offset += bytes;
      let start = 0;
      for (let at = first; at < end; at++) {
        const length = all.readUInt32LE(at * 4);
        visit(at, length === 0 ? null : part.subarray(start, start + length));
        start += length;
      }
    }
  } finally {
    await handle.close();
  }
}
