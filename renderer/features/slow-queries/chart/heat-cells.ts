/** The cells of a latency heat map that hold something, and how strongly each is painted. Pure. */
import type { HeatMap } from '../../../../shared/slow-queries';
import type { ChartRange } from './chart-view';

export interface HeatCell extends ChartRange {
  count: number;
}

export function cellsOf(map: HeatMap): HeatCell[] {
  if (map.from === null) return [];
  const cells: HeatCell[] = [];
  for (let row = 0; row < map.rows; row += 1) {
    const low = map.bounds[row] ?? 1;
    const high = map.bounds[row + 1] ?? low;
    for (let column = 0; column < map.columns; column += 1) {
      const count = map.counts[row * map.columns + column] ?? 0;
      if (count === 0) continue;
      const from = map.from + column * map.bucketMs;
      cells.push({ from, to: from + map.bucketMs, low, high, count });
    }
  }
  return cells;
}

/** The cell at a time and a duration; null where there is none. */
export function cellAt(cells: readonly HeatCell[], time: number, durationMs: number): HeatCell | null {
  return (
    cells.find(
      ({ from, to, low, high }) => time >= from && time < to && durationMs >= Math.max(low, 0) && durationMs < high,
    ) ?? null
  );
}

/** How strongly a cell is painted, 0.15 to 1: by the logarithm, so that one operation beside thousands is still seen. */
export function heatStrength(count: number, highest: number): number {
  if (highest <= 1) return 1;
  return 0.15 + 0.85 * (Math.log(count) / Math.log(highest));
}
