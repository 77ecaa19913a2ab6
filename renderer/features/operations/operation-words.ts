/** How operations are named in the window. Pure. */
import type { Operation, OperationKind, OperationOutcome } from '../../../shared/operations';
import type { State } from '../../components/state-mark';

interface OperationWords {
  /** The dialog's title, and the name of the operation in lists. */
  title: string;
  /** What it is for, one sentence, before anything is chosen. */
  does: string;
}

export const operationWords: Record<OperationKind, OperationWords> = {
  'step-down': {
    title: 'Step down the primary',
    does: 'The primary hands over to another member and is not elected again for a while. Writes wait until the new primary is there.',
  },
  freeze: {
    title: 'Freeze a member',
    does: 'A frozen secondary is not elected for as long as you say. It goes on replicating and answering reads.',
  },
  'failover-test': {
    title: 'Failover test',
    does: 'The primary steps down while a client writes and reads all the time: how long it could not is measured.',
  },
  reconfigure: {
    title: 'Reconfigure the replica set',
    does: 'Changes what the configuration says of members. One voting member changes at a time, and a majority stays.',
  },
  'add-member': {
    title: 'Add a member',
    does: 'The server must run with the same set name and hold no data. It copies all data before it counts as a secondary.',
  },
  'remove-member': {
    title: 'Remove a member',
    does: 'The member leaves the set and keeps its data files. Its server goes on running until somebody stops it.',
  },
  'replace-member': {
    title: 'Replace a member',
    does: 'The new server joins without a vote, copies all data, and then takes the place of the old one.',
  },
  compact: {
    title: 'Compact collections',
    does: 'Gives space that deleted documents left back to the disk, one collection after the other, on one member.',
  },
};

/** What the button promises that starts it. */
export function startLabel(operation: Operation): string {
  switch (operation.kind) {
    case 'step-down':
      return 'Step down';
    case 'freeze':
      return operation.seconds === 0 ? 'Unfreeze' : 'Freeze';
    case 'failover-test':
      return 'Run the failover test';
    case 'reconfigure':
      return 'Reconfigure';
    case 'add-member':
      return 'Add the member';
    case 'remove-member':
      return 'Remove the member';
    case 'replace-member':
      return 'Replace the member';
    case 'compact':
      return operation.namespaces.length === 1
        ? 'Compact 1 collection'
        : `Compact ${operation.namespaces.length} collections`;
  }
}

export const statusWords: Record<OperationOutcome['status'], { state: State; word: string }> = {
  succeeded: { state: 'good', word: 'Succeeded' },
  failed: { state: 'bad', word: 'Failed' },
  cancelled: { state: 'stopped', word: 'Cancelled' },
  interrupted: { state: 'warning', word: 'Interrupted' },
};

/** A failover test that ran to its end is judged by what it measured. */
export function outcomeMark({ status, failover }: Pick<OperationOutcome, 'status' | 'failover'>): {
  state: State;
  word: string;
} {
  if (failover && (status === 'succeeded' || status === 'failed')) {
    return failover.passed ? { state: 'good', word: 'Passed' } : { state: 'bad', word: 'Not passed' };
  }
  return statusWords[status];
}
