import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { fail } from '../../shared/result';
import { throwIfCancelled } from './archive-damage';
import { readPacking } from './archive-file';
import { ArchiveScanner } from './archive-scanner';
import { writeBlockIndex } from './block-index';
import type { BlockPlace } from './blocked-gzip';
import { writeDigest } from './digest-file';
import type { WrittenFile } from './hashing-file';
import { largestDocument } from './kernel/bson-kernel';
import { readMembers } from './member-reader';
import type { ArchiveSummary } from './scan-types';
import { Collector } from './write-blocked-archive';

export interface RebuildIndexOptions {
  archivePath: string;
  digestPath: string | null;
  blocksPath: string | null;
  /** What the archive is known to be; otherwise the whole file is read once more for its SHA-256. */
  archive?: WrittenFile;
  /** False: the archive's own CRC-64s are not calculated; those of the blocks always are. */
  checksums?: boolean;
  /** Of digest records kept in memory until the digest is written; default 64 MiB. */
  spoolBytes?: number;
  signal?: AbortSignal;
  onProgress?: (bytes: number, documents: number) => void;
}

export interface RebuiltIndex {
  summary: ArchiveSummary;
  digest: WrittenFile | null;
  blockIndex: WrittenFile | null;
}

/** Larger than any block, so that a block is never cut in two. */
const wholeBlock = 2 * largestDocument;

/**
 * Makes digest and block index anew from an archive that Lifeboat wrote. The results equal the lost ones byte for byte.
 * Throws `unsupported` for other archives (import them instead), {@link ArchiveDamage} when the archive is damaged.
 */
export async function rebuildIndex(options: RebuildIndexOptions): Promise<RebuiltIndex> {
  if ((await readPacking(options.archivePath)) !== 'blocked-gzip') {
    fail(
      'unsupported',
      'This archive was not written by Lifeboat in blocks.',
      'Import it to get a digest and an index.',
    );
  }
  const collector = new Collector(options.digestPath, options.spoolBytes);
  const scanner = new ArchiveScanner(
    {
      documents: (batch) => collector.documents(batch),
      slice: (slice) => collector.place(slice),
      segment: ({ namespaceId, archiveOffset }) => collector.segments.push({ namespaceId, block: 0, archiveOffset }),
    },
    { validate: false, checksums: options.checksums ?? true, sliceBytes: wholeBlock },
  );
  const places: BlockPlace[] = [];
  const made: string[] = [];
  const handle = await open(options.archivePath, 'r');
  try {
    for await (const { result, fileOffset, compressedBytes, uncompressedBytes } of readMembers(handle, null)) {
      throwIfCancelled(options.signal);
      if (!result.ok) throw result.damage;
      scanner.push(result.bytes);
      scanner.flush();
      places.push({ fileOffset, compressedBytes, uncompressedBytes });
      await collector.spool?.relieve();
      options.onProgress?.(collector.archiveBytes, collector.documentCount);
    }
    const summary = scanner.finish();
    const archive = options.archive ?? (await hashFile(options.archivePath, options.signal));
    let digest: WrittenFile | null = null;
    if (options.digestPath !== null) {
      made.push(options.digestPath);
      digest = await writeDigest(options.digestPath, archive, collector.digestSources(summary));
    }
    let blockIndex: WrittenFile | null = null;
    if (options.blocksPath !== null) {
      made.push(options.blocksPath);
      blockIndex = await writeBlockIndex(options.blocksPath, {
        archive,
        uncompressedBytes: summary.archiveBytes,
        namespaces: summary.namespaces.map(({ namespace, documents }) => ({ namespace, documents })),
        blocks: collector.indexedBlocks(places),
        segments: collector.placedSegments(),
      });
    }
    return { summary, digest, blockIndex };
  } catch (error) {
    await Promise.all(made.map((path) => rm(path, { force: true }).catch(() => undefined)));
    throw error;
  } finally {
    await handle.close();
    await collector.close();
  }
}

/** Size and SHA-256 of a file (verification level 1). */
export async function hashFile(
  path: string,
  signal?: AbortSignal,
  onProgress?: (bytes: number) => void,
): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    throwIfCancelled(signal);
    hash.update(chunk);
    bytes += chunk.length;
    onProgress?.(bytes);
  }
  return { bytes, sha256: hash.digest('hex') };
}
