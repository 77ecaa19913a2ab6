/** A long column as so many points as a chart can show: every peak and every low stays, gaps stay gaps. Pure. */
import type { Column } from './packing';

/** Points in time order; null where the member was asked and nothing is known. Times with no point at all were not sampled. */
export interface Points {
  at: number[];
  min: (number | null)[];
  max: (number | null)[];
  mean: (number | null)[];
}

/** Buckets of `stepMs` from `from` on; a bucket's time is its begin. Columns are in time order. */
export function decimate(columns: readonly Column[], from: number, to: number, stepMs: number): Points {
  const points: Points = { at: [], min: [], max: [], mean: [] };
  let bucket = -1;
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let known = 0;
  const end = (): void => {
    if (bucket < 0) return;
    points.at.push(from + bucket * stepMs);
    points.min.push(known === 0 ? null : min);
    points.max.push(known === 0 ? null : max);
    points.mean.push(known === 0 ? null : sum / known);
  };
  for (const column of columns) {
    for (let index = 0; index < column.at.length; index++) {
      const at = column.at[index] ?? 0;
      if (at < from || at > to) continue;
      const its = Math.floor((at - from) / stepMs);
      if (its < bucket) continue;
      if (its !== bucket) {
        end();
        bucket = its;
        min = Infinity;
        max = -Infinity;
        sum = 0;
        known = 0;
      }
      const mean = column.mean[index] ?? Number.NaN;
      if (Number.isNaN(mean)) continue;
      known++;
      sum += mean;
      min = Math.min(min, column.min[index] ?? mean);
      max = Math.max(max, column.max[index] ?? mean);
    }
  }
  end();
  return points;
}
