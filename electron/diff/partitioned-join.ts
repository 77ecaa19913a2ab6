/** The join past the memory budget: both sides on disk, split by the upper bits of the `_id`s' hashes, joined part by part. */
import { closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { noId } from '../archive/kernel/bson-kernel';
import type { DocumentCounts } from '../../shared/diff';
import type { DifferingWriter } from './differing-files';
import { HashJoin, JoinStorage } from './hash-join';
import { countsOf, idNameBytes, wordsOf, type BackupSide, type JoinBatch, type NamespaceJoin } from './join-sides';
import { PartWriter, readWords } from './part-files';

const recordWords = 6;
/** A live record: its digest record, bytes of the packed `_id`, the packed `_id` up to the next whole word. */
const headWords = recordWords + 1;
const headBytes = headWords * 4;

export class PartitionedJoin implements NamespaceJoin {
  readonly #folder: string;
  readonly #shift: number;
  readonly #backup: PartWriter[];
  readonly #ordinals: PartWriter[];
  readonly #live: PartWriter[];
  readonly #writer: DifferingWriter;
  readonly #loading: Promise<void>;
  #isAbandoned = false;
  #inBackup = 0;
  #inTarget = 0;

  /** `parts`: a power of two, at most 256, since each takes three open files. */
  constructor(side: BackupSide, writer: DifferingWriter, parts: number) {
    this.#writer = writer;
    this.#folder = join(writer.folder, 'parts');
    this.#shift = 32 - Math.log2(parts);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const open = (name: string): PartWriter[] =>
      Array.from({ length: parts }, (_, part) => new PartWriter(this.#path(name, part)));
    this.#backup = open('backup');
    this.#ordinals = open('ordinals');
    this.#live = open('live');
    this.#loading = this.#loadBackup(side);
    // Told by finish.
    this.#loading.catch(() => undefined);
  }

  #path(name: string, part: number): string {
    return join(this.#folder, `${name}.${part}`);
  }

  async #loadBackup({ digest, namespace }: BackupSide): Promise<void> {
    if (namespace === null) return;
    for await (const { firstOrdinal, count, records } of (await digest).iterate(namespace)) {
      if (this.#isAbandoned) return;
      const words = wordsOf(records);
      for (let record = 0, from = 0; record < count; record++, from += recordWords) {
        const part = (words[from + 1] ?? 0) >>> this.#shift;
        const to = this.#backup[part];
        const ordinals = this.#ordinals[part];
        if (!to || !ordinals) continue;
        const at = to.reserve(recordWords);
        for (let word = 0; word < recordWords; word++) to.words[at + word] = words[from + word] ?? 0;
        const ordinalAt = ordinals.reserve(1);
        ordinals.words[ordinalAt] = firstOrdinal + record;
      }
      this.#inBackup += count;
    }
  }

  add({ count, records, positions, input }: JoinBatch): null {
    this.#inTarget += count;
    const words = wordsOf(records);
    for (let record = 0, from = 0; record < count; record++, from += recordWords) {
      const part = this.#live[(words[from + 1] ?? 0) >>> this.#shift];
      if (!part) continue;
      const start = positions[record * 3 + 1] ?? noId;
      const end = positions[record * 3 + 2] ?? noId;
      const valueStart = start + idNameBytes;
      const length = start === noId ? 0 : 1 + end - valueStart;
      const at = part.reserve(headWords + ((length + 3) >> 2));
      const target = part.words;
      for (let word = 0; word < recordWords; word++) target[at + word] = words[from + word] ?? 0;
      target[at + recordWords] = length;
      if (length === 0) continue;
      const { bytes } = part;
      let byte = at * 4 + headBytes;
      bytes[byte++] = input[start] ?? 0;
      // Most are so short that a call costs more than the copying.
      if (length <= 32) for (let source = valueStart; source < end; source++) bytes[byte++] = input[source] ?? 0;
      else input.copy(bytes, byte, valueStart, end);
    }
    return null;
  }

  async finish(): Promise<DocumentCounts> {
    await this.#loading;
    this.#closeParts();
    const largest = Math.max(...this.#ordinals.map(({ written }) => written));
    const storage = new JoinStorage(largest);
    const memory = { words: new Uint32Array(largest * recordWords), ordinals: new Uint32Array(largest), storage };
    let same = 0;
    for (let part = 0; part < this.#backup.length; part++) {
      if (this.#isAbandoned) break;
      same += this.#joinPart(part, memory);
      await nextTurn();
    }
    await rm(this.#folder, { recursive: true, force: true });
    return countsOf(this.#writer, this.#inBackup, this.#inTarget, same);
  }

  #joinPart(part: number, memory: { words: Uint32Array; ordinals: Uint32Array; storage: JoinStorage }): number {
    const count = this.#ordinals[part]?.written ?? 0;
    const words = memory.words.subarray(0, count * recordWords);
    const ordinals = memory.ordinals.subarray(0, count);
    readWords(this.#path('backup', part), words);
    readWords(this.#path('ordinals', part), ordinals);
    const hashJoin = new HashJoin(words, count, memory.storage);
    let bytes: Buffer = Buffer.alloc(0);
    let at = 0;
    const idOf = (): { type: number; source: Buffer; start: number; end: number } => {
      const length = bytes.readUInt32LE(at + recordWords * 4);
      const start = at + headBytes;
      return { type: length === 0 ? 0 : (bytes[start] ?? 0), source: bytes, start: start + 1, end: start + length };
    };
    const listener = {
      changed: (_: number, position: number) =>
        this.#writer.live('changed', ordinals[position] ?? 0, { source: bytes, at }, idOf()),
      onlyInTarget: () => this.#writer.live('onlyInTarget', null, { source: bytes, at }, idOf()),
    };
    readLive(this.#path('live', part), (source, live, word) => {
      bytes = source;
      at = word * 4;
      hashJoin.probe(live, 1, listener, word);
    });
    hashJoin.forEachUnmatched((position, low, high) => this.#writer.onlyInBackup(ordinals[position] ?? 0, low, high));
    return hashJoin.same;
  }

  #closeParts(): void {
    for (const part of [...this.#backup, ...this.#ordinals, ...this.#live]) part.close();
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#closeParts();
    this.#writer.close();
  }
}

/** Calls `visit` with each record of a live part: the memory as bytes and words, and the record's first word. */
function readLive(path: string, visit: (bytes: Buffer, words: Uint32Array, word: number) => void): void {
  const descriptor = openSync(path, 'r');
  try {
    let words = new Uint32Array(256 * 1024);
    let bytes = Buffer.from(words.buffer);
    let filled = 0;
    for (;;) {
      const read = readSync(descriptor, bytes, filled, bytes.length - filled, null);
      filled += read;
      const end = filled >> 2;
      let word = 0;
      let needed = 0;
      while (end - word >= headWords) {
        needed = headWords + (((words[word + recordWords] ?? 0) + 3) >> 2);
        if (end - word < needed) break;
        visit(bytes, words, word);
        word += needed;
        needed = 0;
      }
      if (read === 0) return;
      if (needed > words.length) {
        const larger = new Uint32Array(needed);
        Buffer.from(larger.buffer).set(bytes.subarray(word * 4, filled));
        words = larger;
        bytes = Buffer.from(larger.buffer);
      } else bytes.copyWithin(0, word * 4, filled);
      filled -= word * 4;
    }
  } finally {
    closeSync(descriptor);
  }
}
