/** From operations to pixels and back: time to the right, duration upward on a logarithmic axis. Pure. */
import { clickPixels, timeAt, xOf, type PlotArea, type TimeRange } from '../../../components/chart/time-view';

/** Durations in milliseconds; all inclusive. */
export interface ChartRange extends TimeRange {
  low: number;
  high: number;
}

export interface ChartPoint {
  time: number;
  durationMs: number;
}

const logOf = (ms: number) => Math.log10(Math.max(ms, 1));

export function yOf(durationMs: number, range: ChartRange, area: PlotArea): number {
  const low = logOf(range.low);
  return area.top + area.height - ((logOf(durationMs) - low) / (logOf(range.high) - low)) * area.height;
}

export function durationAt(y: number, range: ChartRange, area: PlotArea): number {
  const low = logOf(range.low);
  const high = logOf(range.high);
  return 10 ** (low + ((area.top + area.height - y) / area.height) * (high - low));
}

/** What shows all of these with some air around; never empty. */
export function rangeAround(span: { from: number; to: number; low: number; high: number }): ChartRange {
  const wide = Math.max(span.to - span.from, 1000);
  const low = Math.max(1, span.low * 0.8);
  return {
    from: span.from - wide * 0.01,
    to: span.from + wide * 1.01,
    low,
    high: Math.max(span.high * 1.25, low * 10),
  };
}

export interface Drag {
  startX: number;
  startY: number;
  endX: number;
  endY: number;
}

/**
 * What a drag selects; null for a click. A drag that is much wider than high selects a time for every duration, and the
 * other way round: what was not meant to be cut is not.
 */
export function selectionOf(drag: Drag, range: ChartRange, area: PlotArea): ChartRange | null {
  const wide = Math.abs(drag.endX - drag.startX);
  const high = Math.abs(drag.endY - drag.startY);
  if (wide < clickPixels && high < clickPixels) return null;
  const clampX = (x: number) => Math.min(Math.max(x, area.left), area.left + area.width);
  const clampY = (y: number) => Math.min(Math.max(y, area.top), area.top + area.height);
  const times = [drag.startX, drag.endX].map((x) => timeAt(clampX(x), range, area)).sort((a, b) => a - b);
  const durations = [drag.startY, drag.endY].map((y) => durationAt(clampY(y), range, area)).sort((a, b) => a - b);
  const allDurations = high < 12 && wide > 24;
  const allTimes = wide < 12 && high > 24;
  return {
    from: allTimes ? range.from : (times[0] ?? range.from),
    to: allTimes ? range.to : (times[1] ?? range.to),
    low: allDurations ? range.low : (durations[0] ?? range.low),
    high: allDurations ? range.high : (durations[1] ?? range.high),
  };
}

/** The index of the point nearest to a place, within `reach` pixels; null without one. */
export function nearestPoint(
  points: readonly ChartPoint[],
  place: { x: number; y: number },
  range: ChartRange,
  area: PlotArea,
  reach = 8,
): number | null {
  let best: number | null = null;
  let bestDistance = reach * reach;
  points.forEach((point, index) => {
    const dx = xOf(point.time, range, area) - place.x;
    if (Math.abs(dx) > reach) return;
    const dy = yOf(point.durationMs, range, area) - place.y;
    const distance = dx * dx + dy * dy;
    if (distance <= bestDistance) {
      best = index;
      bestDistance = distance;
    }
  });
  return best;
}
