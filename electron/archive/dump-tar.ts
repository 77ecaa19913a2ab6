import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { ArchiveDamage, throwIfCancelled } from './archive-damage';
import { inflated, inflateDamage, readPacking } from './archive-file';
import { type ArchiveSource, writeArchive } from './archive-writer';
import { largestSmallFile, type OpenedDump, smallText, sourceDocuments } from './dump-folder';
import { parseDumpFileName } from './dump-file-names';
import { type DumpFile, type DumpNotice, planDump } from './dump-plan';

/** A file in a tar: its bytes as a stream. */
interface Entry extends AsyncIterable<Buffer> {
  header: Header;
}

/** Entries of a tar or tar.gz; each must be read or drained before the next one comes. */
async function* readEntries(file: string): AsyncGenerator<Entry, void, undefined> {
  const source = createReadStream(file, { highWaterMark: 256 * 1024 });
  const unpack = extract();
  source.once('error', (error) => unpack.destroy(error));
  if ((await readPacking(file)) === 'plain') {
    source.pipe(unpack);
  } else {
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    source.once('error', (error) => gunzip.destroy(error));
    gunzip.once('error', (error) => unpack.destroy(error));
    source.pipe(gunzip).pipe(unpack);
  }
  try {
    yield* unpack as AsyncIterable<unknown> as AsyncIterable<Entry>;
  } catch (error) {
    throw tarDamage(error);
  } finally {
    source.destroy();
    unpack.destroy();
  }
}

function tarDamage(error: unknown): unknown {
  if (error instanceof ArchiveDamage) return error;
  if (!(error instanceof Error)) return error;
  if ('code' in error && String(error.code).startsWith('Z_')) return inflateDamage(error, 0);
  if ('code' in error && error.code !== undefined) return error;
  return new ArchiveDamage('truncated', `The tar file is damaged or ends too early (${error.message}).`);
}

/** The entry's path inside the dump, or null when it points out of it. */
function safePath(name: string): string | null {
  const parts = name.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  return name.startsWith('/') || parts.includes('..') || parts.length === 0 ? null : parts.join('/');
}

/** Bytes of an entry; damage of the packing surfaces here as well as between entries. */
async function* entryBytes(entry: Entry): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* entry;
  } catch (error) {
    throw tarDamage(error);
  }
}

async function drain(entry: Entry): Promise<void> {
  for await (const chunk of entryBytes(entry)) void chunk;
}

async function readAll(entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entryBytes(entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Opens a tar or tar.gz of a dump folder as the stream of an archive, without unpacking it to the disk: the file is
 * read twice, once for the list of collections, once for the documents. Errors and notices as {@link openDumpFolder}.
 */
export async function openDumpTar(file: string, signal?: AbortSignal): Promise<OpenedDump> {
  const files: DumpFile[] = [];
  const notices: DumpNotice[] = [];
  const small = new Map<string, Buffer>();
  for await (const entry of readEntries(file)) {
    throwIfCancelled(signal);
    const { name, type, size } = entry.header;
    const relative = safePath(name);
    if (type === 'directory') {
      await drain(entry);
    } else if (relative === null || (type !== 'file' && type !== 'contiguous-file')) {
      notices.push({ path: name, message: 'Is a link or points out of the dump; passed over.' });
      await drain(entry);
    } else {
      files.push({ path: relative, bytes: size });
      const { kind } = parseDumpFileName(relative.slice(relative.lastIndexOf('/') + 1));
      if ((kind === 'metadata' || kind === 'prelude') && size <= largestSmallFile)
        small.set(relative, await readAll(entry));
      else await drain(entry);
    }
  }
  const rootName = path.basename(file).replace(/\.(tar\.gz|tgz|tar)$/i, '');
  const plan = await planDump(files, rootName, (relative, isGzip) =>
    smallText(small.get(relative) ?? Buffer.alloc(0), isGzip),
  );
  notices.push(...plan.notices);
  const sourceByPath = new Map(plan.sources.map((source) => [source.path, source]));
  async function* sources(): AsyncGenerator<ArchiveSource, void, undefined> {
    for await (const entry of readEntries(file)) {
      throwIfCancelled(signal);
      const source = sourceByPath.get(safePath(entry.header.name) ?? '');
      if (!source || entry.header.type === 'directory') {
        await drain(entry);
        continue;
      }
      sourceByPath.delete(source.path);
      yield sourceDocuments(source, entryChunks(entry, source.gzip && source.bytes > 0), notices, signal);
    }
  }
  return {
    prelude: plan.prelude,
    notices,
    bytes: plan.sources.reduce((sum, { bytes }) => sum + bytes, 0),
    chunks: writeArchive(plan.prelude, sources()),
  };
}

async function* entryChunks(entry: Entry, isGzip: boolean): AsyncGenerator<Buffer, void, undefined> {
  if (!isGzip) {
    yield* entryBytes(entry);
    return;
  }
  yield* inflated(Readable.from(entryBytes(entry)));
}
