import { Menu, Tooltip } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconAlertTriangle, IconCircleCheckFilled, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import { useMemo, type ReactNode } from 'react';
import type { CatalogueEntry } from '../../shared/backups';
import { paths } from '../navigation';
import {
  buildTimeline,
  groupDots,
  type DotGroup,
  type DotKind,
  type TimelineDot,
  type TimelineLane,
} from './backup-timeline-model';
import { formatLocal, parseDate } from './dates';
import { StateMark } from './state-mark';
import { useNow } from './use-now';
import styles from './backup-timeline.module.css';

const laneLimit = 6;
/** Pixels a mark needs for itself to be hit. */
const apart = 24;

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

function Dot({ dot }: { dot: TimelineDot }) {
  return (
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
  );
}

function Dots({ group }: { group: DotGroup }) {
  const text = `${group.dots.length} backups, choose one`;
  return (
    <Menu position="bottom">
      <Menu.Target>
        <button type="button" className={styles.dot} style={{ left: `${group.at * 100}%` }} aria-label={text}>
          {icons[group.kind]}
          <span className={styles.many}>{group.dots.length}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown className={styles.choice}>
        {[...group.dots].reverse().map((dot) => (
          <Menu.Item
            key={dot.entry.id}
            component="a"
            href={`#${paths.backup(dot.entry.id)}`}
            leftSection={icons[dot.kind]}
          >
            {dotText(dot)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Lane({ lane }: { lane: TimelineLane }) {
  const { ref, width } = useElementSize();
  const groups = useMemo(() => (width === 0 ? [] : groupDots(lane.dots, width, apart)), [lane, width]);
  return (
    <div className={styles.lane}>
      <span className="clip">{lane.source}</span>
      <div ref={ref} className={styles.axis} role="list" aria-label={`Backups of ${lane.source}`}>
        <span className={styles.line} />
        {lane.covered.map(({ from, to }) => (
          <span
            key={from}
            className={styles.covered}
            style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
          />
        ))}
        {groups.map((group) => {
          const [dot] = group.dots;
          return (
            <span key={`${dot?.entry.storeId}/${dot?.entry.id}`} role="listitem">
              {dot && group.dots.length === 1 ? <Dot dot={dot} /> : <Dots group={group} />}
            </span>
          );
        })}
      </div>
    </div>
  );
}

/** Backups of each source on one time axis; the bar under them shows when the source was within its objective. */
export function BackupTimeline({ entries }: { entries: readonly CatalogueEntry[] }) {
  const now = useNow(60_000);
  const { begin, end, lanes } = useMemo(() => buildTimeline(entries, now, laneLimit), [entries, now]);
  return (
    <div className={styles.timeline}>
      {lanes.map((lane) => (
        <Lane key={lane.source} lane={lane} />
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
