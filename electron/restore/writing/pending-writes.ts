/** A document to be written, once the live one was seen. */
import { needsPipeline } from '../preview/awkward-documents';
import type { WriteItem } from './write-item';
import { deleteStatement, replaceStatement } from './raw-commands';
import { messageOf } from './server-errors';
import { documentAfter } from './write-selection';

/** Still to be written: the live document it was found to replace, and the one that takes its place. */
export interface Pending {
  item: WriteItem;
  live: Buffer | null;
  after: Buffer | null;
}

/** The document as it would be after the item; an Error where it cannot be told. */
export function composed(item: WriteItem, now: Buffer | null): Buffer | null | Error {
  try {
    return documentAfter(item, now);
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

export function statementOf(kind: WriteItem['kind'], { item, live, after }: Pending): Buffer {
  const expected = { id: item.id, document: live };
  if (kind === 'delete' || after === null) return deleteStatement(expected);
  if (kind === 'insert') return after;
  return replaceStatement(expected, after, needsPipeline(after) !== null);
}
