import { IconAlertTriangle } from '@tabler/icons-react';
import { useId, useMemo, useRef } from 'react';
import { shortHosts } from '../../../components/chart/line-style';
import { formatLag } from '../../../components/metric-text';
import { StateMark } from '../../../components/state-mark';
import type { MemberView, SetView } from '../deployment-view';
import { lagTone } from '../member-words';
import { MemberCard } from './member-card';
import { layoutTopology, type TopologyLayout } from './topology-layout';
import { useWidth } from './use-width';
import styles from './topology.module.css';

interface TopologyPictureProps {
  set: SetView;
  /** Milliseconds since 1970: of the sample. */
  now: number;
  /** False: who is primary is not known. */
  fresh: boolean;
}

/** The members of a set, and who syncs from whom with which lag. */
export function TopologyPicture({ set, now, fresh }: TopologyPictureProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const markerId = useId();
  const layout = useMemo(
    () =>
      width === null
        ? null
        : layoutTopology(
            set.members.map(({ host, syncSource, isPrimary, configuration, state }) => ({
              host,
              syncSource,
              isPrimary,
              isArbiter: configuration?.arbiterOnly ?? state === 'ARBITER',
            })),
            width,
          ),
    [set.members, width],
  );
  const byHost = new Map(set.members.map((member) => [member.host, member]));
  return (
    <div ref={frame} className={styles.picture} style={{ height: layout?.height ?? 0 }}>
      {layout ? (
        <svg className={styles.links} aria-hidden>
          <defs>
            <marker id={markerId} viewBox="0 0 8 8" refX={4} refY={4} markerWidth={8} markerHeight={8} orient="auto">
              <path d="M0 0L8 4L0 8Z" className={styles.arrow} />
            </marker>
          </defs>
          {layout.links.map(({ from, to, path }) => (
            <path key={`${from} ${to}`} d={path} className={styles.link} markerEnd={`url(#${markerId})`} />
          ))}
        </svg>
      ) : null}
      <ul
        className={`${styles.members} ${layout?.direction === 'right' ? styles.right : styles.down}`}
        aria-label={`Members of ${set.name}`}
      >
        {layout?.cards.map(({ host, x, y }) => {
          const member = host === null ? null : byHost.get(host);
          const place = { left: x, top: y, width: layout.cardWidth, height: layout.cardHeight };
          return (
            <li key={host ?? ''} className={styles.place} style={place}>
              {member ? (
                <>
                  <LinkLag member={member} source={sourceShown(layout, set, member)} />
                  <MemberCard member={member} now={now} short={layout.isShort} />
                </>
              ) : (
                <MissingPrimary set={set.name} fresh={fresh} />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** From whom a member syncs, where its link alone does not say so; undefined where there is no link. */
function sourceShown(layout: TopologyLayout, set: SetView, { host }: MemberView): string | null | undefined {
  const link = layout.links.find(({ to }) => to === host);
  if (!link) return undefined;
  // Links downwards may run side by side.
  return layout.direction === 'right' || link.from === set.primary
    ? null
    : (shortHosts(set.members.map((one) => one.host)).get(link.from) ?? link.from);
}

/** Stands on the link of a member. */
function LinkLag({ member, source }: { member: MemberView; source: string | null | undefined }) {
  const { lagSeconds } = member.metrics;
  if (source === undefined) return null;
  const from = source === null ? null : <span className="dimmed"> ← {source}</span>;
  if (lagSeconds === null)
    return (
      <span className={styles.lag}>
        <span className="dimmed">lag unknown</span>
        {from}
      </span>
    );
  const tone = lagTone(lagSeconds);
  const text = `lag ${formatLag(lagSeconds)}`;
  return (
    <span className={styles.lag}>
      {tone === 'good' ? (
        text
      ) : (
        <StateMark state={tone} size={13}>
          {text}
        </StateMark>
      )}
      {from}
    </span>
  );
}

function MissingPrimary({ set, fresh }: { set: string; fresh: boolean }) {
  return (
    <div className={`${styles.card} ${styles.silent} ${fresh ? styles.bad : ''}`}>
      {fresh ? (
        <>
          <span className="state-mark bad">
            <IconAlertTriangle size={15} aria-hidden />
            <span>No primary</span>
          </span>
          <span className="dimmed">Nothing can be written to {set}.</span>
        </>
      ) : (
        <span className="dimmed">Which member is primary is not known.</span>
      )}
    </div>
  );
}
