import { rm } from 'node:fs/promises';
import { ArchiveDamage, throwIfCancelled } from './archive-damage';
import { ArchiveScanner } from './archive-scanner';
import type { ArchivePrelude } from './archive-prelude';
import { type IndexedBlock, type IndexedSegment, writeBlockIndex } from './block-index';
import { type BlockPlace, BlockedGzipWriter } from './blocked-gzip';
import { type DigestSource, writeDigest } from './digest-file';
import { DigestSpool } from './digest-spool';
import { HashingFile, type WrittenFile } from './hashing-file';
import { crcStart, finishCrc } from './kernel/bson-kernel';
import type { ArchiveSummary, ArchiveSlice, DocumentBatch } from './scan-types';

export type ArchiveChunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface WriteBlockedArchiveOptions {
  /** Where the archive goes. Existing files are replaced. Final names are the caller's business. */
  archivePath: string;
  /** Null: no digest. */
  digestPath: string | null;
  /** Null: no block index. */
  blocksPath: string | null;
  /** zlib level, default 6. */
  level?: number;
  /** Archive bytes per block, about; default 1 MiB, which costs 1 % in size against one gzip stream. */
  blockBytes?: number;
  /** Check every element of every document (default true). Broken documents are reported, not refused. */
  validate?: boolean;
  signal?: AbortSignal;
  /** Archive bytes (uncompressed) and documents so far. */
  onProgress?: (bytes: number, documents: number) => void;
  /** As soon as the list of collections is read. */
  onPrelude?: (prelude: ArchivePrelude) => void;
}

export interface BlockedArchiveResult extends ArchiveSummary {
  file: WrittenFile & { blocks: number; uncompressedBytes: number };
  digest: WrittenFile | null;
  blockIndex: WrittenFile | null;
}

/** A push larger than this would queue more blocks than back-pressure allows. */
const pushBytes = 1024 * 1024;

/**
 * One pass over the bytes of a mongodump archive (uncompressed): parses, counts, hashes, checks CRCs, compresses in
 * blocks, writes archive, digest and block index, and flushes them to the disk. `mongorestore --gzip --archive` reads
 * the result.
 *
 * Throws {@link ArchiveDamage} when the archive is damaged or cut off or a CRC does not match, `disk-full` or
 * `store-unavailable` when writing fails, `cancelled` when the signal fires; in each case everything it made is deleted.
 */
export async function writeBlockedArchive(
  chunks: ArchiveChunks,
  options: WriteBlockedArchiveOptions,
): Promise<BlockedArchiveResult> {
  const file = await HashingFile.create(options.archivePath);
  const gzip = new BlockedGzipWriter(file, options.level === undefined ? {} : { level: options.level });
  const collector = new Collector(options.digestPath);
  const scanner = new ArchiveScanner(
    {
      ...(options.onPrelude ? { prelude: options.onPrelude } : {}),
      documents: (batch) => collector.documents(batch),
      slice: (slice) => collector.slice(slice),
      segment: ({ namespaceId, archiveOffset }) => collector.segments.push({ namespaceId, block: 0, archiveOffset }),
    },
    { validate: options.validate ?? true, sliceBytes: options.blockBytes ?? 1024 * 1024 },
  );
  const made: string[] = [];
  const drain = async (): Promise<void> => {
    for (const { block, startsInside } of collector.takeBlocks()) await gzip.write(block, startsInside);
    await collector.spool?.relieve();
    options.onProgress?.(collector.archiveBytes, collector.documentCount);
  };
  try {
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += pushBytes) {
        throwIfCancelled(options.signal);
        scanner.push(chunk.subarray(from, from + pushBytes));
        await drain();
      }
    }
    throwIfCancelled(options.signal);
    const summary = scanner.finish();
    await drain();
    refuseWrongChecksums(summary);
    const places = await gzip.finish();
    const written = await file.finish();
    throwIfCancelled(options.signal);
    let digest: WrittenFile | null = null;
    if (options.digestPath !== null) {
      made.push(options.digestPath);
      digest = await writeDigest(options.digestPath, written, collector.digestSources(summary));
    }
    let blockIndex: WrittenFile | null = null;
    if (options.blocksPath !== null) {
      made.push(options.blocksPath);
      blockIndex = await writeBlockIndex(options.blocksPath, {
        archive: written,
        uncompressedBytes: summary.archiveBytes,
        namespaces: summary.namespaces.map(({ namespace, documents }) => ({ namespace, documents })),
        blocks: collector.indexedBlocks(places),
        segments: collector.placedSegments(),
      });
    }
    throwIfCancelled(options.signal);
    await collector.close();
    const blocks = places.length;
    return { ...summary, file: { ...written, blocks, uncompressedBytes: summary.archiveBytes }, digest, blockIndex };
  } catch (error) {
    await gzip.settle();
    await file.discard();
    await collector.close();
    await Promise.all(made.map((path) => discardFile(path)));
    throw error;
  }
}

async function discardFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

function refuseWrongChecksums(summary: ArchiveSummary): void {
  const wrong = summary.namespaces.filter(({ checksum }) => checksum === 'mismatch');
  const first = wrong[0];
  if (!first) return;
  throw new ArchiveDamage(
    'checksum',
    `The documents of ${wrong.map(({ namespace }) => namespace).join(', ')} do not match the archive's own checksum.`,
    { namespace: first.namespace, hint: 'The archive was changed or damaged on its way: take or copy it again.' },
  );
}

interface PendingBlock {
  block: Buffer;
  startsInside: boolean;
}

/** Turns the scanner's events into blocks, index entries and digest records. */
export class Collector {
  readonly spool: DigestSpool | null;
  readonly segments: IndexedSegment[] = [];
  archiveBytes = 0;
  documentCount = 0;
  readonly #blocks: Omit<IndexedBlock, 'fileOffset' | 'compressedBytes'>[] = [];
  readonly #recordCrcs: bigint[] = [];
  #pending: PendingBlock[] = [];

  /** `spoolBytes`: of digest records kept in memory. */
  constructor(digestPath: string | null, spoolBytes?: number) {
    this.spool = digestPath === null ? null : new DigestSpool(`${digestPath}.spool`, spoolBytes);
  }

  documents({ namespaceId, count, records, kernel }: DocumentBatch): void {
    this.documentCount += count;
    if (!this.spool) return;
    this.spool.append(namespaceId, records);
    const register = this.#recordCrcs[namespaceId] ?? crcStart;
    this.#recordCrcs[namespaceId] = kernel.updateCrcWithRecords(register, count);
  }

  slice(slice: ArchiveSlice): void {
    this.#pending.push({ block: Buffer.from(slice.bytes), startsInside: slice.openNamespaceId !== null });
    this.place(slice);
  }

  /** Notes where the slice is, without keeping its bytes. */
  place({ bytes, archiveOffset, openNamespaceId, runs }: ArchiveSlice): void {
    this.#blocks.push({ archiveOffset, uncompressedBytes: bytes.length, openNamespaceId, runs });
    this.archiveBytes = archiveOffset + bytes.length;
  }

  takeBlocks(): PendingBlock[] {
    const taken = this.#pending;
    this.#pending = [];
    return taken;
  }

  indexedBlocks(places: BlockPlace[]): IndexedBlock[] {
    return this.#blocks.map((block, i) => {
      const { fileOffset = 0, compressedBytes = 0 } = places[i] ?? {};
      return { ...block, fileOffset, compressedBytes };
    });
  }

  /** Segments with the blocks they start in. */
  placedSegments(): IndexedSegment[] {
    let block = 0;
    return this.segments.map((segment) => {
      while (endOf(this.#blocks[block]) <= segment.archiveOffset && block < this.#blocks.length - 1) block++;
      return { ...segment, block };
    });
  }

  digestSources(summary: ArchiveSummary): DigestSource[] {
    const { spool } = this;
    if (!spool) return [];
    return summary.namespaces.map(({ id, namespace, documents, bytes, contentHash, withoutId }) => ({
      id,
      namespace,
      documents,
      bytes,
      contentHash,
      hasDocumentsWithoutId: withoutId > 0,
      recordsCrc64: finishCrc(this.#recordCrcs[id] ?? crcStart),
      records: () => spool.records(id),
    }));
  }

  async close(): Promise<void> {
    await this.spool?.close();
  }
}

function endOf(block: { archiveOffset: number; uncompressedBytes: number } | undefined): number {
  return block ? block.archiveOffset + block.uncompressedBytes : Infinity;
}
