import { Readable } from 'node:stream';
import { deserialize, serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeArchives } from './merge-archives';

const end = Buffer.from([0xff, 0xff, 0xff, 0xff]);
const magic = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);

interface Collection {
  db: string;
  collection: string;
  documents: object[];
}

function archiveOf(collections: readonly Collection[], concurrent = 4): Buffer {
  const metadata = collections.map(({ db, collection }) =>
    serialize({ db, collection, metadata: '{"indexes":[]}', size: 0, type: 'collection' }),
  );
  const segments = collections.flatMap(({ db, collection, documents }) => [
    serialize({ db, collection, EOF: false, CRC: 0n }),
    ...documents.map((document) => serialize(document)),
    end,
    serialize({ db, collection, EOF: true, CRC: 7n }),
    end,
  ]);
  const header = serialize({ concurrent_collections: concurrent, version: '0.1', tool_version: '100.7.0' });
  return Buffer.concat([magic, header, ...metadata, end, ...segments]);
}

interface Parsed {
  concurrent: unknown;
  announced: string[];
  documents: Map<string, unknown[]>;
  ended: string[];
}

function parse(archive: Buffer): Parsed {
  const parsed: Parsed = { concurrent: null, announced: [], documents: new Map(), ended: [] };
  let at = 4;
  const next = (): Record<string, unknown> | null => {
    const length = archive.readInt32LE(at);
    if (length === -1) {
      at += 4;
      return null;
    }
    at += length;
    return deserialize(archive.subarray(at - length, at));
  };
  expect(archive.subarray(0, 4)).toEqual(magic);
  parsed.concurrent = next()?.['concurrent_collections'];
  for (let metadata = next(); metadata; metadata = next()) {
    parsed.announced.push(`${String(metadata['db'])}.${String(metadata['collection'])}`);
  }
  while (at < archive.length) {
    const header = next();
    const namespace = `${String(header?.['db'])}.${String(header?.['collection'])}`;
    if (header?.['EOF'] === true) parsed.ended.push(namespace);
    const documents = parsed.documents.get(namespace) ?? [];
    for (let document = next(); document; document = next()) documents.push(document);
    parsed.documents.set(namespace, documents);
  }
  return parsed;
}

function inChunks(archive: Buffer, sizes: readonly number[]): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < archive.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(archive.subarray(at, at + size));
    at += size;
  }
  return Readable.from(chunks);
}

async function collect(spans: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const span of spans) all.push(Buffer.from(span));
  return Buffer.concat(all);
}

const everything = (): boolean => true;

describe('several archives as one', () => {
  const shop = archiveOf([
    { db: 'shop', collection: 'orders', documents: [{ _id: 1, text: 'x'.repeat(300) }, { _id: 2 }] },
    { db: 'shop', collection: 'empty', documents: [] },
  ]);
  const crm = archiveOf([{ db: 'crm', collection: 'people', documents: [{ _id: 'a' }] }], 1);

  it('hold what each held, wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }), async (sizes) => {
        const merged = await collect(
          mergeArchives(
            [
              { name: 'shop', stream: inChunks(shop, sizes) },
              { name: 'crm', stream: inChunks(crm, sizes) },
            ],
            everything,
          ),
        );
        const parsed = parse(merged);
        expect(parsed.concurrent).toBe(5);
        expect(parsed.announced).toEqual(['shop.orders', 'shop.empty', 'crm.people']);
        expect(parsed.documents.get('shop.orders')).toHaveLength(2);
        expect(parsed.documents.get('crm.people')).toEqual([{ _id: 'a' }]);
        expect(parsed.ended.sort()).toEqual(['crm.people', 'shop.empty', 'shop.orders']);
      }),
      { numRuns: 60 },
    );
  });

  it('leave out a namespace in prelude and body', async () => {
    const merged = await collect(
      mergeArchives([{ name: 'shop', stream: inChunks(shop, [64]) }], (_, collection) => collection !== 'orders'),
    );
    const parsed = parse(merged);
    expect(parsed.announced).toEqual(['shop.empty']);
    expect([...parsed.documents.keys()]).toEqual(['shop.empty']);
  });

  it('pass over a run that dumped nothing', async () => {
    const merged = await collect(
      mergeArchives(
        [
          { name: 'nothing', stream: Readable.from([]) },
          { name: 'crm', stream: inChunks(crm, [9]) },
        ],
        everything,
      ),
    );
    expect(parse(merged).announced).toEqual(['crm.people']);
  });

  it('say which one ends too early', async () => {
    const inputs = [
      { name: 'shop', stream: inChunks(shop, [100]) },
      { name: 'crm', stream: inChunks(crm.subarray(0, crm.length - 9), [10]) },
    ];
    await expect(collect(mergeArchives(inputs, everything))).rejects.toThrow(/crm ends in the middle/);
    expect(inputs.every(({ stream }) => stream.destroyed)).toBe(true);
  });

  it('refuse what is no archive', async () => {
    const stream = Readable.from([Buffer.from('Enter password: ')]);
    await expect(collect(mergeArchives([{ name: 'shop', stream }], everything))).rejects.toThrow(/is no archive/);
  });
});
