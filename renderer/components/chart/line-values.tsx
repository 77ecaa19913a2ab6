import { memo } from 'react';
import { useStore } from 'zustand';
import type { MetricUnit } from '../../../shared/health';
import { formatLocal } from '../dates';
import { formatMetricValue } from '../metric-text';
import { markPath, type LineStyle } from './line-style';
import type { StyledLine } from './plot-lines';
import { newestTime, readingAt } from './series-model';
import type { TimeFrame } from './time-frame';
import type { TimeRange } from './time-view';
import styles from './chart.module.css';

/** A line as the legend shows it. */
export function Swatch({ style }: { style: LineStyle }) {
  return (
    <svg className={styles.swatch} width={24} height={10} aria-hidden>
      <path d="M0,5H24" stroke={style.colour} strokeWidth={1.5} strokeDasharray={style.dash} />
      <path d={markPath(style.mark, 12, 5, 3)} fill={style.colour} />
    </svg>
  );
}

interface LineValuesProps {
  /** What the values are of. */
  title: string;
  frame: TimeFrame;
  lines: readonly StyledLine[];
  /** The time that was read: what is beyond it is being read. */
  known: TimeRange | null;
  stepMs: number;
  unit: MetricUnit;
  onStrong: (key: string | null) => void;
}

/** The legend of a chart, and what its lines are at the cursor; at the newest time while there is none. */
export const LineValues = memo(function LineValues(props: LineValuesProps) {
  const { title, frame, lines, known, stepMs, unit, onStrong } = props;
  const cursor = useStore(frame.cursor, ({ time }) => time);
  const { range } = frame;
  const newest = newestTime(lines.map(({ line }) => line));
  const time = cursor ?? (newest === null ? range.to : Math.min(newest, range.to));
  const members = [...new Set(lines.map(({ member }) => member))];
  const metrics = [...new Set([...lines].sort((a, b) => a.metricPlace - b.metricPlace).map(({ metric }) => metric))];
  // Peaks of three and more columns would not fit beside the means: they are told on hover.
  const withPeaks = members.length < 2 || metrics.length < 3;
  const label = `${title} at ${formatLocal(new Date(time), true)}`;
  // Of one member the metrics are named, unless the title says it all.
  const named = ({ member, metric }: StyledLine) =>
    members.length < 2 && (metrics.length > 1 || metric !== title) ? metric : member;
  const value = (line: StyledLine) => (
    <Value line={line} time={time} known={known} stepMs={stepMs} unit={unit} withPeak={withPeaks} />
  );
  const strongly = ({ key }: StyledLine) => ({
    onPointerEnter: () => onStrong(key),
    onPointerLeave: () => onStrong(null),
  });
  if (members.length < 2 || metrics.length < 2)
    return (
      <dl className={styles.values} aria-label={label}>
        {lines.map((line) => (
          <div key={line.key} className={styles.value} {...strongly(line)}>
            <dt>
              <Swatch style={line.style} />
              <span title={line.line.host}>{named(line)}</span>
            </dt>
            <dd>{value(line)}</dd>
          </div>
        ))}
      </dl>
    );
  return (
    <div style={{ overflowX: 'auto' }}>
      <table className={styles.matrix} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">
              <span className="dimmed">member</span>
            </th>
            {metrics.map((metric) => (
              <th key={metric} scope="col">
                {metric}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member}>
              <th scope="row" title={lines.find((line) => line.member === member)?.line.host}>
                {member}
              </th>
              {metrics.map((metric) => {
                const line = lines.find((one) => one.member === member && one.metric === metric);
                return line ? (
                  <td key={metric} {...strongly(line)}>
                    <Swatch style={line.style} /> {value(line)}
                  </td>
                ) : (
                  <td key={metric} />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});

interface ValueProps {
  line: StyledLine;
  time: number;
  known: TimeRange | null;
  stepMs: number;
  unit: MetricUnit;
  withPeak: boolean;
}

function Value({ line, time, known, stepMs, unit, withPeak }: ValueProps) {
  const reading = readingAt(line.line, time, stepMs);
  const wasRead = known !== null && time >= known.from && time <= known.to;
  if (reading.kind === 'not sampled' && !wasRead) return <span className="dimmed">…</span>;
  if (reading.kind !== 'value') return <span className="dimmed">{reading.kind}</span>;
  const mean = formatMetricValue(reading.mean, unit);
  const peak = formatMetricValue(reading.max, unit);
  const told = peak === mean ? undefined : `at least ${formatMetricValue(reading.min, unit)}, at most ${peak}`;
  return (
    <span title={told}>
      {mean}
      {told === undefined || !withPeak ? null : <span className={styles.peak}> ≤ {peak}</span>}
    </span>
  );
}

/** The same in a sentence, for screen readers. */
export function valuesText(lines: readonly StyledLine[], time: number, stepMs: number, unit: MetricUnit): string {
  const several = new Set(lines.map(({ metric }) => metric)).size > 1;
  const parts = lines.map(({ line, member, metric }) => {
    const reading = readingAt(line, time, stepMs);
    const text = reading.kind === 'value' ? formatMetricValue(reading.mean, unit) : reading.kind;
    return `${member}${several ? ` ${metric}` : ''} ${text}`;
  });
  return `${formatLocal(new Date(time), true)}: ${parts.join(', ')}`;
}
