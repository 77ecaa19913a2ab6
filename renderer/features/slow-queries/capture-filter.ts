/** From what is chosen on the page to the filters that are asked with. Pure. */
import type { OperationKind } from '../../../shared/profiler';
import { everyOperation, type CaptureFilter } from '../../../shared/slow-queries';
import type { ChartRange } from './chart/chart-view';

export const periods = ['all', 'hour', 'day', 'week'] as const;
/** `all`, or the last piece of what was recorded. */
export type Period = (typeof periods)[number];

export const periodNames: Record<Period, string> = {
  all: 'Everything recorded',
  hour: 'Last hour recorded',
  day: 'Last 24 h recorded',
  week: 'Last 7 d recorded',
};

const hour = 3_600_000;
const periodMs: Record<Exclude<Period, 'all'>, number> = { hour, day: 24 * hour, week: 7 * 24 * hour };

/** What the fields above the tables are set to; null: not narrowed. */
export interface Narrowing {
  ns: string | null;
  kind: OperationKind | null;
  /** '' for operations that named none. */
  app: string | null;
  host: string | null;
  plan: string | null;
  /** The server's own traffic as well. */
  internal: boolean;
}

export const noNarrowing: Narrowing = { ns: null, kind: null, app: null, host: null, plan: null, internal: false };

export function isNarrowed(narrowing: Narrowing): boolean {
  const { internal, ...fields } = narrowing;
  return internal || Object.values(fields).some((value) => value !== null);
}

/** Milliseconds since 1970, inclusive. */
export interface TimeSpan {
  from: number;
  to: number;
}

/** Everything but what is selected in the chart. `lastTime`: of the newest operation; null without one. */
export function baseFilter(period: Period, narrowing: Narrowing, lastTime: number | null): CaptureFilter {
  const one = <T>(value: T | null): T[] => (value === null ? [] : [value]);
  return {
    ...everyOperation,
    ns: one(narrowing.ns),
    kinds: one(narrowing.kind),
    apps: one(narrowing.app),
    hosts: one(narrowing.host),
    plan: narrowing.plan ?? '',
    setApart: narrowing.internal ? 'all' : 'counted',
    from: period === 'all' || lastTime === null ? null : lastTime - periodMs[period],
  };
}

/** The filter, and within it only a piece of time. */
export function withinTime(filter: CaptureFilter, span: TimeSpan | null): CaptureFilter {
  if (!span) return filter;
  return {
    ...filter,
    from: Math.round(Math.max(span.from, filter.from ?? -Infinity)),
    to: Math.round(Math.min(span.to, filter.to ?? Infinity)),
  };
}

/** The filter, and within it only what is selected; a selection that reaches the edge of the chart is open there. */
export function withinSelection(filter: CaptureFilter, selection: ChartRange | null, range: ChartRange): CaptureFilter {
  if (!selection) return filter;
  const limited = withinTime(filter, selection);
  return {
    ...limited,
    minMs: selection.low <= range.low ? filter.minMs : Math.max(0, Math.floor(selection.low)),
    maxMs: selection.high >= range.high ? filter.maxMs : Math.ceil(selection.high),
  };
}
