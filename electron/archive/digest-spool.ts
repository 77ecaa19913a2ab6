import { open, rm, type FileHandle } from 'node:fs/promises';
import { writeFailure } from './hashing-file';

interface Extent {
  offset: number;
  length: number;
}

interface Spooled {
  /** In the file, older than what is in memory. */
  extents: Extent[];
  memory: Buffer[];
}

/**
 * Collects digest records per namespace while namespaces alternate: in memory up to a budget, then in a file beside the
 * digest, from which they are read back namespace by namespace. The file is deleted by {@link DigestSpool.close}.
 */
export class DigestSpool {
  readonly #path: string;
  readonly #budget: number;
  readonly #namespaces = new Map<number, Spooled>();
  #memoryBytes = 0;
  #fileBytes = 0;
  #handle: FileHandle | null = null;

  constructor(path: string, budget = 64 * 1024 * 1024) {
    this.#path = path;
    this.#budget = budget;
  }

  /** Copies the records. Call {@link DigestSpool.relieve} between chunks. */
  append(namespaceId: number, records: Uint8Array): void {
    let spooled = this.#namespaces.get(namespaceId);
    if (!spooled) {
      spooled = { extents: [], memory: [] };
      this.#namespaces.set(namespaceId, spooled);
    }
    spooled.memory.push(Buffer.from(records));
    this.#memoryBytes += records.length;
  }

  /** Moves what is in memory to the file when the budget is exceeded. */
  async relieve(): Promise<void> {
    if (this.#memoryBytes < this.#budget) return;
    try {
      this.#handle ??= await open(this.#path, 'w+', 0o600);
      for (const spooled of this.#namespaces.values()) {
        if (spooled.memory.length === 0) continue;
        const bytes = Buffer.concat(spooled.memory);
        let written = 0;
        while (written < bytes.length) {
          const at = this.#fileBytes + written;
          written += (await this.#handle.write(bytes, written, bytes.length - written, at)).bytesWritten;
        }
        spooled.extents.push({ offset: this.#fileBytes, length: bytes.length });
        spooled.memory = [];
        this.#fileBytes += bytes.length;
      }
      this.#memoryBytes = 0;
    } catch (error) {
      throw writeFailure(error, this.#path);
    }
  }

  /** The records of a namespace in the order they came. */
  async *records(namespaceId: number): AsyncGenerator<Uint8Array, void, undefined> {
    const spooled = this.#namespaces.get(namespaceId);
    if (!spooled) return;
    for (const extent of spooled.extents) {
      const buffer = Buffer.allocUnsafe(extent.length);
      let read = 0;
      while (read < extent.length) {
        const result = await this.#handle?.read(buffer, read, extent.length - read, extent.offset + read);
        if (!result || result.bytesRead === 0) throw new Error('The temporary file of the digest was cut off.');
        read += result.bytesRead;
      }
      yield buffer;
    }
    for (const buffer of spooled.memory) yield buffer;
  }

  /** Frees everything; never throws. */
  async close(): Promise<void> {
    this.#namespaces.clear();
    if (!this.#handle) return;
    await this.#handle.close().catch(() => undefined);
    this.#handle = null;
    await rm(this.#path, { force: true }).catch(() => undefined);
  }
}
