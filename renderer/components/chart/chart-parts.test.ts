import { describe, expect, it } from 'vitest';
import type { HistoryLine, HistorySeries } from '../../../shared/health-history';
import { eventsNear, healthMarks, type ChartEvent } from './chart-events';
import { lineStyle, shortHosts, withMembers } from './line-style';
import { eventPlaces, markIndexes, plotArea } from './plot-lines';
import { seriesCsv } from './series-csv';
import { seriesTime, stepOfTime } from './time-frame';
import { moveTime, timeBetween } from './time-view';
import { tickText, valueAxis } from './value-axis';

describe('the axis of values', () => {
  it('ends at a round number beyond the highest', () => {
    expect(valueAxis(870, 'count')).toEqual({ top: 1000, ticks: [0, 500, 1000] });
    expect(valueAxis(41, 'percent').top).toBe(60);
    expect(valueAxis(97.4, 'percent')).toEqual({ top: 100, ticks: [0, 50, 100] });
    expect(valueAxis(240, 'percent').top).toBe(300);
  });

  it('has bytes in powers of two and durations in minutes and hours', () => {
    expect(valueAxis(2.6 * 2 ** 30, 'bytes').ticks).toEqual([0, 2 ** 30, 2 * 2 ** 30, 3 * 2 ** 30]);
    expect(valueAxis(400, 'seconds').ticks).toEqual([0, 300, 600]);
    expect(valueAxis(31, 'hours').ticks).toEqual([0, 12, 24, 36]);
  });

  it('is there where nothing is known', () => {
    expect(valueAxis(null, 'milliseconds').top).toBeGreaterThanOrEqual(1);
    expect(valueAxis(0, 'count').ticks.length).toBeGreaterThan(1);
  });

  it('writes round numbers without empty digits', () => {
    expect(tickText(2 ** 30, 'bytes')).toBe('1 GiB');
    expect(tickText(1.5 * 2 ** 30, 'bytes per second')).toBe('1.5 GiB/s');
    expect(tickText(12, 'hours')).toBe('12 h');
    expect(tickText(48, 'hours')).toBe('2 d');
    expect(tickText(300, 'seconds')).toBe('5 min');
    expect(tickText(0.5, 'seconds')).toBe('0.5 s');
    expect(tickText(100, 'percent')).toBe('100 %');
    expect(tickText(20, 'seconds')).toBe('20 s');
    expect(tickText(1200, 'count')).toBe('1,200');
  });
});

describe('what is asked of the history', () => {
  const day = 86_400_000;
  it('has round steps, about four hundred of them at most', () => {
    for (const [span, step] of [
      [300_000, 1000],
      [3_600_000, 10_000],
      [day, 300_000],
      [30 * day, 2 * 3_600_000],
      [365 * day, 24 * 3_600_000],
    ] as const) {
      const asked = seriesTime({ from: 1000 * day, to: 1000 * day + span });
      expect(stepOfTime(asked)).toBe(step);
      expect(asked.points).toBeLessThanOrEqual(401);
    }
  });

  it('covers the range, from one step to another', () => {
    const asked = seriesTime({ from: 12_345, to: 3_612_345 });
    expect(asked.from).toBe(10_000);
    expect(asked.to).toBe(3_620_000);
  });
});

describe('time', () => {
  const area = plotArea(1080, 200);
  const range = { from: 0, to: 100_000 };
  it('is selected whichever way it is dragged over, within the chart', () => {
    const selected = timeBetween(area.left + area.width / 2, -500, range, area);
    expect(selected?.from).toBe(0);
    expect(selected?.to).toBeCloseTo(50_000);
    expect(timeBetween(500, 502, range, area)).toBeNull();
  });

  it('moves as far as there is some', () => {
    expect(moveTime({ from: 10, to: 20 }, -50, { from: 0, to: 100 })).toEqual({ from: 0, to: 10 });
    expect(moveTime({ from: 10, to: 20 }, 500, { from: 0, to: 100 })).toEqual({ from: 90, to: 100 });
  });
});

const line = (host: string, at: number[], mean: (number | null)[], spread = 0): HistoryLine => ({
  host,
  set: 'rs',
  metric: 'lagSeconds',
  at,
  mean,
  min: mean.map((value) => (value === null ? null : value - spread)),
  max: mean.map((value) => (value === null ? null : value + spread)),
});

describe('CSV', () => {
  it('has raw numbers with ISO times, empty where nothing is known', () => {
    const series: HistorySeries = {
      from: 0,
      to: 10_000,
      stepMs: 5000,
      tier: 'raw',
      series: [line('a:1', [0, 5000, 10_000], [0.25, null, 1]), line('b:1', [5000, 10_000], [2, 3], 1)],
    };
    expect(seriesCsv([series], { from: 0, to: 9999 })).toBe(
      [
        'time,a:1 lagSeconds (seconds),b:1 lagSeconds (seconds) mean,b:1 lagSeconds (seconds) min,b:1 lagSeconds (seconds) max',
        '1970-01-01T00:00:00.000Z,0.25,,,',
        '1970-01-01T00:00:05.000Z,,2,1,3',
        '',
      ].join('\r\n'),
    );
  });
});

describe('lines', () => {
  it('keep the place of a member when others come', () => {
    const first = withMembers([], ['b:1', 'a:1']);
    expect(first).toEqual(['a:1', 'b:1']);
    expect(withMembers(first, ['0:1', 'b:1'])).toEqual(['a:1', 'b:1', '0:1']);
    expect(withMembers(first, ['a:1'])).toBe(first);
  });

  it('of several members differ by colour and mark, their metrics by dashes; of one by all', () => {
    expect(lineStyle(1, 0, false)).toMatchObject({ dash: '', mark: 'square' });
    expect(lineStyle(1, 1, false).colour).toBe(lineStyle(1, 0, false).colour);
    expect(lineStyle(1, 1, false).dash).not.toBe(lineStyle(1, 0, false).dash);
    expect(lineStyle(1, 0, true).colour).not.toBe(lineStyle(1, 1, true).colour);
  });

  it('are called by what tells their members apart', () => {
    const names = (...hosts: string[]) => [...shortHosts(hosts).values()];
    expect(names('127.0.0.1:27017', '127.0.0.1:27018')).toEqual([':27017', ':27018']);
    expect(names('db1.example.com:27017', 'db2.example.com:27017')).toEqual(['db1', 'db2']);
    expect(names('10.0.0.1:27017', '10.0.0.2:27017')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(names('db1.example.com:27017', 'other.org:27017')).toEqual(['db1.example.com', 'other.org']);
    expect(names('db1:27017')).toEqual(['db1:27017']);
  });

  it('have marks apart from each other, none where nothing is known', () => {
    const at = Array.from({ length: 100 }, (_, index) => index * 1000);
    const some = line(
      'a:1',
      at,
      at.map((time) => (time < 50_000 ? 1 : null)),
    );
    const indexes = markIndexes(some, { from: 0, to: 100_000 }, plotArea(1080, 200), 0);
    expect(indexes.length).toBeGreaterThan(3);
    expect(Math.max(...indexes)).toBeLessThan(50);
  });
});

describe('events in charts', () => {
  const event = (at: number, until: number | null = null): ChartEvent => ({
    at,
    until,
    kind: 'backups',
    host: null,
    text: String(at),
  });

  it('that fall together are marked once', () => {
    const area = plotArea(1080, 200);
    const events = [0, 1, 2, 50_000, 99_000].map((at) => event(at));
    expect(eventPlaces(events, { from: 0, to: 100_000 }, area)).toHaveLength(3);
    expect(eventPlaces(events, { from: 200_000, to: 300_000 }, area)).toEqual([]);
  });

  it('are told near the cursor, what goes on first', () => {
    expect(eventsNear([event(90), event(10, 300), event(500)], 100, 20).map(({ text }) => text)).toEqual(['10', '90']);
  });

  it('are of a kind each', () => {
    const kinds = healthMarks([
      { at: 1, kind: 'election', host: 'a:1', set: 'rs', text: '' },
      { at: 2, kind: 'alert-fired', host: null, set: null, text: '' },
    ]).map(({ kind }) => kind);
    expect(kinds).toEqual(['elections', 'alerts']);
  });
});
