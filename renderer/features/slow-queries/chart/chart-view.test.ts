import { describe, expect, it } from 'vitest';
import { formatMilliseconds } from '../../../../shared/format';
import { durationTicks, linearTicks, timeTicks } from '../../../components/chart/axis';
import { timeAt, xOf, zoomTime } from '../../../components/chart/time-view';
import { durationAt, nearestPoint, rangeAround, selectionOf, yOf, type ChartRange } from './chart-view';
import { cellAt, cellsOf, heatStrength } from './heat-cells';

const range: ChartRange = { from: 0, to: 100_000, low: 1, high: 10_000 };
const area = { left: 50, top: 10, width: 1000, height: 200 };

describe('the timeline', () => {
  it('finds the time and duration of a place again', () => {
    expect(timeAt(xOf(25_000, range, area), range, area)).toBeCloseTo(25_000);
    expect(durationAt(yOf(310, range, area), range, area)).toBeCloseTo(310);
    expect(yOf(10_000, range, area)).toBe(10);
    expect(yOf(1, range, area)).toBe(210);
  });

  it('selects what is dragged over, whichever way', () => {
    const selection = selectionOf({ startX: 550, startY: 160, endX: 150, endY: 60 }, range, area);
    expect(selection?.from).toBeCloseTo(10_000);
    expect(selection?.to).toBeCloseTo(50_000);
    expect(selection?.low).toBeCloseTo(10);
    expect(selection?.high).toBeCloseTo(1000);
  });

  it('selects every duration where the drag is only wide, and every time where it is only high', () => {
    expect(selectionOf({ startX: 150, startY: 100, endX: 550, endY: 104 }, range, area)).toMatchObject({
      low: 1,
      high: 10_000,
    });
    expect(selectionOf({ startX: 150, startY: 60, endX: 152, endY: 160 }, range, area)).toMatchObject({
      from: 0,
      to: 100_000,
    });
  });

  it('takes a drag of a few pixels for a click, and never selects beyond the chart', () => {
    expect(selectionOf({ startX: 150, startY: 60, endX: 152, endY: 62 }, range, area)).toBeNull();
    const beyond = selectionOf({ startX: -500, startY: -50, endX: 5000, endY: 900 }, range, area);
    expect(beyond?.from).toBe(0);
    expect(beyond?.to).toBe(100_000);
    expect(beyond?.high).toBeCloseTo(10_000);
  });

  it('zooms within its limits and not closer than a second', () => {
    expect(zoomTime(range, 50_000, 0.5, range)).toMatchObject({ from: 25_000, to: 75_000 });
    expect(zoomTime(range, 50_000, 4, range)).toEqual(range);
    const close = { ...range, from: 0, to: 1100 };
    expect(zoomTime(close, 500, 0.5, range)).toBe(close);
  });

  it('finds the nearest point within reach', () => {
    const points = [
      { time: 25_000, durationMs: 100 },
      { time: 25_400, durationMs: 100 },
    ];
    const at = { x: xOf(25_350, range, area), y: yOf(100, range, area) };
    expect(nearestPoint(points, at, range, area)).toBe(1);
    expect(nearestPoint(points, { x: at.x + 100, y: at.y }, range, area)).toBeNull();
  });

  it('shows something where there is one operation or all took no time', () => {
    const one = rangeAround({ from: 5, to: 5, low: 0, high: 0 });
    expect(one.to).toBeGreaterThan(one.from);
    expect(one.high).toBeGreaterThan(one.low);
  });
});

describe('axes', () => {
  it('stand at round times', () => {
    const from = new Date(2026, 10, 20, 9, 58, 12).getTime();
    expect(timeTicks(from, from + 20 * 60_000, 5).map(({ label }) => label)).toEqual([
      '10:00',
      '10:05',
      '10:10',
      '10:15',
    ]);
    expect(timeTicks(from, from, 5)).toEqual([]);
  });

  it('tell durations with their unit', () => {
    expect(durationTicks(8, 3500).map(({ label }) => label)).toEqual([
      '10 ms',
      '30 ms',
      '100 ms',
      '300 ms',
      '1 s',
      '3 s',
    ]);
    expect([0.4, 310, 1204, 1_112_000].map(formatMilliseconds)).toEqual(['0.4 ms', '310 ms', '1.2 s', '18 min 32 s']);
  });

  it('begin at nothing', () => {
    expect(linearTicks(0, 3)).toEqual([0]);
    expect(linearTicks(870, 3)).toEqual([0, 500]);
    expect(linearTicks(1, 3, 1)).toEqual([0, 1]);
  });
});

describe('the heat map', () => {
  const cells = cellsOf({
    matched: 5,
    from: 1000,
    bucketMs: 500,
    columns: 2,
    rows: 2,
    bounds: [1, 10, 100],
    counts: [0, 4, 1, 0],
    largest: 4,
  });

  it('has the cells that hold something, row after row from the quickest', () => {
    expect(cells).toEqual([
      { from: 1500, to: 2000, low: 1, high: 10, count: 4 },
      { from: 1000, to: 1500, low: 10, high: 100, count: 1 },
    ]);
    expect(cellAt(cells, 1600, 3)?.count).toBe(4);
    expect(cellAt(cells, 1600, 30)).toBeNull();
  });

  it('paints one operation beside thousands strongly enough to be seen', () => {
    expect(heatStrength(1, 5000)).toBeGreaterThan(0.1);
    expect(heatStrength(5000, 5000)).toBe(1);
    expect(heatStrength(1, 1)).toBe(1);
  });
});
