import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { constants, createGunzip } from 'node:zlib';
import { throwIfCancelled } from './archive-damage';
import { packingOf, readUncompressed, readUpTo } from './archive-file';
import { archiveMagic } from './archive-format';
import { parseDumpFileName } from './dump-file-names';
import { openDumpFolder } from './dump-folder';
import type { DumpNotice } from './dump-plan';
import { openDumpTar } from './dump-tar';
import { fail } from '../../shared/result';

/**
 * - `archive`: `mongodump --archive`; `gzip-archive`: the same compressed, by mongodump or anything else;
 *   `blocked-archive`: compressed by Lifeboat.
 * - `dump-folder`: `mongodump --out`; `dump-tar`: a tar or tar.gz, to be looked into as a dump folder.
 * - `not-a-dump`: `reason` says why.
 */
export type DumpFormat = 'archive' | 'gzip-archive' | 'blocked-archive' | 'dump-folder' | 'dump-tar' | 'not-a-dump';

export interface DetectedFormat {
  format: DumpFormat;
  /** A sentence for the user; empty for dumps. */
  reason: string;
}

const peekBytes = 64 * 1024;
const tarMagicOffset = 257;

async function inflateStart(bytes: Buffer): Promise<Buffer> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  const parts: Buffer[] = [];
  gunzip.end(bytes);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      parts.push(chunk);
      if (parts.reduce((sum, part) => sum + part.length, 0) >= tarMagicOffset + 5) break;
    }
  } catch {
    // Damaged later on, perhaps; the beginning tells what it was meant to be.
  }
  return Buffer.concat(parts);
}

function isTar(bytes: Buffer): boolean {
  return bytes.toString('latin1', tarMagicOffset, tarMagicOffset + 5) === 'ustar';
}

function notADump(reason: string): DetectedFormat {
  return { format: 'not-a-dump', reason };
}

async function folderHoldsDump(folder: string, depth: number): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) {
    const { kind } = parseDumpFileName(entry.name);
    if (!entry.isDirectory() && (kind === 'documents' || kind === 'metadata')) return true;
  }
  if (depth === 0) return false;
  for (const entry of entries) {
    if (entry.isDirectory() && (await folderHoldsDump(path.join(folder, entry.name), depth - 1))) return true;
  }
  return false;
}

/** Says what kind of dump a path is, by content. Throws `not-found` when there is nothing. */
export async function detectFormat(target: string): Promise<DetectedFormat> {
  const stats = await stat(target).catch(() => null);
  if (!stats) fail('not-found', `There is nothing at ${target}.`);
  if (stats.isDirectory()) {
    if (await folderHoldsDump(target, 2)) return { format: 'dump-folder', reason: '' };
    return notADump('The folder holds no .bson or .metadata.json files.');
  }
  if (!stats.isFile()) return notADump('It is neither a file nor a folder.');
  const handle = await open(target, 'r');
  try {
    const start = await readUpTo(handle, 0, peekBytes);
    if (start.length === 0) return notADump('The file is empty.');
    if (start.subarray(0, 4).equals(archiveMagic)) return { format: 'archive', reason: '' };
    if (isTar(start)) return { format: 'dump-tar', reason: '' };
    const packing = packingOf(start);
    if (packing === 'blocked-gzip') return { format: 'blocked-archive', reason: '' };
    if (packing === 'gzip') {
      const inside = await inflateStart(start);
      if (inside.subarray(0, 4).equals(archiveMagic)) return { format: 'gzip-archive', reason: '' };
      if (isTar(inside)) return { format: 'dump-tar', reason: '' };
      return notADump('It is compressed, but neither a mongodump archive nor a tar file inside.');
    }
    if (parseDumpFileName(path.basename(target)).kind === 'documents') {
      return notADump('It is the file of a single collection: choose the folder it lies in.');
    }
    return notADump('It is neither a mongodump archive nor a tar file.');
  } finally {
    await handle.close();
  }
}

/** Any dump as the uncompressed bytes of an archive: what `writeBlockedArchive` and `scanArchive` take. */
export interface DumpStream {
  format: Exclude<DumpFormat, 'not-a-dump'>;
  /** Grows while the chunks are read. */
  notices: DumpNotice[];
  chunks: AsyncIterable<Buffer>;
}

/** Opens any kind of dump. Throws `not-a-dump` with the reason, or as the reader of its kind. */
export async function openDump(target: string, signal?: AbortSignal): Promise<DumpStream> {
  throwIfCancelled(signal);
  const { format, reason } = await detectFormat(target);
  switch (format) {
    case 'not-a-dump':
      return fail('not-a-dump', `${target} is no dump. ${reason}`);
    case 'archive':
    case 'gzip-archive':
    case 'blocked-archive':
      return { format, notices: [], chunks: readUncompressed(target) };
    case 'dump-folder': {
      const { notices, chunks } = await openDumpFolder(target, signal);
      return { format, notices, chunks };
    }
    case 'dump-tar': {
      const { notices, chunks } = await openDumpTar(target, signal);
      return { format, notices, chunks };
    }
  }
}
