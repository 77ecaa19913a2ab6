/**
 * One entry per document that a restore writes: 56 bytes in `undo-entries.bin`, its `_id` in `undo-ids.bin`
 * (docs/formats.md). Numbers are little-endian.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { readUpTo } from '../../archive/archive-file';
import { HashingFile, type WrittenFile } from '../../archive/hashing-file';
import { fail } from '../../../shared/result';
import type { UndoFiles } from './undo-record';

const magic = 'LBUNDOEN';
const formatVersion = 1;
const headerBytes = 16;
const entryBytes = 56;
const noOrdinal = 0xffffffff;
const bufferBytes = 256 * 1024;

/** `held`: not as in the preview when it was to be saved, so that the restore leaves it alone. */
const kinds = ['insert', 'replace', 'delete', 'held'] as const;
export type UndoKind = (typeof kinds)[number];

export interface UndoEntry {
  kind: UndoKind;
  /** Packed `_id` (type byte and value): of the document before, of an insert the one to come. */
  id: Buffer;
  /** Number of the document within its namespace of the undo's archive; null for insert and held. */
  ordinal: number | null;
  /** XXH3-128 before and after the restore; null: not there. */
  before: Buffer | null;
  after: Buffer | null;
}

/** Writes both files from front to back. Nothing is durable before `finish` resolves. */
export class UndoEntriesWriter {
  readonly #entries: HashingFile;
  readonly #ids: HashingFile;
  #entryParts: Buffer[] = [];
  #idParts: Buffer[] = [];
  #pendingBytes = 0;
  #idBytes = 0;
  count = 0;

  private constructor(entries: HashingFile, ids: HashingFile) {
    this.#entries = entries;
    this.#ids = ids;
  }

  static async create(files: Pick<UndoFiles, 'entries' | 'ids'>): Promise<UndoEntriesWriter> {
    const entries = await HashingFile.create(files.entries);
    const writer = new UndoEntriesWriter(entries, await HashingFile.create(files.ids));
    const header = Buffer.alloc(headerBytes);
    header.write(magic, 0, 'latin1');
    header.writeUInt32LE(formatVersion, 8);
    header.writeUInt32LE(entryBytes, 12);
    await entries.write(header);
    return writer;
  }

  async add({ kind, id, ordinal, before, after }: UndoEntry): Promise<void> {
    const entry = Buffer.alloc(entryBytes);
    entry.writeUInt32LE(kinds.indexOf(kind), 0);
    entry.writeUInt32LE(id.length, 4);
    entry.writeBigUInt64LE(BigInt(this.#idBytes), 8);
    entry.writeUInt32LE(ordinal ?? noOrdinal, 16);
    before?.copy(entry, 24);
    after?.copy(entry, 40);
    this.#entryParts.push(entry);
    this.#idParts.push(Buffer.from(id));
    this.#idBytes += id.length;
    this.count++;
    this.#pendingBytes += entryBytes + id.length;
    if (this.#pendingBytes >= bufferBytes) await this.#flush();
  }

  async #flush(): Promise<void> {
    await this.#entries.write(Buffer.concat(this.#entryParts));
    await this.#ids.write(Buffer.concat(this.#idParts));
    this.#entryParts = [];
    this.#idParts = [];
    this.#pendingBytes = 0;
  }

  async finish(): Promise<{ entries: WrittenFile; ids: WrittenFile }> {
    await this.#flush();
    return { entries: await this.#entries.finish(), ids: await this.#ids.finish() };
  }

  async discard(): Promise<void> {
    await this.#entries.discard();
    await this.#ids.discard();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: bufferBytes })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Reads both files once. Throws 'stored-file-damaged' unless they are byte for byte what was written. */
export async function requireIntactEntries(
  files: Pick<UndoFiles, 'entries' | 'ids'>,
  expected: { entries: WrittenFile; ids: WrittenFile },
): Promise<void> {
  for (const name of ['entries', 'ids'] as const) {
    const found = await sha256Of(files[name]).catch(() => null);
    if (found === expected[name].sha256) continue;
    fail(
      'stored-file-damaged',
      `${files[name]} ${found === null ? 'cannot be read' : 'is not as it was written'}: what the restore wrote is not known for certain.`,
      'Nothing was written. What was saved is in the archive beside it: restore that with overwrite or insert-missing.',
    );
  }
}

/** Close it. */
export class UndoEntriesReader {
  readonly #entries: FileHandle;
  readonly #ids: FileHandle;

  private constructor(entries: FileHandle, ids: FileHandle) {
    this.#entries = entries;
    this.#ids = ids;
  }

  /** Throws 'stored-file-damaged' for files of another version or length than their record says. */
  static async open(
    files: Pick<UndoFiles, 'entries' | 'ids'>,
    expected: { entries: WrittenFile; ids: WrittenFile },
  ): Promise<UndoEntriesReader> {
    const entries = await open(files.entries, 'r');
    try {
      const ids = await open(files.ids, 'r');
      const reader = new UndoEntriesReader(entries, ids);
      const header = await readUpTo(entries, 0, headerBytes);
      const known =
        header.length === headerBytes &&
        header.toString('latin1', 0, 8) === magic &&
        header.readUInt32LE(8) === formatVersion;
      const sizes = [(await entries.stat()).size, (await ids.stat()).size];
      if (known && sizes[0] === expected.entries.bytes && sizes[1] === expected.ids.bytes) return reader;
      await ids.close();
    } catch (error) {
      await entries.close();
      throw error;
    }
    await entries.close();
    return fail('stored-file-damaged', `${files.entries} is not the one that was written with its undo.json.`);
  }

  /** `count` entries from number `first` on. */
  async read(first: number, count: number): Promise<UndoEntry[]> {
    const raw = await readUpTo(this.#entries, headerBytes + first * entryBytes, count * entryBytes);
    if (raw.length !== count * entryBytes) fail('stored-file-damaged', 'What undoes the restore was cut off.');
    if (count === 0) return [];
    const idsAt = Number(raw.readBigUInt64LE(8));
    const last = raw.length - entryBytes;
    const idsEnd = Number(raw.readBigUInt64LE(last + 8)) + raw.readUInt32LE(last + 4);
    const ids = await readUpTo(this.#ids, idsAt, idsEnd - idsAt);
    const list: UndoEntry[] = [];
    for (let at = 0; at < raw.length; at += entryBytes) {
      const kind = kinds[raw.readUInt32LE(at)] ?? 'held';
      const ordinal = raw.readUInt32LE(at + 16);
      const idAt = Number(raw.readBigUInt64LE(at + 8)) - idsAt;
      list.push({
        kind,
        id: ids.subarray(idAt, idAt + raw.readUInt32LE(at + 4)),
        ordinal: ordinal === noOrdinal ? null : ordinal,
        before: kind === 'replace' || kind === 'delete' ? raw.subarray(at + 24, at + 40) : null,
        after: kind === 'replace' || kind === 'insert' ? raw.subarray(at + 40, at + 56) : null,
      });
    }
    return list;
  }

  async close(): Promise<void> {
    await this.#entries.close();
    await this.#ids.close();
  }
}

/** The `_id`s that were held back, by namespace: read again when an interrupted restore goes on. */
export async function readHeldBack(
  reader: UndoEntriesReader,
  { firstEntry, entries }: { firstEntry: number; entries: number },
): Promise<Buffer[]> {
  const held: Buffer[] = [];
  const atOnce = 4096;
  for (let at = 0; at < entries; at += atOnce) {
    for (const { kind, id } of await reader.read(firstEntry + at, Math.min(atOnce, entries - at))) {
      if (kind === 'held') held.push(Buffer.from(id));
    }
  }
  return held;
}
