import { describe, expect, it } from 'vitest';
import { readableJson } from './json-text';

describe('Extended JSON for reading', () => {
  it('shows numbers bare and keeps every other type', () => {
    const index = { v: { $numberInt: '2' }, key: { at: { $numberDouble: '-1.0' } }, ttl: { $numberLong: '60' } };
    expect(JSON.parse(readableJson(index))).toEqual({ v: 2, key: { at: -1 }, ttl: 60 });
    const kept = { a: { $numberDecimal: '1.50' }, b: { $oid: '0'.repeat(24) }, c: { $numberDouble: 'NaN' } };
    expect(JSON.parse(readableJson(kept))).toEqual(kept);
  });

  it('keeps the type of what a bare number could not hold', () => {
    const large = { n: { $numberLong: '9007199254740993' } };
    expect(JSON.parse(readableJson(large))).toEqual(large);
  });
});
