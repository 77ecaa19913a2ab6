import { describe, expect, it } from 'vitest';
import { versionRows } from './three-versions';

const text = (value: unknown) => JSON.stringify(value);

describe('the versions of a document in conflict', () => {
  it('stand side by side with what someone changed and what the restore would have changed', () => {
    const rows = versionRows({
      backup: text({ _id: 1, status: 'paid', total: { $numberDouble: '12.5' }, at: { x: 1 } }),
      preview: text({ _id: 1, status: 'lost', total: { $numberDouble: '12.5' }, at: { x: 1 } }),
      now: text({ _id: 1, status: 'lost', total: { $numberDecimal: '13' }, at: { x: 1, y: [2] } }),
    });
    expect(rows).toEqual([
      { path: '_id', kind: 'same', backup: '1', preview: '1', now: '1' },
      { path: 'status', kind: 'restore', backup: '"paid"', preview: '"lost"', now: '"lost"' },
      { path: 'total', kind: 'someone', backup: 'Double 12.5', preview: 'Double 12.5', now: 'Decimal128 13' },
      { path: 'at.x', kind: 'same', backup: '1', preview: '1', now: '1' },
      { path: 'at.y.0', kind: 'someone', backup: null, preview: null, now: '2' },
    ]);
  });

  it('may be missing: the document is not there, or the version is not known', () => {
    expect(versionRows({ backup: text({ a: 1 }), preview: text({ a: 1 }), now: null })).toEqual([
      { path: 'a', kind: 'someone', backup: '1', preview: '1', now: null },
    ]);
    expect(versionRows({ backup: text({ a: 1 }), now: text({ a: 2 }) })).toEqual([
      { path: 'a', kind: 'known', backup: '1', preview: null, now: '2' },
    ]);
    expect(versionRows({ now: text({ a: 2 }) })[0]?.kind).toBe('known');
  });

  it('keep awkward names and values apart', () => {
    const awkward = '{"__proto__":{"$numberLong":"5"},"constructor":[],"b":{}}';
    expect(
      versionRows({ backup: awkward, preview: awkward, now: awkward }).map(({ path, now }) => [path, now]),
    ).toEqual([
      ['__proto__', 'Int64 5'],
      ['constructor', '[]'],
      ['b', '{}'],
    ]);
    expect(versionRows({ backup: 'no JSON', preview: null, now: null })[0]?.backup).toBe('no JSON');
  });
});
