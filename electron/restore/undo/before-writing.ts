/** The last steps before a restore writes: what undoes it is saved, and its journal says that it begins. */
import type { OpenDeployment } from '../../connections/service';
import { renameNamespace, type ComparedNamespace } from '../../diff/metadata-diff';
import type { JobContext } from '../../jobs/runner';
import type { ClusterTime } from '../../../shared/backups';
import type { Effect } from '../../../shared/diff';
import type { Rename } from '../../../shared/restore';
import { toAppError } from '../../platform/failures';
import type { ApplyInput } from '../apply-input';
import type { RestoreDependencies } from '../dependencies';
import { planWrites, type ChosenNamespace, type WriteChoice } from '../writing/plan-writes';
import { idKey } from '../documents/raw-documents';
import { codeOf, messageOf } from '../writing/server-errors';
import { saveUndo, type SavedUndo, type UndoOrder } from './save-undo';
import { authorizationsOfUndo, authorizationsToAdd } from './undo-authorizations';
import { readHeldBack, requireIntactEntries, UndoEntriesReader } from './undo-entries';
import { touchedByDriver, touchedByRebuild, touchedByTool } from './undo-plan';
import { readUndoRecord, undoFilesOf } from './undo-record';

export interface BeforeWriting {
  chosen: readonly ChosenNamespace[];
  /** Null for clone and drop. */
  choice: WriteChoice | null;
  renames: readonly Rename[];
  pairs: readonly ComparedNamespace[];
  deployment: OpenDeployment;
  predicted: Effect;
  /** Whose users and roles are restored, where they are; null: those of all. */
  userDatabases: readonly string[] | null;
  /** Asked once more when everything is saved: throws when the target was written to meanwhile. */
  recheck(): Promise<void>;
}

export interface ReadyToWrite {
  undoId: string | null;
  heldBack: ReadonlyMap<number, readonly string[]>;
  /** From before the saved collections were read; null where it is not known. */
  clusterTime: ClusterTime | null;
}

/** When it resolves, nothing was written to the target, and everything needed to go on or back is durable. */
export async function beginWriting(
  dependencies: RestoreDependencies,
  input: ApplyInput,
  before: BeforeWriting,
  context: JobContext,
): Promise<ReadyToWrite> {
  const { journal, resumed } = input;
  if (resumed) return readAgain(dependencies, journal.current.undoId, before.chosen);
  const saved = input.request.undo ? await save(dependencies, input, before, context) : null;
  try {
    await before.recheck();
    await journal.update({
      step: 'writing',
      predicted: before.predicted,
      undoId: saved?.undoId ?? null,
      undoUntil: saved?.until ?? null,
    });
  } catch (error) {
    if (saved) await discard(dependencies, saved, context);
    throw error;
  }
  return {
    undoId: saved?.undoId ?? null,
    heldBack: saved?.heldBack ?? new Map(),
    clusterTime: saved?.clusterTime ?? null,
  };
}

/** Users and roles that will come and go. What cannot be read is told, and then nothing is known to undo. */
async function authorizationsOf(
  { undoing, location }: ApplyInput,
  { choice, deployment, userDatabases }: BeforeWriting,
  context: JobContext,
): Promise<UndoOrder['authorizations']> {
  const { client } = deployment;
  const recorded = undoing?.record.authorizations ?? null;
  if (recorded === null && choice?.metadata.usersAndRoles !== true) return null;
  try {
    if (recorded !== null) return await authorizationsOfUndo(client, recorded);
    const { archive, blockIndex } = location;
    const backup = { archive, blockIndex, databases: userDatabases, signal: context.signal };
    return { authorizations: await authorizationsToAdd(client, backup), documents: { users: [], roles: [] } };
  } catch (error) {
    if (codeOf(error) === null) throw error;
    context.warn(
      `Which users and roles there are could not be read, so that they are no part of the undo: ${messageOf(error)}`,
    );
    return null;
  }
}

async function save(
  dependencies: RestoreDependencies,
  input: ApplyInput,
  before: BeforeWriting,
  context: JobContext,
): Promise<SavedUndo | null> {
  const { restoreId, request, stored, manifest, location, previewFolder } = input;
  const { chosen, choice, renames, pairs, deployment } = before;
  const writes = choice ? planWrites(choice, chosen) : [];
  const written = new Set(writes.map(({ index }) => index));
  const isRebuilt = chosen.some(({ plan }) => plan.rebuild === 'swap' || plan.rebuild === 'anew');
  const byDriver = choice && touchedByDriver(chosen, written, choice.metadata);
  const touched = byDriver
    ? isRebuilt
      ? touchedByRebuild(byDriver, chosen)
      : byDriver
    : touchedByTool(request.mode === 'clone' ? 'clone' : 'drop', chosen, (ns) => renameNamespace(ns, renames));
  return saveUndo(
    dependencies,
    {
      restoreId,
      mode: request.mode,
      backupId: manifest.id,
      archive: location.archive,
      blockIndex: location.blockIndex,
      digest: stored.digest,
      previewFolder,
      touched,
      live: pairs.flatMap(({ target }) => target ?? []),
      writes,
      authorizations: await authorizationsOf(input, before, context),
      deployment,
    },
    context,
  );
}

/** Nothing was written: what was saved would undo nothing. */
async function discard({ catalogue }: RestoreDependencies, { undoId }: SavedUndo, context: JobContext): Promise<void> {
  await catalogue.delete(undoId, undoId).catch((error: unknown) => {
    context.log(`${undoId} could not be removed: ${toAppError(error).message}`);
  });
}

/** Of a restore that goes on: what was saved before the first write is what counts. */
async function readAgain(
  { catalogue }: RestoreDependencies,
  undoId: string | null,
  chosen: readonly ChosenNamespace[],
): Promise<ReadyToWrite> {
  if (undoId === null) return { undoId, heldBack: new Map(), clusterTime: null };
  const location = await catalogue.location(undoId);
  const { clusterTimeStart } = await catalogue.manifest(undoId);
  const record = await readUndoRecord(location);
  const heldBack = new Map<number, string[]>();
  const { entriesFile: entries, idsFile: ids } = record;
  if (entries && ids) {
    const indexes = new Map(chosen.map(({ diff, plan }) => [diff.targetNs, plan.index]));
    await requireIntactEntries(undoFilesOf(location), { entries, ids });
    const reader = await UndoEntriesReader.open(undoFilesOf(location), { entries, ids });
    try {
      for (const namespace of record.namespaces) {
        const index = indexes.get(namespace.ns);
        if (index !== undefined) heldBack.set(index, (await readHeldBack(reader, namespace)).map(idKey));
      }
    } finally {
      await reader.close();
    }
  }
  return { undoId, heldBack, clusterTime: clusterTimeStart };
}
