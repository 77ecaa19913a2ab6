import { Double, Int32, Long, serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { RawDocumentBuilder } from '../archive/raw-document-builder';
import { diffDocuments, summariseDocument } from './document-diff';
import { elementsOf } from './bson-reader';
import { numericKey, otherNumberForms } from './number-values';

const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));
const kinds = (backup: object, target: object): Record<string, string> =>
  Object.fromEntries(diffDocuments(raw(backup), raw(target)).rows.map((row) => [row.path, row.kind]));

describe('the comparison of two documents', () => {
  it('names a changed value, a change of type, and fields that only one side has', () => {
    expect(
      kinds(
        { _id: 1, status: 'paid', total: new Double(12), old: 1 },
        { _id: 1, status: 'open', total: new Int32(12), young: 1 },
      ),
    ).toEqual({ _id: 'same', status: 'changed', total: 'type', old: 'onlyInBackup', young: 'onlyInTarget' });
  });

  it('names the same fields in another order', () => {
    expect(kinds({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toMatchObject({ a: 'order' });
  });

  it('names a moved array element and leaves its neighbours alone', () => {
    const found = kinds({ items: ['a', 'b', 'c', 'd'] }, { items: ['b', 'c', 'd', 'a'] });
    expect(found['items']).toBe('move');
    expect(found['items.0 → 3']).toBe('move');
    expect(Object.values(found).filter((kind) => kind === 'changed')).toEqual([]);
  });

  it('finds a change inside an array element', () => {
    const found = kinds({ items: [{ price: 1 }, { price: 2 }] }, { items: [{ price: 1 }, { price: 3 }] });
    expect(found).toMatchObject({
      items: 'changed',
      'items.0': 'same',
      'items.1': 'changed',
      'items.1.price': 'changed',
    });
  });

  it('keeps differences of huge documents in view', () => {
    const backup: Record<string, number> = {};
    for (let at = 0; at < 20_000; at++) backup[`field${at}`] = at;
    const target = { ...backup, field19999: -1 };
    const { rows, rowsOmitted } = diffDocuments(raw(backup), raw(target));
    expect(rows.filter((row) => row.kind === 'changed').map((row) => row.path)).toEqual(['field19999']);
    expect(rows.length + rowsOmitted).toBe(20_000);
  });

  it('shows duplicate and prototype keys as what they are', () => {
    const one = Buffer.from(raw({ aa: 1, bb: 2 }));
    const two = Buffer.from(one);
    one.write('aa', one.indexOf('bb'));
    two.write('aa', two.indexOf('bb'));
    two.writeInt32LE(3, two.length - 5);
    const { rows } = diffDocuments(one, two);
    expect(rows.map((row) => [row.name, row.kind])).toEqual([
      ['aa', 'same'],
      ['aa', 'changed'],
    ]);
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2}') as object;
    expect(diffDocuments(raw(odd), raw(odd)).rows.map((row) => row.name)).toEqual(['__proto__', 'constructor']);
  });

  it('says in one line what changed', () => {
    const line = summariseDocument(
      'changed',
      raw({ _id: 1, s: 'a', n: new Double(1) }),
      raw({ _id: 1, s: 'b', n: new Int32(1) }),
    );
    expect(line).toBe('s "a" → "b" · n Double 1 → Int32 1');
    expect(summariseDocument('onlyInBackup', raw({ _id: 1, s: 'a' }), null)).toBe('{ s: "a" }');
  });

  it('shows NaN payloads, odd dates, UUIDs and numbers of equal value as different things', () => {
    const bytes = new RawDocumentBuilder()
      .int32('int', 1)
      .double('zero', -0)
      .value('nan', 0x01, Buffer.from('010000000000f87f', 'hex'))
      .value('far', 0x09, Buffer.from('ffffffffffffff7f', 'hex'))
      .value('day', 0x09, Buffer.alloc(8))
      .value('uuid', 0x05, Buffer.from('1000000004d6b7b0bd5dce41c498aa03f115533254', 'hex'))
      .finish();
    expect(diffDocuments(bytes, bytes).rows.map(({ backup }) => `${backup?.type} ${backup?.text}`)).toEqual([
      'Int32 1',
      'Double -0',
      'Double NaN (bits 7ff8000000000001)',
      'Date 9223372036854775807 ms since 1970',
      'Date 1970-01-01T00:00:00.000Z',
      'Binary UUID d6b7b0bd-5dce-41c4-98aa-03f115533254',
    ]);
  });

  it('calls two documents equal exactly when their bytes are', () => {
    const value = fc.anything({
      values: [fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)],
      maxDepth: 3,
    });
    const document = fc.dictionary(
      fc.string().filter((key) => !key.includes('\0')),
      value,
    );
    fc.assert(
      fc.property(document, document, (a, b) => {
        const left = raw(a);
        const right = raw(b);
        const { rows } = diffDocuments(left, right);
        expect(rows.every((row) => row.kind === 'same')).toBe(left.equals(right));
      }),
      { numRuns: 300 },
    );
  });

  it('does not throw on bytes that are no document', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), (a, b) => {
        expect(() => diffDocuments(Buffer.from(a), Buffer.from(b))).not.toThrow();
      }),
    );
  });
});

describe('numbers as keys', () => {
  const keyOf = (value: unknown): string | null => {
    const element = elementsOf(raw({ n: value }))[0];
    return element ? numericKey(element) : null;
  };

  it('are one key whatever their type', () => {
    expect([new Int32(5), Long.fromNumber(5), new Double(5)].map(keyOf)).toEqual(['5', '5', '5']);
    expect(keyOf(new Double(0.1))).not.toBe(keyOf(new Double(0.1000000001)));
    expect(keyOf(new Double(-0))).toBe('0');
    expect(keyOf(Long.fromString('9007199254740993'))).toBe('9007199254740993');
  });

  it('list their other forms', () => {
    const element = elementsOf(raw({ n: new Int32(7) }))[0];
    expect(element && otherNumberForms(element).map((form) => form[0])).toEqual([0x12, 0x01, 0x13]);
  });
});
