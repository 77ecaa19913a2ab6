import { describe, expect, it } from 'vitest';
import type { MetricName } from '../../../shared/health';
import type { HistoryQuery, HistorySeries } from '../../../shared/health-history';
import { createSeriesRequests } from './series-requests';

const query = (...metrics: MetricName[]): HistoryQuery => ({
  deployment: 'shop',
  hosts: null,
  metrics,
  from: 0,
  to: 1000,
  points: 10,
});

function history(mostMetrics?: number) {
  const asked: HistoryQuery[] = [];
  const request = createSeriesRequests((one) => {
    asked.push(one);
    const line = (metric: MetricName) => ({ host: 'a:1', set: 'rs', metric, at: [0], min: [1], max: [1], mean: [1] });
    const answer: HistorySeries = { ...one, stepMs: 100, tier: 'raw', series: one.metrics.map(line) };
    return Promise.resolve(answer);
  }, mostMetrics);
  return { asked, request };
}

describe('series for a page of charts', () => {
  it('are read by one question, and every chart gets its own', async () => {
    const { asked, request } = history();
    const [lag, both] = await Promise.all([request(query('lagSeconds')), request(query('connections', 'lagSeconds'))]);
    expect(asked.map(({ metrics }) => metrics)).toEqual([['lagSeconds', 'connections']]);
    expect(lag.series.map(({ metric }) => metric)).toEqual(['lagSeconds']);
    expect(both.series.map(({ metric }) => metric).sort()).toEqual(['connections', 'lagSeconds']);
  });

  it('of another time, other members or asked later are questions of their own', async () => {
    const { asked, request } = history();
    await Promise.all([
      request(query('lagSeconds')),
      request({ ...query('lagSeconds'), to: 2000 }),
      request({ ...query('lagSeconds'), hosts: ['a:1'] }),
    ]);
    await request(query('lagSeconds'));
    expect(asked).toHaveLength(4);
  });

  it('are asked in more than one question where one may not name them all', async () => {
    const { asked, request } = history(3);
    const [first, second, third] = await Promise.all([
      request(query('lagSeconds', 'connections')),
      request(query('connections', 'diskUsedPercent')),
      request(query('cacheUsedPercent', 'cacheHitPercent')),
    ]);
    expect(asked.map(({ metrics }) => metrics)).toEqual([
      ['lagSeconds', 'connections', 'diskUsedPercent'],
      ['cacheUsedPercent', 'cacheHitPercent'],
    ]);
    expect([first, second, third].map(({ series }) => series.length)).toEqual([2, 2, 2]);
  });

  it('fail for all who asked', async () => {
    const request = createSeriesRequests(() => Promise.reject(new Error('The history was closed.')));
    const answers = await Promise.allSettled([request(query('lagSeconds')), request(query('connections'))]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
