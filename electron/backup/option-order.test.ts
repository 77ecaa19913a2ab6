import { deserialize, serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { restoreOptionOrder } from './option-order';

const stated = '{"viewOn":"src","pipeline":[{"$sort":{"zeta":{"$numberInt":"1"},"alpha":{"$numberInt":"-1"}}}]}';
const shuffled =
  '{"options":{"pipeline":[{"$sort":{"alpha":{"$numberInt":"-1"},"zeta":{"$numberInt":"1"}}}],"viewOn":"src"},"indexes":[],"uuid":""}';

function metadata(text: string): Buffer {
  return Buffer.from(serialize({ db: 'shop', collection: 'v', metadata: text, size: 0, type: 'view' }));
}

function textOf(document: Buffer): unknown {
  return deserialize(document)['metadata'];
}

describe('the order of names inside options', () => {
  it('is the one the server states, in which a sort means what it meant', () => {
    const restored = restoreOptionOrder(metadata(shuffled), new Map([['shop.v', stated]]));
    expect(textOf(restored)).toBe(`{"options":${stated},"indexes":[],"uuid":""}`);
    expect(deserialize(restored)).toMatchObject({ db: 'shop', collection: 'v', size: 0, type: 'view' });
  });

  it('is kept where names look like numbers, in the keys of indexes too', () => {
    const sort = '{"options":{"pipeline":[{"$sort":{"2":1,"10":1}}]},"indexes":[{"key":{"10":1,"2":1},"name":"n"}]}';
    const known = '{"pipeline":[{"$sort":{"10":{"$numberInt":"1"},"2":{"$numberInt":"1"}}}]}';
    const restored = restoreOptionOrder(metadata(sort), new Map([['shop.v', known]]));
    expect(textOf(restored)).toBe(`{"options":${known},"indexes":[{"key":{"10":1,"2":1},"name":"n"}]}`);
  });

  it('stays as dumped where the options were changed meanwhile, or nothing is known', () => {
    const changed = stated.replace('alpha', 'beta');
    for (const known of [new Map([['shop.v', changed]]), new Map<string, string>()])
      expect(textOf(restoreOptionOrder(metadata(shuffled), known))).toBe(shuffled);
    const broken = metadata('{"options":');
    expect(restoreOptionOrder(broken, new Map([['shop.v', stated]]))).toEqual(broken);
  });
});
