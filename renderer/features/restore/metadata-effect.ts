/** What a mode would do to indexes, options and collections, by the metadata of the diff alone. Pure. */
import type { NamespaceDiff, RestoreMode } from '../../../shared/diff';
import { formatQuantity } from '../../../shared/format';
import { defaultMetadata, type MetadataChoice } from '../../../shared/restore';

export interface MetadataEffect {
  indexesBuilt: number;
  indexesDropped: number;
  optionsChanged: number;
  collectionsCreated: number;
  collectionsDropped: number;
}

const none: MetadataEffect = {
  indexesBuilt: 0,
  indexesDropped: 0,
  optionsChanged: 0,
  collectionsCreated: 0,
  collectionsDropped: 0,
};

// `_id_` comes with the collection.
const counted = (names: readonly { name: string }[]) => names.filter(({ name }) => name !== '_id_').length;

/**
 * `choice` null: as the mode does by itself. `isMade`: whether a collection that the target lacks is made; `pick` makes
 * only those that documents go to.
 */
export function metadataEffectOf(
  mode: RestoreMode,
  diff: NamespaceDiff,
  choice: MetadataChoice | null = null,
  isMade = mode !== 'pick',
): MetadataEffect {
  const { add, change, remove, same } = diff.indexes;
  const inBackup = counted(add) + counted(change) + counted(same);
  if (mode === 'clone' || mode === 'drop') {
    if (diff.status === 'onlyInTarget') return none;
    const dropped = mode === 'drop' && diff.status !== 'onlyInBackup' ? 1 : 0;
    return { ...none, collectionsDropped: dropped, collectionsCreated: 1, indexesBuilt: inBackup };
  }
  const chosen = choice ?? defaultMetadata(mode);
  if (diff.status === 'onlyInTarget') return chosen.extraNamespaces ? { ...none, collectionsDropped: 1 } : none;
  if (diff.status === 'onlyInBackup') {
    if (!isMade) return none;
    return { ...none, collectionsCreated: 1, indexesBuilt: chosen.missingIndexes ? inBackup : 0 };
  }
  const changed = chosen.changedIndexes ? counted(change) : 0;
  return {
    ...none,
    indexesBuilt: (chosen.missingIndexes ? counted(add) : 0) + changed,
    indexesDropped: (chosen.extraIndexes ? counted(remove) : 0) + changed,
    optionsChanged: chosen.options && !diff.options.same ? 1 : 0,
  };
}

export function sumMetadataEffects(effects: readonly MetadataEffect[]): MetadataEffect {
  const sum = { ...none };
  for (const effect of effects) {
    sum.indexesBuilt += effect.indexesBuilt;
    sum.indexesDropped += effect.indexesDropped;
    sum.optionsChanged += effect.optionsChanged;
    sum.collectionsCreated += effect.collectionsCreated;
    sum.collectionsDropped += effect.collectionsDropped;
  }
  return sum;
}

/** "1 index built · options of 1 collection changed"; empty where nothing of the kind happens. */
export function metadataText(effect: MetadataEffect): string {
  const parts: string[] = [];
  if (effect.collectionsDropped > 0) parts.push(`${formatQuantity(effect.collectionsDropped, 'collection')} dropped`);
  if (effect.collectionsCreated > 0) parts.push(`${formatQuantity(effect.collectionsCreated, 'collection')} created`);
  if (effect.indexesBuilt > 0) parts.push(`${formatQuantity(effect.indexesBuilt, 'index', 'indexes')} built`);
  if (effect.indexesDropped > 0) parts.push(`${formatQuantity(effect.indexesDropped, 'index', 'indexes')} dropped`);
  if (effect.optionsChanged > 0)
    parts.push(`options of ${formatQuantity(effect.optionsChanged, 'collection')} changed`);
  return parts.join(' · ');
}
