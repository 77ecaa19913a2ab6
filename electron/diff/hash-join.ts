/**
 * Which documents of a stream are in a backup, by the hashes of their `_id`s: an open-addressing table over the backup's
 * digest records, which stay where they are. About 36 bytes a document.
 */

/** Bytes of memory a join over `documents` takes, records included. */
export function joinBytes(documents: number): number {
  return documents * 24 + tableSize(documents) * 4 + documents;
}

function tableSize(documents: number): number {
  let size = 16;
  while (size < documents * 1.5) size *= 2;
  return size;
}

const wordsPerRecord = 6;

export interface JoinListener {
  /** Same `_id`, other document. `record` is the number of the stream's record, `position` that of the backup's. */
  changed(record: number, position: number): void;
  onlyInTarget(record: number): void;
}

/** Memory for joins one after the other, each over at most `documents`. */
export class JoinStorage {
  readonly table: Uint32Array;
  readonly matched: Uint8Array;

  constructor(documents: number) {
    this.table = new Uint32Array(tableSize(documents));
    this.matched = new Uint8Array(documents);
  }
}

export class HashJoin {
  readonly #words: Uint32Array;
  readonly #table: Uint32Array;
  readonly #mask: number;
  readonly #matched: Uint8Array;
  readonly #count: number;
  same = 0;

  /** `words`: six a record, see digest-file.ts. `storage`: of a join that has ended; without it memory of its own. */
  constructor(words: Uint32Array, count: number, storage?: JoinStorage) {
    const size = tableSize(count);
    this.#words = words;
    this.#count = count;
    this.#mask = size - 1;
    this.#table = storage?.table.subarray(0, size).fill(0) ?? new Uint32Array(size);
    this.#matched = storage?.matched.subarray(0, count).fill(0) ?? new Uint8Array(count);
    for (let position = 0; position < count; position++) {
      let slot = (words[position * wordsPerRecord] ?? 0) & this.#mask;
      while (this.#table[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#table[slot] = position + 1;
    }
  }

  /**
   * Looks for each of the stream's records. A backup's record answers once only, so that `_id` hashes which occur twice
   * on a side (a document dumped twice) are paired one to one, equal documents first. `from`: the first record's word.
   */
  probe(records: Uint32Array, count: number, listener: JoinListener, from = 0): void {
    const words = this.#words;
    const table = this.#table;
    const mask = this.#mask;
    const matched = this.#matched;
    let same = 0;
    for (let record = 0, at = from; record < count; record++, at += wordsPerRecord) {
      const low = records[at] ?? 0;
      const high = records[at + 1] ?? 0;
      let slot = low & mask;
      let candidate = -1;
      let entry = table[slot] ?? 0;
      let found = false;
      while (entry !== 0) {
        const position = entry - 1;
        const place = position * wordsPerRecord;
        if (words[place] === low && words[place + 1] === high && matched[position] === 0) {
          if (
            words[place + 2] === records[at + 2] &&
            words[place + 3] === records[at + 3] &&
            words[place + 4] === records[at + 4] &&
            words[place + 5] === records[at + 5]
          ) {
            matched[position] = 1;
            same++;
            found = true;
            break;
          }
          if (candidate < 0) candidate = position;
        }
        slot = (slot + 1) & mask;
        entry = table[slot] ?? 0;
      }
      if (found) continue;
      if (candidate >= 0) {
        matched[candidate] = 1;
        listener.changed(record, candidate);
      } else listener.onlyInTarget(record);
    }
    this.same += same;
  }

  /** Calls `visit` for each of the backup's records that no probe met, in order. */
  forEachUnmatched(visit: (position: number, idHashLow: number, idHashHigh: number) => void): void {
    for (let position = 0; position < this.#count; position++) {
      if (this.#matched[position] !== 0) continue;
      const place = position * wordsPerRecord;
      visit(position, this.#words[place] ?? 0, this.#words[place + 1] ?? 0);
    }
  }
}
