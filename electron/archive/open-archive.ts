import { open, type FileHandle } from 'node:fs/promises';
import { ArchiveDamage, throwIfCancelled } from './archive-damage';
import { readUpTo } from './archive-file';
import type { ArchivePrelude } from './archive-prelude';
import { ArchiveScanner } from './archive-scanner';
import { BlockIndex, type DocumentPlace } from './block-index';
import { inflateBlock } from './blocked-gzip';
import { KeptAlong } from './kept-along';
import { documentLength } from './raw-bson';

export interface OpenArchiveOptions {
  archivePath: string;
  blocksPath: string;
  /** Inflated blocks kept, about 1 MiB each; default 8. */
  cachedBlocks?: number;
}

export interface ArchivedDocument {
  ordinal: number;
  /** Whole document; a view into a cached block: copy it to keep it for long. */
  document: Buffer;
}

/** Whole documents one after the other. */
export interface ArchivedRun {
  firstOrdinal: number;
  count: number;
  bytes: Buffer;
}

/**
 * Random access to a blocked archive through its block index. Ordinals are those of the digest. Several reads may run
 * at once. Damage is thrown as {@link ArchiveDamage} with the block's number.
 */
export class OpenArchive {
  readonly index: BlockIndex;
  readonly #handle: FileHandle;
  readonly #cachedBlocks: number;
  /** In order of use, oldest first. */
  readonly #cache = new Map<number, Promise<Buffer>>();
  readonly #along = new Map<number, KeptAlong>();

  private constructor(handle: FileHandle, index: BlockIndex, cachedBlocks: number) {
    this.#handle = handle;
    this.index = index;
    this.#cachedBlocks = cachedBlocks;
  }

  /** Throws {@link ArchiveDamage} (`index`) when index and archive do not belong together. */
  static async open(options: OpenArchiveOptions): Promise<OpenArchive> {
    const index = await BlockIndex.read(options.blocksPath);
    const handle = await open(options.archivePath, 'r');
    const { size } = await handle.stat();
    if (size !== index.content.archive.bytes) {
      await handle.close();
      throw new ArchiveDamage(
        'index',
        'The block index belongs to another archive, or the archive was cut or changed.',
        {
          hint: 'Verify the backup; rebuild the block index when the archive is whole.',
        },
      );
    }
    return new OpenArchive(handle, index, options.cachedBlocks ?? 8);
  }

  /** The archive's list of collections. */
  async prelude(): Promise<ArchivePrelude> {
    const scanner = new ArchiveScanner({}, { validate: false, checksums: false });
    for (let number = 0; number < this.index.blocks.length; number++) {
      scanner.push(await this.readBlock(number));
      scanner.flush();
      const { prelude } = scanner.summary();
      if (prelude) return prelude;
    }
    throw new ArchiveDamage('truncated', 'The archive ends inside its list of collections.');
  }

  /** Null when the namespace has no such document. */
  async readDocument(namespace: string, ordinal: number): Promise<Buffer | null> {
    for await (const { document } of this.readDocuments(namespace, [ordinal])) return document;
    return null;
  }

  /**
   * Documents by ordinal, in ascending order whatever the order asked for; each block is inflated once, and the next ones
   * ahead. Unknown ordinals are left out, repeated ones come once.
   */
  async *readDocuments(
    namespace: string,
    ordinals: Iterable<number>,
    signal?: AbortSignal,
  ): AsyncGenerator<ArchivedDocument, void, undefined> {
    for await (const group of this.readGroups(namespace, ordinals, signal)) yield* group;
  }

  /** As {@link OpenArchive.readDocuments}, those of a block together. */
  async *readGroups(
    namespace: string,
    ordinals: Iterable<number>,
    signal?: AbortSignal,
  ): AsyncGenerator<ArchivedDocument[], void, undefined> {
    const id = this.index.namespaceId(namespace);
    if (id === null) return;
    const groups = this.#groupByRun(id, Float64Array.from(ordinals).sort());
    const along = this.#along.get(id);
    for (const [number, { place, ordinals: wanted }] of groups.entries()) {
      throwIfCancelled(signal);
      const kept = along?.takeAll(wanted);
      if (kept) {
        yield kept;
        continue;
      }
      const next = groups.slice(number + 1, number + 1 + this.#ahead);
      this.#readAhead(next.filter((group) => !along?.hasAll(group.ordinals)).map((group) => group.place));
      const block = await this.readBlock(place.block);
      along?.keep(block, place.run, wanted);
      let { offset } = place.run;
      let current = place.run.firstOrdinal;
      yield wanted.map((ordinal) => {
        for (; current < ordinal; current++) offset += documentLength(block, offset);
        return { ordinal, document: block.subarray(offset, offset + documentLength(block, offset)) };
      });
    }
  }

  /**
   * Announces documents that will be read after others of the namespace: up to `bytes` of them are kept in memory when
   * their blocks are inflated for those. Replaces an earlier announcement.
   */
  keepAlong(namespace: string, ordinals: Iterable<number>, bytes = 32 * 1024 * 1024): void {
    const id = this.index.namespaceId(namespace);
    if (id !== null) this.#along.set(id, new KeptAlong(ordinals, bytes));
  }

  /** Ascending ordinals by the runs that hold them, without repetitions. */
  #groupByRun(id: number, sorted: Float64Array): { place: DocumentPlace; ordinals: number[] }[] {
    const groups: { place: DocumentPlace; ordinals: number[] }[] = [];
    let group: { place: DocumentPlace; ordinals: number[] } | null = null;
    let previous = -1;
    for (const ordinal of sorted) {
      if (ordinal === previous) continue;
      previous = ordinal;
      if (!group || ordinal >= group.place.run.firstOrdinal + group.place.run.count) {
        const place = this.index.locate(id, ordinal);
        if (!place) continue;
        group = { place, ordinals: [] };
        groups.push(group);
      }
      group.ordinals.push(ordinal);
    }
    return groups;
  }

  get #ahead(): number {
    return Math.min(3, this.#cachedBlocks - 1);
  }

  /** Begins to inflate blocks; what fails is told when they are read. */
  #readAhead(places: readonly DocumentPlace[]): void {
    for (const { block } of places) this.readBlock(block).catch(() => undefined);
  }

  /** All documents of a namespace in archive order, some thousands at a time; the next blocks are inflated ahead. */
  async *iterateNamespace(namespace: string, signal?: AbortSignal): AsyncGenerator<ArchivedRun, void, undefined> {
    const id = this.index.namespaceId(namespace);
    const places = id === null ? [] : this.index.places(id);
    for (const [i, { block, run }] of places.entries()) {
      throwIfCancelled(signal);
      this.#readAhead(places.slice(i + 1, i + 1 + this.#ahead));
      const bytes = await this.readBlock(block);
      yield {
        firstOrdinal: run.firstOrdinal,
        count: run.count,
        bytes: bytes.subarray(run.offset, run.offset + run.bytes),
      };
    }
  }

  /** An inflated block, from the cache when it is there. */
  async readBlock(number: number): Promise<Buffer> {
    const cached = this.#cache.get(number);
    if (cached) {
      this.#cache.delete(number);
      this.#cache.set(number, cached);
      return cached;
    }
    const reading = this.#inflate(number);
    this.#cache.set(number, reading);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= this.#cachedBlocks) break;
      this.#cache.delete(oldest);
    }
    return reading;
  }

  async #inflate(number: number): Promise<Buffer> {
    const block = this.index.blocks[number];
    if (!block) throw new RangeError(`The archive has no block ${number}.`);
    const member = await readUpTo(this.#handle, block.fileOffset, block.compressedBytes);
    if (member.length < block.compressedBytes) {
      throw new ArchiveDamage('truncated', `The archive ends inside block ${number}.`, { block: number });
    }
    return inflateBlock(member, block.uncompressedBytes, number);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#cache.values());
    this.#cache.clear();
    await this.#handle.close();
  }
}
