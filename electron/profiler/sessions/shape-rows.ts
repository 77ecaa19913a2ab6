/** What is known of each shape of a selection, and the page of them that a table shows. */
import type { CollscanKind, SetApartReason } from '../../../shared/profiler';
import type { CollscanLists, Facet, ShapeRow, ShapeSort, ShapesPage } from '../../../shared/slow-queries';
import type { InternedNames } from './interned-names';
import { operationFlags, untold } from './operation-columns';
import { quantilesOf } from './quantiles';
import { membersOf, type Selection } from './select-operations';

/** The numbers of a shape, without what only a row that is shown needs. */
export type ShapeNumbers = Omit<ShapeRow, 'plans' | 'apps' | 'sparkline'>;

const shownNames = 3;

/** One number for each shape of a capture. */
type Sums = Record<SumName, Float64Array>;
const sumNames = [
  'getMores',
  'errors',
  'totalMs',
  'maxMs',
  'docsExamined',
  'keysExamined',
  'returned',
  'written',
  'yields',
  'responseBytes',
  'collscanCount',
  'collscanMs',
  'sortStageCount',
  'usedDiskCount',
  'truncatedCount',
  'firstSeen',
  'lastSeen',
] as const;
type SumName = (typeof sumNames)[number];

/** Of every shape of the selection, in its order. */
export function shapeNumbers(selection: Selection): ShapeNumbers[] {
  const sums = sumsOf(selection);
  return selection.shapes.map((shape) => numbersOf(selection, shape, sums));
}

function sumsOf({ operations, inOrder }: Selection): Sums {
  const length = operations.shapes.length;
  const sums = Object.fromEntries(sumNames.map((name) => [name, new Float64Array(length)])) as Sums;
  sums.firstSeen.fill(Infinity);
  sums.lastSeen.fill(-Infinity);
  const { columns } = operations;
  for (let place = 0; place < inOrder.length; place++) {
    const at = inOrder[place] ?? 0;
    const shape = columns.shape[at] ?? 0;
    const took = columns.durationMs[at] ?? 0;
    const when = columns.time[at] ?? 0;
    const flags = columns.flags[at] ?? 0;
    add(sums.totalMs, shape, took);
    if (took > (sums.maxMs[shape] ?? 0)) sums.maxMs[shape] = took;
    if (when < (sums.firstSeen[shape] ?? 0)) sums.firstSeen[shape] = when;
    if (when > (sums.lastSeen[shape] ?? 0)) sums.lastSeen[shape] = when;
    // NaN, where it was not told, is no number to add.
    add(sums.docsExamined, shape, columns.docsExamined[at] || 0);
    add(sums.keysExamined, shape, columns.keysExamined[at] || 0);
    add(sums.returned, shape, counter(columns.returned[at]));
    add(sums.written, shape, counter(columns.written[at]));
    add(sums.yields, shape, counter(columns.yields[at]));
    add(sums.responseBytes, shape, counter(columns.responseBytes[at]));
    if (columns.error[at] !== 0) add(sums.errors, shape, 1);
    if (flags === 0) continue;
    if ((flags & operationFlags.getMore) !== 0) add(sums.getMores, shape, 1);
    if ((flags & operationFlags.collscan) !== 0) {
      add(sums.collscanCount, shape, 1);
      add(sums.collscanMs, shape, took);
    }
    if ((flags & operationFlags.sortStage) !== 0) add(sums.sortStageCount, shape, 1);
    if ((flags & operationFlags.usedDisk) !== 0) add(sums.usedDiskCount, shape, 1);
    if ((flags & operationFlags.truncated) !== 0) add(sums.truncatedCount, shape, 1);
  }
  return sums;
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] ?? 0) + value;
}

function numbersOf(selection: Selection, number: number, sums: Sums): ShapeNumbers {
  const { columns, shapes } = selection.operations;
  const members = membersOf(selection, number);
  const durations = new Float64Array(members.length);
  for (let place = 0; place < members.length; place++) durations[place] = columns.durationMs[members[place] ?? 0] ?? 0;
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = quantilesOf(durations, [0.5, 0.95, 0.99]);
  const of = (name: SumName): number => sums[name][number] ?? 0;
  const answered = of('returned') + of('written');
  const shape = shapes[number];
  const setApart = reasonOf(columns.flags[members[0] ?? 0] ?? 0);
  return {
    id: shape?.id ?? '',
    ns: shape?.ns ?? '',
    op: shape?.kind ?? 'command',
    shape: shape?.text ?? '',
    setApart,
    count: members.length,
    getMores: of('getMores'),
    errors: of('errors'),
    totalMs: of('totalMs'),
    meanMs: members.length === 0 ? 0 : rounded(of('totalMs') / members.length),
    p50Ms,
    p95Ms,
    p99Ms,
    maxMs: of('maxMs'),
    docsExamined: of('docsExamined'),
    keysExamined: of('keysExamined'),
    returned: of('returned'),
    written: of('written'),
    examinedPerReturned: answered === 0 ? null : rounded(of('docsExamined') / answered),
    collscanCount: of('collscanCount'),
    collscanMs: of('collscanMs'),
    collscanKind: of('collscanCount') === 0 ? null : collscanKind(setApart, shape?.fullRead === true),
    sortStageCount: of('sortStageCount'),
    usedDiskCount: of('usedDiskCount'),
    truncatedCount: of('truncatedCount'),
    yields: of('yields'),
    responseBytes: of('responseBytes'),
    firstSeen: of('firstSeen'),
    lastSeen: of('lastSeen'),
  };
}

function counter(value: number | undefined): number {
  return value === undefined || value === untold ? 0 : value;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function reasonOf(flags: number): SetApartReason | null {
  if ((flags & operationFlags.internal) !== 0) return 'internal';
  return (flags & operationFlags.outer) !== 0 ? 'outer' : null;
}

function collscanKind(setApart: SetApartReason | null, fullRead: boolean): CollscanKind {
  if (setApart === 'internal') return 'internal';
  return fullRead ? 'full-read' : 'index-may-help';
}

/** Numbers before names, null last whichever way. */
export function sortShapes(rows: readonly ShapeNumbers[], sort: ShapeSort, descending: boolean): ShapeNumbers[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const x = a[sort];
    const y = b[sort];
    if (x !== y) {
      if (x === null) return 1;
      if (y === null) return -1;
      return x < y ? -sign : sign;
    }
    return b.totalMs - a.totalMs || (a.id < b.id ? -1 : 1);
  });
}

export interface PageRequest {
  sort: ShapeSort;
  descending: boolean;
  offset: number;
  limit: number;
  buckets: number;
}

export function shapesPage(selection: Selection, rows: readonly ShapeNumbers[], request: PageRequest): ShapesPage {
  const { from, to } = selection;
  const span = bucketsOf(selection, request.buckets);
  const page = sortShapes(rows, request.sort, request.descending).slice(request.offset, request.offset + request.limit);
  return {
    total: rows.length,
    from,
    to,
    bucketMs: span.bucketMs,
    shapes: completeRows(selection, page, span),
  };
}

export interface Buckets {
  from: number;
  bucketMs: number;
  count: number;
}

/** Equal pieces of the selection's time span, at least a millisecond each. */
export function bucketsOf({ from, to }: Pick<Selection, 'from' | 'to'>, count: number): Buckets {
  if (from === null || to === null) return { from: 0, bucketMs: 1, count };
  return { from, bucketMs: Math.max(1, Math.ceil((to - from + 1) / count)), count };
}

/** Adds plans, apps and the sparkline. */
export function completeRows(selection: Selection, rows: readonly ShapeNumbers[], buckets: Buckets): ShapeRow[] {
  const { operations } = selection;
  const { columns, names } = operations;
  const numbers = numbersById(selection);
  return rows.map((row) => {
    const members = membersOf(selection, numbers.get(row.id) ?? 0);
    const sparkline = new Array<number>(buckets.count).fill(0);
    for (let place = 0; place < members.length; place++) {
      const at = members[place] ?? 0;
      const bucket = Math.floor(((columns.time[at] ?? 0) - buckets.from) / buckets.bucketMs);
      const last = Math.min(buckets.count - 1, bucket);
      sparkline[last] = (sparkline[last] ?? 0) + (columns.durationMs[at] ?? 0);
    }
    return {
      ...row,
      plans: facetsOf(members, columns.plan, columns.durationMs, names.plan, shownNames),
      apps: facetsOf(members, columns.app, columns.durationMs, names.app, shownNames),
      sparkline,
    };
  });
}

/** Adds the plans alone. */
export function withPlans(selection: Selection, rows: readonly ShapeNumbers[]): (ShapeNumbers & { plans: Facet[] })[] {
  const { columns, names } = selection.operations;
  const numbers = numbersById(selection);
  return rows.map((row) => {
    const members = membersOf(selection, numbers.get(row.id) ?? 0);
    return { ...row, plans: facetsOf(members, columns.plan, columns.durationMs, names.plan, shownNames) };
  });
}

function numbersById({ operations, shapes }: Selection): Map<string, number> {
  return new Map(shapes.map((number) => [operations.shapes[number]?.id ?? '', number]));
}

/** How often each name occurs, by total time; operations without one are left out unless `unnamed` says how to call them. */
export function facetsOf(
  members: Uint32Array,
  column: ArrayLike<number>,
  durations: Float64Array,
  table: InternedNames,
  most: number,
  unnamed: string | null = null,
): Facet[] {
  // Tables may hold far more names than a few operations have.
  const size = members.length * 4 < table.names.length ? 0 : table.names.length;
  const tallies = size > 0 ? tallyByNumber(members, column, durations, size) : tallyByMap(members, column, durations);
  const facets: Facet[] = [];
  for (const [number, { count, totalMs }] of tallies) {
    if (count === 0 || (number === 0 && unnamed === null)) continue;
    facets.push({ name: table.nameOf(number) ?? unnamed ?? '', count, totalMs });
  }
  return facets.sort((a, b) => b.totalMs - a.totalMs || b.count - a.count).slice(0, most);
}

type Tally = Pick<Facet, 'count' | 'totalMs'>;

function tallyByNumber(
  members: Uint32Array,
  column: ArrayLike<number>,
  durations: Float64Array,
  size: number,
): [number, Tally][] {
  const counts = new Uint32Array(size);
  const totals = new Float64Array(size);
  for (let place = 0; place < members.length; place++) {
    const at = members[place] ?? 0;
    const number = column[at] ?? 0;
    counts[number] = (counts[number] ?? 0) + 1;
    totals[number] = (totals[number] ?? 0) + (durations[at] ?? 0);
  }
  return Array.from(counts, (count, number) => [number, { count, totalMs: totals[number] ?? 0 }]);
}

function tallyByMap(members: Uint32Array, column: ArrayLike<number>, durations: Float64Array): Map<number, Tally> {
  const tallies = new Map<number, Tally>();
  for (const at of members) {
    const number = column[at] ?? 0;
    const tally = tallies.get(number) ?? { count: 0, totalMs: 0 };
    tally.count += 1;
    tally.totalMs += durations[at] ?? 0;
    tallies.set(number, tally);
  }
  return tallies;
}

export function collscanLists(selection: Selection, rows: readonly ShapeNumbers[]): CollscanLists {
  const scans = rows.filter(({ collscanCount }) => collscanCount > 0).sort((a, b) => b.collscanMs - a.collscanMs);
  const buckets = bucketsOf(selection, 1);
  const listed = (kind: CollscanKind): ShapeRow[] =>
    completeRows(selection, scans.filter(({ collscanKind: each }) => each === kind).slice(0, 500), buckets);
  return { indexMayHelp: listed('index-may-help'), fullReads: listed('full-read'), internal: listed('internal') };
}
