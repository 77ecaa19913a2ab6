import { useMemo } from 'react';
import { failoverTimeline, formatOutage, type Lane, type LanePart } from '../../../../shared/failover-timeline';
import type { FailoverReport } from '../../../../shared/operations';
import styles from './failover.module.css';

/** Of the axis: events nearer than this share one mark. */
const leastGap = 0.03;
/** Of the axis: what a word needs. */
const leastForText = 0.08;

/** What was there and what was not, over the time from the step-down on. */
export function FailoverTimeline({ report }: { report: FailoverReport }) {
  const { fromMs, toMs, ticks, lanes } = useMemo(() => failoverTimeline(report), [report]);
  const place = (atMs: number): string => `${((atMs - fromMs) / (toMs - fromMs)) * 100}%`;
  const described = lanes.map(({ name, value }) => `${name}: ${value}`).join('; ');
  return (
    <figure className={styles.timeline} aria-label={`Course of the test. ${described}`}>
      <div className={styles.lanes}>
        {lanes.map((lane) => (
          <TimelineLane
            key={lane.name}
            lane={lane}
            place={place}
            share={(part) => (part.toMs - part.fromMs) / (toMs - fromMs)}
          />
        ))}
        <span />
        <div className={styles.axis} aria-hidden>
          {ticks.map((tick) => (
            <span key={tick} className={styles.tick} style={{ left: place(tick) }}>
              {tick === 0 ? 'step-down' : `${tick < 0 ? '−' : '+'}${Math.abs(tick) / 1000} s`}
            </span>
          ))}
          {marksOf(report.events, (toMs - fromMs) * leastGap).map(({ atMs, label }) => (
            <span key={label} className={styles.eventMark} style={{ left: place(atMs) }}>
              {label}
            </span>
          ))}
        </div>
        <span />
      </div>
      <ol className={styles.events} aria-label="What happened when">
        {report.events.map(({ atMs, text }, position) => (
          <li key={position}>
            <span className={styles.eventNumber}>{position + 1}</span>
            <span className={styles.eventTime}>{`${atMs < 0 ? '−' : '+'}${formatOutage(Math.abs(atMs))}`}</span>
            <span className="wrap-anywhere">{text}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

interface TimelineLaneProps {
  lane: Lane;
  place: (atMs: number) => string;
  /** Of the whole axis. */
  share: (part: LanePart) => number;
}

function TimelineLane({ lane, place, share }: TimelineLaneProps) {
  return (
    <>
      <span className={styles.laneName}>{lane.name}</span>
      <div className={styles.lane} aria-hidden>
        {lane.parts.map((part) => (
          <span
            key={part.fromMs}
            className={part.kind === 'good' ? styles.good : styles.bad}
            style={{ left: place(part.fromMs), right: `calc(100% - ${place(part.toMs)})` }}
            title={part.text}
          >
            {share(part) < leastForText ? null : <span className="clip">{part.text}</span>}
          </span>
        ))}
        <span className={styles.stepDown} style={{ left: place(0) }} />
      </div>
      <span className={styles.laneValue}>{lane.value}</span>
    </>
  );
}

/** The numbers of events, those close to one another as one range at the first of them. */
function marksOf(events: FailoverReport['events'], gapMs: number): { atMs: number; label: string }[] {
  const groups: { atMs: number; first: number; last: number }[] = [];
  events.forEach(({ atMs }, position) => {
    const group = groups[groups.length - 1];
    if (group && atMs - group.atMs < gapMs) group.last = position + 1;
    else groups.push({ atMs, first: position + 1, last: position + 1 });
  });
  return groups.map(({ atMs, first, last }) => ({ atMs, label: first === last ? `${first}` : `${first}–${last}` }));
}
