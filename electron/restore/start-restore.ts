/** Starts the job of a restore: guards, lock, audit, journal; also of one that goes on after it was cut off. */
import { randomBytes } from 'node:crypto';
import type { Connection, Deployment } from '../../shared/connections';
import type { Job } from '../../shared/jobs';
import {
  availableModes,
  takesAway,
  type ApplyRequest,
  type PreviewRequest,
  type RestoreOutcome,
  type RestoreResult,
} from '../../shared/restore';
import { AppFailure, fail } from '../../shared/result';
import type { Manifest } from '../../shared/backups';
import type { BackupLocation } from '../catalogue/backup-location';
import { lockKeyOf } from '../connections/lock-key';
import type { JobContext } from '../jobs/runner';
import { toAppError } from '../platform/failures';
import { applyPhases, applyRestore } from './apply';
import { chooseNamespaces, describeScope } from './chosen-namespaces';
import type { RestoreDependencies } from './dependencies';
import type { PreviewStore, StoredPreview } from './preview/preview-store';
import type { Journal, JournalStore, RunningJournal } from './undo/journal';
import { readUndoRecord } from './undo/undo-record';
import type { UndoScope } from './undo/undo-preview';

/** Where previews, journals and results are. */
export interface RestoreStores {
  previews: PreviewStore;
  journals: JournalStore;
  saveResult(result: RestoreResult): Promise<void>;
}

export interface RestoreOrder {
  request: ApplyRequest;
  stored: StoredPreview;
  /** The one that goes on; null: a new one. */
  resume: Journal | null;
}

interface PreparedOrder extends RestoreOrder {
  restoreId: string;
  connection: Connection;
  manifest: Manifest;
  location: BackupLocation;
  undoing: UndoScope | null;
  scope: string;
}

/**
 * Throws 'refused' (read-only, production without the typed name), 'busy' naming who writes to the target, 'not-found',
 * 'unsupported'.
 */
export async function startRestore(
  dependencies: RestoreDependencies,
  stores: RestoreStores,
  order: RestoreOrder,
): Promise<Job> {
  const { connections, audit, jobs } = dependencies;
  const prepared = await prepare(dependencies, order);
  const { connection, request, stored, manifest, scope, restoreId } = prepared;
  const subject = {
    operation: stored.preview.undoOf === null ? 'restore.apply' : 'restore.undo',
    target: connection.name,
    category: 'restore' as const,
    parameters: {
      mode: request.mode,
      backupId: manifest.id,
      previewId: request.previewId,
      scope,
      namespaces: request.namespaces,
      renames: stored.preview.request.renames,
      ...(request.undo ? {} : { undo: false }),
      ...(order.resume ? { continued: true } : {}),
      ...(stored.preview.undoOf === null ? {} : { undoOf: stored.preview.undoOf }),
    },
  };
  try {
    requireAvailable(request.mode);
    requireAllowed(connection, request);
    requireWhole(prepared);
    const deployment = await connections.use(connection.id, (open) => open.describe(), { write: true });
    const definition = {
      kind: 'restore' as const,
      title: titleOf(prepared),
      phases: applyPhases,
      connectionId: connection.id,
      lock: lockKeyOf(deployment),
    };
    return await jobs.start(definition, async (context) => {
      const record = { ...subject, parameters: { ...subject.parameters, restoreId }, jobId: context.jobId };
      await audit.record({ ...record, result: 'started', error: null });
      context.setResult(restoreId);
      let result: RestoreResult;
      try {
        result = await work(dependencies, stores, prepared, deployment, context);
      } catch (error) {
        const { code, message } = toAppError(error);
        const ended = context.signal.aborted ? 'cancelled' : code === 'refused' ? 'refused' : 'failed';
        await audit.record({ ...record, result: ended, error: message });
        throw error;
      }
      const parameters = { ...record.parameters, effect: result.effect, undoId: result.undoId };
      const clean = isClean(prepared, result) ? 'succeeded' : 'succeeded-with-warnings';
      await audit.record({ ...record, parameters, result: clean, error: null });
    });
  } catch (error) {
    const refused = error instanceof AppFailure && ['refused', 'busy', 'topology'].includes(error.error.code);
    if (refused) await audit.record({ ...subject, result: 'refused', error: error.message, jobId: null });
    throw error;
  }
}

async function prepare(dependencies: RestoreDependencies, order: RestoreOrder): Promise<PreparedOrder> {
  const { connections, catalogue } = dependencies;
  const { request: previewed, undoOf } = order.stored.preview;
  const connection = await connections.get(previewed.connectionId);
  const manifest = await catalogue.manifest(previewed.backupId);
  const location = await catalogue.location(manifest.id);
  const undoing =
    undoOf === null ? null : { record: await readUndoRecord(location), manifest, location, request: previewed };
  const chosen = chooseNamespaces(order.stored, order.request.namespaces);
  const scope = describeScope(chosen, manifest);
  const restoreId = order.resume?.restoreId ?? newRestoreId();
  return { ...order, restoreId, connection, manifest, location, undoing, scope };
}

function titleOf({ stored, resume, scope, connection, request }: PreparedOrder): string {
  if (stored.preview.undoOf !== null) return `Undo the restore of ${scope} to ${connection.name}`;
  return `${resume ? 'Go on restoring' : 'Restore'} ${scope} to ${connection.name} (${request.mode})`;
}

async function work(
  dependencies: RestoreDependencies,
  stores: RestoreStores,
  order: PreparedOrder,
  { setId }: Deployment,
  context: JobContext,
): Promise<RestoreResult> {
  const { journals, previews, saveResult } = stores;
  const { restoreId, request, stored, manifest, location, undoing, resume } = order;
  if (resume?.setId && resume.setId !== setId) {
    fail('refused', `${order.connection.name} is not the deployment that ${restoreId} writes to.`);
  }
  const journal = resume
    ? await journals.resume({ ...resume, connectionId: order.connection.id }, context.jobId)
    : await journals.create(firstEntry(order, setId, context.jobId), previews.folderOf(request.previewId));
  const previewFolder = journals.previewFolderOf(restoreId);
  const resumed = resume !== null && resume.step !== 'prepared';
  const input = { restoreId, request, stored, previewFolder, manifest, location, journal, resumed, undoing };
  try {
    const result = await applyRestore(dependencies, previews, input, context, saveResult);
    await journal.update({ state: 'finished', step: 'ended', effect: result.effect, outcome: outcomeOf(result) });
    await journals.dropPreview(restoreId);
    if (stored.preview.undoOf !== null) await noteUndone(journals, stored.preview.undoOf, restoreId);
    return result;
  } catch (error) {
    await noteEnd(journals, journal, context.signal.aborted ? 'cancelled' : 'failed');
    throw error;
  }
}

function firstEntry(
  { restoreId, request, stored, connection, manifest, scope }: PreparedOrder,
  setId: string | null,
  jobId: string,
): Parameters<JournalStore['create']>[0] {
  return {
    restoreId,
    state: 'running',
    step: 'prepared',
    tool: null,
    jobId,
    connectionId: connection.id,
    setId,
    backupId: manifest.id,
    target: connection.name,
    mode: request.mode,
    scope,
    request,
    startedAt: new Date().toISOString(),
    effect: { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0 },
    predicted: null,
    outcome: null,
    undoId: null,
    undoUntil: null,
    undoOf: stored.preview.undoOf,
    undoneBy: null,
  };
}

function outcomeOf({ leftOver, elapsedMs, failures }: RestoreResult): RestoreOutcome {
  const proof = leftOver === null ? 'none' : leftOver.length === 0 ? 'proven' : 'differs';
  return { proof, elapsedMs, failures: failures.length };
}

/** What was written can be gone on with or undone; what was not needs its preview no more. */
async function noteEnd(journals: JournalStore, journal: RunningJournal, state: 'cancelled' | 'failed'): Promise<void> {
  await journal.update({ state }).catch(() => undefined);
  if (journal.current.step === 'prepared') await journals.dropPreview(journal.current.restoreId);
}

async function noteUndone(journals: JournalStore, restoreId: string, undoneBy: string): Promise<void> {
  const journal = await journals.load(restoreId).catch(() => null);
  if (!journal) return;
  await journals.dropPreview(restoreId);
  // One that was cut off has its end now: it was undone.
  const state = journal.state === 'interrupted' ? 'left' : journal.state;
  await journals.save({ ...journal, state, undoneBy });
}

function isClean({ request }: RestoreOrder, result: RestoreResult): boolean {
  const proven =
    result.leftOver === null ? request.mode !== 'exact' && request.mode !== 'drop' : result.leftOver.length === 0;
  return proven && result.conflicts.length === 0 && result.failures.length === 0;
}

function newRestoreId(): string {
  const stamp = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  return `restore-${stamp}-${randomBytes(4).toString('hex')}`;
}

/** Throws 'unsupported'. */
export function requireAvailable(mode: PreviewRequest['mode']): void {
  if (availableModes.includes(mode)) return;
  fail('unsupported', `The mode ${mode} is not part of this version.`, `Choose one of ${availableModes.join(', ')}.`);
}

function requireAllowed(connection: Connection, request: ApplyRequest): void {
  if (connection.readOnly) {
    fail('refused', `${connection.name} is read-only.`, 'Choose another target, or switch read-only off for it.');
  }
  const isTakingAway = takesAway(request.mode, request.metadata);
  const guarded = connection.environment === 'production' && (isTakingAway || !request.undo);
  if (guarded && request.typedName !== connection.name) {
    const why = isTakingAway ? `${request.mode} overwrites or deletes there` : 'nothing would be saved to undo it with';
    fail(
      'refused',
      `${connection.name} is a production target, and ${why}.`,
      `Type the name of the target, ${connection.name}, to go on.`,
    );
  }
}

/** What undoes a restore holds single documents: taken for whole collections, everything else would be deleted. */
function requireWhole({ manifest, stored, request }: PreparedOrder): void {
  const { undoOf } = stored.preview;
  const takesWhole = request.mode === 'exact' || request.mode === 'drop' || request.metadata?.extraNamespaces === true;
  if (manifest.type === 'undo' && undoOf === null && takesWhole) {
    fail(
      'refused',
      `${manifest.id} holds only what a restore overwrote or deleted: ${request.mode} would delete everything else.`,
      'Undo the restore, or restore from it with overwrite, merge or insert-missing.',
    );
  }
  if (undoOf !== null && request.mode !== 'exact') fail('usage', 'An undo puts back exactly what was there before.');
}
