import { describe, expect, it } from 'vitest';
import { Double, Int32, serialize } from 'bson';
import fc from 'fast-check';
import { arbitraryDocument, arbitraryElement, buildDocument } from '../archive/testing/arbitrary-bson';
import { RawDocumentBuilder } from '../archive/raw-document-builder';
import { readElements } from '../archive/raw-bson';
import { mergeDocuments } from './merge-documents';

const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));
const fromJson = (text: string): Buffer => raw(JSON.parse(text) as object);

function expectMerge(backup: object, target: object, merged: object): void {
  expect(mergeDocuments(raw(backup), raw(target)).toString('hex')).toBe(raw(merged).toString('hex'));
}

/** A document as the plainest of lists: names as hex, sub-documents as lists, everything else as hex. */
type Model = { name: string; value: string | Model }[];

function modelOf(bytes: Buffer, offset = 0): Model {
  return readElements(bytes, offset).map(({ type, nameStart, valueStart, valueEnd }) => ({
    name: bytes.subarray(nameStart, valueStart).toString('hex'),
    value: type === 3 ? modelOf(bytes, valueStart) : `${type}:${bytes.subarray(valueStart, valueEnd).toString('hex')}`,
  }));
}

const idName = Buffer.from('_id\0').toString('hex');

/** What a merge is, said as slowly as possible. */
function slowMerge(backup: Model, target: Model, top = true): Model {
  const isId = ({ name }: Model[number]): boolean => top && name === idName;
  const nth = (list: Model, at: number): number =>
    list.slice(0, at).filter(({ name }) => name === list[at]?.name).length;
  const find = (list: Model, name: string, number: number): Model[number] | undefined =>
    list.filter((field) => field.name === name)[number];
  const stays = target.flatMap((field, at) => {
    if (isId(field) || !backup.some(({ name }) => name === field.name)) return [field];
    const wanted = find(backup, field.name, nth(target, at));
    if (!wanted) return [];
    const both = typeof wanted.value !== 'string' && typeof field.value !== 'string';
    return [both ? { ...field, value: slowMerge(wanted.value as Model, field.value as Model, false) } : wanted];
  });
  const comes = backup.filter((field, at) => !isId(field) && !find(target, field.name, nth(backup, at)));
  return [...stays, ...comes];
}

describe('a merge of two documents', () => {
  it('sets what the backup holds and keeps what only the target has, at every depth', () => {
    expectMerge(
      { _id: 1, name: 'Ada', address: { city: 'Paris', geo: { lat: 1 } }, tags: ['a'] },
      { _id: 1, vip: true, address: { zip: '1', geo: { lat: 2, lon: 3 } }, name: 'ada', tags: ['a', 'b'] },
      { _id: 1, vip: true, address: { zip: '1', geo: { lat: 1, lon: 3 }, city: 'Paris' }, name: 'Ada', tags: ['a'] },
    );
  });

  it('takes the value of the backup where a sub-document meets something else', () => {
    expectMerge(
      { _id: 1, a: { b: 1 }, c: 2, d: [] },
      { _id: 1, a: 5, c: { x: 1 }, d: {} },
      { _id: 1, a: { b: 1 }, c: 2, d: [] },
    );
    expectMerge({ _id: 1, a: null }, { _id: 1, a: { b: 1 } }, { _id: 1, a: null });
    expectMerge({ _id: 1, a: {} }, { _id: 1, a: { b: 1 } }, { _id: 1, a: { b: 1 } });
    expectMerge({ _id: 1, a: new Int32(1) }, { _id: 1, a: new Double(1) }, { _id: 1, a: new Int32(1) });
  });

  it('leaves the _id as the target has it, wherever either side keeps it, and only on top', () => {
    expectMerge({ _id: new Int32(1), a: 1 }, { _id: new Double(1) }, { _id: new Double(1), a: 1 });
    expectMerge(
      { a: 1, _id: { x: 1 } },
      { b: 1, _id: { x: new Double(1) } },
      { b: 1, _id: { x: new Double(1) }, a: 1 },
    );
    expectMerge({ _id: 1, a: { _id: 2 } }, { _id: 1, a: { _id: 3 } }, { _id: 1, a: { _id: 2 } });
  });

  it('returns the very target when it changes nothing, another order included', () => {
    const target = raw({ _id: 1, b: { y: 1, x: [1] }, a: 1, more: 1 });
    expect(mergeDocuments(raw({ _id: 1, a: 1, b: { x: [1], y: 1 } }), target)).toBe(target);
    expect(mergeDocuments(Buffer.from(target), target)).toBe(target);
  });

  it('keeps names that are no plain names', () => {
    const backup = fromJson('{"_id":1,"__proto__":{"polluted":1},"":2,"a.b":3,"$set":{"c":4},"constructor":5}');
    const target = fromJson('{"_id":1,"__proto__":{"mine":1},"$set":{"d":1},"toString":1}');
    const merged = fromJson(
      '{"_id":1,"__proto__":{"mine":1,"polluted":1},"$set":{"d":1,"c":4},"toString":1,"":2,"a.b":3,"constructor":5}',
    );
    expect(mergeDocuments(backup, target).equals(merged)).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('meets repeated names in their order, and leaves none that the backup does not hold', () => {
    const document = (...fields: [string, number][]): Buffer => {
      const builder = new RawDocumentBuilder();
      for (const [name, value] of fields) builder.int32(name, value);
      return builder.finish();
    };
    const merge = (backup: Buffer, target: Buffer): string => mergeDocuments(backup, target).toString('hex');
    const short = document(['_id', 1], ['a', 1]);
    const long = document(['_id', 1], ['a', 1], ['x', 0], ['a', 2]);
    expect(merge(long, short)).toBe(document(['_id', 1], ['a', 1], ['x', 0], ['a', 2]).toString('hex'));
    expect(merge(short, long)).toBe(document(['_id', 1], ['a', 1], ['x', 0]).toString('hex'));
  });

  it('refuses bytes that are no BSON instead of losing what follows them', () => {
    const broken = raw({ _id: 1, a: 'text', b: 1 });
    broken[broken.indexOf('a\0') - 1] = 0x55;
    expect(() => mergeDocuments(broken, raw({ _id: 1 }))).toThrow('Broken BSON');
    expect(() => mergeDocuments(raw({ _id: 1 }), broken)).toThrow('Broken BSON');
    expect(() => mergeDocuments(raw({ _id: 1 }).subarray(0, 7), raw({ _id: 2 }))).toThrow('Broken BSON');
  });

  it('goes as deep as servers store', () => {
    const nest = (leaf: object, depth: number): object =>
      Array.from({ length: depth }).reduce<object>((inner) => ({ n: inner }), leaf);
    expectMerge(nest({ a: 1 }, 180), nest({ b: 1 }, 180), nest({ b: 1, a: 1 }, 180));
  });

  it('is what a slow merge says, for any two documents; merging again changes nothing', () => {
    const name = fc.constantFrom('a', 'b', 'c', '__proto__', '_id', 'é');
    const { document } = fc.letrec<{ document: Buffer }>((tie) => {
      const plain = arbitraryElement;
      const nested = tie('document').map((value) => ({ name: '', type: 3, value }));
      const field = fc
        .tuple(name, fc.oneof({ maxDepth: 4 }, plain, nested))
        .map(([as, element]) => ({ ...element, name: as }));
      return { document: fc.array(field, { maxLength: 6 }).map(buildDocument) };
    });
    const any = fc.oneof(document, arbitraryDocument);
    fc.assert(
      fc.property(any, any, (backup, target) => {
        const merged = mergeDocuments(backup, target);
        expect(modelOf(merged)).toEqual(slowMerge(modelOf(backup), modelOf(target)));
        expect(mergeDocuments(backup, merged)).toBe(merged);
        expect(mergeDocuments(target, target)).toBe(target);
        expect(merged.readInt32LE(0)).toBe(merged.length);
      }),
      { numRuns: 2000 },
    );
  });
});
