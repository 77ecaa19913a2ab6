/** dump.log beside the archive: what mongodump said, a line each, clean and redacted. */
import { open, type FileHandle } from 'node:fs/promises';
import { toStoreFailure } from '../platform/failures';

/** Lines kept at most: progress of a dump that runs for days must not fill the store. */
const mostLines = 200_000;

export class DumpLog {
  readonly #file: FileHandle;
  #writes: Promise<void> = Promise.resolve();
  #pending: string[] = [];
  #lines = 0;
  #failure: unknown = null;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Throws 'store-unavailable' or 'disk-full' naming the file. */
  static async create(path: string): Promise<DumpLog> {
    try {
      return new DumpLog(await open(path, 'w', 0o600));
    } catch (error) {
      throw toStoreFailure(error, path);
    }
  }

  /** Never throws: a log that cannot be written fails no dump. */
  line(text: string): void {
    this.#lines += 1;
    if (this.#lines > mostLines) return;
    this.#pending.push(text);
    if (this.#pending.length === 1) this.#writes = this.#writes.then(() => this.#flush());
  }

  async #flush(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    if (lines.length === 0 || this.#failure !== null) return;
    try {
      await this.#file.write(`${lines.join('\n')}\n`);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** Durable once resolved, as far as it could be written. */
  async close(): Promise<void> {
    await this.#writes;
    await this.#flush();
    await this.#file.sync().catch(() => undefined);
    await this.#file.close().catch(() => undefined);
  }
}
