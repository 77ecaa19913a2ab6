/** What is known of each shape of a selection in numbers. */
import type { CollscanKind, SetApartReason } from '../../../shared/profiler';
import type { ShapeRow } from '../../../shared/slow-queries';
import { operationFlags, untold } from './operation-columns';
import { quantilesOf } from './quantiles';
import type { Selection } from './select-operations';

/** The numbers of a shape, without what only a row that is shown needs. */
export type ShapeNumbers = Omit<ShapeRow, 'plans' | 'apps' | 'sparkline'>;

/** Where each sum of a shape is, from where the shape's begin. */
const place = {
  getMores: 0,
  errors: 1,
  totalMs: 2,
  maxMs: 3,
  docsExamined: 4,
  keysExamined: 5,
  returned: 6,
  written: 7,
  yields: 8,
  responseBytes: 9,
  collscanCount: 10,
  collscanMs: 11,
  sortStageCount: 12,
  usedDiskCount: 13,
  truncatedCount: 14,
  firstSeen: 15,
  lastSeen: 16,
} as const;
type SumName = keyof typeof place;
const width = Object.keys(place).length;

/** Of every shape of the selection, in its order. */
export function shapeNumbers(selection: Selection): ShapeNumbers[] {
  const sums = sumsOf(selection);
  const durations = durationsByShape(selection);
  return selection.shapes.map((shape) => numbersOf(selection, shape, sums, durations));
}

/** The sums of one shape beside each other, so that an operation touches one piece of memory and not seventeen. */
function sumsOf({ operations, inOrder }: Selection): Float64Array {
  const shapes = operations.shapes.length;
  const sums = new Float64Array(shapes * width);
  for (let shape = 0; shape < shapes; shape++) {
    sums[shape * width + place.firstSeen] = Infinity;
    sums[shape * width + place.lastSeen] = -Infinity;
  }
  const { columns } = operations;
  const { shape, durationMs, time, flags, error } = columns;
  const { docsExamined, keysExamined, returned, written, yields, responseBytes } = columns;
  for (let number = 0; number < inOrder.length; number++) {
    const at = inOrder[number] ?? 0;
    const start = (shape[at] ?? 0) * width;
    const took = durationMs[at] ?? 0;
    const when = time[at] ?? 0;
    add(sums, start + place.totalMs, took);
    if (took > (sums[start + place.maxMs] ?? 0)) sums[start + place.maxMs] = took;
    if (when < (sums[start + place.firstSeen] ?? 0)) sums[start + place.firstSeen] = when;
    if (when > (sums[start + place.lastSeen] ?? 0)) sums[start + place.lastSeen] = when;
    // NaN, where it was not told, is no number to add.
    add(sums, start + place.docsExamined, docsExamined[at] || 0);
    add(sums, start + place.keysExamined, keysExamined[at] || 0);
    add(sums, start + place.returned, counter(returned[at] ?? untold));
    add(sums, start + place.written, counter(written[at] ?? untold));
    add(sums, start + place.yields, counter(yields[at] ?? untold));
    add(sums, start + place.responseBytes, counter(responseBytes[at] ?? untold));
    if (error[at] !== 0) add(sums, start + place.errors, 1);
    const bits = flags[at] ?? 0;
    if (bits === 0) continue;
    if ((bits & operationFlags.getMore) !== 0) add(sums, start + place.getMores, 1);
    if ((bits & operationFlags.collscan) !== 0) {
      add(sums, start + place.collscanCount, 1);
      add(sums, start + place.collscanMs, took);
    }
    if ((bits & operationFlags.sortStage) !== 0) add(sums, start + place.sortStageCount, 1);
    if ((bits & operationFlags.usedDisk) !== 0) add(sums, start + place.usedDiskCount, 1);
    if ((bits & operationFlags.truncated) !== 0) add(sums, start + place.truncatedCount, 1);
  }
  return sums;
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] ?? 0) + value;
}

function counter(value: number): number {
  return value === untold ? 0 : value;
}

/** As `members` of the selection, shape after shape; columns are read from front to end for it. */
function durationsByShape({ operations, inOrder, starts }: Selection): Float64Array {
  const { shape, durationMs } = operations.columns;
  const next = starts.slice();
  const durations = new Float64Array(inOrder.length);
  for (let number = 0; number < inOrder.length; number++) {
    const at = inOrder[number] ?? 0;
    const of = shape[at] ?? 0;
    const to = next[of] ?? 0;
    durations[to] = durationMs[at] ?? 0;
    next[of] = to + 1;
  }
  return durations;
}

/** Reorders the shape's own part of `durations`. */
function numbersOf(selection: Selection, number: number, sums: Float64Array, durations: Float64Array): ShapeNumbers {
  const { operations, members, starts } = selection;
  const start = starts[number] ?? 0;
  const end = starts[number + 1] ?? members.length;
  const count = end - start;
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = quantilesOf(durations.subarray(start, end), [0.5, 0.95, 0.99]);
  const of = (name: SumName): number => sums[number * width + place[name]] ?? 0;
  const answered = of('returned') + of('written');
  const shape = operations.shapes[number];
  const setApart = reasonOf(operations.columns.flags[members[start] ?? 0] ?? 0);
  return {
    id: shape?.id ?? '',
    ns: shape?.ns ?? '',
    op: shape?.kind ?? 'command',
    shape: shape?.text ?? '',
    setApart,
    count,
    getMores: of('getMores'),
    errors: of('errors'),
    totalMs: of('totalMs'),
    meanMs: count === 0 ? 0 : rounded(of('totalMs') / count),
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

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Why the operation of these flags is not counted; null when it is. */
export function reasonOf(flags: number): SetApartReason | null {
  if ((flags & operationFlags.internal) !== 0) return 'internal';
  return (flags & operationFlags.outer) !== 0 ? 'outer' : null;
}

function collscanKind(setApart: SetApartReason | null, fullRead: boolean): CollscanKind {
  if (setApart === 'internal') return 'internal';
  return fullRead ? 'full-read' : 'index-may-help';
}
