/** Files that hold one part of a partitioned join each: records of 32-bit words, written and read without copies a byte. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const bufferWords = 8 * 1024;

/** Appends records of whole words to a file through a buffer, synchronously. */
export class PartWriter {
  readonly #descriptor: number;
  #words = new Uint32Array(bufferWords);
  /** The same memory. */
  bytes = Buffer.from(this.#words.buffer);
  #length = 0;
  #open = true;
  /** Words in the file and the buffer. */
  written = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'w', 0o600);
  }

  get words(): Uint32Array {
    return this.#words;
  }

  /** Makes room for `count` words; returns where they go in `words`. */
  reserve(count: number): number {
    if (this.#length + count > this.#words.length) {
      this.#flush();
      if (count > this.#words.length) {
        this.#words = new Uint32Array(count);
        this.bytes = Buffer.from(this.#words.buffer);
      }
    }
    const at = this.#length;
    this.#length += count;
    this.written += count;
    return at;
  }

  #flush(): void {
    const bytes = this.#length * 4;
    for (let at = 0; at < bytes;) at += writeSync(this.#descriptor, this.bytes, at, bytes - at);
    this.#length = 0;
  }

  /** Writes what is left and lets go of the file and the buffer; a second call does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#flush();
    } finally {
      closeSync(this.#descriptor);
      this.#words = new Uint32Array(0);
      this.bytes = Buffer.alloc(0);
    }
  }
}

/** Fills `words` from the start of a file. */
export function readWords(path: string, words: Uint32Array): void {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(descriptor, bytes, filled, bytes.length - filled, filled);
      if (read === 0) throw new Error('A temporary file of the comparison was cut off.');
      filled += read;
    }
  } finally {
    closeSync(descriptor);
  }
}
