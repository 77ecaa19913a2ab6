/** Operations over time and duration: dots, of many a sample, and a heat map of all. */
import type { HeatMap, ScatterPoint, ScatterPoints } from '../../../shared/slow-queries';
import { operationFlags } from './operation-columns';
import { firstOf } from './operation-rows';
import type { Selection } from './select-operations';
import { bucketsOf } from './shape-rows';

/** Share of the dots that are the slowest operations; the others are spread over all. */
const slowestShare = 0.2;

/** At most `limit` dots, by time. The slowest operations are always there, the same ones every time. */
export function scatterPoints(selection: Selection, limit: number): ScatterPoints {
  const { operations, members } = selection;
  const { columns, shapes } = operations;
  const places = new Map<number, number>();
  const shown: ScatterPoints['shapes'] = [];
  const points = chosen(selection, limit)
    .sort((a, b) => (columns.time[a] ?? 0) - (columns.time[b] ?? 0) || a - b)
    .map((at): ScatterPoint => {
      const number = columns.shape[at] ?? 0;
      let place = places.get(number);
      if (place === undefined) {
        const { id = '', ns = '', kind = 'command' as const, text = '' } = shapes[number] ?? {};
        place = shown.push({ id, ns, op: kind, shape: text }) - 1;
        places.set(number, place);
      }
      return {
        operation: at,
        time: columns.time[at] ?? 0,
        durationMs: columns.durationMs[at] ?? 0,
        shape: place,
        collscan: ((columns.flags[at] ?? 0) & operationFlags.collscan) !== 0,
      };
    });
  return { matched: members.length, points, shapes: shown };
}

function chosen({ operations, members, inOrder }: Selection, limit: number): number[] {
  if (members.length <= limit) return [...members];
  const { durationMs } = operations.columns;
  const slower = (a: number, b: number): boolean => {
    const x = durationMs[a] ?? 0;
    const y = durationMs[b] ?? 0;
    return x === y ? a < b : x > y;
  };
  const slowest = new Set(firstOf(inOrder, Math.max(1, Math.floor(limit * slowestShare)), slower));
  const others = limit - slowest.size;
  // Members lie shape after shape: equal steps give every shape its share.
  const step = members.length / others;
  const all = new Set(slowest);
  for (let number = 0; number < others; number++) all.add(members[Math.floor(number * step)] ?? 0);
  return [...all];
}

/** Counts by time and by duration, whose rows grow by a constant factor from the quickest to the slowest. */
export function heatMap(selection: Selection, columns: number, rows: number): HeatMap {
  const { operations, inOrder: members, from } = selection;
  const { time, durationMs } = operations.columns;
  const buckets = bucketsOf(selection, columns);
  let least = Infinity;
  for (let place = 0; place < members.length; place++) {
    const took = durationMs[members[place] ?? 0] ?? 0;
    if (took < least) least = took;
  }
  const lowest = members.length === 0 ? 1 : Math.max(1, least);
  const highest = Math.max(lowest * 2, selection.maxMs + 1);
  const factor = (highest / lowest) ** (1 / rows);
  const bounds = Array.from({ length: rows + 1 }, (_, row) => lowest * factor ** row);
  bounds[0] = members.length === 0 ? 0 : Math.min(least, lowest);
  bounds[rows] = highest;
  const perRow = 1 / Math.log(factor);
  const counts = new Array<number>(columns * rows).fill(0);
  let largest = 0;
  for (let place = 0; place < members.length; place++) {
    const at = members[place] ?? 0;
    const took = durationMs[at] ?? 0;
    const row = took <= lowest ? 0 : Math.min(rows - 1, rowOf(took, bounds, Math.log(took / lowest) * perRow));
    const column = Math.min(columns - 1, Math.floor(((time[at] ?? 0) - buckets.from) / buckets.bucketMs));
    const cell = row * columns + column;
    const count = (counts[cell] ?? 0) + 1;
    counts[cell] = count;
    if (count > largest) largest = count;
  }
  return { matched: members.length, from, bucketMs: buckets.bucketMs, columns, rows, bounds, counts, largest };
}

/** Logarithms round: the bounds that are told decide. */
function rowOf(took: number, bounds: readonly number[], about: number): number {
  let row = Math.floor(about);
  while (row > 0 && took < (bounds[row] ?? 0)) row--;
  while (took >= (bounds[row + 1] ?? Infinity)) row++;
  return row;
}
