/** Members in words and signs: states, roles, times. */
import {
  IconAlertTriangle,
  IconArrowsShuffle,
  IconCircleDashed,
  IconCircleFilled,
  IconCircleX,
  IconDatabase,
  IconScale,
  IconStarFilled,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatDuration } from '../../../shared/format';
import type { HealthState, MemberConfiguration } from '../../../shared/health';
import { formatLocal, formatUtc } from '../../components/dates';
import { Timestamp } from '../../components/timestamp';
import { spanText, type MemberView } from './deployment-view';
import type { Since } from './events/event-list';

type Tone = 'good' | 'warning' | 'bad' | 'dimmed';

const signs: Record<HealthState, { tone: Tone; icon: (size: number) => ReactNode }> = {
  PRIMARY: { tone: 'good', icon: (size) => <IconStarFilled size={size} aria-hidden /> },
  SECONDARY: { tone: 'good', icon: (size) => <IconCircleFilled size={size} aria-hidden /> },
  ARBITER: { tone: 'good', icon: (size) => <IconScale size={size} aria-hidden /> },
  STANDALONE: { tone: 'good', icon: (size) => <IconDatabase size={size} aria-hidden /> },
  MONGOS: { tone: 'good', icon: (size) => <IconArrowsShuffle size={size} aria-hidden /> },
  STARTUP: { tone: 'warning', icon: (size) => <IconAlertTriangle size={size} aria-hidden /> },
  STARTUP2: { tone: 'warning', icon: (size) => <IconAlertTriangle size={size} aria-hidden /> },
  RECOVERING: { tone: 'warning', icon: (size) => <IconAlertTriangle size={size} aria-hidden /> },
  ROLLBACK: { tone: 'warning', icon: (size) => <IconAlertTriangle size={size} aria-hidden /> },
  FATAL: { tone: 'bad', icon: (size) => <IconCircleX size={size} aria-hidden /> },
  DOWN: { tone: 'bad', icon: (size) => <IconCircleX size={size} aria-hidden /> },
  REMOVED: { tone: 'bad', icon: (size) => <IconCircleX size={size} aria-hidden /> },
  UNKNOWN: { tone: 'dimmed', icon: (size) => <IconCircleDashed size={size} aria-hidden /> },
};

/** MongoDB's name; a member that does not answer has none that Lifeboat could know. */
export function stateWord({ state }: Pick<MemberView, 'state'>): string {
  return state === 'DOWN' ? 'Does not answer' : state === 'UNKNOWN' ? 'Unknown' : state;
}

/** A member's state by sign, colour and word. */
export function MemberStateMark({ member, size = 13 }: { member: Pick<MemberView, 'state'>; size?: number }) {
  const { tone, icon } = signs[member.state];
  return (
    <span className={`state-mark ${tone}`}>
      {icon(size)}
      <span>{stateWord(member)}</span>
    </span>
  );
}

/** "priority 2", "1 vote", "hidden", … as far as it says something; empty where nothing is known. */
export function roleWords(configuration: MemberConfiguration | null): string[] {
  if (!configuration) return [];
  const { arbiterOnly, priority, votes, hidden, delaySeconds, tags } = configuration;
  return [
    ...(arbiterOnly ? ['arbiter, holds no data'] : [`priority ${priority}`]),
    votes === 0 ? 'no vote' : `${votes} vote${votes === 1 ? '' : 's'}`,
    ...(hidden ? ['hidden'] : []),
    ...(delaySeconds > 0 ? [`delayed ${formatDuration(delaySeconds)}`] : []),
    ...Object.entries(tags).map(([name, value]) => `${name}: ${value}`),
  ];
}

/** What the other members say of one; null where it adds nothing. */
export function heardText({ answered, heardByOthers }: MemberView): string | null {
  if (answered) return heardByOthers === false ? 'not heard by every other member' : null;
  if (heardByOthers === null) return null;
  return heardByOthers ? 'the other members hear it' : 'the other members do not hear it either';
}

interface SinceTextProps {
  since: Since | null;
  /** Milliseconds since 1970: of the sample. */
  now: number;
}

/** "for 3 d 4 h", "for ≥ 3 d 4 h" where it may have begun earlier; the moment on hover. */
export function SpanSince({ since, now }: SinceTextProps) {
  if (!since) return null;
  const span = now - since.at;
  // Nobody looked long enough to say anything.
  if (since.atLeast && span < 60_000) return null;
  return (
    <span title={`since ${formatLocal(new Date(since.at), true)}`}>
      for {since.atLeast ? '≥ ' : ''}
      {spanText(span)}
    </span>
  );
}

const dayMs = 86_400_000;

/** "11:02:03", with the date where it is longer ago than a day. */
export function Moment({ at, now }: { at: number; now: number }) {
  const text = formatLocal(new Date(at), true);
  return (
    <time dateTime={new Date(at).toISOString()} title={`${text} · ${formatUtc(new Date(at))}`}>
      {Math.abs(now - at) < dayMs ? text.slice(11) : text}
    </time>
  );
}

/** "since 2026-11-20 11:02:03". */
export function MomentSince({ since }: { since: Since | null }) {
  if (!since) return <span className="dimmed">unknown</span>;
  return (
    <span className="nowrap">
      {since.atLeast ? 'at least since ' : 'since '}
      <Timestamp value={new Date(since.at)} seconds />
    </span>
  );
}

interface UnknownSinceProps {
  member: Pick<MemberView, 'since' | 'at'>;
  /** Where the state stands beside it. */
  brief?: boolean;
}

/** "unknown since 11:02:03", of a member that does not answer. */
export function UnknownSince({ member: { since, at }, brief = false }: UnknownSinceProps) {
  return (
    <>
      {brief ? '' : 'unknown '}since <Moment at={since?.at ?? at} now={Math.max(at, since?.at ?? at)} />
      {since?.atLeast && !brief ? ' or before' : ''}
    </>
  );
}

// Thresholds of the owners' runbooks, in seconds.
const lagWarning = 10;
const lagHigh = 30;

export function lagTone(seconds: number): 'good' | 'warning' | 'bad' {
  return seconds > lagHigh ? 'bad' : seconds > lagWarning ? 'warning' : 'good';
}
