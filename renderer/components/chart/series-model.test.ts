import { describe, expect, it } from 'vitest';
import { noMetrics, type DeploymentSample, type MemberSample } from '../../../shared/health';
import type { HistoryLine, HistorySeries } from '../../../shared/health-history';
import { bandRuns, gapsOf, hasBand, highestOf, nearestIndex, readingAt, snapTime, withSamples } from './series-model';

const line = (at: number[], mean: (number | null)[], host = 'a:1'): HistoryLine => ({
  host,
  set: 'rs',
  metric: 'connections',
  at,
  min: mean,
  max: mean,
  mean,
});

const series = (...lines: HistoryLine[]): HistorySeries => ({
  from: 0,
  to: 100_000,
  stepMs: 5000,
  tier: 'raw',
  series: lines,
});

const member = (host: string, connections: number | null): MemberSample => ({
  host,
  role: 'member',
  at: 0,
  answered: connections !== null,
  problem: null,
  state: 'SECONDARY',
  heardByOthers: null,
  syncSource: null,
  term: null,
  version: null,
  uptimeSeconds: null,
  configuration: null,
  metrics: { ...noMetrics, connections },
});

const sample = (at: number, ...members: MemberSample[]): DeploymentSample => ({
  connectionId: 'c',
  at,
  topology: 'replica set',
  sets: [{ name: 'rs', shard: null, primary: null, term: null, members }],
  singles: [],
  problem: null,
});

describe('the lines of a chart', () => {
  it('have a band where lows and peaks differ, without the gaps', () => {
    const wide = { ...line([0, 5000, 50_000], [5, 5, 5]), min: [1, 1, 1], max: [9, 9, 12] };
    expect(hasBand(wide)).toBe(true);
    expect(hasBand(line([0], [5]))).toBe(false);
    expect(bandRuns(wide, 5000, { from: 0, to: 60_000 })).toEqual([
      [0, 1],
      [2, 2],
    ]);
    expect(highestOf([wide], { from: 0, to: 1 })).toBe(9);
    expect(highestOf([wide], { from: 6000, to: 10_000 })).toBeNull();
  });
});

describe('gaps', () => {
  it('are where nobody asked, at the ends of the range too', () => {
    expect(gapsOf([40, 50, 80], 10, { from: 0, to: 120 })).toEqual([
      { from: 0, to: 40 },
      { from: 60, to: 80 },
      { from: 90, to: 120 },
    ]);
  });

  it('are the whole range where nothing is known', () => {
    expect(gapsOf([], 10, { from: 0, to: 120 })).toEqual([{ from: 0, to: 120 }]);
    expect(gapsOf([0, 10, 20, 30], 10, { from: 0, to: 35 })).toEqual([]);
  });
});

describe('the cursor', () => {
  it('finds the nearest time', () => {
    expect([-5, 4, 6, 14, 99].map((time) => nearestIndex([0, 10, 20], time))).toEqual([0, 0, 1, 1, 2]);
    expect(nearestIndex([], 1)).toBeNull();
  });

  it('tells a value, that nothing is known, or that nobody asked', () => {
    const one = line([0, 5000, 60_000], [7, null, 9]);
    expect(readingAt(one, 1000, 5000)).toEqual({ kind: 'value', at: 0, mean: 7, min: 7, max: 7 });
    expect(readingAt(one, 5500, 5000)).toEqual({ kind: 'unknown', at: 5000 });
    expect(readingAt(one, 30_000, 5000)).toEqual({ kind: 'not sampled' });
  });

  it('stands at samples, and anywhere in a gap', () => {
    const lines = [line([0, 5000], [1, 1]), line([7000], [1])];
    expect(snapTime(lines, 6200, 5000)).toBe(7000);
    expect(snapTime(lines, 50_000, 5000)).toBe(50_000);
  });
});

describe('samples that come while a chart is open', () => {
  it('go on in the steps of the history', () => {
    const longer = withSamples(
      series(line([0, 5000], [1, 2])),
      [sample(10_300, member('a:1', 4)), sample(15_400, member('a:1', null))],
      ['connections'],
      null,
    );
    expect(longer.series[0]).toMatchObject({ at: [0, 5000, 10_000, 15_000], mean: [1, 2, 4, null] });
  });

  it('widen the step that the history has begun, without guessing its mean', () => {
    const coarse = { ...series({ ...line([0], [10]), min: [8], max: [12] }), stepMs: 60_000 };
    const { series: lines } = withSamples(coarse, [sample(30_000, member('a:1', 20))], ['connections'], null);
    expect(lines[0]).toMatchObject({ at: [0], min: [8], max: [20], mean: [10] });
  });

  it('are put together where several fall into a step', () => {
    const coarse = { ...series(line([0], [10])), stepMs: 60_000 };
    const samples = [61_000, 66_000].map((at, index) => sample(at, member('a:1', index * 10)));
    expect(withSamples(coarse, samples, ['connections'], null).series[0]).toMatchObject({
      at: [0, 60_000],
      min: [10, 0],
      max: [10, 10],
      mean: [10, 5],
    });
  });

  it('leave alone what is older, and leave the answer as it was', () => {
    const before = series(line([0, 50_000], [1, 2]));
    expect(withSamples(before, [sample(20_000, member('a:1', 9))], ['connections'], null)).toEqual(before);
  });

  it('begin lines of members that are new, unless others are asked for', () => {
    const news = [sample(5000, member('a:1', 1), member('b:1', 3))];
    const both = withSamples(series(line([0], [1])), news, ['connections'], null);
    expect(both.series.map(({ host, mean }) => [host, mean])).toEqual([
      ['a:1', [1, 1]],
      ['b:1', [3]],
    ]);
    expect(withSamples(series(line([0], [1])), news, ['connections'], ['a:1']).series).toHaveLength(1);
  });
});
