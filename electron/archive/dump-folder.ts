import { createReadStream } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { throwIfCancelled } from './archive-damage';
import { readUncompressed } from './archive-file';
import type { ArchivePrelude } from './archive-prelude';
import { type ArchiveSource, writeArchive } from './archive-writer';
import { type BsonStreamCounts, readBsonStream } from './bson-stream';
import { type DumpFile, type DumpNotice, planDump, type PlannedSource } from './dump-plan';

const gunzipText = promisify(gunzip);

/** A dump folder (or tar) read as if it were an archive. */
export interface OpenedDump {
  prelude: ArchivePrelude;
  /** Grows while {@link OpenedDump.chunks} is read. */
  notices: DumpNotice[];
  /** Bytes of the documents files as stored: for progress. */
  bytes: number;
  /** The dump as the bytes of a mongodump archive, to be read once. Throws {@link ArchiveDamage} at broken documents. */
  chunks: AsyncGenerator<Buffer, void, undefined>;
}

/** Metadata of a collection with very many indexes is well below this; a larger file is something else. */
export const largestSmallFile = 64 * 1024 * 1024;

/** Inflates when asked to; null when there is nothing or it does not inflate. */
export async function smallText(bytes: Buffer, isGzip: boolean): Promise<string | null> {
  if (bytes.length === 0) return null;
  if (!isGzip) return bytes.toString('utf8');
  try {
    return (await gunzipText(bytes, { maxOutputLength: largestSmallFile })).toString('utf8');
  } catch {
    return null;
  }
}

/** Documents of one planned file; odd ones become notices. */
export function sourceDocuments(
  source: PlannedSource,
  chunks: AsyncIterable<Uint8Array>,
  notices: DumpNotice[],
  signal: AbortSignal | undefined,
): ArchiveSource {
  const { database, collection } = source;
  const counts: BsonStreamCounts = { documents: 0, bytes: 0, oddArrayDocuments: 0 };
  async function* documents(): AsyncGenerator<Buffer, void, undefined> {
    yield* readBsonStream(chunks, counts, { name: source.path, ...(signal ? { signal } : {}) });
    if (counts.oddArrayDocuments === 0) return;
    const message = `${counts.oddArrayDocuments} documents hold arrays whose keys are out of order; kept as they are.`;
    notices.push({ path: source.path, message });
  }
  return { database, collection, documents: documents() };
}

interface Found {
  files: DumpFile[];
  notices: DumpNotice[];
}

/** Deep enough for any dump, shallow enough for a folder chosen by mistake. */
const deepest = 4;

async function listFiles(root: string): Promise<Found> {
  const realRoot = await realpath(root);
  const found: Found = { files: [], notices: [] };
  const seen = new Set<string>([realRoot]);
  const visit = async (relative: string, depth: number): Promise<void> => {
    const names = await readdir(path.join(realRoot, relative));
    for (const name of names.sort()) {
      const child = relative === '' ? name : `${relative}/${name}`;
      const full = path.join(realRoot, child);
      const real = await realpath(full).catch(() => null);
      if (real === null) {
        found.notices.push({ path: child, message: 'Is a link to nothing; passed over.' });
        continue;
      }
      if (real !== realRoot && !real.startsWith(realRoot + path.sep)) {
        found.notices.push({ path: child, message: 'Is a link that leaves the folder; passed over.' });
        continue;
      }
      const { size, ...kind } = await describePath(real);
      if (kind.isDirectory) {
        if (seen.has(real))
          found.notices.push({ path: child, message: 'Links back to a folder already read; passed over.' });
        else if (depth >= deepest)
          found.notices.push({ path: child, message: 'Lies too deep for a dump; passed over.' });
        else {
          seen.add(real);
          await visit(child, depth + 1);
        }
      } else if (kind.isFile) {
        found.files.push({ path: child, bytes: size });
      } else {
        found.notices.push({ path: child, message: 'Is neither a file nor a folder; passed over.' });
      }
    }
  };
  await visit('', 1);
  return found;
}

async function describePath(real: string): Promise<{ size: number; isDirectory: boolean; isFile: boolean }> {
  const stats = await stat(real);
  return { size: stats.size, isDirectory: stats.isDirectory(), isFile: stats.isFile() };
}

/**
 * Opens a folder made by `mongodump --out` (gzip or not; the folder itself or one database's folder in it) as the
 * stream of an archive. Names are unescaped, links never followed out of the folder, stray files become notices.
 * Throws {@link ArchiveDamage} as {@link planDump}.
 */
export async function openDumpFolder(folder: string, signal?: AbortSignal): Promise<OpenedDump> {
  const root = await realpath(folder);
  const { files, notices } = await listFiles(root);
  const plan = await planDump(files, path.basename(root), async (relative, isGzip) => {
    const known = files.find((file) => file.path === relative);
    if (!known || known.bytes > largestSmallFile) return null;
    return smallText(await readFile(path.join(root, relative)), isGzip);
  });
  notices.push(...plan.notices);
  function* sources(): Generator<ArchiveSource, void, undefined> {
    for (const source of plan.sources) {
      throwIfCancelled(signal);
      const full = path.join(root, source.path);
      yield sourceDocuments(source, source.bytes === 0 ? empty() : fileChunks(full, source.gzip), notices, signal);
    }
  }
  return {
    prelude: plan.prelude,
    notices,
    bytes: plan.sources.reduce((sum, { bytes }) => sum + bytes, 0),
    chunks: writeArchive(plan.prelude, sources()),
  };
}

async function* empty(): AsyncGenerator<Buffer, void, undefined> {}

function fileChunks(full: string, isGzip: boolean): AsyncIterable<Buffer> {
  if (isGzip) return readUncompressed(full);
  return createReadStream(full, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
}
