import { describe, expect, it } from 'vitest';
import type { JsonDocument, Operation } from '../../shared/profiler';
import { OperationAggregate } from './aggregate-operations';
import { DurationSketch } from './duration-sketch';
import { normaliseOperation } from './normalise-operation';
import { hasCollectionScan, parsePlanSummary } from './plan-summary';
import { TimeSeries } from './time-series';

const everything = { database: null, since: null, until: null };

function operation(command: JsonDocument, more: Partial<Operation> = {}): Operation {
  const made = normaliseOperation({
    source: 'log',
    time: 0,
    type: 'command',
    ns: 'd.c',
    command,
    originatingCommand: null,
    truncated: false,
    durationMs: 100,
    docsExamined: 10,
    keysExamined: 5,
    returned: 2,
    written: null,
    planSummary: 'COLLSCAN',
    sortStage: false,
    usedDisk: false,
    yields: 1,
    responseBytes: 50,
    app: 'web',
    client: '10.0.0.1:5',
    context: 'conn1',
    queryHash: null,
    planCacheShapeHash: null,
    queryShapeHash: null,
    planCacheKey: null,
    errorCode: null,
    errorName: null,
    shards: null,
  });
  return { ...made, ...more };
}

describe('quantiles', () => {
  const values = Array.from({ length: 50_000 }, (_, at) => Math.floor(Math.exp(((at * 7919) % 50_000) / 4000)));
  const exact = (quantile: number, of: number[]): number =>
    [...of].sort((a, b) => a - b)[Math.max(1, Math.ceil(quantile * of.length)) - 1] ?? 0;

  it('are exact for few and within one percent for many', () => {
    const sketch = new DurationSketch();
    for (const [index, value] of values.entries()) {
      sketch.add(value);
      if (index !== 100 && index !== values.length - 1) continue;
      const tolerance = index === 100 ? 0 : 0.01;
      for (const quantile of [0, 0.01, 0.5, 0.95, 0.99, 1]) {
        const truth = exact(quantile, values.slice(0, index + 1));
        expect(Math.abs(sketch.quantile(quantile) - truth)).toBeLessThanOrEqual(truth * tolerance);
      }
    }
  });

  it('of parts add up to those of the whole', () => {
    const parts = [new DurationSketch(), new DurationSketch(), new DurationSketch()];
    const whole = new DurationSketch();
    values.forEach((value, index) => {
      parts[index < 20 ? 0 : index % 3]?.add(value);
      whole.add(value);
    });
    const merged = new DurationSketch();
    for (const part of parts) merged.merge(part);
    expect(merged.count).toBe(whole.count);
    for (const quantile of [0.5, 0.95, 0.99, 1]) expect(merged.quantile(quantile)).toBe(whole.quantile(quantile));
  });

  it('of nothing are zero', () => expect(new DurationSketch().quantile(0.5)).toBe(0));
});

describe('time series', () => {
  it('widen their buckets rather than grow', () => {
    const series = new TimeSeries(10);
    for (let minute = 0; minute < 100; minute++) series.add(minute * 60_000, minute);
    const { minutes, buckets } = series.report();
    expect(minutes).toBe(16);
    expect(buckets).toHaveLength(7);
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    expect(buckets[1]).toEqual({ time: '1970-01-01T00:16:00.000Z', count: 16, totalMs: 376, maxMs: 31 });
  });
});

describe('plan summaries', () => {
  it.each([
    ['COLLSCAN', [['COLLSCAN', null]]],
    [
      'IXSCAN { a: 1 }, IXSCAN { b: -1, "c d": 1 }',
      [
        ['IXSCAN', '{ a: 1 }'],
        ['IXSCAN', '{ b: -1, "c d": 1 }'],
      ],
    ],
    ['IDHACK', [['IDHACK', null]]],
    ['EXPRESS_IXSCAN { a: 1 }', [['EXPRESS_IXSCAN', '{ a: 1 }']]],
    ['EOF', [['EOF', null]]],
    ['DISTINCT_SCAN { a: 1 }', [['DISTINCT_SCAN', '{ a: 1 }']]],
    ['CLUSTERED_IXSCAN', [['CLUSTERED_IXSCAN', null]]],
    ['COUNT_SCAN { a: "hashed" }', [['COUNT_SCAN', '{ a: "hashed" }']]],
    ['RECORD_STORE_FAST_COUNT', [['RECORD_STORE_FAST_COUNT', null]]],
    [
      'COLLSCAN, IXSCAN { a: 1 }',
      [
        ['COLLSCAN', null],
        ['IXSCAN', '{ a: 1 }'],
      ],
    ],
  ])('%s', (summary, stages) => {
    expect(parsePlanSummary(summary).map(({ stage, keys }) => [stage, keys])).toEqual(stages);
    expect(hasCollectionScan(summary)).toBe(summary.includes('COLLSCAN'));
  });

  it('with an index named after a scan are no scan', () => {
    expect(hasCollectionScan('IXSCAN { COLLSCAN: 1 }')).toBe(false);
  });
});

describe('shapes', () => {
  it('add up what their operations did', () => {
    const aggregate = new OperationAggregate(everything);
    aggregate.add(operation({ find: 'c', filter: { a: 1 } }));
    aggregate.add(
      operation(
        { find: 'c', filter: { a: 2 } },
        {
          durationMs: 300,
          time: 60_000,
          app: 'job',
          sortStage: true,
          planSummary: 'IXSCAN { a: 1 }',
          collscan: false,
          errorCode: 50,
        },
      ),
    );
    aggregate.add(operation({ hello: 1 }));
    const report = aggregate.report(false);
    expect(report).toMatchObject({
      operations: 3,
      counted: 2,
      totalMs: 400,
      internal: { operations: 1, totalMs: 100 },
    });
    expect(report.shapes).toHaveLength(1);
    expect(report.shapes[0]).toMatchObject({
      ns: 'd.c',
      op: 'find',
      shape: '{ filter: { a: ? } }',
      count: 2,
      totalMs: 400,
      meanMs: 200,
      p50Ms: 100,
      p99Ms: 300,
      maxMs: 300,
      docsExamined: 20,
      keysExamined: 10,
      returned: 4,
      examinedPerReturned: 5,
      collscan: true,
      collscanCount: 1,
      collscanKind: 'index-may-help',
      sortStage: true,
      errors: 1,
      yields: 2,
      responseBytes: 100,
      planSummaries: [
        { planSummary: 'COLLSCAN', count: 1, totalMs: 100 },
        { planSummary: 'IXSCAN { a: 1 }', count: 1, totalMs: 300 },
      ],
      apps: [
        { app: 'web', count: 1 },
        { app: 'job', count: 1 },
      ],
      firstSeen: '1970-01-01T00:00:00.000Z',
      lastSeen: '1970-01-01T00:01:00.000Z',
      example: { durationMs: 300, command: '{"find":"c","filter":{"a":2}}', client: '10.0.0.1:5' },
    });
  });

  it('beyond what is kept lose the least first, and say so', () => {
    const aggregate = new OperationAggregate(everything);
    for (let at = 0; at < 9000; at++) {
      aggregate.add(operation({ find: 'c', filter: { [`key${at}`]: 1 } }, { durationMs: 10 }));
      if (at % 10 === 0) aggregate.add(operation({ find: 'c', filter: { important: 1 } }, { durationMs: 5000 }));
    }
    const { shapes, shapesLetGo, counted, totalMs } = aggregate.report(false);
    expect(shapes.length).toBeLessThanOrEqual(4000);
    expect(shapes[0]).toMatchObject({ shape: '{ filter: { important: ? } }', count: 900 });
    expect(shapes.reduce((sum, { count }) => sum + count, 0) + shapesLetGo.operations).toBe(counted);
    expect(shapes.reduce((sum, shape) => sum + shape.totalMs, 0) + shapesLetGo.totalMs).toBe(totalMs);
  });

  it('hide all values on request, but not what they are about', () => {
    const aggregate = new OperationAggregate(everything);
    const command = {
      aggregate: 'c',
      pipeline: [
        {
          $match: {
            email: 'secret@example.org',
            pin: 1234,
            at: { $gte: { $date: '2020-01-01T00:00:00Z' } },
            x: '$secret',
          },
        },
        { $lookup: { from: 'people', localField: 'who', foreignField: '_id', as: 'p' } },
        { $set: { path: 'secret', as: 'secret', n: '$total', l: { $literal: '$secret' } } },
        { $sort: { total: -1 } },
      ],
      comment: 'secret',
      hint: 'email_1',
    };
    aggregate.add(operation(command));
    aggregate.add(
      operation({
        find: 'c',
        filter: { a: 'secret' },
        projection: { b: { $concat: ['secret', '$c'] } },
        sort: { a: 1 },
      }),
    );
    const text = JSON.stringify(aggregate.report(true));
    expect(text).not.toMatch(/secret|1234|2020-01-01|10\.0\.0\.1/);
    for (const kept of ['email_1', 'people', '<string>', '<number>', '<date>', '$total']) expect(text).toContain(kept);
  });
});
