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

/** Of every shape of the selection, in its order. */
export function shapeNumbers(selection: Selection): ShapeNumbers[] {
  return selection.shapes.map((shape) => numbersOf(selection, shape));
}

export function numbersOf(selection: Selection, number: number): ShapeNumbers {
  const { columns, shapes } = selection.operations;
  const members = membersOf(selection, number);
  const durations = new Float64Array(members.length);
  const sums = { getMores: 0, errors: 0, totalMs: 0, maxMs: 0, docsExamined: 0, keysExamined: 0 };
  const told = { returned: 0, written: 0, yields: 0, responseBytes: 0 };
  const flagged = { collscanCount: 0, collscanMs: 0, sortStageCount: 0, usedDiskCount: 0, truncatedCount: 0 };
  let firstSeen = Infinity;
  let lastSeen = -Infinity;
  for (let place = 0; place < members.length; place++) {
    const at = members[place] ?? 0;
    const took = columns.durationMs[at] ?? 0;
    const when = columns.time[at] ?? 0;
    const flags = columns.flags[at] ?? 0;
    durations[place] = took;
    sums.totalMs += took;
    if (took > sums.maxMs) sums.maxMs = took;
    if (when < firstSeen) firstSeen = when;
    if (when > lastSeen) lastSeen = when;
    // NaN, where it was not told, is no number to add.
    sums.docsExamined += columns.docsExamined[at] || 0;
    sums.keysExamined += columns.keysExamined[at] || 0;
    if (columns.error[at] !== 0) sums.errors += 1;
    told.returned += counter(columns.returned[at]);
    told.written += counter(columns.written[at]);
    told.yields += counter(columns.yields[at]);
    told.responseBytes += counter(columns.responseBytes[at]);
    if ((flags & operationFlags.getMore) !== 0) sums.getMores += 1;
    if ((flags & operationFlags.collscan) !== 0) {
      flagged.collscanCount += 1;
      flagged.collscanMs += took;
    }
    if ((flags & operationFlags.sortStage) !== 0) flagged.sortStageCount += 1;
    if ((flags & operationFlags.usedDisk) !== 0) flagged.usedDiskCount += 1;
    if ((flags & operationFlags.truncated) !== 0) flagged.truncatedCount += 1;
  }
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = quantilesOf(durations, [0.5, 0.95, 0.99]);
  const answered = told.returned + told.written;
  const shape = shapes[number];
  const setApart = reasonOf(columns.flags[members[0] ?? 0] ?? 0);
  return {
    id: shape?.id ?? '',
    ns: shape?.ns ?? '',
    op: shape?.kind ?? 'command',
    shape: shape?.text ?? '',
    setApart,
    count: members.length,
    ...sums,
    meanMs: members.length === 0 ? 0 : rounded(sums.totalMs / members.length),
    p50Ms,
    p95Ms,
    p99Ms,
    ...told,
    ...flagged,
    examinedPerReturned: answered === 0 ? null : rounded(sums.docsExamined / answered),
    collscanKind: flagged.collscanCount === 0 ? null : collscanKind(setApart, shape?.fullRead === true),
    firstSeen,
    lastSeen,
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
  const wanted = new Set(rows.map(({ id }) => id));
  const numbers = new Map<string, number>();
  for (const number of selection.shapes) {
    const id = operations.shapes[number]?.id ?? '';
    if (wanted.has(id)) numbers.set(id, number);
  }
  return rows.map((row) => {
    const members = membersOf(selection, numbers.get(row.id) ?? 0);
    const sparkline = new Array<number>(buckets.count).fill(0);
    for (const at of members) {
      const bucket = Math.min(
        buckets.count - 1,
        Math.floor(((columns.time[at] ?? 0) - buckets.from) / buckets.bucketMs),
      );
      sparkline[bucket] = (sparkline[bucket] ?? 0) + (columns.durationMs[at] ?? 0);
    }
    return {
      ...row,
      plans: facetsOf(members, columns.plan, columns.durationMs, names.plan, shownNames),
      apps: facetsOf(members, columns.app, columns.durationMs, names.app, shownNames),
      sparkline,
    };
  });
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
  for (const at of members) {
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
