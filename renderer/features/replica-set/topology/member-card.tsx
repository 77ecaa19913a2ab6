import { VisuallyHidden } from '@mantine/core';
import { paths } from '../../../navigation';
import type { MemberView } from '../deployment-view';
import { heardText, MemberStateMark, roleWords, SpanSince, UnknownSince } from '../member-words';
import styles from './topology.module.css';

interface MemberCardProps {
  member: MemberView;
  /** Milliseconds since 1970: of the sample. */
  now: number;
  /** Tells less. */
  short: boolean;
}

/** One member in the picture: opens its page. */
export function MemberCard({ member, now, short }: MemberCardProps) {
  const { host, answered, isPrimary, since, syncSource } = member;
  const roles = roleWords(member.configuration);
  const heard = heardText(member);
  const last = heard ?? lastLine(member, roles);
  const isBad = !answered && member.state === 'DOWN';
  const isWarning = answered && (heard !== null || !['PRIMARY', 'SECONDARY', 'ARBITER'].includes(member.state));
  const isSet = member.role === 'member';
  return (
    <a
      href={`#${paths.replicaSetMember(host)}`}
      className={[
        styles.card,
        isPrimary ? styles.primary : '',
        answered ? '' : styles.silent,
        isBad ? styles.bad : isWarning && isSet ? styles.warning : '',
      ].join(' ')}
      title={[host, ...roles, heard, member.problem?.message].filter(Boolean).join('\n')}
    >
      <span className={`mono clip ${styles.host}`}>{host}</span>
      <span className={styles.line}>
        <MemberStateMark member={member} />
        <span className="dimmed">
          {answered ? <SpanSince since={since} now={now} /> : short ? <UnknownSince member={member} brief /> : null}
        </span>
      </span>
      {answered || short ? null : (
        <span className={`clip ${styles.role}`}>
          <UnknownSince member={member} />
        </span>
      )}
      {short || !answered ? null : <span className={`clip ${styles.role}`}>{last}</span>}
      {answered || short || heard === null ? null : <VisuallyHidden>{heard}</VisuallyHidden>}
      {syncSource !== null ? <VisuallyHidden>syncs from {syncSource}</VisuallyHidden> : null}
    </a>
  );
}

function lastLine({ role, version }: MemberView, roles: readonly string[]): string {
  if (role !== 'member') return version === null ? '' : `MongoDB ${version}`;
  return roles.length > 0 ? roles.join(' · ') : 'configuration unknown';
}
