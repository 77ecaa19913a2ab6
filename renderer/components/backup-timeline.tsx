import { Anchor, Menu, Tooltip } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconAlertTriangle, IconCircleCheckFilled, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import { useMemo, useState, type ReactNode } from 'react';
import type { CatalogueEntry } from '../../shared/backups';
import { formatQuantity } from '../../shared/format';
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

/** Shown before the others are asked for. */
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
      <span className={`${styles.source} clip`} title={lane.source}>
        {lane.source}
      </span>
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
  const [showsAll, setShowsAll] = useState(false);
  const { begin, end, lanes } = useMemo(() => buildTimeline(entries, now), [entries, now]);
  const more = lanes.length - laneLimit;
  if (lanes.length === 0) return <span className="dimmed">No backup of this kind in the last year.</span>;
  return (
    <div className={styles.timeline}>
      <div className={styles.lanes}>
        {(showsAll ? lanes : lanes.slice(0, laneLimit)).map((lane) => (
          <Lane key={lane.source} lane={lane} />
        ))}
      </div>
      <div className={styles.scale}>
        <span>
          {more > 0 ? (
            <Anchor component="button" type="button" size="xs" onClick={() => setShowsAll(!showsAll)}>
              {showsAll ? 'Fewer sources' : formatQuantity(more, 'more source')}
            </Anchor>
          ) : null}
        </span>
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
      <StateMark state="unknown" size={13}>
        not verified
      </StateMark>
      <span className="dimmed">
        <span className={styles.bar} aria-hidden />
        within RPO
      </span>
    </span>
  );
}
