import { useMemo } from 'react';
import type { Capture } from '../../../../shared/captures';
import type { CaptureFilter, CaptureSummary, HeatMap, ScatterPoints } from '../../../../shared/slow-queries';
import type { RequestState } from '../../../api';
import { baseFilter, withinSelection, withinTime } from '../capture-filter';
import { rangeAround, type ChartRange } from '../chart/chart-view';
import { useSlowQueries } from '../slow-queries-store';
import { useCaptureRequest } from '../use-kept';

const mostPoints = 5000;
const heatColumns = 160;
const heatRows = 20;

export interface CaptureView {
  capture: Capture;
  /** Of the period and the fields, without what the chart selects. */
  summary: RequestState<CaptureSummary>;
  points: RequestState<ScatterPoints>;
  heatMap: RequestState<HeatMap>;
  /** What the chart can show, and what it does; null without operations. */
  limits: ChartRange | null;
  range: ChartRange | null;
  /** Of the chart. */
  chartFilter: CaptureFilter;
  /** Of everything below the chart. */
  filter: CaptureFilter;
}

/** What is asked of a capture for the page as it is set. */
export function useCaptureView(capture: Capture): CaptureView {
  const { period, narrowing, zoom, selection, mode } = useSlowQueries();
  const base = useMemo(() => baseFilter(period, narrowing, capture.to), [period, narrowing, capture.to]);
  const chartFilter = useMemo(() => withinTime(base, zoom), [base, zoom]);
  const summary = useCaptureRequest('captures.summary', { captureId: capture.id, filter: base }, capture);
  const points = useCaptureRequest(
    'captures.points',
    { captureId: capture.id, filter: chartFilter, limit: mostPoints },
    capture,
    mode === 'dots',
  );
  const heatMap = useCaptureRequest(
    'captures.heat-map',
    { captureId: capture.id, filter: chartFilter, columns: heatColumns, rows: heatRows },
    capture,
    mode === 'heat',
  );
  const matched = summary.data?.matched ?? null;
  const lowest = useMemo(() => {
    if (mode === 'heat') return heatMap.data?.bounds[0] ?? 1;
    const slowest = matched?.maxMs ?? 1;
    return points.data?.points.reduce((low, { durationMs }) => Math.min(low, durationMs), slowest) ?? 1;
  }, [mode, heatMap.data, points.data, matched]);
  const limits = useMemo(() => {
    if (!matched || matched.from === null || matched.to === null) return null;
    return rangeAround({ from: matched.from, to: matched.to, low: lowest, high: matched.maxMs });
  }, [matched, lowest]);
  const range = useMemo(() => limits && (zoom ? { ...limits, from: zoom.from, to: zoom.to } : limits), [limits, zoom]);
  const filter = useMemo(
    () => (range ? withinSelection(chartFilter, selection, range) : chartFilter),
    [chartFilter, selection, range],
  );
  return { capture, summary, points, heatMap, limits, range, chartFilter, filter };
}

/** A summary of what is shown below the chart. */
export function useShownSummary({ capture, filter }: CaptureView): RequestState<CaptureSummary> {
  return useCaptureRequest('captures.summary', { captureId: capture.id, filter }, capture);
}
