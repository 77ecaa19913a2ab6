import { Decimal128, Double, Int32, Long, serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { indexKeys, keyText, uniqueIndexOf, type DocumentKeys } from './index-keys';

const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));
const on = (fields: string[], sparse = false) => ({
  name: 'index',
  fields,
  sparse,
  partialFilter: null,
  collation: null,
});
const textsOf = (keys: DocumentKeys): string[] =>
  keys === 'refused' ? [keys] : keys.map((values) => keyText(values, null)).sort();
const texts = (document: object, fields: string[], sparse = false) =>
  textsOf(indexKeys(raw(document), on(fields, sparse)));

describe('the keys of a document in a unique index', () => {
  it('are equal for equal numbers of any type, and for null and nothing', () => {
    const ones = [new Int32(1), new Double(1), Long.fromNumber(1), Decimal128.fromString('1.0')];
    for (const one of ones) expect(texts({ a: one }, ['a'])).toEqual(texts({ a: 1 }, ['a']));
    expect(texts({}, ['a'])).toEqual(texts({ a: null }, ['a']));
    expect(texts({ a: '1' }, ['a'])).not.toEqual(texts({ a: 1 }, ['a']));
  });

  it('are one for each element of an array, at any depth of the path', () => {
    expect(texts({ a: [1, 2, 2] }, ['a'])).toEqual([...texts({ a: 1 }, ['a']), ...texts({ a: 2 }, ['a'])]);
    expect(texts({ a: [{ b: 1 }, { b: [2, 3] }] }, ['a.b'])).toHaveLength(3);
    expect(texts({ a: [{ b: 1 }, { c: 1 }], d: 7 }, ['a.b', 'd'])).toHaveLength(2);
    expect(texts({ a: [5, 6] }, ['a.1'])).toEqual(texts({ a: { 1: 6 } }, ['a.1']));
  });

  it('are none in a sparse index for a document that has none of its fields', () => {
    expect(texts({ c: 1 }, ['a', 'b'], true)).toEqual([]);
    expect(texts({ a: null }, ['a'], true)).toHaveLength(1);
    expect(texts({ a: 1 }, ['a', 'b'], true)).toHaveLength(1);
  });

  it('are only told for plain unique indexes other than that of _id', () => {
    const index = { name: 'a_1', key: { a: { $numberInt: '1' } }, unique: true };
    expect(uniqueIndexOf(index)?.fields).toEqual(['a']);
    expect(uniqueIndexOf({ ...index, unique: false })).toBeNull();
    expect(uniqueIndexOf({ ...index, name: '_id_' })).toBeNull();
    expect(uniqueIndexOf({ ...index, key: { a: 'hashed' } })).toBeNull();
  });
});
