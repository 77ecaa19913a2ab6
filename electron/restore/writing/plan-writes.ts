/** What a restore through the driver writes, by namespace: what is saved to be undone, and what the writer then does. */
import { dataCollection } from '../../diff/live-metadata';
import { changeOrder, PickedPositions, picksByNamespace, type PickedDocuments } from '../../../shared/picks';
import type { DocumentChange, NamespaceDiff, RestoreMode } from '../../../shared/diff';
import { parseNamespace } from '../../../shared/namespaces';
import { defaultMetadata, type ApplyRequest, type MetadataChoice } from '../../../shared/restore';
import type { PlanNamespace } from '../preview/preview-store';
import type { WriteTaskNamespace } from './write-task';

/** `clone` and `drop` are mongorestore's. */
export type DriverMode = Exclude<RestoreMode, 'clone' | 'drop'>;

export interface ChosenNamespace {
  diff: NamespaceDiff;
  plan: PlanNamespace;
}

/** What was asked for, with the defaults of its mode filled in. */
export interface WriteChoice {
  mode: DriverMode;
  metadata: MetadataChoice;
  /** By namespace of the backup; for the mode `pick`. */
  picks: ReadonlyMap<string, readonly PickedDocuments[]>;
}

export function isDriverMode(mode: RestoreMode): mode is DriverMode {
  return mode !== 'clone' && mode !== 'drop';
}

/** Throws 'not-found' for picks of a namespace that is not among `namespaces`. */
export function writeChoiceOf(
  mode: DriverMode,
  { metadata, picks }: Pick<ApplyRequest, 'metadata' | 'picks'>,
  namespaces: readonly ChosenNamespace[],
): WriteChoice {
  const known = namespaces.map(({ diff }) => diff.ns);
  return {
    mode,
    metadata: metadata ?? defaultMetadata(mode),
    picks: picksByNamespace(mode === 'pick' ? picks : [], known),
  };
}

/** Something of another kind lives under the name: left as it is. */
export function isSkipped({ diff, plan }: ChosenNamespace): boolean {
  return diff.status === 'differs' && plan.target !== null && plan.target.type !== plan.type;
}

function hasValidator({ options }: NamespaceDiff): boolean {
  return options.target?.['validator'] !== undefined || options.backup?.['validator'] !== undefined;
}

function isOptionsOfBackup({ mode, metadata }: WriteChoice, { status }: NamespaceDiff): boolean {
  return mode === 'exact' || metadata.options || status === 'onlyInBackup';
}

const changesOf: Record<Exclude<DriverMode, 'pick'>, readonly DocumentChange[]> = {
  exact: ['onlyInTarget', 'changed', 'onlyInBackup'],
  overwrite: ['changed', 'onlyInBackup'],
  merge: ['changed', 'onlyInBackup'],
  'insert-missing': ['onlyInBackup'],
};

/** Documents of the namespace that are written, by kind. Throws 'usage' for picks that the preview does not hold. */
export function countsToWrite(choice: WriteChoice, diff: NamespaceDiff): Record<DocumentChange, number> {
  const counts = { changed: 0, onlyInBackup: 0, onlyInTarget: 0 };
  if (diff.type === 'view') return counts;
  if (choice.mode === 'pick') {
    const picks = choice.picks.get(diff.ns);
    return picks ? { ...new PickedPositions(diff.ns, picks, diff.documents).counts } : counts;
  }
  if (diff.status === 'onlyInTarget') {
    return { ...counts, onlyInTarget: choice.metadata.extraNamespaces ? diff.documents.onlyInTarget : 0 };
  }
  for (const change of changesOf[choice.mode]) counts[change] = diff.documents[change];
  return counts;
}

/** Namespaces without a document to write are left out. Throws 'usage' for picks that the preview does not hold. */
export function planWrites(
  choice: WriteChoice,
  namespaces: readonly ChosenNamespace[],
): (WriteTaskNamespace & { documents: number })[] {
  return namespaces.flatMap((namespace) => {
    const { diff, plan } = namespace;
    const counts = countsToWrite(choice, diff);
    const changes = changeOrder.filter((change) => counts[change] > 0);
    const target = parseNamespace(diff.targetNs);
    if (isSkipped(namespace) || plan.rebuild !== null || changes.length === 0 || !target) return [];
    return [
      {
        index: plan.index,
        database: target.database,
        collection: dataCollection(diff.type, target.collection),
        backupNamespace: plan.backupNamespace,
        changes,
        picks: choice.picks.get(diff.ns) ?? null,
        merge: choice.mode === 'merge',
        documents: changes.reduce((sum, change) => sum + counts[change], 0),
        // Where the backup's validator comes back too, so does what was saved, also where the validator came later. The
        // other modes respect the target's.
        bypassValidation: hasValidator(diff) && isOptionsOfBackup(choice, diff),
      },
    ];
  });
}
