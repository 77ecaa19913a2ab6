import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ArchiveDamage } from './archive-damage';
import { decodeMemberHeader, memberHeaderBytes } from './blocked-gzip';

/** What the first bytes of a file say about its packing. */
export type Packing = 'plain' | 'gzip' | 'blocked-gzip';

export function packingOf(firstBytes: Buffer): Packing {
  if (firstBytes.length < 3 || firstBytes.readUIntLE(0, 3) !== 0x088b1f) return 'plain';
  return decodeMemberHeader(firstBytes) ? 'blocked-gzip' : 'gzip';
}

/** Reads `length` bytes at `position`, fewer at the end of the file. */
export async function readUpTo(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}

export async function readPacking(path: string): Promise<Packing> {
  const handle = await open(path, 'r');
  try {
    return packingOf(await readUpTo(handle, 0, memberHeaderBytes));
  } finally {
    await handle.close();
  }
}

/** Words for zlib errors; `offset` counts uncompressed bytes. Other errors pass as they are. */
export function inflateDamage(error: unknown, offset: number): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  if (code === 'Z_BUF_ERROR') {
    return new ArchiveDamage('truncated', `The compressed file ends too early, after ${offset} bytes of data.`, {
      offset,
    });
  }
  if (!code.startsWith('Z_')) return error;
  return new ArchiveDamage('compression', `The compressed data is damaged after ${offset} bytes (${error.message}).`, {
    offset,
  });
}

/**
 * Uncompressed bytes of a file that is plain or gzip (one member or many), in chunks of up to 256 KiB. Throws
 * {@link ArchiveDamage} (`compression`, `truncated`) with the offset in the uncompressed bytes.
 */
export async function* readUncompressed(path: string): AsyncGenerator<Buffer, void, undefined> {
  const packing = await readPacking(path);
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (packing === 'plain') {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  yield* inflated(file);
}

/** What is gzip in `compressed`, which is destroyed at the end. Throws as {@link readUncompressed}. */
export async function* inflated(compressed: Readable): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  compressed.once('error', (error) => gunzip.destroy(error));
  compressed.pipe(gunzip);
  let offset = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      offset += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw inflateDamage(error, offset);
  } finally {
    compressed.destroy();
    gunzip.destroy();
  }
}
