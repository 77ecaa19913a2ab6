import { createHash, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { AppFailure } from '../../shared/result';

export interface WrittenFile {
  bytes: number;
  /** Hex. */
  sha256: string;
}

/** Turns the errors of a full or vanished disk into ones a user can act on; others pass as they are. */
export function writeFailure(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppFailure({
        code: 'disk-full',
        message: `The disk is full: ${path} could not be written.`,
        hint: 'Free space or choose another store, then start again.',
      });
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
    case 'ENOENT':
    case 'EIO':
      return new AppFailure({
        code: 'store-unavailable',
        message: `${path} could not be written (${error.code}).`,
        hint: 'Check that the folder exists, is writable and its disk is connected.',
      });
    default:
      return error;
  }
}

/**
 * A file written from front to back, hashed on the way. Nothing is durable before {@link HashingFile.finish} resolves;
 * {@link HashingFile.discard} deletes it. One write at a time.
 */
export class HashingFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;
  #closed = false;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Creates the file, or empties it. */
  static async create(path: string): Promise<HashingFile> {
    try {
      return new HashingFile(path, await open(path, 'w', 0o600));
    } catch (error) {
      throw writeFailure(error, path);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(...parts: Uint8Array[]): Promise<void> {
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    for (const part of parts) this.#hash.update(part);
    this.#bytes += total;
    try {
      for (const part of parts) {
        let written = 0;
        while (written < part.length) {
          const result = await this.#handle.write(part, written, part.length - written, null);
          written += result.bytesWritten;
        }
      }
    } catch (error) {
      throw writeFailure(error, this.path);
    }
  }

  /** Flushes to the disk and closes. */
  async finish(): Promise<WrittenFile> {
    try {
      await this.#handle.sync();
      this.#closed = true;
      await this.#handle.close();
    } catch (error) {
      throw writeFailure(error, this.path);
    }
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Closes and deletes; never throws. For errors and cancels, also after `finish`. */
  async discard(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      await this.#handle.close().catch(() => undefined);
    }
    await rm(this.path, { force: true }).catch(() => undefined);
  }
}
