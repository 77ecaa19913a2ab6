/** The table of shapes, every figure of it held against a plain loop over the operations. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../shared/profiler';
import { everyOperation, type Facet, type ShapeRow } from '../../../shared/slow-queries';
import { NameTally, facetsOf } from './name-tally';
import { InternedNames } from './interned-names';
import { OperationColumns } from './operation-columns';
import { selectOperations, type Selection } from './select-operations';
import { shapeNumbers } from './shape-numbers';
import { bucketsOf, completeRows, shapesPage, withPlans } from './shape-rows';
import { randomOperations } from './testing/random-operations';

const all: Operation[] = randomOperations(6000, { shapes: 150, seed: 7 }).map((operation, at) => ({
  ...operation,
  // Far more plans than rows of a table show, and many that took equally long.
  planSummary: operation.planSummary === null ? null : `${operation.planSummary} ${at % 97}`,
  durationMs: at % 3 === 0 ? 100 : operation.durationMs,
  usedDisk: at % 41 === 0,
  truncated: at % 43 === 0,
}));

function selected(minMs: number): Selection {
  const columns = new OperationColumns();
  for (const operation of all) columns.add(operation, 'a:1', null);
  return selectOperations(columns, { ...everyOperation, setApart: 'all', minMs });
}

/** Of equally long ones the name that the capture has met first is told first. */
const firstMet = (nameOf: (operation: Operation) => string | null): Map<string | null, number> =>
  new Map([...new Set(all.map(nameOf))].map((name, at) => [name, at]));
const planOf = ({ planSummary }: Operation): string | null => planSummary;
const appOf = ({ app }: Operation): string | null => app;
const metOf = new Map([planOf, appOf].map((nameOf) => [nameOf, firstMet(nameOf)]));

function namesByTime(operations: readonly Operation[], nameOf: (operation: Operation) => string | null): Facet[] {
  const tallies = new Map<string, Facet>();
  for (const operation of operations) {
    const name = nameOf(operation);
    if (name === null) continue;
    const tally = tallies.get(name) ?? { name, count: 0, totalMs: 0 };
    tallies.set(name, { name, count: tally.count + 1, totalMs: tally.totalMs + operation.durationMs });
  }
  const met = (name: string): number => metOf.get(nameOf)?.get(name) ?? 0;
  return [...tallies.values()]
    .sort((a, b) => b.totalMs - a.totalMs || b.count - a.count || met(a.name) - met(b.name))
    .slice(0, 3);
}

/** What a row has to say, without a thought for speed. */
function plainRow(members: readonly Operation[], from: number, bucketMs: number, buckets: number): ShapeRow {
  const [first] = members;
  if (!first) throw new Error('A shape has operations');
  const sum = (of: (operation: Operation) => number | null): number =>
    members.reduce((total, operation) => total + (of(operation) ?? 0), 0);
  const number = (of: (operation: Operation) => boolean): number => members.filter(of).length;
  const durations = members.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const quantile = (share: number): number => durations[Math.ceil(share * durations.length) - 1] ?? 0;
  const sparkline = new Array<number>(buckets).fill(0);
  for (const { time, durationMs } of members) {
    const bucket = Math.min(buckets - 1, Math.floor((time - from) / bucketMs));
    sparkline[bucket] = (sparkline[bucket] ?? 0) + durationMs;
  }
  const totalMs = sum(({ durationMs }) => durationMs);
  const docsExamined = sum((operation) => operation.docsExamined);
  const answered = sum(({ returned }) => returned) + sum(({ written }) => written);
  const scans = members.filter(({ collscan }) => collscan);
  const listed = first.fullRead ? 'full-read' : 'index-may-help';
  return {
    id: first.shapeId,
    ns: first.ns,
    op: first.kind,
    shape: first.shape,
    setApart: first.setApart,
    count: members.length,
    getMores: number(({ getMore }) => getMore),
    errors: number(({ errorCode }) => errorCode !== null),
    totalMs,
    meanMs: Math.round((totalMs / members.length) * 100) / 100,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    maxMs: durations[durations.length - 1] ?? 0,
    docsExamined,
    keysExamined: sum(({ keysExamined }) => keysExamined),
    returned: sum(({ returned }) => returned),
    written: sum(({ written }) => written),
    examinedPerReturned: answered === 0 ? null : Math.round((docsExamined / answered) * 100) / 100,
    collscanCount: scans.length,
    collscanMs: scans.reduce((total, { durationMs }) => total + durationMs, 0),
    collscanKind: scans.length === 0 ? null : first.setApart === 'internal' ? 'internal' : listed,
    sortStageCount: number(({ sortStage }) => sortStage),
    usedDiskCount: number(({ usedDisk }) => usedDisk),
    truncatedCount: number(({ truncated }) => truncated),
    yields: sum(({ yields }) => yields),
    responseBytes: sum(({ responseBytes }) => responseBytes),
    firstSeen: Math.min(...members.map(({ time }) => time)),
    lastSeen: Math.max(...members.map(({ time }) => time)),
    plans: namesByTime(members, planOf),
    apps: namesByTime(members, appOf),
    sparkline,
  };
}

function plainRows(minMs: number, selection: Selection, buckets: number): Map<string, ShapeRow> {
  const byShape = new Map<string, Operation[]>();
  for (const operation of all) {
    if (operation.durationMs < minMs) continue;
    const members = byShape.get(operation.shapeId) ?? [];
    members.push(operation);
    byShape.set(operation.shapeId, members);
  }
  const { from, bucketMs } = bucketsOf(selection, buckets);
  return new Map([...byShape].map(([id, members]) => [id, plainRow(members, from, bucketMs, buckets)]));
}

describe('the table of shapes', () => {
  it.each([0, 101, 900])('has the figures that a plain loop finds, of operations from %i ms', (minMs) => {
    const selection = selected(minMs);
    const expected = plainRows(minMs, selection, 24);
    const rows = shapeNumbers(selection);
    const request = { sort: 'totalMs', descending: true, offset: 0, limit: 1000, buckets: 24 } as const;
    const { shapes, total } = shapesPage(selection, rows, request);
    expect([total, shapes.length]).toEqual([expected.size, expected.size]);
    for (const row of shapes) expect(row).toEqual(expected.get(row.id));
  });

  it('tells the same of a row, whichever other rows are on its page', () => {
    const selection = selected(0);
    const expected = plainRows(0, selection, 10);
    const rows = shapeNumbers(selection);
    for (const sort of ['p95Ms', 'ns', 'count'] as const) {
      const request = { sort, descending: false, offset: 60, limit: 7, buckets: 10 };
      const { shapes } = shapesPage(selection, rows, request);
      expect(shapes).toHaveLength(7);
      for (const row of shapes) expect(row).toEqual(expected.get(row.id));
    }
    for (const { id, plans } of withPlans(selection, rows)) expect(plans).toEqual(expected.get(id)?.plans);
    expect(completeRows(selection, [], bucketsOf(selection, 10))).toEqual([]);
  });
});

describe('names', () => {
  const table = new InternedNames(100, ['', 'a', 'b', 'c']);

  it('are told by time, then by number of operations, and none only where it is called something', () => {
    const column = Uint32Array.from([1, 2, 2, 3, 0, 0]);
    const durations = Float64Array.from([10, 5, 5, 20, 40, 0]);
    const members = Uint32Array.from([0, 1, 2, 3, 4, 5]);
    const names = (unnamed: string | null): string[] =>
      facetsOf(members, column, durations, table, 3, unnamed).map(({ name, count }) => `${name}:${count}`);
    expect(names(null)).toEqual(['c:1', 'b:2', 'a:1']);
    expect(names('none')).toEqual(['none:2', 'c:1', 'b:2']);
  });

  it('of one row say nothing about the next', () => {
    const tally = new NameTally(table);
    tally.add(1, 50);
    tally.add(0, 9);
    expect(tally.take(3)).toEqual([{ name: 'a', count: 1, totalMs: 50 }]);
    tally.add(2, 1);
    expect(tally.take(3, 'none')).toEqual([{ name: 'b', count: 1, totalMs: 1 }]);
    expect(tally.take(3)).toEqual([]);
  });
});
