import { useMemo } from 'react';
import { failoverTimeline, formatOutage, type Lane } from '../../../../shared/failover-timeline';
import type { FailoverReport } from '../../../../shared/operations';
import styles from './failover.module.css';

/** What was there and what was not, over the time from the step-down on. */
export function FailoverTimeline({ report }: { report: FailoverReport }) {
  const { fromMs, toMs, ticks, lanes } = useMemo(() => failoverTimeline(report), [report]);
  const place = (atMs: number): string => `${((atMs - fromMs) / (toMs - fromMs)) * 100}%`;
  const described = lanes.map(({ name, value }) => `${name}: ${value}`).join('; ');
  return (
    <figure className={styles.timeline} aria-label={`Course of the test. ${described}`}>
      <div className={styles.lanes}>
        {lanes.map((lane) => (
          <TimelineLane key={lane.name} lane={lane} place={place} stepDownAt={place(0)} />
        ))}
        <span />
        <div className={styles.axis} aria-hidden>
          {ticks.map((tick) => (
            <span key={tick} className={styles.tick} style={{ left: place(tick) }}>
              {tick === 0 ? 'step-down' : `${tick < 0 ? '−' : '+'}${Math.abs(tick) / 1000} s`}
            </span>
          ))}
          {report.events.map(({ atMs }, position) => (
            <span key={position} className={styles.eventMark} style={{ left: place(atMs) }}>
              {position + 1}
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
  stepDownAt: string;
}

function TimelineLane({ lane, place, stepDownAt }: TimelineLaneProps) {
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
            <span className="clip">{part.text}</span>
          </span>
        ))}
        <span className={styles.stepDown} style={{ left: stepDownAt }} />
      </div>
      <span className={styles.laneValue}>{lane.value}</span>
    </>
  );
}
