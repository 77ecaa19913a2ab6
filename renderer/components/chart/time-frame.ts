/** What the charts of a page have in common: one time axis, one cursor, one selection. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TimeRange } from './time-view';

export interface CursorState {
  /** Milliseconds since 1970. */
  time: number | null;
  /** What is being dragged over or selected by keys. */
  selection: TimeRange | null;
}

export interface TimeFrame {
  /** In sight. */
  range: TimeRange;
  /** The most that can be. */
  limits: TimeRange;
  cursor: StoreApi<CursorState>;
  zoom: (range: TimeRange) => void;
  isZoomed: boolean;
  /** Back to what was chosen before zooming. */
  reset: () => void;
}

export function createCursor(): StoreApi<CursorState> {
  return createStore<CursorState>(() => ({ time: null, selection: null }));
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const roundSteps = [
  second,
  2 * second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
];

/** About one a pixel of a chart; lows and peaks are kept beside the means. */
const mostPoints = 400;

export interface SeriesTime extends TimeRange {
  /** So many at most per line. */
  points: number;
}

/** What to ask the history for, so that a range can be drawn: round steps, which stay the same while time goes on. */
export function seriesTime(range: TimeRange): SeriesTime {
  const step = roundSteps.find((one) => (range.to - range.from) / one <= mostPoints) ?? 24 * hour;
  const from = Math.floor(range.from / step) * step;
  const to = Math.max(Math.ceil(range.to / step) * step, from + 2 * step);
  return { from, to, points: Math.round((to - from) / step) };
}

/** The step that {@link seriesTime} asks for. */
export function stepOfTime({ from, to, points }: SeriesTime): number {
  return (to - from) / points;
}
