/**
 * The bulkWrite command of servers since 8.0. What it does is recorded write by write, each on its own collection, with what it
 * was asked in the command's own words: `{ update: 0, filter, updateMods, multi }`. Made here what `update` and `delete` record,
 * so that the same write is of the same shape however it was sent.
 */
import type { JsonDocument, JsonValue, OperationKind } from '../../shared/profiler';
import { firstKey, isTrue } from './shape/values';

export interface BulkStatement {
  kind: Extract<OperationKind, 'insert' | 'update' | 'delete'>;
  command: JsonDocument;
}

/** Null for any other command: those name a collection where a write of bulkWrite has a number. */
export function bulkStatement(command: JsonDocument): BulkStatement | null {
  const name = firstKey(command);
  if (name === undefined || typeof command[name] !== 'number') return null;
  const taken = (from: string, to = from): Record<string, JsonValue> => {
    const value = command[from];
    return value === undefined ? {} : { [to]: value };
  };
  const common = { ...taken('collation'), ...taken('hint') };
  switch (name) {
    case 'insert':
      return { kind: 'insert', command: { insert: '', ...taken('documents') } };
    case 'update':
      return {
        kind: 'update',
        command: {
          ...taken('filter', 'q'),
          ...taken('updateMods', 'u'),
          ...taken('constants', 'c'),
          ...taken('multi'),
          ...taken('upsert'),
          ...taken('arrayFilters'),
          ...common,
        },
      };
    case 'delete':
      return {
        kind: 'delete',
        command: { ...taken('filter', 'q'), limit: isTrue(command['multi']) ? 0 : 1, ...common },
      };
    default:
      return null;
  }
}

/** The same of a command's text; null for what is not whole. */
export function bulkStatementText(text: string): string | null {
  try {
    const statement = bulkStatement(JSON.parse(text) as JsonDocument);
    return statement && JSON.stringify(statement.command);
  } catch {
    return null;
  }
}
