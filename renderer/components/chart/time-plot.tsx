import { memo, useCallback, useId, useMemo } from 'react';
import { Curve, LineChart, XAxis, YAxis, type BaseTickContentProps } from 'recharts';
import type { MetricUnit } from '../../../shared/health';
import { timeTicks, type Tick } from './axis';
import { linePath } from './line-path';
import { plotMargin, type StyledLine } from './plot-lines';
import type { PlotArea, TimeRange } from './time-view';
import { tickText, type ValueAxis } from './value-axis';
import styles from './chart.module.css';

interface TimePlotProps {
  width: number;
  height: number;
  area: PlotArea;
  range: TimeRange;
  /** Milliseconds between two points of a line. */
  stepMs: number;
  lines: readonly StyledLine[];
  axis: ValueAxis;
  unit: MetricUnit;
  /** Key of the line that the others step back behind. */
  strong: string | null;
}

const labelRoom = 18;

function labelOf({ payload, tickFormatter, index }: BaseTickContentProps): string {
  const value: unknown = payload.value;
  return tickFormatter ? String(tickFormatter(value, index)) : String(value);
}

// Texts of our own: those of the library measure each word in the page before they are drawn.
const timeLabel = (tick: BaseTickContentProps) => (
  <text x={tick.x} y={tick.y} dy="0.71em" textAnchor="middle">
    {labelOf(tick)}
  </text>
);
const valueLabel = (tick: BaseTickContentProps) => (
  <text x={tick.x} y={tick.y} dy="0.355em" textAnchor="end">
    {labelOf(tick)}
  </text>
);

const chartMargin = { top: plotMargin.top, right: plotMargin.right, bottom: 0, left: 0 };

/**
 * Lines over time and their axes. The lines are curves in the library's chart, not lines of its own data: those would be copied,
 * frozen and scaled point by point once more, for labels and tooltips that nobody asked for, with every sample that comes.
 * No animation: a chart that moves by itself is not read.
 */
export const TimePlot = memo(function TimePlot(props: TimePlotProps) {
  const { width, height, area, range, stepMs, lines, axis, unit, strong } = props;
  const clip = useId();
  const ticks = useMemo(() => {
    const room = ((range.to - range.from) / area.width) * labelRoom;
    return timeTicks(range.from, range.to, area.width / 96).filter(
      ({ value }) => value >= range.from + room && value <= range.to - room,
    );
  }, [range, area.width]);
  const paths = useMemo(
    () => lines.map(({ line }) => linePath(line, stepMs, { range, area, axis })),
    [lines, stepMs, range, area, axis],
  );
  return (
    <LineChart width={width} height={height} margin={chartMargin} accessibilityLayer={false}>
      <TimeAxis range={range} ticks={ticks} />
      <Values axis={axis} unit={unit} />
      <clipPath id={clip}>
        <rect x={area.left} y={0} width={area.width} height={height} />
      </clipPath>
      <g clipPath={`url(#${clip})`}>
        {lines.map(({ key, style }, index) => (
          <Curve
            key={key}
            className={styles.line}
            path={paths[index]}
            stroke={style.colour}
            strokeWidth={strong === key ? 2.25 : 1.5}
            strokeDasharray={style.dash}
            strokeOpacity={strong === null || strong === key ? 1 : 0.25}
          />
        ))}
      </g>
    </LineChart>
  );
});

// The axes by themselves: what they are made of stays the same object until it changes, and so long nothing of them is drawn again.
const TimeAxis = memo(function TimeAxis({ range, ticks }: { range: TimeRange; ticks: readonly Tick[] }) {
  const values = useMemo(() => ticks.map(({ value }) => value), [ticks]);
  const format = useMemo(() => {
    const labels = new Map(ticks.map(({ value, label }) => [value, label]));
    return (value: number) => labels.get(value) ?? '';
  }, [ticks]);
  return (
    <XAxis
      // There is no such data; without a name of it the library would count points instead of taking the domain.
      dataKey="at"
      type="number"
      domain={[range.from, range.to]}
      allowDataOverflow
      ticks={values}
      tickFormatter={format}
      tick={timeLabel}
      interval={0}
      niceTicks="none"
      height={plotMargin.bottom}
      stroke="var(--lb-border-strong)"
      tickSize={4}
      tickMargin={2}
    />
  );
});

const Values = memo(function Values({ axis, unit }: { axis: ValueAxis; unit: MetricUnit }) {
  const values = useMemo(() => [...axis.ticks], [axis]);
  const format = useCallback((value: number) => tickText(value, unit), [unit]);
  return (
    <YAxis
      type="number"
      domain={[0, axis.top]}
      allowDataOverflow
      ticks={values}
      tickFormatter={format}
      tick={valueLabel}
      interval={0}
      niceTicks="none"
      width={plotMargin.left}
      axisLine={false}
      tickLine={false}
    />
  );
});
