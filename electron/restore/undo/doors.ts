/** What can be done about restores that were: see them, undo them, go on with or leave those that were cut off. */
import type { Job } from '../../../shared/jobs';
import { applyRequestSchema, type Preview, type RestoreSummary } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import { chooseNamespaces } from '../chosen-namespaces';
import type { RestoreDependencies } from '../dependencies';
import { loadPreview } from '../preview/preview-store';
import { startRestore, type RestoreStores } from '../start-restore';
import { estimateRestore } from '../preview/timed-restore';
import { canContinue, summaryOf, type Journal } from './journal';
import { noticeInterrupted } from './recovery';
import { compareUndo, undoRequest } from './undo-preview';
import { readUndoRecord } from './undo-record';

/** `restoreId` may be `latest` everywhere; `connectionId` null: the connection that was restored to. */
export interface UndoDoors {
  /** Newest first; those whose process died meanwhile are interrupted. */
  list(): Promise<RestoreSummary[]>;
  /**
   * A job whose result is a preview's id; applying that with mode `exact` undoes the restore. Throws 'not-found' where
   * nothing was saved to undo it with, 'busy' while it runs.
   */
  undoPreview(restoreId: string, connectionId?: string | null): Promise<Job>;
  /**
   * A job that goes on with a restore that did not reach its end; its result is the restore's id. Throws 'refused' for
   * one that did, and as {@link startRestore}: `typedName` is asked for as it was then; undefined: as it was typed then.
   */
  continueRestore(restoreId: string, connectionId?: string | null, typedName?: string | null): Promise<Job>;
  /** The target stays as an interrupted restore left it. What undoes it is kept until its time is over. */
  leave(restoreId: string): Promise<RestoreSummary>;
}

export function createUndoDoors(dependencies: RestoreDependencies, stores: RestoreStores): UndoDoors {
  const { connections, catalogue, jobs, audit } = dependencies;
  const { journals, previews } = stores;

  async function load(restoreId: string): Promise<Journal> {
    if (restoreId !== 'latest') return journals.load(restoreId);
    const [latest] = await journals.list();
    return latest ?? fail('not-found', 'There is no restore yet.');
  }

  async function undoPreview(restoreId: string, connectionId: string | null = null): Promise<Job> {
    const journal = await load(restoreId);
    if (journal.state === 'running')
      fail('busy', `${journal.restoreId} is still running.`, 'Wait for it, or cancel it.');
    if (journal.undoId === null) {
      fail('not-found', `Nothing was saved to undo ${journal.restoreId} with.`, whyNothing(journal));
    }
    const manifest = await catalogue.manifest(journal.undoId);
    const location = await catalogue.location(manifest.id);
    const record = await readUndoRecord(location);
    const connection = await connections.get(connectionId ?? journal.connectionId);
    const id = previews.newId();
    const title = `Look at what undoing ${journal.restoreId} would put back in ${connection.name}`;
    const phases = ['Reading collections and indexes', 'Comparing', 'Looking for problems'];
    return jobs.start({ kind: 'preview', title, phases, connectionId: connection.id }, async (context) => {
      await context.own(previews.folderOf(id));
      const folder = await previews.create(id);
      const request = undoRequest(manifest.id, connection.id);
      const scope = { record, manifest, location, request };
      const { result, plan, digest, span } = await compareUndo(dependencies, scope, folder, context);
      const preview: Preview = {
        id,
        request,
        result,
        createdAt: new Date().toISOString(),
        cloneNames: {},
        undoOf: journal.restoreId,
        estimates: {},
      };
      const stored = { preview, plan, digest, span };
      const applied = applyRequestSchema.parse({ previewId: id, mode: 'exact', namespaces: [], typedName: null });
      const order = { request: applied, stored, manifest };
      const exact = await estimateRestore(dependencies, order, chooseNamespaces(stored, []));
      await previews.save({ ...stored, preview: { ...preview, estimates: { exact } } });
      context.setResult(id);
    });
  }

  async function continueRestore(
    restoreId: string,
    connectionId: string | null = null,
    typedName: string | null | undefined = undefined,
  ): Promise<Job> {
    const journal = await load(restoreId);
    if (!canContinue(journal)) {
      fail('refused', `${journal.restoreId} cannot go on: it is ${journal.state}.`, 'Preview and apply anew.');
    }
    const stored = await loadPreview(journals.previewFolderOf(journal.restoreId));
    const request = { ...stored.preview.request, connectionId: connectionId ?? journal.connectionId };
    const preview = { ...stored.preview, request };
    return startRestore(dependencies, stores, {
      request: typedName === undefined ? journal.request : { ...journal.request, typedName },
      stored: { ...stored, preview },
      resume: journal,
    });
  }

  async function leave(restoreId: string): Promise<RestoreSummary> {
    const journal = await load(restoreId);
    const { state, target, mode, backupId, scope, jobId } = journal;
    if (state !== 'interrupted') fail('refused', `${journal.restoreId} waits for nothing: it is ${state}.`);
    const left: Journal = { ...journal, state: 'left' };
    await journals.save(left);
    await journals.dropPreview(journal.restoreId);
    await audit.record({
      operation: 'restore.leave',
      target,
      category: 'restore',
      parameters: { restoreId: journal.restoreId, mode, backupId, scope },
      result: 'succeeded',
      error: null,
      jobId,
    });
    return summaryOf(left);
  }

  async function list(): Promise<RestoreSummary[]> {
    await noticeInterrupted(dependencies, journals);
    return (await journals.list()).map(summaryOf);
  }

  return { list, undoPreview, continueRestore, leave };
}

function whyNothing({ request, step }: Journal): string {
  if (!request.undo) return 'It was started without undo.';
  return step === 'prepared' ? 'It ended before anything was written.' : 'It wrote nothing, or its time is over.';
}
