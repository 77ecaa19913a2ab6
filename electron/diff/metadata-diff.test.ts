import { describe, expect, it } from 'vitest';
import type { ExtendedJsonDocument, Manifest } from '../../shared/backups';
import { coveredDatabases, diffIndexes, renameNamespace, sameOptions } from './metadata-diff';

const int = (value: number) => ({ $numberInt: String(value) });
const index = (fields: ExtendedJsonDocument): ExtendedJsonDocument => ({ v: int(2), ...fields });
const same = (a: ExtendedJsonDocument, b: ExtendedJsonDocument): boolean => diffIndexes([a], [b]).same.length === 1;

describe('indexes', () => {
  it('are the same whatever versions and defaults servers state', () => {
    const plain = { key: { a: int(1) }, name: 'a_1' };
    expect(same(index({ ...plain, ns: 'shop.orders', background: true }), index(plain))).toBe(true);
    expect(same(index(plain), { v: int(1), key: { a: { $numberDouble: '1.0' } }, name: 'a_1', unique: false })).toBe(
      true,
    );
    expect(
      same(
        index({ ...plain, expireAfterSeconds: { $numberLong: '60' } }),
        index({ ...plain, expireAfterSeconds: int(60) }),
      ),
    ).toBe(true);
    expect(same(index({ ...plain, unique: int(1) }), index({ ...plain, unique: true }))).toBe(true);
  });

  it('of text and sphere kind are the same across versions', () => {
    const stored = index({
      key: { _fts: 'text', _ftsx: int(1) },
      name: 't_text',
      weights: { t: int(1) },
      default_language: 'english',
      language_override: 'language',
      textIndexVersion: int(3),
    });
    expect(same(stored, index({ key: { t: 'text' }, name: 't_text', textIndexVersion: int(2) }))).toBe(true);
    expect(same(stored, index({ key: { t: 'text' }, name: 't_text', weights: { t: int(5) } }))).toBe(false);
    const sphere = index({ key: { at: '2dsphere' }, name: 'at_2dsphere' });
    expect(same(sphere, { ...sphere, '2dsphereIndexVersion': int(3) })).toBe(true);
  });

  it('differ by key order, direction, collation, uniqueness, filter and expiry', () => {
    const base = index({ key: { a: int(1), b: int(-1) }, name: 'x' });
    expect(same(base, index({ key: { b: int(-1), a: int(1) }, name: 'x' }))).toBe(false);
    expect(same(base, index({ key: { a: int(1), b: int(1) }, name: 'x' }))).toBe(false);
    expect(same(base, { ...base, collation: { locale: 'de' } })).toBe(false);
    expect(same(base, { ...base, unique: true })).toBe(false);
    expect(same(base, { ...base, partialFilterExpression: { a: { $gt: int(1) } } })).toBe(false);
    expect(same(base, { ...base, expireAfterSeconds: int(5) })).toBe(false);
  });

  it('take a collation as the server fills it in', () => {
    const short = index({ key: { a: int(1) }, name: 'a', collation: { locale: 'en', strength: int(2) } });
    const full = index({
      key: { a: int(1) },
      name: 'a',
      collation: {
        locale: 'en',
        caseLevel: false,
        caseFirst: 'off',
        strength: int(2),
        numericOrdering: false,
        alternate: 'non-ignorable',
        maxVariable: 'punct',
        normalization: false,
        backwards: false,
        version: '57.1',
      },
    });
    expect(same(short, full)).toBe(true);
  });

  it('are told apart by name as added, changed and removed', () => {
    const result = diffIndexes(
      [index({ key: { a: int(1) }, name: 'a' }), index({ key: { b: int(1) }, name: 'b' })],
      [
        index({ key: { b: int(-1) }, name: 'b' }),
        index({ key: { c: int(1) }, name: 'c' }),
        index({ key: { _id: int(1) }, name: '_id_' }),
      ],
    );
    const names = (list: { name: string }[]): string[] => list.map(({ name }) => name);
    expect([names(result.add), names(result.change), names(result.remove)]).toEqual([['a'], ['b'], ['c']]);
  });
});

describe('options', () => {
  it('are the same with and without defaults, rounding and types of numbers', () => {
    expect(sameOptions({}, { autoIndexId: true, validationLevel: 'strict', validator: {} })).toBe(true);
    expect(sameOptions({ capped: true, size: int(1000) }, { size: { $numberDouble: '1024.0' }, capped: true })).toBe(
      true,
    );
    expect(
      sameOptions(
        { timeseries: { timeField: 't', granularity: 'seconds', bucketMaxSpanSeconds: int(3600) } },
        { timeseries: { timeField: 't' } },
      ),
    ).toBe(true);
    expect(sameOptions({ changeStreamPreAndPostImages: { enabled: false } }, {})).toBe(true);
  });

  it('are the same whatever the order of names in which mongodump wrote them', () => {
    const validator = (schema: ExtendedJsonDocument): ExtendedJsonDocument => ({ validator: { $jsonSchema: schema } });
    const properties = { a: { bsonType: 'int', minimum: int(0) }, b: { bsonType: 'date' } };
    expect(
      sameOptions(
        validator({ bsonType: 'object', required: ['a', 'b'], properties }),
        validator({
          properties: { b: properties.b, a: { minimum: int(0), bsonType: 'int' } },
          required: ['a', 'b'],
          bsonType: 'object',
        }),
      ),
    ).toBe(true);
    expect(sameOptions(validator({ required: ['a', 'b'] }), validator({ required: ['b', 'a'] }))).toBe(false);
  });

  it('differ by validator, cap, span and view pipeline', () => {
    expect(sameOptions({ validator: { a: { $exists: true } } }, {})).toBe(false);
    expect(sameOptions({ capped: true, size: int(4096) }, { capped: true, size: int(8192) })).toBe(false);
    expect(
      sameOptions({ timeseries: { timeField: 't', granularity: 'hours' } }, { timeseries: { timeField: 't' } }),
    ).toBe(false);
    expect(sameOptions({ viewOn: 'a', pipeline: [{ $match: { a: int(1) } }] }, { viewOn: 'a', pipeline: [] })).toBe(
      false,
    );
  });
});

describe('a view whose sort has its keys in another order', () => {
  const view = (sort: Record<string, unknown>) => ({ viewOn: 'orders', pipeline: [{ $sort: sort }] });
  const [backup, target] = [view({ a: int(1), b: int(-1) }), view({ b: int(-1), a: int(1) })];

  it('is another view where the order in the backup is known to be the server’s', () => {
    expect(sameOptions(backup, target, true)).toBe(false);
    expect(sameOptions(backup, backup, true)).toBe(true);
  });

  it('is the same in a dump from elsewhere, whose tool keeps no order', () => {
    expect(sameOptions(backup, target)).toBe(true);
  });
});

describe('scope', () => {
  const manifest = (type: Manifest['type']): Manifest =>
    ({ type, namespaces: [{ database: 'shop', collection: 'orders' }] }) as unknown as Manifest;

  it('claims collections that only the target has for backups of whole databases alone', () => {
    expect([...coveredDatabases(manifest('full'), [], [])]).toEqual(['shop']);
    expect([...coveredDatabases(manifest('database'), [], [{ from: 'shop', to: 'shop2' }])]).toEqual(['shop2']);
    expect([...coveredDatabases(manifest('full'), ['shop.orders'], [])]).toEqual([]);
    expect([...coveredDatabases(manifest('collections'), [], [])]).toEqual([]);
    expect([...coveredDatabases(manifest('imported'), [], [])]).toEqual([]);
  });

  it('renames collections before databases', () => {
    const renames = [
      { from: 'shop', to: 'copy' },
      { from: 'shop.orders', to: 'copy.old' },
    ];
    expect(renameNamespace('shop.orders', renames)).toBe('copy.old');
    expect(renameNamespace('shop.a.b', renames)).toBe('copy.a.b');
    expect(renameNamespace('other.x', renames)).toBe('other.x');
  });
});
