/** Which differing documents of a namespace are listed, and in which order. */
import type { DocumentChange } from '../../../../shared/diff';
import { changeOrder, type ChangeCounts } from '../../../../shared/picks';
import type { DocumentsRequest } from '../../../../shared/restore';
import { api } from '../../../api';
import { firstOf } from './pick-state';

export type DocumentQuery = Pick<DocumentsRequest, 'change' | 'path' | 'search' | 'sort' | 'direction'>;

export const everyDocument: DocumentQuery = {
  change: null,
  path: null,
  search: null,
  sort: 'position',
  direction: 'ascending',
};

/** Whether all documents of the query's kind are listed: then counts tell what it holds. */
export function isUnfiltered({ path, search }: DocumentQuery): boolean {
  return path === null && search === null;
}

export function kindsOf({ change, path }: DocumentQuery): readonly DocumentChange[] {
  // Only documents that are on both sides have changed paths.
  if (path !== null) return change === null || change === 'changed' ? ['changed'] : [];
  return change === null ? changeOrder : [change];
}

export interface ListedNamespace {
  previewId: string;
  /** Namespace in the backup. */
  ns: string;
  counts: ChangeCounts;
}

const mostAtOnce = 100_000;

/** Positions in the whole list of the documents listed from `first` to `last`, both included. */
export async function positionsBetween(
  { previewId, ns, counts }: ListedNamespace,
  query: DocumentQuery,
  first: number,
  last: number,
): Promise<number[]> {
  if (isUnfiltered(query) && query.sort === 'position') {
    const start = query.change === null ? 0 : firstOf(counts, query.change);
    const total = kindsOf(query).reduce((sum, change) => sum + counts[change], 0);
    const at = (step: number) => start + (query.direction === 'ascending' ? step : total - 1 - step);
    return Array.from({ length: last - first + 1 }, (_, step) => at(first + step));
  }
  const positions: number[] = [];
  while (positions.length <= last - first) {
    const answer = await api('restore.document-positions', {
      previewId,
      ns,
      ...query,
      offset: first + positions.length,
      limit: Math.min(last - first + 1 - positions.length, mostAtOnce),
    });
    if (answer.positions.length === 0) break;
    for (const position of answer.positions) positions.push(position);
  }
  return positions;
}
