/** What happened to a set between two previews of the same operation. Pure. */
import type { OperationPin } from '../../../../shared/operations';

/** One sentence a change; empty when both previews saw the same. */
export function pinChanges(before: OperationPin, after: OperationPin): string[] {
  const changes: string[] = [];
  if (before.primary !== after.primary) {
    changes.push(
      after.primary === null
        ? `${before.primary ?? ''} is no longer primary, and nobody else is.`
        : before.primary === null
          ? `${after.primary} is primary now; nobody was.`
          : `${after.primary} is primary now, not ${before.primary}.`,
    );
  }
  if (before.configurationVersion !== after.configurationVersion) {
    changes.push(`The configuration is version ${after.configurationVersion} now, not ${before.configurationVersion}.`);
  }
  if (before.term !== after.term && before.primary === after.primary) {
    changes.push(`There was an election: the term is ${after.term ?? 'unknown'} now, not ${before.term ?? 'unknown'}.`);
  }
  return changes;
}
