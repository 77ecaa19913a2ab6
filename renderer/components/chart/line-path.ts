/** What is seen of a line and of its lows and peaks, as SVG paths. Pure. */
import type { HistoryLine } from '../../../shared/health-history';
import { bandRuns, gapSteps } from './series-model';
import { xOf, type PlotArea, type TimeRange } from './time-view';
import type { ValueAxis } from './value-axis';

/** Where times and values stand in a chart. */
export interface PlotScale {
  range: TimeRange;
  area: PlotArea;
  axis: ValueAxis;
}

// A tenth of a pixel is finer than any screen, and half as long to write and to read as all digits.
const tenth = (pixels: number) => Math.round(pixels * 10) / 10;

export function yOf(value: number, axis: ValueAxis, area: PlotArea): number {
  return area.top + area.height - Math.min(1, Math.max(0, value / axis.top)) * area.height;
}

/** The indexes of what is within a range, with a neighbour on each side so that the line runs on to the edges. */
function reach(at: readonly number[], { from, to }: TimeRange): [number, number] {
  let first = 0;
  while (first < at.length && (at[first] ?? 0) < from) first += 1;
  let last = at.length - 1;
  while (last >= 0 && (at[last] ?? 0) > to) last -= 1;
  return [Math.max(0, first - 1), Math.min(at.length - 1, last + 1)];
}

/**
 * The means of a line. It breaks where nothing is known and where nobody asked for more than two steps of `stepMs`; a point alone
 * is a dot. To be clipped at the sides of the area.
 */
export function linePath({ at, mean }: HistoryLine, stepMs: number, { range, area, axis }: PlotScale): string {
  const [first, last] = reach(at, range);
  let path = '';
  let length = 0;
  let before = -Infinity;
  const end = () => {
    if (length === 1) path += 'Z';
    length = 0;
  };
  for (let index = first; index <= last; index += 1) {
    const time = at[index] ?? 0;
    const value = mean[index] ?? null;
    if (value === null || time - before > gapSteps * stepMs) end();
    before = time;
    if (value === null) continue;
    path += `${length === 0 ? 'M' : 'L'}${tenth(xOf(time, range, area))},${tenth(yOf(value, axis, area))}`;
    length += 1;
  }
  end();
  return path;
}

/** Between which values the line's points are means: there along the peaks, back along the lows, for each stretch without a gap. */
export function bandPath(line: HistoryLine, stepMs: number, { range, area, axis }: PlotScale): string {
  let path = '';
  for (const [first, last] of bandRuns(line, stepMs, range)) {
    let back = '';
    for (let index = first; index <= last; index += 1) {
      const x = tenth(xOf(line.at[index] ?? 0, range, area));
      path += `${index === first ? 'M' : 'L'}${x},${tenth(yOf(line.max[index] ?? 0, axis, area))}`;
      back = `L${x},${tenth(yOf(line.min[index] ?? 0, axis, area))}${back}`;
    }
    path += `${back}Z`;
  }
  return path;
}
