/**
 * `digest.bin`: per namespace one 24-byte record per document in archive order (docs/formats.md), so that a diff need
 * not read the archive: u64 hash of the `_id` element (XXH3-64), 128-bit hash of the document (XXH3-128), little-endian.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { ArchiveDamage } from './archive-damage';
import { formatHash128 } from './archive-format';
import { checkHeader, checkSeal, paddedName, sealHeader, tableHeaderBytes } from './binary-table';
import { HashingFile, type WrittenFile } from './hashing-file';
import { BsonKernel, crcStart, finishCrc, recordBytes } from './kernel/bson-kernel';

const magic = 'LBDIGEST';
const digestFormatVersion = 1;
/** XXH3-64 for `_id` elements, XXH3-128 for documents, seed 0. */
const hashAlgorithm = 1;
const entryBytes = 56;
/** Some documents have no `_id`: their idHash is the lower half of the document's hash. */
const flagWithoutId = 1;

export interface DigestNamespace {
  /** As in the block index and the scan's summary. */
  id: number;
  namespace: string;
  documents: number;
  /** BSON bytes of the documents. */
  bytes: number;
  /** 32 hex digits, see {@link NamespaceSummary}. */
  contentHash: string;
  hasDocumentsWithoutId: boolean;
}

export interface DigestSource extends DigestNamespace {
  /** CRC-64 of the records. */
  recordsCrc64: bigint;
  /** The records in order, in pieces of whole records. */
  records: () => AsyncIterable<Uint8Array>;
}

interface TableEntry extends DigestNamespace {
  recordsOffset: number;
  recordsCrc64: bigint;
}

/** Writes and flushes a digest; deletes it again on error. `archive`: the file the digest belongs to. */
export async function writeDigest(path: string, archive: WrittenFile, sources: DigestSource[]): Promise<WrittenFile> {
  const names = sources.map((source) => paddedName(source.namespace));
  const tableBytes = names.reduce((sum, { bytes }) => sum + entryBytes + bytes.length, 0);
  const table: Buffer[] = [];
  let recordsOffset = tableHeaderBytes + tableBytes;
  let total = 0;
  sources.forEach((source, i) => {
    const name = names[i] ?? paddedName('');
    const entry = Buffer.alloc(entryBytes);
    entry.writeBigUInt64LE(BigInt(source.documents), 0);
    entry.writeBigUInt64LE(BigInt(recordsOffset), 8);
    entry.writeBigUInt64LE(source.recordsCrc64, 16);
    entry.writeBigUInt64LE(BigInt(source.bytes), 24);
    Buffer.from(source.contentHash, 'hex').reverse().copy(entry, 32);
    entry.writeUInt32LE(source.hasDocumentsWithoutId ? flagWithoutId : 0, 48);
    entry.writeUInt32LE(name.length, 52);
    table.push(entry, name.bytes);
    recordsOffset += source.documents * recordBytes;
    total += source.documents;
  });
  const header = Buffer.alloc(tableHeaderBytes);
  header.write(magic, 0, 'latin1');
  header.writeUInt32LE(digestFormatVersion, 8);
  header.writeUInt32LE(hashAlgorithm, 12);
  header.writeUInt32LE(recordBytes, 16);
  header.writeUInt32LE(sources.length, 20);
  header.writeBigUInt64LE(BigInt(tableBytes), 24);
  header.writeBigUInt64LE(BigInt(total), 32);
  header.writeBigUInt64LE(BigInt(archive.bytes), 40);
  header.write(archive.sha256, 48, 'hex');
  sealHeader(header, ...table);
  const file = await HashingFile.create(path);
  try {
    await file.write(Buffer.concat([header, ...table]));
    for (const source of sources) for await (const records of source.records()) await file.write(records);
    return await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Records of one namespace in memory: record i is words[6 i] to words[6 i + 5], each half of a hash lower word first. */
export interface DigestRecords {
  count: number;
  words: Uint32Array;
  bytes: Buffer;
}

/** An open digest. Close it. Reads throw {@link ArchiveDamage} (`index`) when the file is broken. */
export class DigestFile {
  readonly namespaces: readonly DigestNamespace[];
  /** The archive it was made from: compare with the manifest before trusting it. */
  readonly archive: WrittenFile;
  readonly #handle: FileHandle;
  readonly #entries: Map<string, TableEntry>;

  private constructor(handle: FileHandle, archive: WrittenFile, entries: TableEntry[]) {
    this.#handle = handle;
    this.archive = archive;
    this.namespaces = entries;
    this.#entries = new Map(entries.map((entry) => [entry.namespace, entry]));
  }

  static async open(path: string): Promise<DigestFile> {
    const handle = await open(path, 'r');
    try {
      const header = await readAt(handle, 0, tableHeaderBytes);
      checkHeader(header, magic, digestFormatVersion, 'The digest');
      const size = (await handle.stat()).size;
      const tableBytes = Number(header.readBigUInt64LE(24));
      if (tableBytes > size) throw damaged('its table is longer than the file');
      const table = await readAt(handle, tableHeaderBytes, tableBytes);
      checkSeal(header, 'The digest', table);
      if (header.readUInt32LE(12) !== hashAlgorithm || header.readUInt32LE(16) !== recordBytes) {
        throw new ArchiveDamage('version', 'The digest uses a hash this Lifeboat does not know.', {
          hint: 'Use a newer Lifeboat, or rebuild the digest from the archive.',
        });
      }
      const archive = { bytes: Number(header.readBigUInt64LE(40)), sha256: header.toString('hex', 48, 80) };
      const entries = decodeTable(table, header.readUInt32LE(20));
      const last = entries[entries.length - 1];
      if (last && last.recordsOffset + last.documents * recordBytes !== size) throw damaged('it has the wrong length');
      return new DigestFile(handle, archive, entries);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  find(namespace: string): DigestNamespace | null {
    return this.#entries.get(namespace) ?? null;
  }

  /** All records of a namespace (24 bytes a document in memory), checksum verified; empty for an unknown namespace. */
  async load(namespace: string): Promise<DigestRecords> {
    const entry = this.#entries.get(namespace);
    const length = (entry?.documents ?? 0) * recordBytes;
    const memory = Buffer.from(new ArrayBuffer(length));
    let at = 0;
    for await (const { records } of this.iterate(namespace)) {
      memory.set(records, at);
      at += records.length;
    }
    return { count: length / recordBytes, words: new Uint32Array(memory.buffer, 0, length / 4), bytes: memory };
  }

  /**
   * Records in pieces (`batch` documents each, default 32,768) for bounded memory. The checksum is verified at the end:
   * what was handed out before a damage is noticed may be wrong. The records are there until the next piece is asked
   * for. `verified`: it was verified a moment ago.
   */
  async *iterate(
    namespace: string,
    batch = 32_768,
    verified = false,
  ): AsyncGenerator<{ firstOrdinal: number; count: number; records: Buffer }, void, undefined> {
    const entry = this.#entries.get(namespace);
    if (!entry) return;
    const crc = verified ? null : new RecordsChecksum();
    const most = Math.min(batch, entry.documents) * recordBytes;
    let [buffer, other] = [Buffer.allocUnsafe(most), Buffer.allocUnsafe(most)];
    const read = (first: number): Promise<Buffer> => {
      const length = Math.min(batch, entry.documents - first) * recordBytes;
      const reading = readInto(this.#handle, entry.recordsOffset + first * recordBytes, buffer.subarray(0, length));
      [buffer, other] = [other, buffer];
      // It fails when it is awaited; a reader that stops before must not be told by the process.
      reading.catch(() => undefined);
      return reading;
    };
    let next = entry.documents > 0 ? read(0) : null;
    for (let first = 0; next !== null; first += batch) {
      const records = await next;
      // The disk reads on while these are worked on.
      next = first + batch < entry.documents ? read(first + batch) : null;
      crc?.add(records);
      yield { firstOrdinal: first, count: records.length / recordBytes, records };
    }
    if (crc && crc.value() !== entry.recordsCrc64)
      throw damaged(`the records of ${namespace} do not match their checksum`);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** CRC-64 of records that come in pieces. */
class RecordsChecksum {
  #register = crcStart;
  readonly #kernel = new BsonKernel();

  add(records: Uint8Array): void {
    this.#register = this.#kernel.updateCrc(this.#register, records);
  }

  value(): bigint {
    return finishCrc(this.#register);
  }
}

function damaged(why: string): ArchiveDamage {
  return new ArchiveDamage('index', `The digest is damaged: ${why}.`, {
    hint: 'Verify the backup: that makes it anew from the archive.',
  });
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  return readInto(handle, position, Buffer.allocUnsafe(length));
}

async function readInto(handle: FileHandle, position: number, buffer: Buffer): Promise<Buffer> {
  const { length } = buffer;
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) throw damaged('it ends too early');
    read += bytesRead;
  }
  return buffer;
}

function decodeTable(table: Buffer, count: number): TableEntry[] {
  const entries: TableEntry[] = [];
  let at = 0;
  for (let id = 0; id < count; id++) {
    if (at + entryBytes > table.length) throw damaged('its table ends too early');
    const length = table.readUInt32LE(at + 52);
    entries.push({
      id,
      namespace: table.toString('utf8', at + entryBytes, at + entryBytes + length),
      documents: Number(table.readBigUInt64LE(at)),
      recordsOffset: Number(table.readBigUInt64LE(at + 8)),
      recordsCrc64: table.readBigUInt64LE(at + 16),
      bytes: Number(table.readBigUInt64LE(at + 24)),
      contentHash: formatHash128(table.subarray(at + 32, at + 48)),
      hasDocumentsWithoutId: (table.readUInt32LE(at + 48) & flagWithoutId) !== 0,
    });
    at += entryBytes + length + (-length & 7);
  }
  return entries;
}
