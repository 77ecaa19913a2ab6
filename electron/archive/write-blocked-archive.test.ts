import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { serialize } from 'bson';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test-support/temporary-folder';
import { ArchiveDamage } from './archive-damage';
import { BlockIndex } from './block-index';
import { DigestFile } from './digest-file';
import { inspectArchive } from './inspect-archive';
import { BsonKernel } from './kernel/bson-kernel';
import { OpenArchive } from './open-archive';
import { slowIdElement } from './testing/slow-reference';
import { hashFile, rebuildIndex } from './rebuild-index';
import { scanArchive } from './scan-archive';
import { cutAt, documentsOf, fixtureArchive, type FixtureSegment } from './testing/archive-fixtures';
import { type BlockedArchiveResult, writeBlockedArchive } from './write-blocked-archive';

const folder = temporaryFolder('archive');
let nextName = 0;

function paths(): { archivePath: string; digestPath: string; blocksPath: string } {
  const name = join(folder, String(nextName++));
  return { archivePath: `${name}.gz`, digestPath: `${name}.digest`, blocksPath: `${name}.blocks` };
}

const text = 'The quick brown fox jumps over the lazy dog. ';
function makeSegments(): FixtureSegment[] {
  const make = (collection: string, first: number, count: number): FixtureSegment => ({
    collection,
    documents: Array.from({ length: count }, (_, i) =>
      Buffer.from(serialize({ _id: first + i, text: text.repeat((first + i) % 7), n: (first + i) * 1.5 })),
    ),
  });
  const large = Buffer.from(serialize({ _id: 'large', text: text.repeat(20_000) }));
  const withoutId = Buffer.from(serialize({ text: 'no id' }));
  return [
    make('orders', 0, 900),
    make('people', 0, 300),
    make('orders', 900, 2000),
    { collection: 'large', documents: [large, withoutId, large] },
    make('empty', 0, 0),
    make('people', 300, 50),
  ];
}

const segments = makeSegments();
const archive = fixtureArchive(segments);
const files = paths();
let result: BlockedArchiveResult;

beforeAll(async () => {
  const progress: number[] = [];
  result = await writeBlockedArchive(cutAt(archive, [10, 70_000, 80_001]), {
    ...files,
    blockBytes: 64 * 1024,
    onProgress: (bytes) => progress.push(bytes),
  });
  expect(progress.at(-1)).toBe(archive.length);
});

describe('a blocked archive', () => {
  it('is one gzip stream of the same bytes to everyone else', async () => {
    expect(gunzipSync(await readFile(files.archivePath)).equals(archive)).toBe(true);
    expect(result.file).toMatchObject({ ...(await hashFile(files.archivePath)), uncompressedBytes: archive.length });
    expect(result.file.blocks).toBeGreaterThan(8);
  });

  it('comes with counts, checksums and content hashes equal to those of a plain scan', async () => {
    const scanned = await scanArchive([archive]);
    expect(result.namespaces).toEqual(scanned.namespaces);
    expect(result.namespaces.every(({ checksum, complete }) => checksum === 'ok' && complete)).toBe(true);
    expect(await scanArchive(files.archivePath)).toEqual(scanned);
  });

  it('has a digest with one record per document in archive order', async () => {
    const digest = await DigestFile.open(files.digestPath);
    expect(digest.archive).toEqual({ bytes: result.file.bytes, sha256: result.file.sha256 });
    const kernel = new BsonKernel();
    for (const { namespace, documents, contentHash, hasDocumentsWithoutId } of digest.namespaces) {
      const expected = documentsOf(segments, namespace.slice(5));
      const { count, bytes, words } = await digest.load(namespace);
      expect([count, documents]).toEqual([expected.length, expected.length]);
      expect(contentHash).toBe(result.namespaces.find((each) => each.namespace === namespace)?.contentHash);
      expect(hasDocumentsWithoutId).toBe(namespace === 'shop.large');
      expected.forEach((document, i) => {
        const hash = kernel.hash128(document);
        const id = slowIdElement(document);
        expect(bytes.readBigUInt64LE(i * 24)).toBe(id ? kernel.hash64(id) : hash.readBigUInt64LE(0));
        expect(bytes.subarray(i * 24 + 8, i * 24 + 24).equals(hash)).toBe(true);
        expect(words[i * 6 + 2]).toBe(hash.readUInt32LE(0));
      });
    }
    const pieces = [];
    for await (const { firstOrdinal, count } of digest.iterate('shop.orders', 1000)) pieces.push([firstOrdinal, count]);
    expect(pieces).toEqual([
      [0, 1000],
      [1000, 1000],
      [2000, 900],
    ]);
    expect((await digest.load('shop.unknown')).count).toBe(0);
    await digest.close();
  });

  it('gives back any document by namespace and number', async () => {
    const opened = await OpenArchive.open(files);
    expect((await opened.prelude()).collections.map(({ collection }) => collection)).toEqual([
      'orders',
      'people',
      'large',
      'empty',
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('orders', 'people', 'large', 'empty'),
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 20 }),
        fc.constantFrom(0, 2000, 1024 * 1024),
        async (collection, ordinals, announced, bytes) => {
          const expected = documentsOf(segments, collection);
          // Whatever is kept of an earlier read, a later one gives the same.
          opened.keepAlong(`shop.${collection}`, ordinals, bytes);
          for await (const { ordinal, document } of opened.readDocuments(`shop.${collection}`, announced)) {
            expect(expected[ordinal]?.equals(document)).toBe(true);
          }
          const wanted = [...new Set(ordinals)].filter((each) => each < expected.length).sort((a, b) => a - b);
          const read: number[] = [];
          for await (const { ordinal, document } of opened.readDocuments(`shop.${collection}`, ordinals)) {
            expect(expected[ordinal]?.equals(document)).toBe(true);
            read.push(ordinal);
          }
          expect(read).toEqual(wanted);
        },
      ),
      { numRuns: 40 },
    );
    expect(await opened.readDocument('shop.orders', 99_999)).toBeNull();
    expect(await opened.readDocument('shop.nothing', 0)).toBeNull();
    await opened.close();
  });

  it('gives back a whole namespace in order', async () => {
    const opened = await OpenArchive.open({ ...files, cachedBlocks: 2 });
    for (const collection of ['orders', 'people', 'large', 'empty']) {
      const parts: Buffer[] = [];
      let next = 0;
      for await (const { firstOrdinal, count, bytes } of opened.iterateNamespace(`shop.${collection}`)) {
        expect(firstOrdinal).toBe(next);
        next += count;
        parts.push(Buffer.from(bytes));
      }
      expect(Buffer.concat(parts).equals(Buffer.concat(documentsOf(segments, collection)))).toBe(true);
    }
    await opened.close();
  });

  it('has an index and a digest that can be made anew, byte for byte', async () => {
    const again = paths();
    const rebuilt = await rebuildIndex({ ...again, archivePath: files.archivePath });
    expect((await readFile(again.digestPath)).equals(await readFile(files.digestPath))).toBe(true);
    expect((await readFile(again.blocksPath)).equals(await readFile(files.blocksPath))).toBe(true);
    expect(rebuilt).toMatchObject({ digest: result.digest, blockIndex: result.blockIndex });
  });

  it('names segments by block', async () => {
    const { content } = await BlockIndex.read(files.blocksPath);
    expect(content.segments).toHaveLength(segments.length);
    for (const { block, archiveOffset } of content.segments) {
      const place = content.blocks[block];
      expect(archiveOffset).toBeGreaterThanOrEqual(place?.archiveOffset ?? Infinity);
      expect(archiveOffset).toBeLessThan((place?.archiveOffset ?? 0) + (place?.uncompressedBytes ?? 0));
    }
  });
});

describe('damage in a blocked archive', () => {
  async function damaged(
    change: (bytes: Buffer, index: BlockIndex) => Buffer,
  ): Promise<{ path: string; index: BlockIndex }> {
    const index = await BlockIndex.read(files.blocksPath);
    const path = join(folder, `${nextName++}.gz`);
    await writeFile(path, change(await readFile(files.archivePath), index));
    return { path, index };
  }

  it('is named by block, namespaces and numbers lost and saved, and does not hide what follows', async () => {
    for (let block = 0; block < result.file.blocks; block++) {
      const { path, index } = await damaged((bytes, { blocks }) => {
        const at = (blocks[block]?.fileOffset ?? 0) + 40;
        bytes[at] = (bytes[at] ?? 0) ^ 0xff;
        return bytes;
      });
      const runs = index.blocks[block]?.runs ?? [];
      const lost = runs.reduce((sum, { count }) => sum + count, 0);
      const report = await inspectArchive(path, { index });
      expect(report.ok).toBe(false);
      expect(report.blocks).toEqual({ total: result.file.blocks, damaged: 1 });
      expect(report.damages).toHaveLength(1);
      expect(report.damages[0]).toMatchObject({ kind: 'compression', block, documentsLost: lost });
      expect(report.summary.documents).toBe(result.documents - lost);
      const affected = new Set(runs.map(({ namespaceId }) => index.content.namespaces[namespaceId]?.namespace));
      expect(new Set(report.damages[0]?.namespaces)).toEqual(affected);
      for (const { namespace, checksum } of report.summary.namespaces) {
        if (!affected.has(namespace)) expect(checksum).not.toBe('mismatch');
      }
    }
  });

  it('is found without the index too, and reading goes on at the next header', async () => {
    const { path } = await damaged((bytes, { blocks }) => {
      const at = (blocks[2]?.fileOffset ?? 0) + 100;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    });
    const report = await inspectArchive(path);
    expect(report.damages.some(({ kind, block }) => kind === 'compression' && block === 2)).toBe(true);
    expect(report.summary.namespaces.map(({ namespace }) => namespace)).toContain('shop.large');
  });

  it('at the end tells which blocks are gone', async () => {
    const { path, index } = await damaged((bytes, { blocks }) =>
      bytes.subarray(0, (blocks.at(-2)?.fileOffset ?? 0) + 9),
    );
    const report = await inspectArchive(path, { index });
    expect(report.damages.map(({ kind, block }) => [kind, block])).toEqual([
      ['truncated', result.file.blocks - 2],
      ['truncated', result.file.blocks - 1],
    ]);
    await expect(scanArchive(path)).rejects.toMatchObject({ kind: 'truncated' });
    await expect(OpenArchive.open({ archivePath: path, blocksPath: files.blocksPath })).rejects.toMatchObject({
      kind: 'index',
    });
  });

  it('is no damage when there is none', async () => {
    const index = await BlockIndex.read(files.blocksPath);
    for (const options of [{}, { index }]) {
      expect(await inspectArchive(files.archivePath, options)).toMatchObject({ ok: true, damages: [] });
    }
  });
});

describe('the files beside the archive', () => {
  it('notice every flipped byte and every cut', async () => {
    const digest = await readFile(files.digestPath);
    const blocks = await readFile(files.blocksPath);
    const path = join(folder, 'flipped');
    const readAll = async (): Promise<void> => {
      const opened = await DigestFile.open(path);
      try {
        for (const { namespace } of opened.namespaces) await opened.load(namespace);
      } finally {
        await opened.close();
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changedDigest = Buffer.from(digest);
        changedDigest[at % digest.length] = (changedDigest[at % digest.length] ?? 0) ^ flip;
        await writeFile(path, changedDigest);
        await expect(readAll()).rejects.toBeInstanceOf(ArchiveDamage);
        await writeFile(path, digest.subarray(0, at % digest.length));
        await expect(readAll()).rejects.toBeInstanceOf(ArchiveDamage);
        const changedBlocks = Buffer.from(blocks);
        changedBlocks[at % blocks.length] = (changedBlocks[at % blocks.length] ?? 0) ^ flip;
        await writeFile(path, changedBlocks);
        await expect(BlockIndex.read(path)).rejects.toBeInstanceOf(ArchiveDamage);
        await writeFile(path, blocks.subarray(0, at % blocks.length));
        await expect(BlockIndex.read(path)).rejects.toBeInstanceOf(ArchiveDamage);
      }),
      { numRuns: 60 },
    );
  });

  it('of a newer version are refused as such', async () => {
    const bytes = await readFile(files.digestPath);
    bytes.writeUInt32LE(2, 8);
    const path = join(folder, 'newer');
    await writeFile(path, bytes);
    await expect(DigestFile.open(path)).rejects.toMatchObject({ kind: 'version', error: { code: 'unsupported' } });
  });
});

describe('when writing fails', () => {
  it('nothing is left behind: truncated input, wrong checksum, cancel, unwritable folder', async () => {
    const before = readdirSync(folder).length;
    const refused = (chunks: Buffer[], signal?: AbortSignal): Promise<unknown> =>
      writeBlockedArchive(chunks, { ...paths(), ...(signal ? { signal } : {}) });
    await expect(refused([archive.subarray(0, -9)])).rejects.toMatchObject({ error: { code: 'archive-truncated' } });
    const wrong = Buffer.from(archive);
    const at = wrong.indexOf('quick');
    wrong[at] = 0x51;
    await expect(refused([wrong])).rejects.toMatchObject({ kind: 'checksum', namespace: 'shop.orders' });
    const controller = new AbortController();
    async function* cancelling(): AsyncGenerator<Buffer> {
      yield archive.subarray(0, 100_000);
      controller.abort();
      yield archive.subarray(100_000);
    }
    const options = { ...paths(), signal: controller.signal };
    await expect(writeBlockedArchive(cancelling(), options)).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect(readdirSync(folder)).toHaveLength(before);
    const nowhere = { archivePath: join(folder, 'no', 'where.gz'), digestPath: null, blocksPath: null };
    await expect(writeBlockedArchive([archive], nowhere)).rejects.toMatchObject({
      error: { code: 'store-unavailable' },
    });
    expect(existsSync(nowhere.archivePath)).toBe(false);
  });
});
