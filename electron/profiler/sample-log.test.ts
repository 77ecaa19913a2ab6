/** A real log of a 6.0 replica set, of 27,995 lines. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Operation, ProfileReport } from '../../shared/profiler';
import { profileReportSchema } from '../../shared/profiler';
import { peekLogFile } from './logs/log-file';
import { LogTally } from './logs/log-tally';
import { mergeByTime } from './logs/merge-by-time';
import { runLogReport } from './testing/run-log-report';

const sample = fileURLToPath(new URL('../../../shared/testdata/logs/sample-mongod.log.gz', import.meta.url));
const absent = !existsSync(sample);
const why = absent ? ' (skipped: ../shared/testdata is not there)' : '';

let report: ProfileReport;
const operations: Operation[] = [];

beforeAll(async () => {
  if (absent) return;
  report = await runLogReport([sample]);
  for await (const batch of mergeByTime([await peekLogFile(sample)], { tally: new LogTally() }))
    operations.push(...batch);
});

/** Where our shapes and the server's hashes disagree, and why. */
const splitHashes: Record<string, string> = {
  'testdb.vehicles find 7C953B42':
    'the log gives the same hash, plan cache key and cursor id for { color } and for { brand, color }, one after the other',
};
const mixedShapes: Record<string, string> = {};

describe.skipIf(absent)(`the sample log${why}`, () => {
  it('has 27,995 lines, 27,429 slow operations and nothing unreadable', () => {
    expect(report.log).toMatchObject({ lines: 27_995, slowOperations: 27_429, unreadable: 0, unreadableLines: [] });
    expect(report.operations).toBe(27_429);
    expect(report.counted + report.internal.operations + report.outer.operations).toBe(27_429);
    expect(report.shapes.reduce((sum, { count }) => sum + count, 0)).toBe(report.counted);
    expect(report.from).toBe('2023-09-23T20:25:03.588Z');
    expect(() => profileReportSchema.parse(report)).not.toThrow();
  });

  it('has three COLLSCANs, full reads of testdb.vehicles that no index would spare', () => {
    const scans = [...report.shapes, ...report.internal.shapes].filter(({ collscan }) => collscan);
    expect(scans).toHaveLength(1);
    expect(scans[0]).toMatchObject({
      ns: 'testdb.vehicles',
      op: 'find',
      shape: '{ filter: {} }',
      count: 3,
      collscanCount: 3,
      totalMs: 504,
      collscanMs: 504,
      collscanKind: 'full-read',
    });
  });

  it('adds up the plan on email over finds, updates and deletes, without the outer commands', () => {
    const byPlan = operations.filter(({ planSummary }) => planSummary === 'IXSCAN { email: 1 }');
    const total = (list: Operation[]): [number, number] => [
      list.length,
      list.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ];
    expect(total(byPlan)).toEqual([8964, 1_114_284]);
    expect(total(byPlan.filter(({ kind }) => kind === 'find'))).toEqual([2988, 371_660]);
    expect(new Set(byPlan.map(({ kind }) => kind))).toEqual(new Set(['find', 'update', 'delete']));
    const shapes = report.shapes.filter(
      ({ ns, op }) => ns === 'testdb.__examples' && op !== 'command' && op !== 'insert',
    );
    expect(shapes.reduce((sum, { count }) => sum + count, 0)).toBe(8964);
    expect(shapes.reduce((sum, { totalMs }) => sum + totalMs, 0)).toBe(1_114_284);
  });

  it('keeps write commands apart that repeat the statements inside them', () => {
    expect(report.outer).toMatchObject({ operations: 6060, totalMs: 441_282 });
    expect(report.shapes.filter(({ ns }) => ns.endsWith('.$cmd'))).toEqual([]);
    expect(report.notes).toEqual([]);
  });

  it('sets internal commands apart', () => {
    expect(report.internal.operations).toBe(478);
    expect(report.internal.shapes.map(({ shape }) => shape)).toContain('{ hello: ?, helloOk: ? }');
    expect(report.shapes.filter(({ shape }) => /hello|isMaster|serverStatus|buildInfo|ping/.test(shape))).toEqual([]);
  });

  it('groups as the hashes of the server do', () => {
    const shapesByHash = new Map<string, Set<string>>();
    const hashesByShape = new Map<string, Set<string>>();
    for (const { ns, kind, queryHash, shapeId, setApart } of operations) {
      if (queryHash === null || setApart !== null) continue;
      const hash = `${ns} ${kind} ${queryHash}`;
      shapesByHash.set(hash, (shapesByHash.get(hash) ?? new Set()).add(shapeId));
      hashesByShape.set(shapeId, (hashesByShape.get(shapeId) ?? new Set()).add(queryHash));
    }
    const several = (groups: Map<string, Set<string>>): string[] =>
      [...groups].filter(([, members]) => members.size > 1).map(([name]) => name);
    expect(shapesByHash.size).toBe(6);
    expect(several(shapesByHash)).toEqual(Object.keys(splitHashes));
    expect(several(hashesByShape)).toEqual(Object.keys(mixedShapes));
  });

  it('tells quantiles within one percent and the slowest examples', () => {
    const shown = report.shapes[0];
    expect(shown).toMatchObject({ ns: 'testdb.__examples', op: 'insert', count: 10_175, maxMs: 2137 });
    expect(shown?.examples.map(({ durationMs }) => durationMs)).toEqual([2137, 2123, 2102]);
    const durations = operations
      .filter(({ shapeId }) => shapeId === shown?.id)
      .map(({ durationMs }) => durationMs)
      .sort((a, b) => a - b);
    for (const [quantile, value] of [
      [0.5, shown?.p50Ms],
      [0.95, shown?.p95Ms],
      [0.99, shown?.p99Ms],
    ] as const) {
      const exact = durations[Math.ceil(quantile * durations.length) - 1] ?? 0;
      expect(Math.abs((value ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.01);
    }
  });
});
