import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { announce } from '../announcer';
import type { AppError } from '../../../shared/result';
import { LineValues, valuesText } from './line-values';
import { plotArea, type PlotExtras, type StyledLine } from './plot-lines';
import { PlotCursor, PlotOverlay, PlotUnderlay } from './plot-overlay';
import { highestOf, newestTime, snapTime } from './series-model';
import type { TimeFrame } from './time-frame';
import type { TimeRange } from './time-view';
import { TimePlot } from './time-plot';
import { gestureHint, useTimeGestures } from './use-time-gestures';
import { valueAxis } from './value-axis';
import styles from './chart.module.css';

export interface TimeChartPanelProps extends PlotExtras {
  title: string;
  /** Of its heading. */
  level: 2 | 3;
  frame: TimeFrame;
  /** Null until the first answer. */
  lines: readonly StyledLine[] | null;
  /** The time that was read, which may be another than the one in sight while that is being read; null before. */
  known: TimeRange | null;
  /** The lines are not those of the time in sight yet. */
  isStale: boolean;
  /** Milliseconds between two points. */
  stepMs: number;
  error: AppError | null;
  onRetry: () => void;
  height: number;
  /** Beside the title: what is shown, export. */
  actions?: ReactNode;
  /** False: out of sight; what is drawn there costs nothing. */
  drawn?: boolean;
}

const noLines: readonly StyledLine[] = [];

/** One chart: title, lines over time, and the values at the cursor that it shares with the others. */
export function TimeChartPanel(props: TimeChartPanelProps) {
  const { title, frame, stepMs, unit, height, threshold, interval, events, drawn = true } = props;
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const [strong, setStrong] = useState<string | null>(null);
  const lines = props.lines ?? noLines;
  const Heading = props.level === 2 ? 'h2' : 'h3';
  const { range } = frame;
  const area = useMemo(() => plotArea(width, height), [width, height]);
  const histories = useMemo(() => lines.map(({ line }) => line), [lines]);
  const highest = useMemo(() => highestOf(histories, range), [histories, range]);
  const axis = useMemo(
    () => valueAxis(threshold === null ? highest : Math.max(highest ?? 0, threshold.value), unit),
    [highest, threshold, unit],
  );
  const snap = useCallback((time: number) => snapTime(histories, time, stepMs), [histories, stepMs]);
  const newest = useMemo(() => newestTime(histories), [histories]);
  const gestures = useTimeGestures({
    frame,
    area,
    stepMs: Math.max(stepMs, (range.to - range.from) / area.width),
    snap,
    newest,
    onKeyCursor: (time) => announce(valuesText(lines, time, stepMs, unit)),
  });
  const shown = drawn && width > 0;
  return (
    <section className={styles.panel} aria-label={title} data-ready={props.lines !== null && !props.isStale}>
      <div className={styles.head}>
        <Heading className={styles.title}>{title}</Heading>
        {props.actions}
      </div>
      <div ref={sized}>
        <div
          {...gestures}
          className={styles.plot}
          style={{ height }}
          tabIndex={0}
          role="application"
          aria-roledescription="chart"
          aria-label={`${title} over time. ${gestureHint}`}
        >
          {shown && props.lines !== null ? (
            <>
              <PlotUnderlay
                area={area}
                range={range}
                stepMs={stepMs}
                lines={lines}
                known={props.known}
                axis={axis}
                strong={strong}
                interval={interval}
              />
              <div className={styles.lines} aria-hidden>
                <TimePlot
                  width={width}
                  height={height}
                  area={area}
                  range={range}
                  stepMs={stepMs}
                  lines={lines}
                  axis={axis}
                  unit={unit}
                  strong={strong}
                />
              </div>
              <PlotOverlay
                area={area}
                range={range}
                lines={lines}
                axis={axis}
                threshold={threshold}
                events={events}
                strong={strong}
              />
              <PlotCursor frame={frame} area={area} stepMs={stepMs} lines={lines} axis={axis} />
            </>
          ) : null}
          {shown && props.lines === null ? (
            <div className={styles.nothing} style={{ height }}>
              {props.error ? null : 'Reading the history'}
            </div>
          ) : null}
        </div>
      </div>
      {props.error ? (
        <p role="alert" style={{ margin: 0 }}>
          <span className="bad">The history could not be read: {props.error.message}</span>{' '}
          <Button variant="default" size="compact-xs" onClick={props.onRetry}>
            Try again
          </Button>
        </p>
      ) : null}
      <LineValues
        title={title}
        frame={frame}
        lines={lines}
        known={props.known}
        stepMs={stepMs}
        unit={unit}
        onStrong={setStrong}
      />
    </section>
  );
}
