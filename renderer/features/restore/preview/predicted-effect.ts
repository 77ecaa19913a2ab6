/** What applying a preview would do, by its diff and by what is ticked. Pure. */
import type { Effect, NamespaceDiff, RestoreMode } from '../../../../shared/diff';
import type { PickedDocuments } from '../../../../shared/picks';
import { effectOf, effectOfPicks, sumEffects, type MetadataChoice, type Preview } from '../../../../shared/restore';
import { metadataEffectOf, sumMetadataEffects, type MetadataEffect } from '../metadata-effect';

/** What decides what becomes of documents: the preview of an undo tells that by itself. */
export type EffectMode = RestoreMode | 'undo';

export function effectModeOf({ undoOf }: Pick<Preview, 'undoOf'>, mode: RestoreMode): EffectMode {
  return undoOf === null ? mode : 'undo';
}

/** On documents. `picks` count in mode `pick` alone; `choice` null: metadata as the mode does by itself. */
export function predictedEffect(
  mode: EffectMode,
  namespaces: readonly NamespaceDiff[],
  picks: readonly PickedDocuments[],
  choice: MetadataChoice | null = null,
): Effect {
  if (mode === 'undo') return sumEffects(namespaces.map(({ effect }) => effect));
  if (mode === 'pick') return effectOfPicks(picks, namespaces);
  return sumEffects(namespaces.map((namespace) => effectOf(mode, namespace, choice)));
}

/** On one namespace's documents. */
export function predictedEffectOn(
  mode: EffectMode,
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
  choice: MetadataChoice | null = null,
): MetadataEffect {
  const picked = new Set(picks.map(({ ns }) => ns));
  // A collection that the target lacks is made for the documents that go there.
  const isMade = ({ ns }: NamespaceDiff) => mode !== 'pick' || picked.has(ns);
  return sumMetadataEffects(
    namespaces.map((namespace) => metadataEffectOf(mode, namespace, choice, isMade(namespace))),
  );
}
