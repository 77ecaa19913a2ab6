/**
 * Blocked gzip: independent gzip members, one per block, concatenated. Any gzip reader sees one stream. Each member's
 * header carries a private extra field ("LB") with the member's length, so that blocks are found without inflating
 * them and damage in one does not hide the next. Layout in docs/formats.md.
 */
import { promisify } from 'node:util';
import { cpus } from 'node:os';
import { gunzip, gzip } from 'node:zlib';
import { ArchiveDamage } from './archive-damage';
import type { HashingFile } from './hashing-file';

const gzipBuffer = promisify(gzip);
const gunzipBuffer = promisify(gunzip);

/** Header of a member with its extra field. */
export const memberHeaderBytes = 10 + 2 + 4 + 12;
const plainHeaderBytes = 10;

export interface MemberHeader {
  /** Whole member: header, data, trailer. */
  memberBytes: number;
  uncompressedBytes: number;
  /** The block starts among documents of a namespace opened in an earlier block. */
  startsInside: boolean;
}

export interface BlockPlace {
  fileOffset: number;
  compressedBytes: number;
  uncompressedBytes: number;
}

function encodeMemberHeader(header: MemberHeader): Buffer {
  const bytes = Buffer.alloc(memberHeaderBytes);
  bytes.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff]);
  bytes.writeUInt16LE(16, 10);
  bytes.write('LB', 12, 'latin1');
  bytes.writeUInt16LE(12, 14);
  bytes.writeUInt32LE(header.memberBytes, 16);
  bytes.writeUInt32LE(header.uncompressedBytes, 20);
  bytes.writeUInt32LE(header.startsInside ? 1 : 0, 24);
  return bytes;
}

/** Null when these bytes do not begin a member that Lifeboat wrote. */
export function decodeMemberHeader(bytes: Buffer): MemberHeader | null {
  if (bytes.length < memberHeaderBytes || bytes.readUInt32LE(0) !== 0x04088b1f) return null;
  if (bytes.readUInt16LE(10) !== 16 || bytes.toString('latin1', 12, 14) !== 'LB') return null;
  if (bytes.readUInt16LE(14) !== 12) return null;
  const memberBytes = bytes.readUInt32LE(16);
  if (memberBytes < memberHeaderBytes + 8) return null;
  return { memberBytes, uncompressedBytes: bytes.readUInt32LE(20), startsInside: bytes.readUInt32LE(24) === 1 };
}

/** Compresses one block on libuv's pool. */
async function compressBlock(block: Buffer, level: number, startsInside: boolean): Promise<[Buffer, Buffer]> {
  // Output in one piece: every further piece would be a further trip through the pool.
  const chunkSize = Math.max(1024, block.length + (block.length >> 10) + 64);
  const compressed = await gzipBuffer(block, { level, chunkSize, memLevel: 9 });
  const data = compressed.subarray(plainHeaderBytes);
  const memberBytes = memberHeaderBytes + data.length;
  return [encodeMemberHeader({ memberBytes, uncompressedBytes: block.length, startsInside }), data];
}

/** Inflates one whole member on libuv's pool; throws {@link ArchiveDamage} (`compression`). */
export async function inflateBlock(member: Buffer, uncompressedBytes: number, block: number): Promise<Buffer> {
  let bytes: Buffer;
  try {
    // A byte more than needed: once its buffer is full, zlib makes another one that nothing goes into.
    bytes = await gunzipBuffer(member, { chunkSize: Math.max(1024, uncompressedBytes + 1) });
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown error';
    throw new ArchiveDamage('compression', `Block ${block} of the archive does not inflate (${why}).`, { block });
  }
  if (bytes.length === uncompressedBytes) return bytes;
  throw new ArchiveDamage('compression', `Block ${block} of the archive inflates to the wrong length.`, { block });
}

export interface BlockedGzipOptions {
  /** zlib level 0 to 9; default 6. */
  level?: number;
  /** Blocks being compressed at once; default: one per processor and one waiting, at most 8. */
  concurrency?: number;
}

/**
 * Compresses blocks in parallel and writes them in order. At most `concurrency` blocks are in memory beside the caller's.
 * After an error every further call throws that error.
 */
export class BlockedGzipWriter {
  readonly #file: HashingFile;
  readonly #level: number;
  readonly #concurrency: number;
  readonly #places: BlockPlace[] = [];
  #inFlight = 0;
  #tail: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(file: HashingFile, options: BlockedGzipOptions = {}) {
    this.#file = file;
    this.#level = options.level ?? 6;
    this.#concurrency = options.concurrency ?? Math.min(8, cpus().length + 1);
  }

  /** Takes over `block` (the caller must not change it); resolves when there is room for the next one. */
  async write(block: Buffer, startsInside: boolean): Promise<void> {
    this.#throwFailure();
    this.#inFlight++;
    const compressing = compressBlock(block, this.#level, startsInside);
    // The chain below awaits it later; a failure before that must not count as unhandled.
    compressing.catch(() => undefined);
    this.#tail = this.#tail.then(async () => {
      try {
        if (this.#failure) return;
        const [header, data] = await compressing;
        const compressedBytes = header.length + data.length;
        this.#places.push({ fileOffset: this.#file.bytes, compressedBytes, uncompressedBytes: block.length });
        await this.#file.write(header, data);
      } catch (error) {
        this.#failure ??= { error };
      } finally {
        this.#inFlight--;
        this.#wake?.();
      }
    });
    while (this.#inFlight >= this.#concurrency) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Resolves when everything is written (not yet flushed to the disk). */
  async finish(): Promise<BlockPlace[]> {
    await this.#tail;
    this.#throwFailure();
    return this.#places;
  }

  /** Waits until no compression or write is under way; never throws. Before the file is discarded. */
  async settle(): Promise<void> {
    this.#failure ??= { error: new Error('abandoned') };
    await this.#tail;
  }
}
