/** Lines of a chart, ready to be drawn. Pure. */
import type { MetricUnit } from '../../../shared/health';
import type { HistoryLine } from '../../../shared/health-history';
import type { LineStyle } from './line-style';
import type { ChartEvent } from './chart-events';
import { xOf, type PlotArea, type TimeRange } from './time-view';

export interface StyledLine {
  key: string;
  /** The member, as short as it can be told from the others. */
  member: string;
  /** What the metric is called, and its place among those of the chart. */
  metric: string;
  metricPlace: number;
  line: HistoryLine;
  style: LineStyle;
}

/** Room for the axes around what is drawn, in pixels. */
export const plotMargin = { left: 68, right: 12, top: 10, bottom: 22 };

export function plotArea(width: number, height: number): PlotArea {
  return {
    left: plotMargin.left,
    top: plotMargin.top,
    width: Math.max(10, width - plotMargin.left - plotMargin.right),
    height: Math.max(10, height - plotMargin.top - plotMargin.bottom),
  };
}

export interface Limit {
  value: number;
  label: string;
}

/** What a plot shows besides its lines. */
export interface PlotExtras {
  unit: MetricUnit;
  threshold: Limit | null;
  /** Marked along the time axis: an incident; `to` null: it goes on. */
  interval: { from: number; to: number | null; label: string } | null;
  events: readonly ChartEvent[];
}

const markDistance = 90;

/** Points of a line to put its mark on: some in sight, never two close together; different ones for each line. */
export function markIndexes(line: HistoryLine, range: TimeRange, area: PlotArea, offset: number): number[] {
  const indexes: number[] = [];
  let next = area.left + ((offset * 37) % markDistance);
  line.at.forEach((at, index) => {
    if (at < range.from || at > range.to || (line.mean[index] ?? null) === null) return;
    const x = xOf(at, range, area);
    if (x < next) return;
    indexes.push(index);
    next = x + markDistance;
  });
  return indexes;
}

/** Places along the time axis where something happened, those that fall together once. In pixels. */
export function eventPlaces(events: readonly ChartEvent[], range: TimeRange, area: PlotArea): number[] {
  const places: number[] = [];
  for (const { at } of events) {
    if (at < range.from || at > range.to) continue;
    const x = Math.round(xOf(at, range, area));
    if (x - (places.at(-1) ?? -Infinity) >= 3) places.push(x);
  }
  return places;
}
