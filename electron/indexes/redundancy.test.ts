import { describe, expect, it } from 'vitest';
import type { IndexOptions } from '../../shared/indexes';
import { definitionOf } from './index-definition';
import { keptBecause, redundantTo } from './redundancy';

const index = (name: string, key: Record<string, number | string>, options: IndexOptions = {}) => ({
  ...definitionOf({ name, key }),
  options,
});
const long = index('long', { a: 1, b: -1, c: 1 });
const german = '{"locale":"de"}';

describe('a redundant index', () => {
  it.each([
    ['the beginning of another', index('short', { a: 1, b: -1 })],
    ['the beginning of another, read backward', index('short', { a: -1, b: 1 })],
  ])('is %s', (_what, short) => {
    expect(redundantTo(short, [short, long])?.name).toBe('long');
    expect(redundantTo(long, [short, long])).toBeNull();
  });

  it.each([
    ['turned in part', index('short', { a: 1, b: 1 })],
    ['in another order', index('short', { b: -1, a: 1 })],
    ['unique', index('short', { a: 1 }, { unique: true })],
    ['sparse', index('short', { a: 1 }, { sparse: true })],
    ['partial', index('short', { a: 1 }, { partialFilterExpression: '{"b":1}' })],
    ['expiring', index('short', { a: 1 }, { expireAfterSeconds: 5 })],
    ['hashed', index('short', { a: 'hashed' })],
    ['of another collation', index('short', { a: 1 }, { collation: german })],
    ['hidden', index('short', { a: 1 }, { hidden: true })],
  ])('is not one that is %s', (_what, short) => {
    expect(redundantTo(short, [short, long])).toBeNull();
  });

  it.each([
    ['sparse', { sparse: true }],
    ['partial', { partialFilterExpression: '{"b":1}' }],
    ['hidden', { hidden: true }],
    ['of another collation', { collation: german }],
  ])('is not served by a longer one that is %s', (_what, options: IndexOptions) => {
    const short = index('short', { a: 1 });
    expect(redundantTo(short, [short, { ...long, options }])).toBeNull();
  });

  it('is the later of two that are each other turned round, and may be of the same collation', () => {
    const up = index('up', { a: 1 });
    const down = index('down', { a: -1 });
    expect(redundantTo(up, [up, down])).toBeNull();
    expect(redundantTo(down, [up, down])?.name).toBe('up');
    const short = index('short', { a: 1 }, { collation: german });
    expect(redundantTo(short, [short, { ...long, options: { collation: german } }])?.name).toBe('long');
  });

  it('stays where something else depends on it', () => {
    expect(keptBecause(index('_id_', { _id: 1 }), null)).not.toBeNull();
    expect(keptBecause(index('i', { a: 1 }, { unique: true }), null)).not.toBeNull();
    expect(keptBecause(index('i', { a: 1, b: 1 }), ['a'])).toBe('it holds the shard key');
    expect(keptBecause(index('i', { a: 1, b: 1 }), ['b'])).toBeNull();
  });
});
