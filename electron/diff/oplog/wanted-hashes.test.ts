import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WantedHashes } from './wanted-hashes';

const half = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffffffff }));
const hashes = fc.array(fc.tuple(half, half), { maxLength: 300 });

describe('wanted hashes', () => {
  it('finds exactly what was added, among any records', () => {
    fc.assert(
      fc.property(hashes, hashes, (added, others) => {
        const wanted = new WantedHashes(added.length);
        for (const [low, high] of added) wanted.add(low, high);
        const keys = new Set(added.map(String));
        expect(wanted.size).toBe(keys.size);
        const all = [...added, ...others];
        const words = Uint32Array.from(all.flatMap(([low, high]) => [low, high, 1, 2, 3, 4]));
        const found: number[] = [];
        wanted.forEachWanted(words, all.length, (record) => found.push(record));
        expect(found).toEqual(all.flatMap((hash, at) => (keys.has(String(hash)) ? [at] : [])));
      }),
    );
  });
});
