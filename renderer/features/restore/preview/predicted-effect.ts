/** What applying a preview would do, by its diff and by what is ticked. Pure. */
import type { Effect, NamespaceDiff, RestoreMode } from '../../../../shared/diff';
import type { PickedDocuments } from '../../../../shared/picks';
import { effectOf, effectOfPicks, sumEffects } from '../../../../shared/restore';
import { metadataEffectOf, sumMetadataEffects, type MetadataEffect } from '../metadata-effect';

/** On documents. `picks` count in mode `pick` alone. */
export function predictedEffect(
  mode: RestoreMode,
  namespaces: readonly NamespaceDiff[],
  picks: readonly PickedDocuments[],
): Effect {
  if (mode === 'pick') return effectOfPicks(picks, namespaces);
  return sumEffects(namespaces.map((namespace) => effectOf(mode, namespace)));
}

/** On one namespace's documents. */
export function predictedEffectOn(
  mode: RestoreMode,
  namespace: NamespaceDiff,
  picks: readonly PickedDocuments[],
): Effect {
  return predictedEffect(
    mode,
    [namespace],
    picks.filter(({ ns }) => ns === namespace.ns),
  );
}

/** On indexes, options and collections. */
export function predictedMetadata(
  mode: RestoreMode,
  namespaces: readonly NamespaceDiff[],
  picks: readonly PickedDocuments[],
): MetadataEffect {
  const sum = sumMetadataEffects(namespaces.map((namespace) => metadataEffectOf(mode, namespace)));
  if (mode !== 'pick') return sum;
  const picked = new Set(picks.map(({ ns }) => ns));
  // A collection that the target lacks is made for the documents that go there.
  const made = namespaces.filter(({ ns, status }) => status === 'onlyInBackup' && picked.has(ns));
  return { ...sum, collectionsCreated: made.length };
}
