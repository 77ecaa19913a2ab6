import { useStore } from 'zustand';
import {
  chartEventKinds,
  chartEventWords,
  eventSign,
  eventsNear,
  type ChartEvent,
  type ChartEventKind,
} from '../../../components/chart/chart-events';
import type { TimeFrame } from '../../../components/chart/time-frame';
import { formatLocal } from '../../../components/dates';
import styles from './charts.module.css';

interface EventLegendProps {
  events: readonly ChartEvent[];
  frame: TimeFrame;
  shown: readonly ChartEventKind[];
  onShown: (shown: ChartEventKind[]) => void;
}

/** The signs of what happened, each kind to be shown or not. */
export function EventLegend({ events, frame, shown, onShown }: EventLegendProps) {
  const { from, to } = frame.range;
  const counts = new Map<ChartEventKind, number>();
  for (const { at, kind } of events) if (at >= from && at <= to) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return (
    <div className={styles.events} role="group" aria-label="Events marked in the charts">
      {chartEventKinds.map((kind) => {
        const isShown = shown.includes(kind);
        return (
          <button
            key={kind}
            type="button"
            className={styles.kind}
            aria-pressed={isShown}
            onClick={() => onShown(isShown ? shown.filter((one) => one !== kind) : [...shown, kind])}
          >
            <svg width={12} height={12} aria-hidden>
              <path d={eventSign(kind, 6, 6)} />
            </svg>
            {chartEventWords[kind]} <span className="numbers">{counts.get(kind) ?? 0}</span>
          </button>
        );
      })}
    </div>
  );
}

const mostNear = 3;
/** Of the range: as near as a pointer can tell. */
const nearShare = 1 / 120;

/** The time of the cursor, and what happened then. */
export function CursorReadout({ events, frame }: { events: readonly ChartEvent[]; frame: TimeFrame }) {
  const { time, selection } = useStore(frame.cursor);
  const { range } = frame;
  if (selection)
    return (
      <div className={styles.readout}>
        <strong className="numbers nowrap">
          {formatLocal(new Date(selection.from), true)} to {formatLocal(new Date(selection.to), true)}
        </strong>
        <span className="dimmed">let go or press Enter to zoom</span>
      </div>
    );
  if (time === null)
    return (
      <div className={`${styles.readout} dimmed`}>
        Values are the newest in sight. Point at a chart or use the arrow keys in it; drag to zoom.
      </div>
    );
  const near = eventsNear(events, time, (range.to - range.from) * nearShare);
  return (
    <div className={styles.readout}>
      <strong className="numbers nowrap">{formatLocal(new Date(time), true)}</strong>
      <span className="clip">
        {near
          .slice(0, mostNear)
          .map(({ at, text }) => `${formatLocal(new Date(at), true).slice(11)} ${text}`)
          .join(' · ')}
        {near.length > mostNear ? ` · ${near.length - mostNear} more` : ''}
      </span>
    </div>
  );
}
