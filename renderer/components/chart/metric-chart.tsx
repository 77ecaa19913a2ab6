import { useEffect, useMemo, useRef, useState } from 'react';
import { metricUnits, type HealthEvent, type MetricName } from '../../../shared/health';
import { useAction } from '../../api';
import { useConnections } from '../../state/connections';
import { ErrorPanel } from '../error-panel';
import { formatMetricValue, metricWords } from '../metric-text';
import { healthMarks, kindsOf } from './chart-events';
import { exportCharts, type ChartFormat } from './chart-export';
import { ExportMenu } from './export-menu';
import { TimeChartPanel } from './time-chart-panel';
import { createCursor, seriesTime, type TimeFrame } from './time-frame';
import type { TimeRange } from './time-view';
import { useLiveSamples, useSeries } from './use-series';
import { useStyledLines } from './use-styled-lines';

const clockMs = 5000;
const turnMs = 60_000;

interface MetricChartProps {
  connectionId: string;
  metric: MetricName;
  /** Null: all members ever seen. */
  hosts: readonly string[] | null;
  /** What it shows, in milliseconds since 1970; with `live` it goes on to the present. */
  from: number;
  to: number;
  live?: boolean;
  /** Drawn across, with its value. */
  threshold?: number | null;
  /** Marked along the time axis; `to` null: it goes on. */
  interval?: { from: number; to: number | null; label: string } | null;
  /** Marked where they happened. */
  events?: readonly HealthEvent[];
  height?: number;
}

const noEvents: readonly HealthEvent[] = [];

/** One metric of some members over a time: with its threshold and what is to be looked at. Zooms, tells its values, exports. */
export function MetricChart(props: MetricChartProps) {
  const {
    connectionId,
    metric,
    live = false,
    threshold = null,
    interval = null,
    events = noEvents,
    height = 200,
  } = props;
  const unit = metricUnits[metric];
  const title = metricWords[metric];
  const name = useConnections(({ connections }) => connections?.find(({ id }) => id === connectionId)?.name) ?? '';
  const hostsKey = props.hosts === null ? null : props.hosts.join('\n');
  const hosts = useMemo(() => (hostsKey === null ? null : hostsKey.split('\n')), [hostsKey]);
  const metrics = useMemo(() => [metric], [metric]);
  const samples = useLiveSamples(connectionId, live);
  const clock = useClock(live);
  const whole = useMemo<TimeRange>(
    () => ({ from: props.from, to: live ? Math.max(props.to, clock) : props.to }),
    [props.from, props.to, live, clock],
  );
  const [zoomed, setZoomed] = useState<TimeRange | null>(null);
  const [cursor] = useState(createCursor);
  const frame = useMemo<TimeFrame>(
    () => ({
      range: zoomed ?? whole,
      limits: whole,
      cursor,
      zoom: setZoomed,
      isZoomed: zoomed !== null,
      reset: () => setZoomed(null),
    }),
    [zoomed, whole, cursor],
  );
  const turn = live ? Math.floor(whole.to / turnMs) : 0;
  const asked = zoomed ?? { from: whole.from, to: live ? (turn + 1) * turnMs : whole.to };
  const time = useMemo(() => seriesTime({ from: asked.from, to: asked.to }), [asked.from, asked.to]);
  const { series, stepMs, isStale, error, reload } = useSeries({
    connectionId,
    hosts,
    metrics,
    time,
    turn,
    enabled: true,
    live: samples,
  });
  const lines = useStyledLines(connectionId, series, metrics, metrics, frame.range);
  const limit = useMemo(
    () => (threshold === null ? null : { value: threshold, label: `threshold ${formatMetricValue(threshold, unit)}` }),
    [threshold, unit],
  );
  const marks = useMemo(() => healthMarks(events), [events]);
  const section = useRef<HTMLDivElement>(null);
  const writing = useAction(async (format: ChartFormat) => {
    if (!section.current) return;
    const legend = (lines ?? []).map(({ style, member }) => ({ style, label: member }));
    const source = { title, section: section.current, series, legend };
    await exportCharts(format, { heading: `${name} ${title}`.trim(), range: frame.range, kinds: kindsOf(marks) }, [
      source,
    ]);
  });
  return (
    <div ref={section}>
      <TimeChartPanel
        title={title}
        level={3}
        unit={unit}
        frame={frame}
        lines={lines}
        known={series}
        isStale={isStale}
        stepMs={stepMs}
        error={error}
        onRetry={reload}
        height={height}
        threshold={limit}
        interval={interval}
        events={marks}
        actions={<ExportMenu title={title} onExport={(format) => void writing.run(format)} />}
      />
      {writing.error ? <ErrorPanel error={writing.error} /> : null}
    </div>
  );
}

/** The present, while it is wanted. */
function useClock(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = window.setInterval(() => setNow(Date.now()), clockMs);
    return () => window.clearInterval(timer);
  }, [running]);
  return now;
}
