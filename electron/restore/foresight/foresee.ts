/** Asks the documents that would be written, and says what would come of them as problems. */
import { dataCollection } from '../../diff/live-metadata';
import type { ComparedNamespace } from '../../diff/metadata-diff';
import type { BackupLocation } from '../../catalogue/backup-location';
import type { NamespaceDiff, Problem, RestoreMode } from '../../../shared/diff';
import { formatCount, formatQuantity } from '../../../shared/format';
import type { ProgressUpdate } from '../../../shared/jobs';
import { parseNamespace } from '../../../shared/namespaces';
import type { RestoreDependencies } from '../dependencies';
import type { PlanNamespace } from '../preview-store';
import type {
  ForesightNamespace,
  ForesightTaskInput,
  ForesightTaskOutput,
  NamespaceForesight,
  Refused,
} from './foresight-task';
import { uniqueIndexOf } from './index-keys';
import { foreseenModes, type ForeseenMode } from './streams';
import type { Validator } from './validator-check';

/** Where the differing documents are; {@link foreseeProblems} reads them. */
export interface DocumentsToForesee {
  tasks: RestoreDependencies['tasks'];
  plan: readonly PlanNamespace[];
  folder: string;
  location: BackupLocation;
  uri: string;
  readPreference: 'primary' | 'secondaryPreferred';
  signal: AbortSignal;
  report(update: ProgressUpdate): void;
  log(line: string): void;
}

export interface ForeseeInput {
  documents: DocumentsToForesee;
  pairs: readonly ComparedNamespace[];
  namespaces: readonly NamespaceDiff[];
  serverVersion: string | null;
}

const modesOf: Readonly<Record<ForeseenMode, readonly RestoreMode[]>> = {
  'insert-missing': ['insert-missing'],
  overwrite: ['overwrite', 'pick'],
  merge: ['merge'],
};
/** All modes that keep the target's own validator. */
const everyMode: RestoreMode[] = ['insert-missing', 'overwrite', 'pick', 'merge'];

/** Servers from 5.1 on evaluate a filter on documents they are only shown. */
function knowsDocumentsStage(version: string | null): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 1);
}

/** Null where nothing can be rejected. */
function validatorOf({ target }: ComparedNamespace): Validator | null {
  if (target?.type !== 'collection') return null;
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

/** Problems with the documents themselves. Nothing is written. Throws what the target throws; 'cancelled'. */
export async function foreseeProblems(input: ForeseeInput): Promise<Problem[]> {
  const { documents, pairs, namespaces, serverVersion } = input;
  const canValidate = knowsDocumentsStage(serverVersion);
  const found: Problem[] = [];
  const asked: ForesightNamespace[] = [];
  const diffs = new Map(namespaces.map((diff) => [diff.targetNs, diff]));
  const plans = new Map(documents.plan.map((plan) => [plan.targetNs, plan]));
  pairs.forEach((pair) => {
    const diff = diffs.get(pair.targetNs);
    const plan = plans.get(pair.targetNs);
    const target = pair.target && parseNamespace(pair.targetNs);
    if (!diff || !plan || !target || pair.backup?.type !== pair.target?.type || diff.type === 'view') return;
    const count = diff.documents.onlyInBackup + diff.documents.changed;
    if (count === 0) return;
    const validator = validatorOf(pair);
    const unique = (pair.target?.indexes ?? []).flatMap((specification) => uniqueIndexOf(specification) ?? []);
    if (validator && !canValidate) found.push(notPredicted(diff));
    if (!(validator && canValidate) && unique.length === 0) return;
    asked.push({
      plan,
      database: target.database,
      collection: dataCollection(diff.type, target.collection),
      validator: canValidate ? validator : null,
      unique,
      documents: count,
    });
  });
  if (asked.length === 0) return found;
  const { tasks, folder, location, uri, readPreference, signal, report, log } = documents;
  const task: ForesightTaskInput = {
    uri,
    previewFolder: folder,
    archive: location.archive,
    blockIndex: location.blockIndex,
    readPreference,
    namespaces: asked,
  };
  const output = await tasks.run<ForesightTaskInput, ForesightTaskOutput>('restore.foresee', task, {
    signal,
    report,
    log,
  });
  for (const foresight of output.namespaces) {
    const diff = diffs.get(documents.plan.find(({ index }) => index === foresight.index)?.targetNs ?? '');
    if (diff) found.push(...ofValidator(diff, foresight), ...ofUniqueIndexes(diff, foresight));
  }
  return found;
}

function notPredicted({ ns, targetNs }: NamespaceDiff): Problem {
  return {
    code: 'validator-rejects',
    severity: 'info',
    ns,
    message: `${targetNs} has a validator; what it would reject is not predicted on servers before 5.1.`,
    hint: 'Mode exact restores documents as they were saved.',
    modes: everyMode,
    objects: [],
    objectsTotal: 0,
  };
}

/** One problem for modes that meet the same documents. */
function byModes(
  refused: Refused,
  make: (total: number, modes: RestoreMode[]) => Omit<Problem, 'modes' | 'objects' | 'objectsTotal'>,
  targetNs: string,
): Problem[] {
  const groups = new Map<string, ForeseenMode[]>();
  for (const mode of foreseenModes) {
    if (refused[mode].total === 0) continue;
    const key = JSON.stringify(refused[mode]);
    groups.set(key, [...(groups.get(key) ?? []), mode]);
  }
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    if (!first) return [];
    const { total, objects } = refused[first];
    const modes = group.flatMap((mode) => modesOf[mode]);
    return [
      {
        ...make(total, modes),
        modes,
        objects: objects.map(({ id, detail }) => ({ ns: targetNs, id, name: null, detail })),
        objectsTotal: total,
      },
    ];
  });
}

/** Said where not all documents were looked at. */
function limitOf({ checked, documents }: NamespaceForesight): string {
  return checked < documents ? ` (the first ${formatCount(checked)} of ${formatCount(documents)} were checked)` : '';
}

function ofValidator(diff: NamespaceDiff, foresight: NamespaceForesight): Problem[] {
  const { validator } = foresight;
  if (!validator) return [];
  const { ns, targetNs } = diff;
  const make = (total: number): Omit<Problem, 'modes' | 'objects' | 'objectsTotal'> => ({
    code: 'validator-rejects',
    severity: validator.onlyWarns ? 'info' : 'warning',
    ns,
    message: validator.onlyWarns
      ? `${formatQuantity(total, 'document')} would break the validator of ${targetNs}, which only logs it${limitOf(foresight)}.`
      : `The validator of ${targetNs} would reject ${formatQuantity(total, 'document')}${limitOf(foresight)}.`,
    hint: validator.onlyWarns ? null : 'Mode exact restores documents as they were saved.',
  });
  const found = byModes(validator.refused, make, targetNs);
  const isComplete = validator.unchecked === 0 && foresight.checked === foresight.documents;
  if (found.length > 0 || isComplete) return found;
  const unknown = validator.unchecked + foresight.documents - foresight.checked;
  const message = `The validator of ${targetNs} could not be asked about ${formatQuantity(unknown, 'document')}.`;
  return [
    {
      code: 'validator-rejects',
      severity: 'info',
      ns,
      message,
      hint: null,
      modes: everyMode,
      objects: [],
      objectsTotal: 0,
    },
  ];
}

function ofUniqueIndexes({ ns, targetNs }: NamespaceDiff, foresight: NamespaceForesight): Problem[] {
  return foresight.unique.flatMap(({ name, refused, complete }) => {
    const make = (total: number): Omit<Problem, 'modes' | 'objects' | 'objectsTotal'> => ({
      code: 'unique-index-conflict',
      severity: 'warning',
      ns,
      message: `The unique index ${name} of ${targetNs} would refuse ${formatQuantity(total, 'document')}${limitOf(foresight)}.`,
      hint: 'Those documents would be left out and listed as conflicts.',
    });
    const found = byModes(refused, make, targetNs);
    if (complete) return found;
    const message = `The target took too long to say which documents the unique index ${name} of ${targetNs} would refuse.`;
    const slow: Problem = {
      code: 'unique-index-conflict',
      severity: 'info',
      ns,
      message,
      hint: null,
      modes: everyMode,
      objects: [],
      objectsTotal: 0,
    };
    return [...found, slow];
  });
}
