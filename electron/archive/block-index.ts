/** `blocks.bin`: where each block of a blocked archive is and which documents start in it (docs/formats.md). */
import { readFile } from 'node:fs/promises';
import { ArchiveDamage } from './archive-damage';
import { checkHeader, checkSeal, paddedName, sealHeader, tableHeaderBytes } from './binary-table';
import { HashingFile, type WrittenFile } from './hashing-file';
import type { DocumentRun } from './scan-types';

const magic = 'LBBLOCKS';
const blockIndexFormatVersion = 1;
const blockBytes = 40;
const runBytes = 24;
const segmentBytes = 16;
const noNamespace = 0xffffffff;

export interface IndexedBlock {
  fileOffset: number;
  compressedBytes: number;
  /** Of the block's first byte in the uncompressed archive. */
  archiveOffset: number;
  uncompressedBytes: number;
  /** Namespace whose documents the block starts among; null when the prelude or a header comes first. */
  openNamespaceId: number | null;
  /** In archive order; offsets count from the start of the block. */
  runs: DocumentRun[];
}

export interface IndexedSegment {
  namespaceId: number;
  block: number;
  /** Of the namespace header in the uncompressed archive. */
  archiveOffset: number;
}

export interface BlockIndexContent {
  archive: WrittenFile;
  uncompressedBytes: number;
  /** By id. */
  namespaces: { namespace: string; documents: number }[];
  blocks: IndexedBlock[];
  segments: IndexedSegment[];
}

interface PlacedRun extends DocumentRun {
  block: number;
}

/** Where a document is: block, and the run that holds it. */
export interface DocumentPlace {
  block: number;
  run: DocumentRun;
}

function encode(content: BlockIndexContent): Buffer[] {
  const names = content.namespaces.map(({ namespace, documents }) => {
    const { bytes, length } = paddedName(namespace);
    const head = Buffer.alloc(16);
    head.writeBigUInt64LE(BigInt(documents), 0);
    head.writeUInt32LE(length, 8);
    return Buffer.concat([head, bytes]);
  });
  const runCount = content.blocks.reduce((sum, block) => sum + block.runs.length, 0);
  const blocks = Buffer.alloc(content.blocks.length * blockBytes);
  const runs = Buffer.alloc(runCount * runBytes);
  let nextRun = 0;
  content.blocks.forEach((block, i) => {
    const at = i * blockBytes;
    blocks.writeBigUInt64LE(BigInt(block.fileOffset), at);
    blocks.writeBigUInt64LE(BigInt(block.archiveOffset), at + 8);
    blocks.writeUInt32LE(block.compressedBytes, at + 16);
    blocks.writeUInt32LE(block.uncompressedBytes, at + 20);
    blocks.writeUInt32LE(nextRun, at + 24);
    blocks.writeUInt32LE(block.runs.length, at + 28);
    blocks.writeUInt32LE(block.openNamespaceId ?? noNamespace, at + 32);
    for (const run of block.runs) {
      const runAt = nextRun++ * runBytes;
      runs.writeUInt32LE(run.namespaceId, runAt);
      runs.writeUInt32LE(run.offset, runAt + 4);
      runs.writeBigUInt64LE(BigInt(run.firstOrdinal), runAt + 8);
      runs.writeUInt32LE(run.count, runAt + 16);
      runs.writeUInt32LE(run.bytes, runAt + 20);
    }
  });
  const segments = Buffer.alloc(content.segments.length * segmentBytes);
  content.segments.forEach((segment, i) => {
    segments.writeUInt32LE(segment.namespaceId, i * segmentBytes);
    segments.writeUInt32LE(segment.block, i * segmentBytes + 4);
    segments.writeBigUInt64LE(BigInt(segment.archiveOffset), i * segmentBytes + 8);
  });
  const header = Buffer.alloc(tableHeaderBytes);
  header.write(magic, 0, 'latin1');
  header.writeUInt32LE(blockIndexFormatVersion, 8);
  header.writeUInt32LE(content.blocks.length, 12);
  header.writeUInt32LE(content.namespaces.length, 16);
  header.writeUInt32LE(runCount, 20);
  header.writeUInt32LE(content.segments.length, 24);
  header.writeBigUInt64LE(BigInt(content.archive.bytes), 32);
  header.writeBigUInt64LE(BigInt(content.uncompressedBytes), 40);
  header.write(content.archive.sha256, 48, 'hex');
  const parts = [...names, blocks, runs, segments];
  sealHeader(header, ...parts);
  return [header, ...parts];
}

/** Writes and flushes the index; deletes it again on error. */
export async function writeBlockIndex(path: string, content: BlockIndexContent): Promise<WrittenFile> {
  const file = await HashingFile.create(path);
  try {
    await file.write(Buffer.concat(encode(content)));
    return await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function decode(bytes: Buffer, file: string): BlockIndexContent {
  checkHeader(bytes, magic, blockIndexFormatVersion, file);
  checkSeal(bytes.subarray(0, tableHeaderBytes), file, bytes.subarray(tableHeaderBytes));
  let at = tableHeaderBytes;
  const namespaces = [];
  for (let i = 0; i < bytes.readUInt32LE(16); i++) {
    const length = bytes.readUInt32LE(at + 8);
    const namespace = bytes.toString('utf8', at + 16, at + 16 + length);
    namespaces.push({ namespace, documents: Number(bytes.readBigUInt64LE(at)) });
    at += 16 + length + (-length & 7);
  }
  const blockCount = bytes.readUInt32LE(12);
  const runsAt = at + blockCount * blockBytes;
  const blocks: IndexedBlock[] = [];
  for (let i = 0; i < blockCount; i++, at += blockBytes) {
    const runs: DocumentRun[] = [];
    const firstRun = bytes.readUInt32LE(at + 24);
    for (let r = firstRun; r < firstRun + bytes.readUInt32LE(at + 28); r++) {
      const runAt = runsAt + r * runBytes;
      runs.push({
        namespaceId: bytes.readUInt32LE(runAt),
        offset: bytes.readUInt32LE(runAt + 4),
        firstOrdinal: Number(bytes.readBigUInt64LE(runAt + 8)),
        count: bytes.readUInt32LE(runAt + 16),
        bytes: bytes.readUInt32LE(runAt + 20),
      });
    }
    const open = bytes.readUInt32LE(at + 32);
    blocks.push({
      fileOffset: Number(bytes.readBigUInt64LE(at)),
      archiveOffset: Number(bytes.readBigUInt64LE(at + 8)),
      compressedBytes: bytes.readUInt32LE(at + 16),
      uncompressedBytes: bytes.readUInt32LE(at + 20),
      openNamespaceId: open === noNamespace ? null : open,
      runs,
    });
  }
  at = runsAt + bytes.readUInt32LE(20) * runBytes;
  const segments: IndexedSegment[] = [];
  for (let i = 0; i < bytes.readUInt32LE(24); i++, at += segmentBytes) {
    segments.push({
      namespaceId: bytes.readUInt32LE(at),
      block: bytes.readUInt32LE(at + 4),
      archiveOffset: Number(bytes.readBigUInt64LE(at + 8)),
    });
  }
  const archive = { bytes: Number(bytes.readBigUInt64LE(32)), sha256: bytes.toString('hex', 48, 80) };
  return { archive, uncompressedBytes: Number(bytes.readBigUInt64LE(40)), namespaces, blocks, segments };
}

/** A block index in memory. */
export class BlockIndex {
  readonly content: BlockIndexContent;
  readonly #idByName = new Map<string, number>();
  readonly #runsById: PlacedRun[][];

  constructor(content: BlockIndexContent) {
    this.content = content;
    content.namespaces.forEach(({ namespace }, id) => this.#idByName.set(namespace, id));
    this.#runsById = content.namespaces.map(() => []);
    content.blocks.forEach(({ runs }, block) => {
      for (const run of runs) this.#runsById[run.namespaceId]?.push({ ...run, block });
    });
  }

  /** Throws {@link ArchiveDamage} (`index`, `version`) when the file is broken or of another version. */
  static async read(path: string): Promise<BlockIndex> {
    const bytes = await readFile(path);
    try {
      return new BlockIndex(decode(bytes, 'The block index'));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ArchiveDamage('index', 'The block index is damaged.', {
        hint: 'Verify the backup: that makes it anew from the archive.',
      });
    }
  }

  get blocks(): readonly IndexedBlock[] {
    return this.content.blocks;
  }

  namespaceId(namespace: string): number | null {
    return this.#idByName.get(namespace) ?? null;
  }

  documentsOf(namespace: string): number {
    const id = this.namespaceId(namespace);
    return id === null ? 0 : (this.content.namespaces[id]?.documents ?? 0);
  }

  /** Where the document with that number is; null when there is none. */
  locate(namespaceId: number, ordinal: number): DocumentPlace | null {
    const runs = this.#runsById[namespaceId] ?? [];
    let low = 0;
    let high = runs.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const run = runs[middle] as PlacedRun;
      if (ordinal < run.firstOrdinal) high = middle - 1;
      else if (ordinal >= run.firstOrdinal + run.count) low = middle + 1;
      else return { block: run.block, run };
    }
    return null;
  }

  /** Runs of a namespace in order, with their blocks. */
  places(namespaceId: number): DocumentPlace[] {
    return (this.#runsById[namespaceId] ?? []).map((run) => ({ block: run.block, run }));
  }
}
