import { Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheckFilled, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import { useMemo, type ReactNode } from 'react';
import type { CatalogueEntry } from '../../shared/backups';
import { paths } from '../navigation';
import { buildTimeline, type DotKind, type TimelineDot } from './backup-timeline-model';
import { formatLocal, parseDate } from './dates';
import { StateMark } from './state-mark';
import { useNow } from './use-now';
import styles from './backup-timeline.module.css';

const laneLimit = 6;

const icons: Record<DotKind, ReactNode> = {
  verified: <IconCircleCheckFilled size={16} className="good" aria-hidden />,
  unverified: <IconCircleDashed size={16} className="dimmed" aria-hidden />,
  warning: <IconAlertTriangle size={16} className="warning" aria-hidden />,
  failed: <IconCircleX size={16} className="bad" aria-hidden />,
};

const words: Record<DotKind, string> = {
  verified: 'verified',
  unverified: 'not verified',
  warning: 'with warnings',
  failed: 'not usable',
};

function dotText({ entry, kind }: TimelineDot): string {
  const date = parseDate(entry.completedAt ?? entry.createdAt);
  return `${date ? formatLocal(date) : ''} · ${entry.scope ?? entry.id} · ${words[kind]}`;
}

/** Backups of each source on one time axis; the bar under them shows when the source was within its objective. */
export function BackupTimeline({ entries }: { entries: readonly CatalogueEntry[] }) {
  const now = useNow(60_000);
  const { begin, end, lanes } = useMemo(() => buildTimeline(entries, now, laneLimit), [entries, now]);
  return (
    <div className={styles.timeline}>
      {lanes.map((lane) => (
        <div key={lane.source} className={styles.lane}>
          <span className="clip">{lane.source}</span>
          <div className={styles.axis} role="list" aria-label={`Backups of ${lane.source}`}>
            <span className={styles.line} />
            {lane.covered.map(({ from, to }) => (
              <span
                key={from}
                className={styles.covered}
                style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
              />
            ))}
            {lane.dots.map((dot) => (
              <span key={`${dot.entry.storeId}/${dot.entry.id}`} role="listitem">
                <Tooltip label={dotText(dot)}>
                  <a
                    href={`#${paths.backup(dot.entry.id)}`}
                    className={styles.dot}
                    style={{ left: `${dot.at * 100}%` }}
                    aria-label={dotText(dot)}
                  >
                    {icons[dot.kind]}
                  </a>
                </Tooltip>
              </span>
            ))}
          </div>
        </div>
      ))}
      <div className={styles.scale}>
        <span />
        <span className={styles.ends}>
          <span>{formatLocal(begin)}</span>
          <span>now, {formatLocal(end)}</span>
        </span>
      </div>
    </div>
  );
}

export function TimelineLegend() {
  return (
    <span className={styles.legend}>
      <StateMark state="good" size={13}>
        verified
      </StateMark>
      <StateMark state="warning" size={13}>
        with warnings
      </StateMark>
      <StateMark state="bad" size={13}>
        not usable
      </StateMark>
      <span className="dimmed">
        <span className={styles.bar} aria-hidden />
        within RPO
      </span>
    </span>
  );
}
