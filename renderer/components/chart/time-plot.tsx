import { memo, useMemo } from 'react';
import { Line, LineChart, XAxis, YAxis, type BaseTickContentProps } from 'recharts';
import type { MetricUnit } from '../../../shared/health';
import { timeTicks } from './axis';
import { plotMargin, type StyledLine } from './plot-lines';
import { plotRows, type PlotRow } from './series-model';
import type { PlotArea, TimeRange } from './time-view';
import { tickText, type ValueAxis } from './value-axis';

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

// The same functions at every drawing: others would be other lines.
const readers: ((row: PlotRow) => number | null)[] = [];
function readerOf(index: number): (row: PlotRow) => number | null {
  return (readers[index] ??= (row) => row.values[index] ?? null);
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

/** Lines over time and their axes. No animation: a chart that moves by itself is not read. */
export const TimePlot = memo(function TimePlot(props: TimePlotProps) {
  const { width, height, area, range, stepMs, lines, axis, unit, strong } = props;
  const ticks = useMemo(() => {
    const room = ((range.to - range.from) / area.width) * labelRoom;
    return timeTicks(range.from, range.to, area.width / 96).filter(
      ({ value }) => value >= range.from + room && value <= range.to - room,
    );
  }, [range, area.width]);
  const labels = useMemo(() => new Map(ticks.map(({ value, label }) => [value, label])), [ticks]);
  const rows = useMemo(
    () =>
      plotRows(
        lines.map(({ line }) => line),
        stepMs,
      ),
    [lines, stepMs],
  );
  return (
    <LineChart
      width={width}
      height={height}
      data={rows}
      margin={{ top: plotMargin.top, right: plotMargin.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <XAxis
        dataKey="at"
        type="number"
        domain={[range.from, range.to]}
        allowDataOverflow
        ticks={ticks.map(({ value }) => value)}
        tickFormatter={(value: number) => labels.get(value) ?? ''}
        tick={timeLabel}
        interval={0}
        height={plotMargin.bottom}
        stroke="var(--lb-border-strong)"
        tickSize={4}
        tickMargin={2}
      />
      <YAxis
        type="number"
        domain={[0, axis.top]}
        allowDataOverflow
        ticks={[...axis.ticks]}
        tickFormatter={(value: number) => tickText(value, unit)}
        tick={valueLabel}
        interval={0}
        width={plotMargin.left}
        axisLine={false}
        tickLine={false}
      />
      {lines.map(({ key, style }, index) => (
        <Line
          key={key}
          type="linear"
          dataKey={readerOf(index)}
          stroke={style.colour}
          strokeWidth={strong === key ? 2.25 : 1.5}
          strokeDasharray={style.dash}
          strokeOpacity={strong === null || strong === key ? 1 : 0.25}
          strokeLinecap="round"
          strokeLinejoin="round"
          dot={false}
          activeDot={false}
          isAnimationActive={false}
          zIndex={0}
        />
      ))}
    </LineChart>
  );
});
