import { describe, expect, it } from 'vitest';
import { serialize } from 'bson';
import { RawDocumentBuilder } from '../archive/raw-document-builder';
import { pickFields } from './pick-fields';

const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));

function expectPick(backup: object, target: object, paths: string[][], picked: object): void {
  expect(pickFields(raw(backup), raw(target), paths).toString('hex')).toBe(raw(picked).toString('hex'));
}

const refused = (text: string) =>
  expect.objectContaining({
    error: expect.objectContaining({ code: 'usage', message: expect.stringContaining(text) as string }) as object,
  }) as object;

describe('single fields put back', () => {
  const backup = { _id: 1, status: 'paid', address: { city: 'Paris', geo: { lat: 1 } }, lines: [{ price: 1 }], old: 1 };
  const target = { _id: 1, extra: 1, address: { zip: '1', city: 'Rome' }, status: 'new', lines: [] };

  it('take the value of the backup in their place, new ones last', () => {
    expectPick(backup, target, [['status'], ['old']], {
      _id: 1,
      extra: 1,
      address: { zip: '1', city: 'Rome' },
      status: 'paid',
      lines: [],
      old: 1,
    });
    expectPick(backup, target, [['address', 'city'], ['address', 'geo', 'lat'], ['lines']], {
      _id: 1,
      extra: 1,
      address: { zip: '1', city: 'Paris', geo: { lat: 1 } },
      status: 'new',
      lines: [{ price: 1 }],
    });
  });

  it('are removed where the backup lacks them, and only they', () => {
    expectPick(backup, target, [['extra'], ['address', 'zip']], {
      _id: 1,
      address: { city: 'Rome' },
      status: 'new',
      lines: [],
    });
    expectPick({ _id: 1, a: 5 }, { _id: 1, a: { b: 1, c: 2 } }, [['a', 'b']], { _id: 1, a: { c: 2 } });
  });

  it('change nothing where nothing differs, or where neither side has them', () => {
    const bytes = raw(target);
    expect(pickFields(raw(target), bytes, [['status'], ['address', 'zip'], ['none'], ['none', 'deeper']])).toBe(bytes);
    expect(pickFields(raw({ _id: 1, a: 1 }), raw({ _id: 1, a: 2 }), [['a', 'b']]).equals(raw({ _id: 1, a: 2 }))).toBe(
      true,
    );
  });

  it('come with the sub-documents they need, holding nothing else', () => {
    expectPick({ _id: 1, a: { b: { c: 1, d: 2 }, e: 3 } }, { _id: 1 }, [['a', 'b', 'd']], {
      _id: 1,
      a: { b: { d: 2 } },
    });
  });

  it('are refused through arrays, repeated names, and values that are no sub-documents', () => {
    expect(() => pickFields(raw(backup), raw(target), [['lines', '0', 'price']])).toThrow(refused('lines is an array'));
    expect(() => pickFields(raw({ a: { b: 1 } }), raw({ a: [1] }), [['a', 'b']])).toThrow(refused('a is an array'));
    expect(() => pickFields(raw({ a: { b: 1 } }), raw({ a: 5 }), [['a', 'b']])).toThrow(refused('no sub-document'));
    const twice = new RawDocumentBuilder()
      .object('a', raw({ b: 1 }))
      .object('a', raw({ b: 2 }))
      .finish();
    expect(() => pickFields(twice, raw({ a: { b: 5 } }), [['a', 'b']])).toThrow(refused('more than once'));
    expect(pickFields(twice, raw({ a: 1, x: 1 }), [['a']]).toString('hex')).toBe(
      new RawDocumentBuilder()
        .object('a', raw({ b: 1 }))
        .int32('x', 1)
        .object('a', raw({ b: 2 }))
        .finish()
        .toString('hex'),
    );
  });

  it('are refused beside a field whose one name reads like their path', () => {
    const dotted = raw({ _id: 1, 'a.b': 1, a: { b: 1 } });
    expect(() => pickFields(dotted, raw({ _id: 1, a: { b: 2 } }), [['a', 'b']])).toThrow(refused('with the dot'));
    expect(pickFields(dotted, raw({ _id: 1 }), [['a.b']]).equals(raw({ _id: 1, 'a.b': 1 }))).toBe(true);
  });

  it('may have any name', () => {
    const odd = (text: string): Buffer => raw(JSON.parse(text) as object);
    const picked = pickFields(odd('{"__proto__":{"a.b":1,"":2}}'), odd('{"__proto__":{"x":1}}'), [
      ['__proto__', 'a.b'],
      ['__proto__', ''],
    ]);
    expect(picked.equals(odd('{"__proto__":{"x":1,"a.b":1,"":2}}'))).toBe(true);
  });
});
