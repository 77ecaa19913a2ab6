import { describe, expect, it } from 'vitest';
import { clampOffset, isScaled, offsetAt, offsetShowing, rowsAt, scrollTopAt, trackHeight } from './tall-list';

const short = { count: 500, rowHeight: 44, viewport: 400 };
const tall = { count: 1_000_000, rowHeight: 44, viewport: 400 };
const end = tall.count * tall.rowHeight - tall.viewport;

describe('a tall list', () => {
  it('scrolls a list that fits pixel by pixel', () => {
    expect(isScaled(short)).toBe(false);
    expect(trackHeight(short)).toBe(22_000);
    expect(offsetAt(short, 123)).toBe(123);
    expect(scrollTopAt(short, 123)).toBe(123);
  });

  it('reaches the first and the last row of a million', () => {
    expect(isScaled(tall)).toBe(true);
    expect(trackHeight(tall)).toBeLessThan(33_554_428);
    expect(offsetAt(tall, 0)).toBe(0);
    expect(offsetAt(tall, trackHeight(tall) - tall.viewport)).toBe(end);
    expect(rowsAt(tall, end, 5).last).toBe(999_999);
    expect(rowsAt(tall, 0, 5).first).toBe(0);
  });

  it('finds back from an offset to the track and from there to the offset', () => {
    for (const offset of [0, 44, 123_456, 20_000_000, end]) {
      expect(offsetAt(tall, scrollTopAt(tall, offset))).toBeCloseTo(offset, 3);
    }
    expect(clampOffset(tall, end + 1000)).toBe(end);
    expect(clampOffset(tall, -1)).toBe(0);
  });

  it('moves only as far as a row needs to be seen', () => {
    expect(offsetShowing(short, 440, 12)).toBe(440);
    expect(offsetShowing(short, 440, 3)).toBe(132);
    expect(offsetShowing(short, 0, 20)).toBe(21 * 44 - 400);
    expect(offsetShowing(tall, 0, 999_999)).toBe(end);
  });

  it('shows no row of an empty list', () => {
    expect(rowsAt({ count: 0, rowHeight: 44, viewport: 400 }, 0, 5).last).toBe(-1);
  });
});
