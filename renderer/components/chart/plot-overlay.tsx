import { memo, useMemo } from 'react';
import { useStore } from 'zustand';
import { chartEventKinds, eventSign, type ChartEventKind } from './chart-events';
import { bandPath, yOf } from './line-path';
import { markPath } from './line-style';
import { eventPlaces, markIndexes, type PlotExtras, type StyledLine } from './plot-lines';
import { gapsOf, hasBand, readingAt, sharedRange } from './series-model';
import type { TimeFrame } from './time-frame';
import { xOf, type PlotArea, type TimeRange } from './time-view';
import type { ValueAxis } from './value-axis';
import styles from './chart.module.css';

interface Scaled {
  area: PlotArea;
  range: TimeRange;
}

interface UnderlayProps extends Scaled {
  stepMs: number;
  lines: readonly StyledLine[];
  /** The time that was read: gaps beyond it are none. */
  known: TimeRange | null;
  axis: ValueAxis;
  strong: string | null;
  interval: PlotExtras['interval'];
}

/** Behind the lines: the grid, where nobody asked, the interval that is marked, and between which values the lines are means. */
export const PlotUnderlay = memo(function PlotUnderlay(props: UnderlayProps) {
  const { area, range, stepMs, lines, known, axis, strong, interval } = props;
  const gaps = useMemo(() => {
    const times = [...new Set(lines.flatMap(({ line }) => line.at))].sort((a, b) => a - b);
    const read = known === null ? null : sharedRange(range, known);
    return read === null ? [] : gapsOf(times, stepMs, read);
  }, [lines, stepMs, range, known]);
  const bands = useMemo(
    () =>
      lines
        .filter(({ line }) => hasBand(line))
        .map(({ key, line, style }) => ({
          key,
          colour: style.colour,
          path: bandPath(line, stepMs, { range, area, axis }),
        })),
    [lines, stepMs, range, area, axis],
  );
  const clamp = (time: number) => Math.min(Math.max(xOf(time, range, area), area.left), area.left + area.width);
  const from = interval === null ? 0 : clamp(interval.from);
  const to = interval === null ? 0 : clamp(interval.to ?? range.to);
  return (
    <svg className={styles.layer} aria-hidden>
      <path
        className={styles.grid}
        d={axis.ticks.map((tick) => `M${area.left},${Math.round(yOf(tick, axis, area)) + 0.5}h${area.width}`).join('')}
      />
      {interval === null || to <= from ? null : (
        <g className={styles.interval}>
          <rect x={from} y={area.top} width={to - from} height={area.height} />
          <path d={`M${from},${area.top}V${area.top + area.height}`} />
          {interval.to === null ? null : <path d={`M${to},${area.top}V${area.top + area.height}`} />}
        </g>
      )}
      {gaps.map((gap) => {
        const left = clamp(gap.from);
        const width = clamp(gap.to) - left;
        return (
          <g key={gap.from} className={styles.gap}>
            <rect x={left} y={area.top} width={Math.max(1, width)} height={area.height} />
            {width > 84 ? (
              <text x={left + width / 2} y={area.top + area.height / 2} textAnchor="middle" dominantBaseline="central">
                not sampled
              </text>
            ) : null}
          </g>
        );
      })}
      {bands
        .filter(({ key }) => strong === null || strong === key)
        .map(({ key, colour, path }) => (
          // The edge keeps a peak of a single step in sight, whose surface is none.
          <path key={key} className={styles.band} d={path} fill={colour} stroke={colour} />
        ))}
    </svg>
  );
});

interface OverlayProps extends Scaled {
  lines: readonly StyledLine[];
  axis: ValueAxis;
  threshold: PlotExtras['threshold'];
  events: PlotExtras['events'];
  strong: string | null;
}

/** In front of the lines: marks that tell them apart without colour, the threshold, what happened. */
export const PlotOverlay = memo(function PlotOverlay(props: OverlayProps) {
  const { area, range, lines, axis, threshold, events, strong } = props;
  const bottom = area.top + area.height;
  const marks = useMemo(
    () =>
      lines.map(({ key, line, style }, offset) => ({
        key,
        colour: style.colour,
        path: markIndexes(line, range, area, offset)
          .map((index) =>
            markPath(style.mark, xOf(line.at[index] ?? 0, range, area), yOf(line.mean[index] ?? 0, axis, area), 3),
          )
          .join(''),
      })),
    [lines, range, area, axis],
  );
  const y = threshold === null ? 0 : yOf(threshold.value, axis, area);
  return (
    <svg className={styles.layer} aria-hidden>
      <EventLines area={area} range={range} events={events} />
      {threshold === null ? null : (
        <g className={styles.threshold}>
          <path d={`M${area.left},${y}H${area.left + area.width}`} />
          <text x={area.left + area.width - 2} y={y < area.top + 14 ? y + 12 : y - 4} textAnchor="end">
            {threshold.label}
          </text>
        </g>
      )}
      {marks.map(({ key, colour, path }) => (
        <path key={key} d={path} fill={colour} opacity={strong === null || strong === key ? 1 : 0.25} />
      ))}
      <path className={styles.edge} d={`M${area.left},${bottom}H${area.left + area.width}`} />
    </svg>
  );
});

function EventLines({ area, range, events }: Scaled & Pick<PlotExtras, 'events'>) {
  const kinds = useMemo(() => {
    const byKind = new Map<ChartEventKind, number[]>();
    for (const kind of chartEventKinds) {
      const own = events.filter((event) => event.kind === kind);
      if (own.length > 0) byKind.set(kind, eventPlaces(own, range, area));
    }
    return [...byKind];
  }, [events, range, area]);
  const bottom = area.top + area.height;
  return (
    <>
      {kinds.map(([kind, places]) => (
        <g key={kind} className={styles.event} data-kind={kind}>
          <path className={styles.eventLine} d={places.map((x) => `M${x + 0.5},${area.top}V${bottom}`).join('')} />
          <path className={styles.eventSign} d={places.map((x) => eventSign(kind, x + 0.5, 5)).join('')} />
        </g>
      ))}
    </>
  );
}

interface CursorProps {
  frame: TimeFrame;
  area: PlotArea;
  stepMs: number;
  lines: readonly StyledLine[];
  axis: ValueAxis | null;
}

/** The cursor that all charts share, and what is selected: the only part that is drawn again when the pointer moves. */
export function PlotCursor({ frame, area, stepMs, lines, axis }: CursorProps) {
  const { time, selection } = useStore(frame.cursor);
  const { range } = frame;
  const right = area.left + area.width;
  const clamp = (at: number) => Math.min(Math.max(xOf(at, range, area), area.left), right);
  const x = time === null || time < range.from || time > range.to ? null : xOf(time, range, area);
  return (
    <svg className={styles.layer} data-layer="cursor" aria-hidden>
      {selection ? (
        <rect
          className={styles.selection}
          x={clamp(selection.from)}
          y={area.top}
          width={Math.max(1, clamp(selection.to) - clamp(selection.from))}
          height={area.height}
        />
      ) : null}
      {x === null ? null : <path className={styles.cursor} d={`M${x},${area.top}V${area.top + area.height}`} />}
      {x === null || time === null || axis === null
        ? null
        : lines.map(({ key, line, style }) => {
            const reading = readingAt(line, time, stepMs);
            return reading.kind === 'value' ? (
              <path key={key} d={markPath(style.mark, x, yOf(reading.mean, axis, area), 4)} fill={style.colour} />
            ) : null;
          })}
    </svg>
  );
}
