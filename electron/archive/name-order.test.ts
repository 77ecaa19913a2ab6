import { describe, expect, it } from 'vitest';
import { parseCollectionMetadata } from './archive-prelude';
import { keyInOrder, keyNamesOf, markNames, unmarkNames, withKeyOrder } from './name-order';

const metadata =
  '{"options":{},"indexes":[{"v":2,"key":{"10":1,"2":1},"name":"a"},{"key" : {"x":1,"2":"\\":"}, "name":"b\\\\"}]}';

describe('names that look like numbers', () => {
  it('keep their order in marked text, and nothing else of it changes', () => {
    expect(unmarkNames(JSON.stringify(JSON.parse(markNames(metadata))))).toBe(
      metadata.replace('"key" : ', '"key":').replace(', "name"', ',"name"'),
    );
    expect(keyNamesOf(metadata)).toEqual([
      ['10', '2'],
      ['x', '2'],
    ]);
    expect(keyNamesOf('{}')).toEqual([]);
  });

  it('stand in order beside the key of an index, only where the key cannot tell', () => {
    expect(parseCollectionMetadata(metadata, 'a.b').indexes).toMatchObject([
      { name: 'a', keyOrder: ['10', '2'] },
      { name: 'b\\', keyOrder: ['x', '2'] },
    ]);
    expect(withKeyOrder({ key: { 2: 1, x: 1 } }, ['2', 'x'])).toEqual({ key: { 2: 1, x: 1 } });
  });

  it('reach BSON in order', () => {
    expect([...(keyInOrder({ 2: 1, 10: -1 }, ['10', '2']) as Map<string, unknown>)]).toEqual([
      ['10', -1],
      ['2', 1],
    ]);
    expect(keyInOrder({ a: 1 }, undefined)).toEqual({ a: 1 });
  });
});
