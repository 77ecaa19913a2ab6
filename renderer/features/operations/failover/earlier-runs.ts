/** Failover tests of one set beside one another. Pure. */
import type { FailoverReport, OperationOutcome } from '../../../../shared/operations';

export type FailoverRun = Omit<OperationOutcome, 'failover'> & { failover: FailoverReport };

/** Failover tests of the same set that were measured before this one ended, newest first. */
export function earlierRuns(outcome: OperationOutcome, outcomes: readonly OperationOutcome[]): FailoverRun[] {
  return outcomes
    .filter(isRun)
    .filter(
      ({ id, connectionId, set, startedAt }) =>
        id !== outcome.id &&
        connectionId === outcome.connectionId &&
        set === outcome.set &&
        startedAt < outcome.startedAt,
    )
    .sort((left, right) => right.startedAt - left.startedAt);
}

function isRun(outcome: OperationOutcome): outcome is FailoverRun {
  return outcome.failover !== null;
}

/** The middle one of what is known; null where nothing is. */
export function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((left, right) => left - right);
  const upper = known[Math.floor(known.length / 2)];
  const lower = known[Math.ceil(known.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}
