import { memo, useMemo } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';
import type { MetricUnit } from '../../../shared/health';
import { timeTicks } from './axis';
import { plotMargin, type StyledLine } from './plot-lines';
import { hasBand, plotPoints } from './series-model';
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

const noData: never[] = [];
const labelRoom = 18;

/** Lines over time with their lows and peaks, axes and grid. No animation: a chart that moves by itself is not read. */
export const TimePlot = memo(function TimePlot(props: TimePlotProps) {
  const { width, height, area, range, stepMs, lines, axis, unit, strong } = props;
  const ticks = useMemo(() => {
    const room = ((range.to - range.from) / area.width) * labelRoom;
    return timeTicks(range.from, range.to, area.width / 96).filter(
      ({ value }) => value >= range.from + room && value <= range.to - room,
    );
  }, [range, area.width]);
  const labels = useMemo(() => new Map(ticks.map(({ value, label }) => [value, label])), [ticks]);
  const drawn = useMemo(
    () => lines.map((one) => ({ ...one, points: plotPoints(one.line, stepMs), banded: hasBand(one.line) })),
    [lines, stepMs],
  );
  return (
    <ComposedChart
      width={width}
      height={height}
      data={noData}
      margin={{ top: plotMargin.top, right: plotMargin.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <CartesianGrid vertical={false} stroke="var(--lb-border)" zIndex={0} />
      <XAxis
        dataKey="at"
        type="number"
        domain={[range.from, range.to]}
        allowDataOverflow
        ticks={ticks.map(({ value }) => value)}
        tickFormatter={(value: number) => labels.get(value) ?? ''}
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
        interval={0}
        width={plotMargin.left}
        axisLine={false}
        tickLine={false}
      />
      {drawn
        .filter(({ banded, key }) => banded && (strong === null || strong === key))
        .map(({ key, points, style }) => (
          <Area
            key={`band ${key}`}
            type="linear"
            dataKey="band"
            data={points}
            stroke="none"
            fill={style.colour}
            fillOpacity={0.16}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
            zIndex={0}
          />
        ))}
      {drawn.map(({ key, points, style }) => (
        <Line
          key={key}
          type="linear"
          dataKey="mean"
          data={points}
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
    </ComposedChart>
  );
});
