/** Words for indexes. Pure. */
import { formatCount } from '../../../shared/format';
import type { IndexOptions, ReviewedIndex } from '../../../shared/indexes';

/** `unique, partial, expires after 3,600 s`. */
export function optionsText(options: IndexOptions): string {
  const seconds = options.expireAfterSeconds;
  return [
    options.unique ? 'unique' : '',
    options.sparse ? 'sparse' : '',
    options.hidden ? 'hidden' : '',
    options.partialFilterExpression ? 'partial' : '',
    seconds === undefined ? '' : `expires after ${formatCount(seconds)} s`,
    options.collation ? 'own collation' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

export function totalUses({ uses }: Pick<ReviewedIndex, 'uses'>): number | null {
  return uses.length === 0 ? null : uses.reduce((sum, { operations }) => sum + operations, 0);
}

/** `3 days`, `5 hours`, `under an hour`. */
export function daysText(days: number | null): string {
  if (days === null) return 'unknown';
  if (days >= 2) return `${Math.floor(days)} days`;
  const hours = Math.floor(days * 24);
  return hours >= 2 ? `${hours} hours` : hours === 1 ? 'an hour' : 'under an hour';
}

export const usedText: Record<ReviewedIndex['used'], string> = {
  everywhere: 'Everywhere',
  somewhere: 'Somewhere',
  nowhere: 'Nowhere',
  unknown: 'Unknown',
};
