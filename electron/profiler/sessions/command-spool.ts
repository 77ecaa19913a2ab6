/** The commands of a capture's operations: on disk, since they are by far the largest part, and read one by one. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { CommandPlace } from './operation-columns';

/** All commands of a capture together; beyond it only those slower than anything of their shape so far. */
const budgetBytes = 512 * 1024 * 1024;
const mostBytes = 2 * budgetBytes;
/** One command: servers cut theirs at 10 KB in logs and at 50 KB in profiles. */
const longest = 64 * 1024;
const bufferBytes = 256 * 1024;

export class CommandSpool {
  readonly #file: number;
  readonly #buffer = Buffer.allocUnsafe(bufferBytes);
  #buffered = 0;
  /** Bytes in the file, without the buffered ones. */
  #written: number;
  readonly #slowest = new Map<string, number>();
  /** Operations whose commands were not kept. */
  dropped = 0;

  /** An empty file, or the one that is there, which is only read. Throws the file system's errors. */
  constructor(path: string, state: 'new' | 'kept') {
    this.#file = openSync(path, state === 'new' ? 'w+' : 'r', 0o600);
    this.#written = state === 'new' ? 0 : fstatSync(this.#file).size;
  }

  get bytes(): number {
    return this.#written + this.#buffered;
  }

  keep(text: string | null, shapeId: string, durationMs: number): CommandPlace | null {
    if (text === null) return null;
    if (!this.#isWanted(text, shapeId, durationMs)) {
      this.dropped += 1;
      return null;
    }
    const bytes = Buffer.byteLength(text);
    if (this.#buffered + bytes > bufferBytes) this.flush();
    const at = this.#written + this.#buffered;
    this.#buffered += this.#buffer.write(text, this.#buffered, 'utf8');
    return { at, bytes };
  }

  #isWanted(text: string, shapeId: string, durationMs: number): boolean {
    if (text.length > longest) return false;
    const used = this.#written + this.#buffered;
    if (used < budgetBytes) return true;
    if (used > mostBytes || durationMs <= (this.#slowest.get(shapeId) ?? -1)) return false;
    this.#slowest.set(shapeId, durationMs);
    return true;
  }

  read(at: number, bytes: number): string | null {
    if (bytes === 0) return null;
    this.flush();
    const buffer = Buffer.alloc(bytes);
    const read = readSync(this.#file, buffer, 0, bytes, at);
    return read === bytes ? buffer.toString('utf8') : null;
  }

  flush(): void {
    let from = 0;
    while (from < this.#buffered)
      from += writeSync(this.#file, this.#buffer, from, this.#buffered - from, this.#written + from);
    this.#written += this.#buffered;
    this.#buffered = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.#file);
  }
}
