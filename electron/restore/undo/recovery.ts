/** What a start finds of earlier restores: those whose process died, and undo data whose time is over. */
import { rm } from 'node:fs/promises';
import { endToolTree } from '../../platform/live-tools';
import { isProcessAlive } from '../../platform/process-identity';
import { AppFailure } from '../../../shared/result';
import type { RestoreDependencies } from '../dependencies';
import type { Journal, JournalStore } from './journal';

/** Journals of restores that are over stay this long after their undo is gone. */
const keptDays = 90;
const day = 24 * 60 * 60 * 1000;

type RecoveryDependencies = Pick<RestoreDependencies, 'audit' | 'catalogue'>;

/** Marks what was cut off as interrupted, and removes what can no longer be undone. Never throws for a single restore. */
export async function recoverRestores(
  dependencies: RecoveryDependencies,
  journals: JournalStore,
  now = new Date(),
): Promise<void> {
  for (const journal of await journals.list()) {
    if (journal.state === 'running') await markInterrupted(dependencies, journals, journal);
    else await expire(dependencies, journals, journal, now);
  }
}

/** Marks what was cut off since this process began, such as a restore of the command line. Nothing is removed. */
export async function noticeInterrupted(dependencies: RecoveryDependencies, journals: JournalStore): Promise<void> {
  for (const journal of await journals.list()) {
    if (journal.state === 'running') await markInterrupted(dependencies, journals, journal);
  }
}

async function markInterrupted(
  { audit }: RecoveryDependencies,
  journals: JournalStore,
  journal: Journal,
): Promise<void> {
  if (isProcessAlive(journal.identity)) return;
  if (journal.tool && isProcessAlive(journal.tool)) endToolTree(journal.tool.pid, 'SIGKILL');
  // Before anything was written there is nothing to go on with or to undo.
  const wrote = journal.step !== 'prepared';
  await journals.save({ ...journal, state: wrote ? 'interrupted' : 'failed' });
  if (!wrote) await journals.dropPreview(journal.restoreId);
  await audit.record({
    operation: journal.undoOf === null ? 'restore.apply' : 'restore.undo',
    target: journal.target,
    category: 'restore',
    parameters: { restoreId: journal.restoreId, mode: journal.mode, backupId: journal.backupId, scope: journal.scope },
    result: 'interrupted',
    error: wrote ? 'Lifeboat ended while it was writing.' : 'Lifeboat ended before anything was written.',
    jobId: journal.jobId,
  });
}

async function expire(
  { catalogue }: RecoveryDependencies,
  journals: JournalStore,
  journal: Journal,
  now: Date,
): Promise<void> {
  const { restoreId, undoId, undoUntil, state, startedAt } = journal;
  // An interrupted restore waits for its user, however long.
  if (state === 'interrupted') return;
  const isOver = undoUntil !== null && undoUntil < now.toISOString();
  if (undoId !== null && isOver) {
    try {
      await catalogue.delete(undoId, undoId);
    } catch (error) {
      // A store that is not connected: tried again at the next start. Deleted by hand: done.
      if (!(error instanceof AppFailure) || error.error.code !== 'not-found') return;
    }
    await journals.save({ ...journal, undoId: null, undoUntil: null });
    await journals.dropPreview(restoreId);
  } else if (undoId === null && Date.parse(startedAt) + keptDays * day < now.getTime()) {
    await rm(journals.folderOf(restoreId), { recursive: true, force: true });
  }
}
