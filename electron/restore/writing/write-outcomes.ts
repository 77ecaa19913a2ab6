/** What became of a document to be written, in words. */
import type { ItemOutcome, WriteItem } from './write-item';
import type { WriteFailure } from './raw-commands';

const duplicateKey = 11000;
export const unchangedReason = 'It is already as it would be written.';

export function outcomeOf(item: WriteItem, result: ItemOutcome['result'], reason: string): ItemOutcome {
  return { item, result, reason };
}

/** True when another document has the very `_id`, not only a value of another unique index. */
export function isDuplicateId({ code, keyPattern }: WriteFailure): boolean {
  return (
    code === duplicateKey && (keyPattern === null || '_id' in keyPattern) && Object.keys(keyPattern ?? {}).length <= 1
  );
}

export function outcomeOfFailure(item: WriteItem, failure: WriteFailure): ItemOutcome {
  if (failure.code === duplicateKey) {
    const keys = Object.keys(failure.keyPattern ?? {}).join(', ');
    return outcomeOf(item, 'deferred', `Another document has its value of the unique index on ${keys}.`);
  }
  return outcomeOf(item, 'failed', failure.message);
}

export function conflictReason(item: WriteItem, now: Buffer | null): string {
  if (now === null) return 'It was deleted since the preview.';
  return item.kind === 'insert' ? 'It was inserted since the preview.' : 'It was changed since the preview.';
}
