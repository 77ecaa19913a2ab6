/** Takes over what an earlier comparison found, but for the documents that are looked at again. */
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { recordBytes } from '../../archive/kernel/bson-kernel';
import type { DocumentChange } from '../../../shared/diff';
import { entryBytes, entryFile, namespaceFolder, type DifferingWriter } from '../differing-files';
import type { WantedHashes } from './wanted-hashes';

/** Where the entries of an earlier comparison are. */
export interface EarlierEntries {
  /** Of its preview. */
  folder: string;
  index: number;
}

const noOrdinal = 0xffffffff;
const chunkEntries = 10_000;

async function* chunksOf(folder: string, change: DocumentChange): AsyncGenerator<Buffer> {
  const handle = await open(entryFile(folder, change), 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkEntries * entryBytes);
    for (let at = 0; ;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

function isWanted(wanted: WantedHashes, bytes: Buffer, at: number): boolean {
  return wanted.has(bytes.readUInt32LE(at + 32), bytes.readUInt32LE(at + 36));
}

/** The ordinals of the backup's documents whose entries are not carried because they are wanted; ascending. */
export async function ordinalsLeft(earlier: EarlierEntries, wanted: WantedHashes): Promise<number[]> {
  const folder = namespaceFolder(earlier.folder, earlier.index);
  const ordinals: number[] = [];
  for (const change of ['onlyInBackup', 'changed'] as const) {
    for await (const bytes of chunksOf(folder, change)) {
      for (let at = 0; at < bytes.length; at += entryBytes) {
        if (isWanted(wanted, bytes, at)) ordinals.push(bytes.readUInt32LE(at));
      }
    }
  }
  return ordinals.sort((a, b) => a - b);
}

async function readIds(ids: FileHandle, bytes: Buffer, at: number): Promise<Buffer> {
  const length = bytes.readUInt32LE(at + 4);
  const id = Buffer.allocUnsafe(length);
  if (length > 0) await ids.read(id, 0, length, bytes.readDoubleLE(at + 8));
  return id;
}

/** Writes the entries whose `_id` is not wanted; `beforeOnlyInBackup` lets others of that list be put in order. */
export async function carryEntries(
  earlier: EarlierEntries,
  wanted: WantedHashes,
  writer: DifferingWriter,
  beforeOnlyInBackup: (ordinal: number) => void,
): Promise<void> {
  const folder = namespaceFolder(earlier.folder, earlier.index);
  for await (const bytes of chunksOf(folder, 'onlyInBackup')) {
    for (let at = 0; at < bytes.length; at += entryBytes) {
      if (isWanted(wanted, bytes, at)) continue;
      const ordinal = bytes.readUInt32LE(at);
      beforeOnlyInBackup(ordinal);
      writer.onlyInBackup(ordinal, bytes.readUInt32LE(at + 32), bytes.readUInt32LE(at + 36));
    }
  }
  const ids = await open(join(folder, 'ids'), 'r');
  const record = Buffer.allocUnsafe(recordBytes);
  try {
    for (const change of ['changed', 'onlyInTarget'] as const) {
      for await (const bytes of chunksOf(folder, change)) {
        for (let at = 0; at < bytes.length; at += entryBytes) {
          if (isWanted(wanted, bytes, at)) continue;
          bytes.copy(record, 0, at + 32, at + 40);
          bytes.copy(record, 8, at + 16, at + 32);
          const id = await readIds(ids, bytes, at);
          const ordinal = bytes.readUInt32LE(at);
          const packed = { type: id[0] ?? 0, source: id, start: 1, end: id.length };
          writer.live(change, ordinal === noOrdinal ? null : ordinal, { source: record, at: 0 }, packed);
        }
      }
    }
  } finally {
    await ids.close();
  }
}
