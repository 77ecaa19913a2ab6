/** What a mode would do to indexes, options and collections, by the metadata of the diff alone. Pure. */
import type { NamespaceDiff, RestoreMode } from '../../../shared/diff';
import { formatQuantity } from '../../../shared/format';

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

export function metadataEffectOf(mode: RestoreMode, diff: NamespaceDiff): MetadataEffect {
  const { add, change, remove, same } = diff.indexes;
  const inBackup = counted(add) + counted(change) + counted(same);
  if (diff.status === 'onlyInTarget') {
    return mode === 'exact' ? { ...none, collectionsDropped: 1 } : none;
  }
  if (mode === 'clone' || diff.status === 'onlyInBackup') {
    return { ...none, collectionsCreated: 1, indexesBuilt: inBackup };
  }
  switch (mode) {
    case 'insert-missing':
    case 'merge':
    case 'overwrite':
      return { ...none, indexesBuilt: counted(add) };
    case 'exact':
      return {
        ...none,
        indexesBuilt: counted(add) + counted(change),
        indexesDropped: counted(remove) + counted(change),
        optionsChanged: diff.options.same ? 0 : 1,
      };
    case 'drop':
      return { ...none, collectionsDropped: 1, collectionsCreated: 1, indexesBuilt: inBackup };
    case 'pick':
      return none;
  }
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
