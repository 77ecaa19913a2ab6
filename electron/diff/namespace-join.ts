/** The join of one namespace: a backup's digest against a live stream, in memory or partitioned on disk. */
import { closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DigestFile } from '../archive/digest-file';
import { noId, recordBytes } from '../archive/kernel/bson-kernel';
import type { DocumentBatch } from '../archive/scan-types';
import type { DocumentCounts } from '../../shared/diff';
import { Appender, type DifferingWriter } from './differing-files';
import { HashJoin, joinBytes } from './hash-join';
import { pairNumbers } from './pair-numbers';

export interface NamespaceJoin {
  /** Synchronous: the views of a batch live only during the call. */
  add(batch: DocumentBatch): void;
  /** Ends the namespace and writes its differing documents. */
  finish(): Promise<DocumentCounts>;
  /** Lets go of files; for when the diff fails. */
  abandon(): void;
}

const idNameBytes = 5;

/** The packed parts of a batch's nth `_id` element; type 0 when the document has none. */
function idOf(batch: DocumentBatch, record: number): { type: number; source: Buffer; start: number; end: number } {
  const start = batch.positions[record * 3 + 1] ?? noId;
  const end = batch.positions[record * 3 + 2] ?? noId;
  if (start === noId) return { type: 0, source: batch.input, start: 0, end: 0 };
  return { type: batch.input[start] ?? 0, source: batch.input, start: start + idNameBytes, end };
}

function wordsOf(bytes: Buffer): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

async function countsOf(
  writer: DifferingWriter,
  inBackup: number,
  inTarget: number,
  same: number,
): Promise<DocumentCounts> {
  let counts = await writer.finish();
  if (writer.numericExtras > 0 && counts.onlyInBackup > 0) counts = await pairNumbers(writer.folder, counts);
  const { changed, onlyInBackup, onlyInTarget } = counts;
  return { inBackup, inTarget, same, changed, onlyInBackup, onlyInTarget };
}

class MemoryJoin implements NamespaceJoin {
  readonly #join: HashJoin;
  readonly #writer: DifferingWriter;
  readonly #inBackup: number;
  #inTarget = 0;

  constructor(words: Uint32Array, count: number, writer: DifferingWriter) {
    this.#join = new HashJoin(words, count);
    this.#inBackup = count;
    this.#writer = writer;
  }

  add(batch: DocumentBatch): void {
    this.#inTarget += batch.count;
    const writer = this.#writer;
    this.#join.probe(wordsOf(batch.records), batch.count, {
      changed: (record, position) =>
        writer.live('changed', position, { source: batch.records, at: record * recordBytes }, idOf(batch, record)),
      onlyInTarget: (record) =>
        writer.live('onlyInTarget', null, { source: batch.records, at: record * recordBytes }, idOf(batch, record)),
    });
  }

  async finish(): Promise<DocumentCounts> {
    this.#join.forEachUnmatched((position, low, high) => this.#writer.onlyInBackup(position, low, high));
    return countsOf(this.#writer, this.#inBackup, this.#inTarget, this.#join.same);
  }

  abandon(): void {
    this.#writer.close();
  }
}

const backupRecordBytes = recordBytes + 4;
const liveHeadBytes = recordBytes + 4;
const partBufferBytes = 32 * 1024;

/**
 * Past the memory budget both sides go to disk, split by the upper bits of the `_id`s' hashes; the parts are joined one
 * after the other.
 */
class PartitionedJoin implements NamespaceJoin {
  readonly #folder: string;
  readonly #shift: number;
  readonly #backup: Appender[];
  readonly #live: Appender[];
  readonly #writer: DifferingWriter;
  #inBackup = 0;
  #inTarget = 0;

  constructor(writer: DifferingWriter, parts: number) {
    this.#writer = writer;
    this.#folder = join(writer.folder, 'parts');
    this.#shift = 32 - Math.log2(parts);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const open = (side: string): Appender[] =>
      Array.from({ length: parts }, (_, part) => new Appender(join(this.#folder, `${side}.${part}`), partBufferBytes));
    this.#backup = open('backup');
    this.#live = open('live');
  }

  #partOf(high: number): number {
    return high >>> this.#shift;
  }

  async loadBackup(digest: DigestFile, namespace: string): Promise<void> {
    for await (const { firstOrdinal, count, records } of digest.iterate(namespace)) {
      for (let record = 0; record < count; record++) {
        const part = this.#backup[this.#partOf(records.readUInt32LE(record * recordBytes + 4))];
        if (!part) continue;
        const { buffer, at } = part.reserve(backupRecordBytes);
        records.copy(buffer, at, record * recordBytes, (record + 1) * recordBytes);
        buffer.writeUInt32LE(firstOrdinal + record, at + recordBytes);
      }
      this.#inBackup += count;
    }
  }

  add(batch: DocumentBatch): void {
    this.#inTarget += batch.count;
    for (let record = 0; record < batch.count; record++) {
      const part = this.#live[this.#partOf(batch.records.readUInt32LE(record * recordBytes + 4))];
      if (!part) continue;
      const id = idOf(batch, record);
      const length = id.type === 0 ? 0 : 1 + id.end - id.start;
      const { buffer, at } = part.reserve(liveHeadBytes + length);
      batch.records.copy(buffer, at, record * recordBytes, (record + 1) * recordBytes);
      buffer.writeUInt32LE(length, at + recordBytes);
      if (length > 0) {
        buffer[at + liveHeadBytes] = id.type;
        id.source.copy(buffer, at + liveHeadBytes + 1, id.start, id.end);
      }
    }
  }

  async finish(): Promise<DocumentCounts> {
    for (const part of [...this.#backup, ...this.#live]) part.close();
    let same = 0;
    for (let part = 0; part < this.#backup.length; part++) {
      same += await this.#joinPart(part);
      await nextTurn();
    }
    await rm(this.#folder, { recursive: true, force: true });
    return countsOf(this.#writer, this.#inBackup, this.#inTarget, same);
  }

  async #joinPart(part: number): Promise<number> {
    const backup = await readFile(join(this.#folder, `backup.${part}`));
    const count = backup.length / backupRecordBytes;
    const words = new Uint32Array(count * 6);
    const ordinals = new Uint32Array(count);
    for (let at = 0, record = 0; record < count; record++, at += backupRecordBytes) {
      for (let word = 0; word < 6; word++) words[record * 6 + word] = backup.readUInt32LE(at + word * 4);
      ordinals[record] = backup.readUInt32LE(at + recordBytes);
    }
    const hashJoin = new HashJoin(words, count);
    const one = new Uint32Array(6);
    readLive(join(this.#folder, `live.${part}`), (bytes, at, idLength) => {
      for (let word = 0; word < 6; word++) one[word] = bytes.readUInt32LE(at + word * 4);
      const record = { source: bytes, at };
      const idAt = at + liveHeadBytes;
      const type = idLength === 0 ? 0 : (bytes[idAt] ?? 0);
      const id = { type, source: bytes, start: idAt + 1, end: idAt + idLength };
      hashJoin.probe(one, 1, {
        changed: (_, position) => this.#writer.live('changed', ordinals[position] ?? 0, record, id),
        onlyInTarget: () => this.#writer.live('onlyInTarget', null, record, id),
      });
    });
    hashJoin.forEachUnmatched((position, low, high) => this.#writer.onlyInBackup(ordinals[position] ?? 0, low, high));
    return hashJoin.same;
  }

  abandon(): void {
    for (const part of [...this.#backup, ...this.#live]) part.close();
    this.#writer.close();
  }
}

/** Calls `visit` for each record of a live part, through one buffer. */
function readLive(path: string, visit: (bytes: Buffer, at: number, idLength: number) => void): void {
  const descriptor = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(1024 * 1024);
    let filled = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, filled, buffer.length - filled, null);
      filled += read;
      let at = 0;
      let needed = 0;
      while (filled - at >= liveHeadBytes) {
        const idLength = buffer.readUInt32LE(at + recordBytes);
        needed = liveHeadBytes + idLength;
        if (filled - at < needed) break;
        visit(buffer, at, idLength);
        at += needed;
        needed = 0;
      }
      if (read === 0) return;
      const larger = needed > buffer.length ? Buffer.allocUnsafe(needed) : buffer;
      buffer.copy(larger, 0, at, filled);
      buffer = larger;
      filled -= at;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** A join for a namespace of the backup (null: only the target has it) within `budget` bytes of memory. */
export async function openJoin(
  digest: DigestFile,
  namespace: string | null,
  writer: DifferingWriter,
  budget: number,
): Promise<NamespaceJoin> {
  const documents = namespace === null ? 0 : (digest.find(namespace)?.documents ?? 0);
  if (namespace === null || documents === 0) return new MemoryJoin(new Uint32Array(0), 0, writer);
  const needed = joinBytes(documents);
  if (needed <= budget) {
    const { words, count } = await digest.load(namespace);
    return new MemoryJoin(words, count, writer);
  }
  // Two files a part: more parts would need more open files than a process may have.
  const parts = Math.min(256, 2 ** Math.ceil(Math.log2(Math.max(needed / budget, 1) * 2)));
  const partitioned = new PartitionedJoin(writer, parts);
  try {
    await partitioned.loadBackup(digest, namespace);
  } catch (error) {
    partitioned.abandon();
    throw error;
  }
  return partitioned;
}
