/**
 * The live versions a preview has seen, on disk: blocks of documents, compressed, and a fixed-size record an entry, so that
 * any of them is one read and one small inflation away. In the preview's folder, gone with it.
 */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DocumentChange } from '../../../shared/diff';
import { readUpTo } from '../../archive/archive-file';
import { Appender, DifferingReader, namespaceFolder } from '../differing-files';

/** Kinds of entries that have a live version. */
export type LiveChange = Exclude<DocumentChange, 'onlyInBackup'>;

/** Offset of the block f64, offset in the block u32, length u32; length 0: not kept. */
export const spoolRecordBytes = 16;
const blockBytes = 256 * 1024;
const blockHeadBytes = 8;

function recordFile(folder: string, change: LiveChange): string {
  return join(folder, `${change}.versions`);
}

/** Keeps documents up to a budget of bytes on disk. Not for use from several threads. */
export class SpoolWriter {
  readonly #blocks: Appender;
  readonly #records: Record<LiveChange, Appender>;
  readonly #budget: { left: number };
  #block: Buffer[] = [];
  #blockLength = 0;
  /** Where the open block will begin. */
  #blockStart = 0;

  /** `budget` is shared by the namespaces of a preview and counted down. */
  constructor(folder: string, budget: { left: number }) {
    this.#blocks = new Appender(join(folder, 'versions'));
    this.#records = {
      changed: new Appender(recordFile(folder, 'changed')),
      onlyInTarget: new Appender(recordFile(folder, 'onlyInTarget')),
    };
    this.#budget = budget;
  }

  get isFull(): boolean {
    return this.#budget.left <= 0;
  }

  /**
   * Keeps a document for {@link SpoolWriter.record}; returns null when there is no room. The record tells the place, so
   * that documents may be added in another order than entries.
   */
  add(document: Buffer): Buffer | null {
    if (this.#budget.left <= 0) return null;
    const record = Buffer.alloc(spoolRecordBytes);
    record.writeDoubleLE(this.#blockStart, 0);
    record.writeUInt32LE(this.#blockLength, 8);
    record.writeUInt32LE(document.length, 12);
    this.#block.push(Buffer.from(document));
    this.#blockLength += document.length;
    if (this.#blockLength >= blockBytes) this.#closeBlock();
    return record;
  }

  /** The next entry's record; null: its version is not kept. */
  record(change: LiveChange, record: Buffer | null): void {
    const { buffer, at } = this.#records[change].reserve(spoolRecordBytes);
    if (record) record.copy(buffer, at);
    else buffer.fill(0, at, at + spoolRecordBytes);
  }

  #closeBlock(): void {
    if (this.#blockLength === 0) return;
    const raw = Buffer.concat(this.#block);
    const compressed = deflateRawSync(raw, { level: 1 });
    const { buffer, at } = this.#blocks.reserve(blockHeadBytes + compressed.length);
    buffer.writeUInt32LE(compressed.length, at);
    buffer.writeUInt32LE(raw.length, at + 4);
    compressed.copy(buffer, at + blockHeadBytes);
    this.#budget.left -= blockHeadBytes + compressed.length;
    this.#blockStart = this.#blocks.written;
    this.#block = [];
    this.#blockLength = 0;
  }

  /** After it the versions can be read. */
  close(): void {
    try {
      this.#closeBlock();
    } finally {
      for (const file of [this.#blocks, ...Object.values(this.#records)]) file.close();
    }
  }
}

/** Reads kept versions of one namespace. Close it. */
export class SpoolReader {
  readonly #blocks: FileHandle;
  readonly #records: Record<LiveChange, Buffer>;
  #last: { start: number; raw: Buffer } | null = null;

  private constructor(blocks: FileHandle, records: Record<LiveChange, Buffer>) {
    this.#blocks = blocks;
    this.#records = records;
  }

  /** Null where nothing was kept. `previewFolder` and `index` as for DifferingReader. */
  static async open(previewFolder: string, index: number): Promise<SpoolReader | null> {
    const folder = namespaceFolder(previewFolder, index);
    const handle = await open(join(folder, 'versions'), 'r').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
    if (!handle) return null;
    try {
      const changed = await readFile(recordFile(folder, 'changed'));
      const onlyInTarget = await readFile(recordFile(folder, 'onlyInTarget'));
      return new SpoolReader(handle, { changed, onlyInTarget });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The version of the entry at `position` within its kind; null where it is not kept. */
  async read(change: LiveChange, position: number): Promise<Buffer | null> {
    const records = this.#records[change];
    const at = position * spoolRecordBytes;
    if (at + spoolRecordBytes > records.length) return null;
    const length = records.readUInt32LE(at + 12);
    if (length === 0) return null;
    const block = await this.#readBlock(records.readDoubleLE(at));
    const start = records.readUInt32LE(at + 8);
    return block.subarray(start, start + length);
  }

  async #readBlock(start: number): Promise<Buffer> {
    if (this.#last?.start === start) return this.#last.raw;
    const head = await readUpTo(this.#blocks, start, blockHeadBytes);
    const compressed = await readUpTo(this.#blocks, start + blockHeadBytes, head.readUInt32LE(0));
    const raw = inflateRawSync(compressed, { maxOutputLength: head.readUInt32LE(4) + 1 });
    this.#last = { start, raw };
    return raw;
  }

  async close(): Promise<void> {
    await this.#blocks.close();
  }
}

/**
 * The live version that a preview saw of a differing document, by the namespace's index and the document's position in
 * its whole list. Null: it was not there (only in the backup). Undefined: not kept, or the preview is gone.
 */
export async function readPreviewVersion(
  previewFolder: string,
  namespaceIndex: number,
  entryPosition: number,
): Promise<Buffer | null | undefined> {
  const spool = await SpoolReader.open(previewFolder, namespaceIndex).catch(() => null);
  try {
    const reader = await DifferingReader.open(previewFolder, namespaceIndex).catch(() => null);
    if (!reader) return undefined;
    const place = reader.placeOf(entryPosition);
    if (!place) return undefined;
    if (place.change === 'onlyInBackup') return null;
    return (await spool?.read(place.change, place.position)) ?? undefined;
  } finally {
    await spool?.close();
  }
}
