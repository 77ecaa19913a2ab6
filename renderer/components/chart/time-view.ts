/** From times to pixels and back, and which time is in sight. Pure. Times are milliseconds since 1970. */

/** Both inclusive. */
export interface TimeRange {
  from: number;
  to: number;
}

/** The part of a chart that is drawn into, in CSS pixels. */
export interface PlotArea {
  left: number;
  top: number;
  width: number;
  height: number;
}

const leastMs = 1000;
/** Less than this many pixels is a click. */
export const clickPixels = 4;

export function xOf(time: number, range: TimeRange, area: PlotArea): number {
  return area.left + ((time - range.from) / (range.to - range.from)) * area.width;
}

export function timeAt(x: number, range: TimeRange, area: PlotArea): number {
  return range.from + ((x - area.left) / area.width) * (range.to - range.from);
}

/** Zoomed by `factor` (below 1: closer) around a time, within `limits`, and not closer than a second. */
export function zoomTime<Range extends TimeRange>(
  range: Range,
  centre: number,
  factor: number,
  limits: TimeRange,
): Range {
  const from = Math.max(limits.from, centre - (centre - range.from) * factor);
  const to = Math.min(limits.to, centre + (range.to - centre) * factor);
  return to - from < leastMs ? range : { ...range, from, to };
}

/** Moved by milliseconds, as far as `limits` allow; as long as before. */
export function moveTime<Range extends TimeRange>(range: Range, by: number, limits: TimeRange): Range {
  const shift = Math.min(Math.max(by, limits.from - range.from), limits.to - range.to);
  return { ...range, from: range.from + shift, to: range.to + shift };
}

/** The time between two places, whichever comes first; null where they are too near to mean one. */
export function timeBetween(x1: number, x2: number, range: TimeRange, area: PlotArea): TimeRange | null {
  if (Math.abs(x1 - x2) < clickPixels) return null;
  const clamp = (x: number) => Math.min(Math.max(x, area.left), area.left + area.width);
  const [from = 0, to = 0] = [x1, x2].map((x) => timeAt(clamp(x), range, area)).sort((a, b) => a - b);
  return to - from < leastMs ? null : { from, to };
}
