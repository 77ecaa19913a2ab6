import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../../../../shared/backups';
import { metricUnits, type HealthEvent } from '../../../../shared/health';
import type { HistoryLine } from '../../../../shared/health-history';
import { chartDefinitions, unitOf } from './chart-definitions';
import { backupEvents, chartEventsOf } from './event-marks';
import { outages, stateAt, stateSpans } from './state-spans';
import { lengthText, neighbour, rangeOf, zoomedIn, zoomedOut } from './time-choice';

const hour = 3_600_000;
const now = 1000 * 24 * hour + 123_456;

const states = (at: number[], min: (number | null)[], max = min): HistoryLine => ({
  host: 'a:1',
  set: 'rs',
  metric: 'state',
  at,
  min,
  max,
  mean: min,
});
const event = (at: number, kind: HealthEvent['kind'], host: string | null = 'a:1'): HealthEvent => ({
  at,
  kind,
  host,
  set: 'rs',
  text: kind,
});

describe('the charts', () => {
  it('have metrics of one unit each, and show some of them at first', () => {
    for (const definition of chartDefinitions) {
      const units = new Set(definition.metrics.map((metric) => metricUnits[metric]));
      expect([...units], definition.id).toEqual([unitOf(definition)]);
      for (const shown of [definition.ofOne, definition.ofSeveral]) {
        expect(shown.length, definition.id).toBeGreaterThan(0);
        expect(definition.metrics).toEqual(expect.arrayContaining([...shown]));
      }
    }
  });
});

describe('states over time', () => {
  const range = { from: 0, to: 100 };
  it('are bars, with none where nobody asked', () => {
    expect(stateSpans(states([0, 10, 20, 60, 70], [1, 1, 2, 2, null]), 10, range)).toEqual([
      { from: 0, to: 20, state: 'PRIMARY' },
      { from: 20, to: 30, state: 'SECONDARY' },
      { from: 60, to: 70, state: 'SECONDARY' },
      { from: 70, to: 80, state: 'DOWN' },
    ]);
  });

  it('say so where a step saw several', () => {
    const spans = stateSpans(states([0, 10], [1, 1], [2, 1]), 10, range);
    expect(spans.map(({ state }) => state)).toEqual(['SEVERAL', 'PRIMARY']);
    expect(stateAt(spans, 15)).toBe('PRIMARY');
    expect(stateAt(spans, 50)).toBeNull();
  });

  it('show an outage that is shorter than a step by its events', () => {
    const events = [event(12, 'stopped-answering'), event(13, 'answers-again'), event(90, 'stopped-answering')];
    expect(outages(events, 'a:1', range)).toEqual([
      { from: 12, to: 13 },
      { from: 90, to: 100 },
    ]);
    expect(outages(events, 'b:1', range)).toEqual([]);
  });

  it('do not go on with an outage while nobody looked', () => {
    const events = [event(10, 'stopped-answering'), event(20, 'sampling-started', null)];
    expect(outages(events, 'a:1', range)).toEqual([{ from: 10, to: 20 }]);
  });
});

describe('the time in sight', () => {
  it('ends at the present in whole steps while it is live', () => {
    const range = rangeOf({ spanMs: hour, fixed: null }, now);
    expect(range.to - range.from).toBe(hour);
    expect(range.to).toBeGreaterThanOrEqual(now);
    expect(range.to % 10_000).toBe(0);
    expect(rangeOf({ spanMs: hour, fixed: null }, now + 1)).toEqual(range);
  });

  it('goes back by its own length, and forward until the present', () => {
    const range = { from: now - 3 * hour, to: now - 2 * hour };
    expect(neighbour(range, -1, now)).toEqual({ from: now - 4 * hour, to: now - 3 * hour });
    expect(neighbour(range, 1, now)).toEqual({ from: now - 2 * hour, to: now - hour });
    expect(neighbour({ from: now - 1.5 * hour, to: now - 0.5 * hour }, 1, now)).toBeNull();
  });

  it('halves around the cursor and doubles around its middle', () => {
    expect(zoomedIn({ from: 0, to: 400_000 }, 50_000)).toEqual({ from: 0, to: 200_000 });
    expect(zoomedIn({ from: 0, to: 400_000 }, null)).toEqual({ from: 100_000, to: 300_000 });
    expect(zoomedOut({ from: now - 3 * hour, to: now - hour }, now).to - now).toBeCloseTo(0, -6);
    expect(lengthText({ from: 0, to: 30 * 24 * hour })).toBe('30 d');
    expect(lengthText({ from: 0, to: 2.5 * hour })).toBe('2 h 30 min');
  });
});

describe('marks', () => {
  const entry = (given: Partial<CatalogueEntry>) =>
    ({ connectionId: 'c', type: 'full', scope: 'shop', createdAt: '1970-01-01T00:00:10Z', ...given }) as CatalogueEntry;

  it('are of backups of this deployment, not of imports and undos', () => {
    const entries = [
      entry({ completedAt: '1970-01-01T00:00:20Z' }),
      entry({ connectionId: 'other' }),
      entry({ type: 'undo' }),
      entry({ type: 'imported' }),
    ];
    expect(backupEvents('c', entries, [])).toEqual([
      { at: 10_000, until: 20_000, kind: 'backups', host: null, text: 'Backup of shop' },
    ]);
  });

  it('leave out what is about other members alone', () => {
    const health = [event(3, 'restarted', 'b:1'), event(2, 'restarted'), event(1, 'no-primary', null)];
    expect(chartEventsOf(health, [], ['a:1']).map(({ at }) => at)).toEqual([1, 2]);
    expect(chartEventsOf(health, [], null)).toHaveLength(3);
  });
});
