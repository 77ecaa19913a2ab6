/** Sorts any number of keys within bounded memory: sorted runs on disk, merged at the end. */
import { closeSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Appender } from '../differing-files';

/** Words of a key that are compared without touching its bytes. */
const prefixWords = 4;
const headBytes = 8;

export interface ExternalSortOptions {
  /** Runs are named `<path>.run0` and so on. */
  path: string;
  /** Bytes of keys held in memory; half as much again is used for sorting. */
  runBytes: number;
  runKeys: number;
}

/** Feed it with {@link ExternalSort.add}, then read the values in the order of their keys, equal keys by value. */
export class ExternalSort {
  readonly #options: ExternalSortOptions;
  #keys: Buffer;
  #length = 0;
  #count = 0;
  #values: Uint32Array;
  #offsets: Uint32Array;
  #prefixes: Uint32Array;
  readonly #runs: string[] = [];

  constructor(options: ExternalSortOptions) {
    this.#options = options;
    this.#keys = Buffer.allocUnsafe(Math.min(options.runBytes, 1024 * 1024));
    this.#values = new Uint32Array(1024);
    this.#offsets = new Uint32Array(1025);
    this.#prefixes = new Uint32Array(1024 * prefixWords);
  }

  /** `key` is copied. */
  add(key: Buffer, value: number): void {
    const { runBytes, runKeys } = this.#options;
    if (this.#count > 0 && (this.#length + key.length > runBytes || this.#count >= runKeys)) this.#writeRun();
    if (this.#length + key.length > this.#keys.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#keys.length * 2, this.#length + key.length));
      this.#keys.copy(larger, 0, 0, this.#length);
      this.#keys = larger;
    }
    if (this.#count >= this.#values.length) this.#grow();
    key.copy(this.#keys, this.#length);
    const at = this.#count++;
    this.#values[at] = value;
    this.#offsets[at] = this.#length;
    this.#length += key.length;
    this.#offsets[at + 1] = this.#length;
    for (let word = 0; word < prefixWords; word++) {
      let bits = 0;
      for (let byte = 0; byte < 4; byte++) bits = (bits << 8) | (key[word * 4 + byte] ?? 0);
      this.#prefixes[at * prefixWords + word] = bits;
    }
  }

  #grow(): void {
    const capacity = this.#values.length * 2;
    const grown = (before: Uint32Array, length: number): Uint32Array => {
      const after = new Uint32Array(length);
      after.set(before);
      return after;
    };
    this.#values = grown(this.#values, capacity);
    this.#offsets = grown(this.#offsets, capacity + 1);
    this.#prefixes = grown(this.#prefixes, capacity * prefixWords);
  }

  #sorted(): Uint32Array {
    const order = new Uint32Array(this.#count);
    for (let at = 0; at < order.length; at++) order[at] = at;
    const prefixes = this.#prefixes;
    const offsets = this.#offsets;
    const keys = this.#keys;
    const values = this.#values;
    return order.sort((a, b) => {
      for (let word = 0; word < prefixWords; word++) {
        const left = prefixes[a * prefixWords + word] ?? 0;
        const right = prefixes[b * prefixWords + word] ?? 0;
        if (left !== right) return left < right ? -1 : 1;
      }
      const compared = keys.compare(keys, offsets[b], offsets[b + 1], offsets[a], offsets[a + 1]);
      return compared !== 0 ? compared : (values[a] ?? 0) - (values[b] ?? 0);
    });
  }

  #writeRun(): void {
    const path = `${this.#options.path}.run${this.#runs.length}`;
    this.#runs.push(path);
    const file = new Appender(path);
    try {
      for (const at of this.#sorted()) {
        const start = this.#offsets[at] ?? 0;
        const end = this.#offsets[at + 1] ?? start;
        const place = file.reserve(headBytes + end - start);
        place.buffer.writeUInt32LE(end - start, place.at);
        place.buffer.writeUInt32LE(this.#values[at] ?? 0, place.at + 4);
        this.#keys.copy(place.buffer, place.at + headBytes, start, end);
      }
    } finally {
      file.close();
    }
    this.#count = 0;
    this.#length = 0;
  }

  /** The values in order, once. */
  async *values(): AsyncGenerator<number, void, undefined> {
    if (this.#runs.length === 0) {
      for (const at of this.#sorted()) yield this.#values[at] ?? 0;
      return;
    }
    this.#writeRun();
    const runs = this.#runs.map((path) => new RunReader(path));
    try {
      let given = 0;
      for (;;) {
        let least: RunReader | null = null;
        for (const run of runs) {
          if (!run.key) continue;
          if (!least?.key || isBefore(run, least)) least = run;
        }
        if (!least) return;
        yield least.value;
        least.next();
        if (++given % 100_000 === 0) await nextTurn();
      }
    } finally {
      for (const run of runs) run.close();
    }
  }

  /** Removes what is on disk. */
  async remove(): Promise<void> {
    await Promise.all(this.#runs.map((path) => rm(path, { force: true })));
  }
}

function isBefore(run: RunReader, other: RunReader): boolean {
  if (!run.key || !other.key) return run.key !== null;
  const compared = run.key.compare(other.key);
  return compared < 0 || (compared === 0 && run.value < other.value);
}

/** One run, read through a buffer. */
class RunReader {
  readonly #descriptor: number;
  readonly #buffer = Buffer.allocUnsafe(256 * 1024);
  #at = 0;
  #filled = 0;
  key: Buffer | null = null;
  value = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.next();
  }

  next(): void {
    if (!this.#has(headBytes)) {
      this.key = null;
      return;
    }
    const length = this.#buffer.readUInt32LE(this.#at);
    this.#has(headBytes + length);
    this.value = this.#buffer.readUInt32LE(this.#at + 4);
    this.key = this.#buffer.subarray(this.#at + headBytes, this.#at + headBytes + length);
    this.#at += headBytes + length;
  }

  /** Keys are far shorter than the buffer. */
  #has(bytes: number): boolean {
    if (this.#filled - this.#at >= bytes) return true;
    this.#buffer.copy(this.#buffer, 0, this.#at, this.#filled);
    this.#filled -= this.#at;
    this.#at = 0;
    this.#filled += readSync(this.#descriptor, this.#buffer, this.#filled, this.#buffer.length - this.#filled, null);
    return this.#filled >= bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
