import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconLoader,
  IconPlayerStop,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { BackupStatus } from '../../shared/backups';
import type { JobStatus } from '../../shared/jobs';

export type State = 'good' | 'warning' | 'bad' | 'waiting' | 'running' | 'unknown' | 'stopped';

const icons: Record<State, (size: number) => ReactNode> = {
  good: (size) => <IconCircleCheck size={size} aria-hidden />,
  warning: (size) => <IconAlertTriangle size={size} aria-hidden />,
  bad: (size) => <IconCircleX size={size} aria-hidden />,
  waiting: (size) => <IconClock size={size} aria-hidden />,
  running: (size) => <IconLoader size={size} aria-hidden />,
  unknown: (size) => <IconCircleDashed size={size} aria-hidden />,
  stopped: (size) => <IconPlayerStop size={size} aria-hidden />,
};

const classOf: Record<State, string> = {
  good: 'good',
  warning: 'warning',
  bad: 'bad',
  waiting: 'dimmed',
  running: '',
  unknown: 'dimmed',
  stopped: 'dimmed',
};

interface StateMarkProps {
  state: State;
  children: ReactNode;
  size?: number;
}

/** A state by sign, colour and word: never by colour alone. */
export function StateMark({ state, children, size = 15 }: StateMarkProps) {
  return (
    <span className={`state-mark ${classOf[state]}`}>
      {icons[state](size)}
      <span>{children}</span>
    </span>
  );
}

const jobStates: Record<JobStatus, { state: State; word: string }> = {
  queued: { state: 'waiting', word: 'Queued' },
  running: { state: 'running', word: 'Running' },
  cancelling: { state: 'stopped', word: 'Cancelling' },
  succeeded: { state: 'good', word: 'Succeeded' },
  'succeeded-with-warnings': { state: 'warning', word: 'Succeeded with warnings' },
  failed: { state: 'bad', word: 'Failed' },
  cancelled: { state: 'stopped', word: 'Cancelled' },
  interrupted: { state: 'bad', word: 'Interrupted' },
};

export function JobStatusMark({ status }: { status: JobStatus }) {
  const { state, word } = jobStates[status];
  return <StateMark state={state}>{word}</StateMark>;
}

const backupStates: Record<BackupStatus, { state: State; word: string }> = {
  complete: { state: 'good', word: 'Complete' },
  'complete-with-warnings': { state: 'warning', word: 'With warnings' },
  incomplete: { state: 'bad', word: 'Incomplete' },
  damaged: { state: 'bad', word: 'Damaged' },
  unreadable: { state: 'bad', word: 'Unreadable' },
};

export function backupStatusWord(status: BackupStatus): string {
  return backupStates[status].word;
}

export function BackupStatusMark({ status }: { status: BackupStatus }) {
  const { state, word } = backupStates[status];
  return <StateMark state={state}>{word}</StateMark>;
}
