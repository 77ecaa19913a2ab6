/**
 * The differing documents of one namespace on disk: three files of fixed-size entries (one a change) and one of `_id`s,
 * so that any page is a seek away. Nothing here is a contract: previews do not outlive the version that made them.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { open, readFile, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { DocumentChange } from '../../shared/diff';
import { changeOrder } from '../../shared/picks';
import { readUpTo } from '../archive/archive-file';

/** Ordinal u32, length of the packed `_id` u32, its offset f64, hash of the live document (16), hash of the `_id` (8). */
export const entryBytes = 40;
const noOrdinal = 0xffffffff;
/** Bytes of `_id`s read in one go. */
const idsTogether = 4 * 1024 * 1024;

export interface DifferingCounts {
  onlyInBackup: number;
  changed: number;
  onlyInTarget: number;
  /** The target lacks the whole namespace: entries are not written, each of the backup's documents is one. */
  wholeBackup: boolean;
}

export interface DifferingEntry {
  change: DocumentChange;
  /** Number of the document within its namespace of the backup, in archive order. */
  ordinal: number | null;
  /** Packed `_id` of the live document (type byte and value); null for onlyInBackup: it is in the archive. */
  id: Buffer | null;
  /** XXH3-128 of the live document as it was compared. */
  documentHash: Buffer | null;
}

export function namespaceFolder(previewFolder: string, index: number): string {
  return join(previewFolder, String(index));
}

export function entryFile(folder: string, change: DocumentChange): string {
  return join(folder, `${change}.entries`);
}

/** Appends to a file through a buffer, synchronously: called from within the scan of a stream. */
export class Appender {
  readonly #descriptor: number;
  #buffer: Buffer;
  #length = 0;
  written = 0;

  constructor(path: string, bufferBytes = 256 * 1024) {
    this.#buffer = Buffer.allocUnsafe(bufferBytes);
    this.#descriptor = openSync(path, 'w', 0o600);
  }

  reserve(bytes: number): { buffer: Buffer; at: number } {
    if (this.#length + bytes > this.#buffer.length) this.flush();
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(bytes);
    const at = this.#length;
    this.#length += bytes;
    this.written += bytes;
    return { buffer: this.#buffer, at };
  }

  flush(): void {
    for (let at = 0; at < this.#length;) at += writeSync(this.#descriptor, this.#buffer, at, this.#length - at);
    this.#length = 0;
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.#descriptor);
    }
  }
}

export class DifferingWriter {
  readonly folder: string;
  readonly #files: Record<DocumentChange, Appender>;
  readonly #ids: Appender;
  readonly counts: DifferingCounts = { onlyInBackup: 0, changed: 0, onlyInTarget: 0, wholeBackup: false };
  /** Documents only in the target whose `_id` is a number: the backup may hold the same key as another type. */
  numericExtras = 0;

  constructor(previewFolder: string, index: number) {
    this.folder = namespaceFolder(previewFolder, index);
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.#files = {
      onlyInBackup: new Appender(entryFile(this.folder, 'onlyInBackup')),
      changed: new Appender(entryFile(this.folder, 'changed')),
      onlyInTarget: new Appender(entryFile(this.folder, 'onlyInTarget')),
    };
    this.#ids = new Appender(join(this.folder, 'ids'));
  }

  onlyInBackup(ordinal: number, idHashLow: number, idHashHigh: number): void {
    const { buffer, at } = this.#files.onlyInBackup.reserve(entryBytes);
    buffer.fill(0, at, at + entryBytes);
    buffer.writeUInt32LE(ordinal, at);
    buffer.writeUInt32LE(idHashLow, at + 32);
    buffer.writeUInt32LE(idHashHigh, at + 36);
    this.counts.onlyInBackup++;
  }

  /** `record`: the live document's digest record. `idType`, `idValue`: its `_id`; type 0 without one. */
  live(
    change: 'changed' | 'onlyInTarget',
    ordinal: number | null,
    record: { source: Buffer; at: number },
    id: { type: number; source: Buffer; start: number; end: number },
  ): void {
    const { buffer, at } = this.#files[change].reserve(entryBytes);
    const length = id.type === 0 ? 0 : 1 + id.end - id.start;
    buffer.writeUInt32LE(ordinal ?? noOrdinal, at);
    buffer.writeUInt32LE(length, at + 4);
    buffer.writeDoubleLE(this.#ids.written, at + 8);
    record.source.copy(buffer, at + 16, record.at + 8, record.at + 24);
    record.source.copy(buffer, at + 32, record.at, record.at + 8);
    if (length > 0) {
      const place = this.#ids.reserve(length);
      place.buffer[place.at] = id.type;
      id.source.copy(place.buffer, place.at + 1, id.start, id.end);
    }
    this.counts[change]++;
    if (change === 'onlyInTarget' && (id.type === 0x01 || id.type === 0x10 || id.type === 0x12 || id.type === 0x13)) {
      this.numericExtras++;
    }
  }

  /** Closes the files and writes the counts; after it the namespace can be read. */
  async finish(): Promise<DifferingCounts> {
    this.close();
    await writeCounts(this.folder, this.counts);
    return this.counts;
  }

  close(): void {
    for (const file of [...Object.values(this.#files), this.#ids]) file.close();
  }
}

export async function writeCounts(folder: string, counts: DifferingCounts): Promise<void> {
  await writeFile(join(folder, 'counts.json'), JSON.stringify(counts), { mode: 0o600 });
}

/** Reads pages of a namespace's differing documents. Close it. */
export class DifferingReader {
  readonly counts: DifferingCounts;
  readonly #folder: string;
  readonly #handles = new Map<string, FileHandle>();

  private constructor(folder: string, counts: DifferingCounts) {
    this.#folder = folder;
    this.counts = counts;
  }

  static async open(previewFolder: string, index: number): Promise<DifferingReader> {
    const folder = namespaceFolder(previewFolder, index);
    const counts = JSON.parse(await readFile(join(folder, 'counts.json'), 'utf8')) as DifferingCounts;
    return new DifferingReader(folder, counts);
  }

  /** Of one change, or of all. */
  total(change: DocumentChange | null): number {
    if (change) return this.counts[change];
    return this.counts.onlyInBackup + this.counts.changed + this.counts.onlyInTarget;
  }

  /** Position in the whole list of the first entry of `change`. */
  firstIndex(change: DocumentChange): number {
    let first = 0;
    for (const other of changeOrder) {
      if (other === change) break;
      first += this.counts[other];
    }
    return first;
  }

  /** Where an entry of the whole list is among those of its kind; null beyond the list. */
  placeOf(index: number): { change: DocumentChange; position: number } | null {
    let position = index;
    for (const change of changeOrder) {
      if (position < this.counts[change]) return { change, position };
      position -= this.counts[change];
    }
    return null;
  }

  /** Entries from `offset` on, of one change or of all; fewer at the end. */
  async page(
    change: DocumentChange | null,
    offset: number,
    limit: number,
  ): Promise<{ index: number; entry: DifferingEntry }[]> {
    const found: { index: number; entry: DifferingEntry }[] = [];
    let skip = offset;
    for (const one of change ? [change] : changeOrder) {
      const count = this.counts[one];
      const take = Math.min(limit - found.length, Math.max(count - skip, 0));
      if (take > 0) {
        const first = this.firstIndex(one) + skip;
        const entries = await this.read(one, skip, take);
        entries.forEach((entry, at) => found.push({ index: first + at, entry }));
      }
      skip = Math.max(skip - count, 0);
    }
    return found;
  }

  /** `count` entries of one change from position `first` on. */
  async read(change: DocumentChange, first: number, count: number): Promise<DifferingEntry[]> {
    if (this.counts.wholeBackup && change === 'onlyInBackup') {
      return Array.from({ length: count }, (_, at) => ({ change, ordinal: first + at, id: null, documentHash: null }));
    }
    const raw = await this.#bytes(`${change}.entries`, first * entryBytes, count * entryBytes);
    const ids = change === 'onlyInBackup' ? null : await this.#idsOf(raw);
    const entries: DifferingEntry[] = [];
    for (let at = 0; at + entryBytes <= raw.length; at += entryBytes) {
      const ordinal = raw.readUInt32LE(at);
      entries.push({
        change,
        ordinal: ordinal === noOrdinal ? null : ordinal,
        id: ids?.[at / entryBytes] ?? null,
        documentHash: ids ? Buffer.from(raw.subarray(at + 16, at + 32)) : null,
      });
    }
    return entries;
  }

  /** The packed `_id`s of entries: neighbours lie close to each other, so that a read for each is rarely needed. */
  async #idsOf(raw: Buffer): Promise<(Buffer | null)[]> {
    const places: { offset: number; length: number }[] = [];
    let first = Infinity;
    let end = 0;
    for (let at = 0; at + entryBytes <= raw.length; at += entryBytes) {
      const place = { offset: raw.readDoubleLE(at + 8), length: raw.readUInt32LE(at + 4) };
      places.push(place);
      if (place.length === 0) continue;
      first = Math.min(first, place.offset);
      end = Math.max(end, place.offset + place.length);
    }
    const together = end > first && end - first <= idsTogether ? await this.#bytes('ids', first, end - first) : null;
    const ids: (Buffer | null)[] = [];
    for (const { offset, length } of places) {
      if (length === 0) ids.push(null);
      else if (together) ids.push(together.subarray(offset - first, offset - first + length));
      else ids.push(await this.#bytes('ids', offset, length));
    }
    return ids;
  }

  async #bytes(name: string, position: number, length: number): Promise<Buffer> {
    let handle = this.#handles.get(name);
    if (!handle) {
      handle = await open(join(this.#folder, name), 'r');
      this.#handles.set(name, handle);
    }
    return readUpTo(handle, position, length);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#handles.values()].map((handle) => handle.close()));
    this.#handles.clear();
  }
}
