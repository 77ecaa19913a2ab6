/** The page of shapes that a table shows, and lists of them. */
import type { CollscanKind } from '../../../shared/profiler';
import type { CollscanLists, Facet, ShapeRow, ShapeSort, ShapesPage } from '../../../shared/slow-queries';
import { NameTally } from './name-tally';
import type { Selection } from './select-operations';
import type { ShapeNumbers } from './shape-numbers';

const shownNames = 3;

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
  const { columns, names } = selection.operations;
  const places = placesOf(selection, rows);
  const plans = namesOfRows(selection, places, columns.plan, new NameTally(names.plan));
  const apps = namesOfRows(selection, places, columns.app, new NameTally(names.app));
  const sparklines = sparklinesOf(selection, places, buckets);
  return rows.map((row, at) => ({
    ...row,
    plans: plans[at] ?? [],
    apps: apps[at] ?? [],
    sparkline: Array.from(sparklines.subarray(at * buckets.count, (at + 1) * buckets.count)),
  }));
}

/** Adds the plans alone. */
export function withPlans(selection: Selection, rows: readonly ShapeNumbers[]): (ShapeNumbers & { plans: Facet[] })[] {
  const { columns, names } = selection.operations;
  const plans = namesOfRows(selection, placesOf(selection, rows), columns.plan, new NameTally(names.plan));
  return rows.map((row, at) => ({ ...row, plans: plans[at] ?? [] }));
}

/** Which row a shape is in, and where each row's operations begin when they are put row after row. */
interface RowPlaces {
  /** By the shape's number; -1 for a shape in no row. */
  rowOf: Int32Array;
  /** One more than there are rows. */
  starts: Uint32Array;
}

function placesOf({ operations, shapes }: Selection, rows: readonly ShapeNumbers[]): RowPlaces {
  const rowById = new Map(rows.map(({ id }, row) => [id, row]));
  const rowOf = new Int32Array(operations.shapes.length).fill(-1);
  for (const number of shapes) rowOf[number] = rowById.get(operations.shapes[number]?.id ?? '') ?? -1;
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach(({ count }, row) => (starts[row + 1] = (starts[row] ?? 0) + count));
  return { rowOf, starts };
}

/**
 * The names of each row, most time first. Columns are read from front to end, and what they say is put row after row first: following
 * the members of one row after another through columns of millions takes ten times as long.
 */
function namesOfRows(
  { operations, inOrder }: Selection,
  { rowOf, starts }: RowPlaces,
  column: Uint32Array,
  tally: NameTally,
): Facet[][] {
  const { shape, durationMs } = operations.columns;
  const next = starts.slice();
  const rows = starts.length - 1;
  const numbers = new Uint32Array(starts[rows] ?? 0);
  const durations = new Float64Array(starts[rows] ?? 0);
  for (let place = 0; place < inOrder.length; place++) {
    const at = inOrder[place] ?? 0;
    const row = rowOf[shape[at] ?? 0] ?? -1;
    if (row < 0) continue;
    const to = next[row] ?? 0;
    numbers[to] = column[at] ?? 0;
    durations[to] = durationMs[at] ?? 0;
    next[row] = to + 1;
  }
  return Array.from({ length: rows }, (_, row) => {
    const end = starts[row + 1] ?? 0;
    for (let place = starts[row] ?? 0; place < end; place++) tally.add(numbers[place] ?? 0, durations[place] ?? 0);
    return tally.take(shownNames);
  });
}

/** Total milliseconds of each bucket, row after row. */
function sparklinesOf(
  { operations, inOrder }: Selection,
  { rowOf, starts }: RowPlaces,
  { from, bucketMs, count }: Buckets,
): Float64Array {
  const { shape, time, durationMs } = operations.columns;
  const sums = new Float64Array((starts.length - 1) * count);
  for (let place = 0; place < inOrder.length; place++) {
    const at = inOrder[place] ?? 0;
    const row = rowOf[shape[at] ?? 0] ?? -1;
    if (row < 0) continue;
    const to = row * count + Math.min(count - 1, Math.floor(((time[at] ?? 0) - from) / bucketMs));
    sums[to] = (sums[to] ?? 0) + (durationMs[at] ?? 0);
  }
  return sums;
}

export function collscanLists(selection: Selection, rows: readonly ShapeNumbers[]): CollscanLists {
  const scans = rows.filter(({ collscanCount }) => collscanCount > 0).sort((a, b) => b.collscanMs - a.collscanMs);
  const buckets = bucketsOf(selection, 1);
  const listed = (kind: CollscanKind): ShapeRow[] =>
    completeRows(selection, scans.filter(({ collscanKind: each }) => each === kind).slice(0, 500), buckets);
  return { indexMayHelp: listed('index-may-help'), fullReads: listed('full-read'), internal: listed('internal') };
}
