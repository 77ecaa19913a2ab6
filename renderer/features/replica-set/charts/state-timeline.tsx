import { useElementSize } from '@mantine/hooks';
import { useCallback, useMemo } from 'react';
import { useStore } from 'zustand';
import type { HealthEvent, MetricName } from '../../../../shared/health';
import { announce } from '../../../components/announcer';
import { timeTicks } from '../../../components/chart/axis';
import { chartEventKinds, eventSign, type ChartEvent } from '../../../components/chart/chart-events';
import chartStyles from '../../../components/chart/chart.module.css';
import { shortHosts } from '../../../components/chart/line-style';
import { eventPlaces, plotMargin } from '../../../components/chart/plot-lines';
import { PlotCursor } from '../../../components/chart/plot-overlay';
import { newestTime, snapTime } from '../../../components/chart/series-model';
import type { TimeFrame } from '../../../components/chart/time-frame';
import { xOf, type PlotArea, type TimeRange } from '../../../components/chart/time-view';
import { useSeries, type LiveSamples } from '../../../components/chart/use-series';
import { gestureHint, useTimeGestures } from '../../../components/chart/use-time-gestures';
import { formatLocal } from '../../../components/dates';
import { gradeOf, outages, stateAt, stateSpans, stateWord, type StateSpan } from './state-spans';
import type { ChartTime } from './use-time-choice';
import styles from './charts.module.css';

const rowHeight = 22;
const signsHeight = 18;
const axisHeight = 22;
const nameWidth = 128;
const stateMetrics: readonly MetricName[] = ['state'];

interface StateTimelineProps {
  connectionId: string;
  /** Null: all members ever seen. */
  hosts: readonly string[] | null;
  time: ChartTime;
  live: LiveSamples;
  health: readonly HealthEvent[];
  marks: readonly ChartEvent[];
}

interface Row {
  host: string;
  name: string;
  spans: StateSpan[];
  outages: TimeRange[];
  /** When it became primary. */
  elections: number[];
}

/** A bar per member over time, elections and what else happened marked, under the cursor of the charts below. */
export function StateTimeline({ connectionId, hosts, time, live, health, marks }: StateTimelineProps) {
  const { frame } = time;
  const { range } = frame;
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const { series, stepMs, isStale, error } = useSeries({
    connectionId,
    hosts,
    metrics: stateMetrics,
    time: time.time,
    turn: time.turn,
    enabled: true,
    live,
  });
  const rows = useMemo<Row[] | null>(() => {
    if (!series) return null;
    const seen = series.series.filter(({ at }) => at.some((one) => one >= range.from && one <= range.to));
    const names = shortHosts(seen.map(({ host }) => host));
    return seen.map((line) => ({
      host: line.host,
      name: names.get(line.host) ?? line.host,
      spans: stateSpans(line, stepMs, range),
      outages: outages(health, line.host, range),
      elections: health.filter(({ kind, host }) => kind === 'election' && host === line.host).map(({ at }) => at),
    }));
  }, [series, stepMs, range, health]);
  const lines = useMemo(() => series?.series ?? [], [series]);
  const height = signsHeight + (rows?.length ?? 3) * rowHeight;
  const area = useMemo<PlotArea>(
    () => ({
      left: nameWidth,
      top: signsHeight,
      width: Math.max(10, width - nameWidth - plotMargin.right),
      height: height - signsHeight,
    }),
    [width, height],
  );
  const gestures = useTimeGestures({
    frame,
    area,
    stepMs: Math.max(stepMs, (range.to - range.from) / area.width),
    snap: useCallback((at: number) => snapTime(lines, at, stepMs), [lines, stepMs]),
    newest: useMemo(() => newestTime(lines), [lines]),
    onKeyCursor: (at) =>
      announce(
        `${formatLocal(new Date(at), true)}: ${(rows ?? []).map(({ name, spans }) => `${name} ${stateWord(stateAt(spans, at))}`).join(', ')}`,
      ),
  });
  return (
    <section aria-label="States of members" data-ready={rows !== null && !isStale}>
      <h2 className={chartStyles.title}>States of members</h2>
      <div ref={sized}>
        <div
          {...gestures}
          className={chartStyles.plot}
          style={{ height: height + axisHeight }}
          tabIndex={0}
          role="application"
          aria-roledescription="chart"
          aria-label={`States of members over time. ${gestureHint}`}
        >
          {width > 0 ? <Bars rows={rows ?? []} area={area} range={range} marks={marks} stepMs={stepMs} /> : null}
          {rows?.length === 0 && !isStale && !error ? (
            <div className={chartStyles.nothing} style={{ height: height + axisHeight }}>
              No member was sampled in this time
            </div>
          ) : null}
          {error ? (
            <div className={chartStyles.nothing} style={{ height: height + axisHeight }}>
              The history could not be read: {error.message}
            </div>
          ) : null}
          {width > 0 ? <PlotCursor frame={frame} area={area} stepMs={stepMs} lines={[]} axis={null} /> : null}
        </div>
      </div>
      {rows && rows.length > 0 ? <StatesAtCursor rows={rows} frame={frame} isStale={isStale} /> : null}
    </section>
  );
}

interface BarsProps {
  rows: readonly Row[];
  area: PlotArea;
  range: TimeRange;
  marks: readonly ChartEvent[];
  stepMs: number;
}

/** Outages that the history's own bars do not show already: one over the other would be two frames and two words. */
function uncovered({ spans, outages: all }: Row, stepMs: number): TimeRange[] {
  const down = spans.filter(({ state }) => state === 'DOWN');
  return all.filter(({ from, to }) => !down.some((span) => span.from - stepMs <= from && to <= span.to + stepMs));
}

function Bars({ rows, area, range, marks, stepMs }: BarsProps) {
  const bottom = area.top + area.height;
  const right = area.left + area.width;
  const clampX = (at: number) => Math.min(Math.max(xOf(at, range, area), area.left), right);
  const ticks = timeTicks(range.from, range.to, area.width / 96);
  return (
    <svg className={chartStyles.layer} aria-hidden>
      {ticks.map(({ value, label }) => {
        const x = Math.round(xOf(value, range, area)) + 0.5;
        return (
          <g key={value}>
            <path className={styles.gridLine} d={`M${x},${area.top}V${bottom + 4}`} />
            {x > area.left + 18 && x < right - 18 ? (
              <text x={x} y={bottom + 16} textAnchor="middle">
                {label}
              </text>
            ) : null}
          </g>
        );
      })}
      {rows.map((row, index) => {
        const top = area.top + index * rowHeight;
        return (
          <g key={row.host}>
            <text
              className={styles.rowName}
              x={area.left - 8}
              y={top + rowHeight / 2}
              textAnchor="end"
              dominantBaseline="central"
            >
              {row.name.length > 19 ? `${row.name.slice(0, 18)}…` : row.name}
            </text>
            <path className={styles.baseLine} d={`M${area.left},${top + rowHeight / 2}H${right}`} />
            {row.spans.map((span) => (
              <Bar key={span.from} span={span} left={clampX(span.from)} right={clampX(span.to)} top={top} />
            ))}
            {uncovered(row, stepMs).map((outage) => (
              <Bar
                key={`outage ${outage.from}`}
                span={{ ...outage, state: 'DOWN' }}
                left={clampX(outage.from)}
                right={Math.max(clampX(outage.to), clampX(outage.from) + 2)}
                top={top}
              />
            ))}
            {eventPlaces(
              row.elections.map((at) => ({ at, until: null, kind: 'elections', host: row.host, text: '' })),
              range,
              area,
            ).map((x) => (
              <path key={x} className={styles.election} d={eventSign('elections', x, top + rowHeight / 2)} />
            ))}
          </g>
        );
      })}
      {chartEventKinds.map((kind) => {
        const places = eventPlaces(
          marks.filter((event) => event.kind === kind),
          range,
          area,
        );
        return places.length === 0 ? null : (
          <g key={kind} data-kind={kind}>
            <path className={chartStyles.eventLine} d={places.map((x) => `M${x + 0.5},14V${bottom}`).join('')} />
            <path className={chartStyles.eventSign} d={places.map((x) => eventSign(kind, x + 0.5, 8)).join('')} />
          </g>
        );
      })}
    </svg>
  );
}

const letterWidth = 7;

function Bar({ span, left, right, top }: { span: StateSpan; left: number; right: number; top: number }) {
  const grade = gradeOf(span.state);
  const width = Math.max(1, right - left);
  const inset = grade === 'well' ? 6 : 3;
  const label = stateWord(span.state);
  const fits = width > label.length * letterWidth + 8 && grade !== 'well';
  return (
    <g className={styles.bar} data-grade={grade}>
      <rect x={left} y={top + inset} width={width} height={rowHeight - 2 * inset} />
      {fits ? (
        <text x={left + 6} y={top + rowHeight / 2} dominantBaseline="central">
          {label}
        </text>
      ) : null}
    </g>
  );
}

interface StatesAtCursorProps {
  rows: readonly Row[];
  frame: TimeFrame;
  isStale: boolean;
}

function StatesAtCursor({ rows, frame, isStale }: StatesAtCursorProps) {
  const cursor = useStore(frame.cursor, ({ time }) => time);
  const newest = rows.reduce((latest, { spans }) => Math.max(latest, (spans.at(-1)?.to ?? 0) - 1), 0);
  const at = cursor ?? newest;
  return (
    <dl className={chartStyles.values} aria-label={`States of members at ${formatLocal(new Date(at), true)}`}>
      {rows.map(({ host, name, spans, outages: down }) => {
        const isDown = down.some(({ from, to }) => at >= from && at < to);
        const state = isDown ? 'DOWN' : stateAt(spans, at);
        return (
          <div key={host} className={chartStyles.value}>
            <dt title={host}>{name}</dt>
            <dd>{state === null && isStale ? '…' : stateWord(state)}</dd>
          </div>
        );
      })}
    </dl>
  );
}
