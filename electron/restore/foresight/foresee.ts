/** Asks the documents that would be written, and says what would come of them as problems. */
import { dataCollection } from '../../diff/live-metadata';
import type { ComparedNamespace } from '../../diff/metadata-diff';
import type { BackupLocation } from '../../catalogue/backup-location';
import type { IndexChange, NamespaceDiff, Problem, RestoreMode } from '../../../shared/diff';
import type { ProgressUpdate } from '../../../shared/jobs';
import { parseNamespace } from '../../../shared/namespaces';
import type { PickedDocuments } from '../../../shared/picks';
import { choosesMetadata, type MetadataChoice } from '../../../shared/restore';
import type { RestoreDependencies } from '../dependencies';
import type { PlanNamespace } from '../preview/preview-store';
import { problemsForeseen } from './foreseen-problems';
import type { ForesightNamespace, ForesightTaskInput, ForesightTaskOutput } from './foresight-input';
import { uniqueIndexOf, type UniqueIndex } from './index-keys';
import { showingOf } from './server-match';
import type { Validator } from './validator-check';

/** Where the differing documents are; {@link foreseeProblems} reads them. */
export interface DocumentsToForesee {
  tasks: RestoreDependencies['tasks'];
  plan: readonly PlanNamespace[];
  folder: string;
  location: BackupLocation;
  uri: string;
  readPreference: 'primary' | 'secondaryPreferred';
  /** What is about to be applied; null: a preview, in which everything may still be chosen. */
  applying: Applying | null;
  signal: AbortSignal;
  report(update: ProgressUpdate): void;
  log(line: string): void;
}

export interface Applying {
  mode: RestoreMode;
  metadata: MetadataChoice;
  /** By namespace of the backup. */
  picks: ReadonlyMap<string, readonly PickedDocuments[]>;
}

export interface ForeseeInput {
  documents: DocumentsToForesee;
  pairs: readonly ComparedNamespace[];
  namespaces: readonly NamespaceDiff[];
  serverVersion: string | null;
}

/** Null where nothing can be rejected. */
function validatorOf({ target }: ComparedNamespace, applying: Applying | null): Validator | null {
  if (target?.type !== 'collection') return null;
  // The backup's options come back, and documents are written past what is there until then.
  if (applying && (!choosesMetadata(applying.mode) || applying.mode === 'exact' || applying.metadata.options))
    return null;
  const { validator, validationLevel, validationAction, collation } = target.options;
  const isEmpty = typeof validator !== 'object' || validator === null || Object.keys(validator).length === 0;
  if (isEmpty || validationLevel === 'off') return null;
  return {
    filter: validator,
    moderate: validationLevel === 'moderate',
    onlyWarns: validationAction === 'warn',
    collation: collation ?? null,
  };
}

function existingOf({ indexes }: NamespaceDiff): ForesightNamespace['existing'] {
  const of = (kind: ForesightNamespace['existing'][number]['kind'], changes: readonly IndexChange[]) =>
    changes.flatMap(({ target }) => {
      const index = target && uniqueIndexOf(target);
      return index ? [{ index, kind }] : [];
    });
  return [...of('same', indexes.same), ...of('changed', indexes.change), ...of('extra', indexes.remove)];
}

/** Unique indexes that come with the restore; those of a collection that it makes or drops are all built. */
function builtOf({ indexes }: NamespaceDiff, applying: Applying | null): UniqueIndex[] {
  const { missingIndexes, changedIndexes } = applying?.metadata ?? { missingIndexes: true, changedIndexes: true };
  const isWhole = applying !== null && !choosesMetadata(applying.mode);
  const changes = [
    ...(missingIndexes || isWhole ? indexes.add : []),
    ...(changedIndexes || isWhole ? indexes.change : []),
  ];
  return changes.flatMap(({ backup }) => (backup && uniqueIndexOf(backup)) ?? []);
}

function askedOf(
  pair: ComparedNamespace,
  diff: NamespaceDiff,
  plan: PlanNamespace,
  applying: Applying | null,
): ForesightNamespace | null {
  const target = parseNamespace(pair.targetNs);
  const isSkipped = !pair.backup || (pair.target !== null && pair.backup.type !== pair.target.type);
  if (!target || isSkipped || diff.type === 'view') return null;
  const { onlyInBackup, changed, onlyInTarget, inTarget } = diff.documents;
  const isWriting = onlyInBackup + changed > 0;
  const validator = isWriting ? validatorOf(pair, applying) : null;
  const existing = isWriting ? existingOf(diff) : [];
  const built = isWriting || inTarget > 0 ? builtOf(diff, applying) : [];
  if (!validator && existing.length + built.length === 0) return null;
  return {
    plan,
    database: target.database,
    collection: dataCollection(diff.type, target.collection),
    validator,
    existing,
    built,
    counts: { onlyInBackup, changed, onlyInTarget, inTarget },
    picks: applying?.mode === 'pick' ? [...(applying.picks.get(pair.ns) ?? [])] : null,
  };
}

/** Problems with the documents themselves. Nothing is written. Throws what the target throws; 'cancelled'. */
export async function foreseeProblems(input: ForeseeInput): Promise<Problem[]> {
  const { documents, pairs, namespaces, serverVersion } = input;
  const { applying } = documents;
  const asked: ForesightNamespace[] = [];
  const diffs = new Map(namespaces.map((diff) => [diff.targetNs, diff]));
  const plans = new Map(documents.plan.map((plan) => [plan.targetNs, plan]));
  pairs.forEach((pair) => {
    const diff = diffs.get(pair.targetNs);
    const plan = plans.get(pair.targetNs);
    const namespace = diff && plan && askedOf(pair, diff, plan, applying);
    if (namespace) asked.push(namespace);
  });
  if (asked.length === 0) return [];
  const { tasks, folder, location, uri, readPreference, signal, report, log } = documents;
  const task: ForesightTaskInput = {
    uri,
    previewFolder: folder,
    archive: location.archive,
    blockIndex: location.blockIndex,
    readPreference,
    showing: showingOf(serverVersion),
    mode: applying?.mode ?? null,
    metadata: applying?.metadata ?? null,
    namespaces: asked,
  };
  const output = await tasks.run<ForesightTaskInput, ForesightTaskOutput>('restore.foresee', task, {
    signal,
    report,
    log,
  });
  return output.namespaces.flatMap((foresight) => {
    const diff = diffs.get(documents.plan.find(({ index }) => index === foresight.index)?.targetNs ?? '');
    return diff ? problemsForeseen(diff, foresight) : [];
  });
}
