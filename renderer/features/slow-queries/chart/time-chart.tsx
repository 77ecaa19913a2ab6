import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { linearTicks, timeTicks } from '../../../components/chart/axis';
import styles from './chart.module.css';

const margin = { left: 64, right: 12, top: 8, bottom: 22 };

export interface TimeLine {
  name: string;
  /** A value a bucket; null is a gap. */
  values: readonly (number | null)[];
  /** Bars from the bottom, or a line that breaks where there is a gap. */
  draw: 'bars' | 'line';
}

interface TimeChartProps {
  /** Told to screen readers, with what it shows. */
  label: string;
  /** Milliseconds since 1970. */
  from: number;
  bucketMs: number;
  /** One unit for all. */
  lines: readonly TimeLine[];
  format: (value: number) => string;
  height?: number;
  /** The bucket that is pointed at, in every chart with the same time axis. */
  cursor: number | null;
  onCursor: (bucket: number | null) => void;
}

/** Values over time. Lines are told apart by their dashes, not by colour alone. */
export function TimeChart({ label, from, bucketMs, lines, format, height = 120, cursor, onCursor }: TimeChartProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const buckets = lines[0]?.values.length ?? 0;
  const plotWidth = Math.max(10, width - margin.left - margin.right);
  const plotHeight = height - margin.top - margin.bottom;
  const highest = lines.reduce((most, { values }) => values.reduce<number>((top, v) => Math.max(top, v ?? 0), most), 0);
  const ticks = linearTicks(highest, 3, 1);
  const top = Math.max(highest, ticks[ticks.length - 1] ?? 0, 1e-9);
  const x = (bucket: number) => margin.left + (bucket / buckets) * plotWidth;
  const y = (value: number) => margin.top + plotHeight - (value / top) * plotHeight;
  const pointAt = (clientX: number, left: number) => {
    const bucket = Math.floor(((clientX - left - margin.left) / plotWidth) * buckets);
    onCursor(bucket >= 0 && bucket < buckets ? bucket : null);
  };
  return (
    <div ref={ref}>
      <svg
        className={styles.series}
        height={height}
        role="img"
        aria-label={label}
        onPointerMove={(event) => pointAt(event.clientX, event.currentTarget.getBoundingClientRect().left)}
        onPointerLeave={() => onCursor(null)}
      >
        {ticks.map((value) => (
          <g key={value}>
            <line
              className={styles.gridLine}
              x1={margin.left}
              x2={margin.left + plotWidth}
              y1={y(value)}
              y2={y(value)}
            />
            <text x={margin.left - 6} y={y(value)} textAnchor="end" dominantBaseline="middle">
              {format(value)}
            </text>
          </g>
        ))}
        {timeTicks(from, from + buckets * bucketMs, plotWidth / 96).map(({ value, label: text }) => (
          <text key={value} x={x((value - from) / bucketMs)} y={height - 6} textAnchor="middle">
            {text}
          </text>
        ))}
        {lines.map((line, index) =>
          line.draw === 'bars' ? (
            <Bars key={line.name} values={line.values} x={x} y={y} />
          ) : (
            <Line key={line.name} values={line.values} x={x} y={y} dash={dashes[index % dashes.length] ?? ''} />
          ),
        )}
        {cursor !== null && cursor < buckets ? (
          <line
            className={styles.cursor}
            x1={x(cursor + 0.5)}
            x2={x(cursor + 0.5)}
            y1={margin.top}
            y2={margin.top + plotHeight}
          />
        ) : null}
      </svg>
    </div>
  );
}

const dashes = ['', '5 3', '1 3'];

interface Scaled {
  values: readonly (number | null)[];
  x: (bucket: number) => number;
  y: (value: number) => number;
}

function Bars({ values, x, y }: Scaled) {
  return (
    <>
      {values.map((value, index) =>
        value ? (
          <rect
            key={index}
            className={styles.bar}
            x={x(index)}
            width={Math.max(1, x(index + 1) - x(index) - 1)}
            y={Math.min(y(value), y(0) - 1)}
            height={Math.max(1, y(0) - y(value))}
          />
        ) : null,
      )}
    </>
  );
}

function Line({ values, x, y, dash }: Scaled & { dash: string }) {
  let path = '';
  const alone: number[] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const after = values[index - 1] ?? null;
    const before = values[index + 1] ?? null;
    path += `${after === null ? 'M' : 'L'}${x(index + 0.5)},${y(value)}`;
    if (after === null && before === null) alone.push(index);
  });
  return (
    <>
      <path className={styles.line} d={path} strokeDasharray={dash} />
      {alone.map((index) => (
        <circle key={index} className={styles.mark} cx={x(index + 0.5)} cy={y(values[index] ?? 0)} r={2} />
      ))}
    </>
  );
}

/** The legend of a chart and what its lines are at the cursor. */
export function TimeLegend({ lines, cursor, format }: Pick<TimeChartProps, 'lines' | 'cursor' | 'format'>) {
  return (
    <div className={styles.legend}>
      {lines.map((line, index) => {
        const value = cursor === null ? null : (line.values[cursor] ?? null);
        return (
          <span key={line.name}>
            <svg width={20} height={10} aria-hidden>
              {line.draw === 'bars' ? (
                <rect className={styles.bar} x={4} y={1} width={12} height={8} />
              ) : (
                <path className={styles.line} d="M0,5L20,5" strokeDasharray={dashes[index % dashes.length]} />
              )}
            </svg>
            {line.name}
            {value === null ? null : <strong className="numbers">{format(value)}</strong>}
          </span>
        );
      })}
    </div>
  );
}

/** Which bucket is pointed at, shared by the charts of a page. */
export function useTimeCursor(): [number | null, (bucket: number | null) => void] {
  return useState<number | null>(null);
}
