/** Which indexes are the beginning of another. Pure. */
import type { IndexDefinition } from '../../shared/indexes';
import { isClustered } from './index-definition';

/** Why an index must stay, whatever its uses; null when it may go. `shardKey` are the fields documents are spread by. */
export function keptBecause(
  { name, key, options }: IndexDefinition,
  shardKey: readonly string[] | null,
): string | null {
  if (name === '_id_') return 'every collection needs it';
  if (isClustered({ name, key, options })) return 'the documents are stored in its order';
  if (options.unique) return 'it keeps values unique';
  if (options.expireAfterSeconds !== undefined) return 'documents expire by it';
  if (shardKey && shardKey.every((field, index) => key[index]?.field === field)) return 'it holds the shard key';
  return null;
}

function isPlain({ key, options }: IndexDefinition): boolean {
  const { collation: _collation, ...others } = options;
  return Object.keys(others).length === 0 && key.every(({ direction }) => typeof direction === 'number');
}

/** What may serve in the place of others: of every document, and not out of sight. */
function serves({ options }: IndexDefinition): boolean {
  return (
    !options.hidden && !options.sparse && options.partialFilterExpression === undefined && options.other === undefined
  );
}

/**
 * An index that begins with all of `index`, in the same order or wholly reversed, so that it serves whatever `index` does;
 * null when there is none, and for every index that is more than its fields (unique, sparse, partial, expiring, hashed,
 * hidden, or of another collation). Of two that are each other's reverse, the one later in `all` is redundant.
 */
export function redundantTo(index: IndexDefinition, all: readonly IndexDefinition[]): IndexDefinition | null {
  if (index.name === '_id_' || !isPlain(index)) return null;
  const own = all.indexOf(index);
  const covering = all.filter((other, position) => {
    if (other === index || !serves(other) || other.options.collation !== index.options.collation) return false;
    if (!beginsWith(other, index)) return false;
    return other.key.length > index.key.length || (isPlain(other) && position < own);
  });
  // The shortest is the nearest in size.
  return covering.sort((a, b) => a.key.length - b.key.length)[0] ?? null;
}

function beginsWith(long: IndexDefinition, short: IndexDefinition): boolean {
  const turns = short.key.map(({ field, direction }, index) => {
    const other = long.key[index];
    if (other?.field !== field || typeof other.direction !== 'number') return 0;
    return other.direction === direction ? 1 : -1;
  });
  return turns.every((turn) => turn === 1) || turns.every((turn) => turn === -1);
}
