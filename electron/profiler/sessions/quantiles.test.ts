import { describe, expect, it } from 'vitest';
import { quantilesOf } from './quantiles';

describe('quantiles', () => {
  it('are those of the sorted values, whatever their order and however many are equal', () => {
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 8) % below;
    };
    for (const length of [1, 2, 3, 15, 16, 17, 100, 1000, 4097])
      for (const below of [1, 2, 50, 100_000]) {
        const values = Float64Array.from({ length }, () => random(below));
        const sorted = values.slice().sort();
        const expected = [0.5, 0.95, 0.99, 1].map((quantile) => sorted[Math.max(1, Math.ceil(quantile * length)) - 1]);
        expect(quantilesOf(values, [0.5, 0.95, 0.99, 1])).toEqual(expected);
      }
  });

  it('are 0 of nothing', () => {
    expect(quantilesOf(new Float64Array(0), [0.5, 0.99])).toEqual([0, 0]);
  });
});
