/**
 * Most documents are as the preview saw them: reading them before the transaction reads them would tell nothing new. So
 * the first attempt leaves that out.
 */
import { composed, type Pending } from './pending-writes';
import { idKey } from '../documents/raw-documents';
import type { ItemOutcome, WriteItem } from './write-item';
import { outcomeOf, unchangedReason } from './write-outcomes';
import type { TogetherWriter } from './write-together';

type Expects = (item: WriteItem, now: Buffer | null) => boolean;

interface Judged {
  pending: Pending[];
  /** Nothing would change. */
  kept: Set<WriteItem>;
}

/** Null where one is not as expected: then each must be looked at. */
function judge(items: readonly WriteItem[], found: ReadonlyMap<string, Buffer>, expects: Expects): Judged | null {
  const judged: Judged = { pending: [], kept: new Set() };
  for (const item of items) {
    const now = found.get(idKey(item.id)) ?? null;
    if (!now || !expects(item, now)) return null;
    const after = composed(item, now);
    if (after instanceof Error) return null;
    if (after?.equals(now) === true) judged.kept.add(item);
    else judged.pending.push({ item, live: now, after });
  }
  return judged;
}

/** Replaces and deletes all of them, or none: then there are no outcomes. Throws as {@link TogetherWriter.write} does. */
export async function writeUnseen(
  together: TogetherWriter,
  items: readonly WriteItem[],
  expects: Expects,
): Promise<ItemOutcome[]> {
  const kept = new Set<WriteItem>();
  const isWritten = await together.writeUnseen(
    items.map(({ id }) => id),
    (found) => {
      const judged = judge(items, found, expects);
      for (const item of judged?.kept ?? []) kept.add(item);
      return judged?.pending ?? null;
    },
  );
  if (!isWritten) return [];
  return items.map((item) => (kept.has(item) ? outcomeOf(item, 'kept', unchangedReason) : outcomeOf(item, 'done', '')));
}
