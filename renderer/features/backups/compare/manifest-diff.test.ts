import { describe, expect, it } from 'vitest';
import type { ManifestNamespace } from '../../../../shared/backups';
import { compareManifests, differs } from './manifest-diff';

function namespace(part: Partial<ManifestNamespace>): ManifestNamespace {
  return {
    database: 'shop',
    collection: 'orders',
    type: 'collection',
    uuid: null,
    options: {},
    indexes: [{ v: 2, key: { _id: 1 }, name: '_id_' }],
    documents: 10,
    bytes: 100,
    contentHash: 'a'.repeat(32),
    crc64: null,
    ...part,
  };
}

function compareOne(here: Partial<ManifestNamespace>, there: Partial<ManifestNamespace>) {
  const [change] = compareManifests({ namespaces: [namespace(here)] }, { namespaces: [namespace(there)] });
  if (!change) throw new Error('Nothing was compared.');
  return change;
}

describe('two backups compared by their manifests', () => {
  it('are the same where counts, hashes, indexes and options are', () => {
    const change = compareOne({}, { uuid: 'another', bytes: 100 });
    expect(change).toMatchObject({ ns: 'shop.orders', content: 'same', indexes: [], options: [] });
    expect(differs(change)).toBe(false);
  });

  it('tell changed documents by the content hash where the counts are equal', () => {
    expect(compareOne({}, { contentHash: 'b'.repeat(32) }).content).toBe('changed');
    expect(compareOne({}, { documents: 11 }).content).toBe('changed');
  });

  it('claim nothing where one of them has no hash', () => {
    const change = compareOne({}, { contentHash: null });
    expect(change.content).toBe('unknown');
    expect(differs(change)).toBe(true);
  });

  it('name what only one of them holds, after what the other has', () => {
    const changes = compareManifests(
      { namespaces: [namespace({}), namespace({ collection: 'carts' })] },
      { namespaces: [namespace({}), namespace({ collection: 'returns' })] },
    );
    expect(changes.map(({ ns, content }) => [ns, content])).toEqual([
      ['shop.carts', 'only-here'],
      ['shop.returns', 'only-there'],
      ['shop.orders', 'same'],
    ]);
  });

  it('name indexes whose keys stand in another order, and options that differ', () => {
    const change = compareOne(
      {
        indexes: [{ v: 2, key: { status: 1, at: -1 }, name: 'status_at' }],
        options: { validator: { a: 1, b: 2 }, capped: true },
      },
      {
        indexes: [
          { v: 2, key: { at: -1, status: 1 }, name: 'status_at' },
          { v: 2, key: { n: 1 }, name: 'n_1' },
        ],
        options: { validator: { b: 2, a: 1 } },
      },
    );
    expect(change.indexes).toEqual(['n_1', 'status_at']);
    expect(change.options).toEqual(['capped']);
  });

  it('see a view as the same unless its definition changed', () => {
    const view = { type: 'view' as const, contentHash: null, documents: 0, indexes: [] };
    expect(compareOne({ ...view, options: { viewOn: 'a' } }, { ...view, options: { viewOn: 'b' } })).toMatchObject({
      content: 'same',
      options: ['viewOn'],
    });
  });
});
