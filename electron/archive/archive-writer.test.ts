import { serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { archiveFormatVersion } from './archive-format';
import { type ArchivePrelude, collectionMetadata, parseCollectionMetadata } from './archive-prelude';
import { type ArchiveSource, writeArchive } from './archive-writer';
import { scanArchive } from './scan-archive';

const header = {
  concurrentCollections: 1,
  formatVersion: archiveFormatVersion,
  serverVersion: '6.0.5',
  toolVersion: '',
};
const orders = collectionMetadata(
  'shop',
  'orders',
  JSON.stringify({
    options: { capped: true, size: { $numberInt: '4096' } },
    indexes: [{ v: { $numberInt: '2' }, key: { b: { $numberInt: '1' }, a: { $numberInt: '-1' } }, name: 'b_1_a_-1' }],
    uuid: 'd6b7b0bd5dce41c498aa03f115533254',
    collectionName: 'orders',
    type: 'collection',
  }),
  'collection',
);
const weather = { ...orders, collection: 'weather', type: 'timeseries' as const };
const view = { ...orders, collection: 'shipped', type: 'view' as const };
const prelude: ArchivePrelude = { header, collections: [orders, weather, view] };

function source(collection: string, documents: Uint8Array[]): ArchiveSource {
  return { database: 'shop', collection, documents };
}

describe('writing an archive', () => {
  it('makes one that reads back with the same prelude, documents and checksums', async () => {
    const [one, two, three] = [1, 2, 3].map((id) => serialize({ _id: id })) as [Uint8Array, Uint8Array, Uint8Array];
    const archive = writeArchive(prelude, [
      source('orders', [Buffer.concat([one, two]), three]),
      source('system.buckets.weather', [one]),
    ]);
    const summary = await scanArchive(archive);
    expect(summary.prelude).toEqual(prelude);
    expect(summary.missing).toEqual([]);
    expect(
      summary.namespaces.map(({ namespace, documents, checksum, metadata }) => [
        namespace,
        documents,
        checksum,
        metadata?.type,
      ]),
    ).toEqual([
      ['shop.orders', 3, 'ok', 'collection'],
      ['shop.system.buckets.weather', 1, 'ok', 'timeseries'],
      ['shop.shipped', 0, 'ok', 'view'],
    ]);
  });

  it('keeps options, indexes and UUID through the metadata text', () => {
    expect(parseCollectionMetadata(orders.metadata, 'shop.orders')).toEqual({
      options: orders.options,
      indexes: orders.indexes,
      uuid: 'd6b7b0bd5dce41c498aa03f115533254',
      collectionName: 'orders',
      type: 'collection',
    });
  });

  it('refuses collections that were not announced, or come twice, and documents cut in two', async () => {
    const drain = async (sources: ArchiveSource[]): Promise<void> => {
      for await (const chunk of writeArchive(prelude, sources)) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(drain([source('people', [])])).rejects.toMatchObject({ error: { code: 'usage' } });
    await expect(drain([source('orders', []), source('orders', [])])).rejects.toMatchObject({
      error: { code: 'usage' },
    });
    const half = serialize({ _id: 1 }).subarray(0, 6);
    await expect(drain([source('orders', [half])])).rejects.toMatchObject({ kind: 'document' });
  });
});

describe('collection metadata', () => {
  it('of old and new tools means the same', () => {
    const old = parseCollectionMetadata('{"options":{},"indexes":[{"v":2,"key":{"_id":1},"name":"_id_"}]}', 'a.b');
    const fresh = parseCollectionMetadata(
      '{"indexes":[{"v":{"$numberInt":"2"},"key":{"_id":{"$numberInt":"1"}},"name":"_id_"}],"uuid":"","type":"collection"}',
      'a.b',
    );
    expect(old.indexes).toEqual(fresh.indexes);
    expect(parseCollectionMetadata('', 'a.b')).toMatchObject({ options: {}, indexes: [] });
  });

  it('cannot reach object prototypes', () => {
    const { options } = parseCollectionMetadata('{"options":{"__proto__":{"polluted":true}},"indexes":[]}', 'a.b');
    expect(Object.keys(options)).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
    expect('polluted' in options).toBe(false);
  });
});
