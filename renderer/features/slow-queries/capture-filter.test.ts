import { describe, expect, it } from 'vitest';
import { everyOperation } from '../../../shared/slow-queries';
import { baseFilter, isNarrowed, noNarrowing, withinSelection, withinTime } from './capture-filter';

const range = { from: 1000, to: 9000, low: 1, high: 10_000 };

describe('the filter of a capture', () => {
  it('takes everything but internal traffic at first', () => {
    expect(baseFilter('all', noNarrowing, 5000)).toEqual(everyOperation);
    expect(isNarrowed(noNarrowing)).toBe(false);
  });

  it('counts a period back from the newest operation', () => {
    expect(baseFilter('hour', noNarrowing, 3_600_000 * 5).from).toBe(3_600_000 * 4);
    expect(baseFilter('hour', noNarrowing, null).from).toBeNull();
  });

  it('tells operations without an app from no filter by app', () => {
    expect(baseFilter('all', { ...noNarrowing, app: '' }, null).apps).toEqual(['']);
    expect(isNarrowed({ ...noNarrowing, app: '' })).toBe(true);
  });

  it('keeps within the period when the chart is zoomed', () => {
    const filter = baseFilter('hour', noNarrowing, 3_600_000 * 2);
    expect(withinTime(filter, { from: 0, to: 3_600_000.4 })).toMatchObject({ from: 3_600_000, to: 3_600_000 });
    expect(withinTime(filter, null)).toBe(filter);
  });

  it('cuts at the selection, and not where it reaches the edge of the chart', () => {
    const selected = withinSelection(everyOperation, { from: 2000, to: 3000, low: 99.6, high: 10_000 }, range);
    expect(selected).toMatchObject({ from: 2000, to: 3000, minMs: 99, maxMs: null });
    expect(withinSelection(everyOperation, { ...range, high: 310.2 }, range)).toMatchObject({
      minMs: null,
      maxMs: 311,
    });
    expect(withinSelection(everyOperation, null, range)).toBe(everyOperation);
  });
});
