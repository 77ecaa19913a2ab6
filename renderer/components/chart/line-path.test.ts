import { describe, expect, it } from 'vitest';
import type { HistoryLine } from '../../../shared/health-history';
import { bandPath, linePath, type PlotScale } from './line-path';

const line = (at: number[], mean: (number | null)[], min = mean, max = mean): HistoryLine => ({
  host: 'a:1',
  set: 'rs',
  metric: 'connections',
  at,
  min,
  max,
  mean,
});

/** A second a pixel, ten of the value a pixel, nothing at the bottom. */
const scale: PlotScale = {
  range: { from: 0, to: 100_000 },
  area: { left: 0, top: 0, width: 100, height: 10 },
  axis: { top: 100, ticks: [0, 100] },
};

describe('a line', () => {
  it('breaks where nobody asked for more than two steps, and only there', () => {
    expect(linePath(line([0, 5000, 15_000, 30_000, 35_000], [10, 20, 30, 40, 50]), 5000, scale)).toBe(
      'M0,9L5,8L15,7M30,6L35,5',
    );
  });

  it('breaks where the member did not answer', () => {
    expect(linePath(line([0, 5000, 10_000, 15_000, 20_000], [10, 10, null, 30, 30]), 5000, scale)).toBe(
      'M0,9L5,9M15,7L20,7',
    );
  });

  it('is a dot where one point stands alone', () => {
    expect(linePath(line([20_000], [0]), 5000, scale)).toBe('M20,10Z');
    expect(linePath(line([0, 5000, 40_000], [0, 0, 0]), 5000, scale)).toBe('M0,10L5,10M40,10Z');
    expect(linePath(line([], []), 5000, scale)).toBe('');
  });

  it('runs on to the edges of what is in sight, and no farther', () => {
    const long = line([0, 10_000, 20_000, 30_000, 40_000, 50_000], [0, 0, 0, 0, 0, 0]);
    const zoomed = { ...scale, range: { from: 15_000, to: 35_000 } };
    expect(linePath(long, 10_000, zoomed)).toBe('M-25,10L25,10L75,10L125,10');
    expect(linePath(long, 10_000, { ...scale, range: { from: 60_000, to: 70_000 } })).toBe('M-100,10Z');
  });
});

describe('the band of a line', () => {
  it('reaches every peak and every low, however short', () => {
    const spike = line([0, 5000, 10_000], [10, 11, 10], [10, 0, 10], [10, 100, 10]);
    expect(bandPath(spike, 5000, scale)).toBe('M0,9L5,0L10,9L10,9L5,10L0,9Z');
  });

  it('ends at a gap', () => {
    const two = line([0, 5000, 50_000], [10, 10, 10], [0, 0, 0], [20, 20, 20]);
    expect(bandPath(two, 5000, scale)).toBe('M0,8L5,8L5,10L0,10ZM50,8L50,10Z');
  });
});
