/** Asks before the user ends the application while jobs run that this would cut off. */
import { app, dialog, type BrowserWindow } from 'electron';
import { isFinished, type Job } from '../../shared/jobs';

const worthAsking = new Set<Job['kind']>(['backup', 'restore', 'import', 'delete']);

/** Jobs of this process that someone may be waiting for. */
function jobsCutOff(jobs: readonly Job[], processId: number): Job[] {
  return jobs.filter((job) => job.processId === processId && !isFinished(job.status) && worthAsking.has(job.kind));
}

/** True when nothing is cut off, or the user wants it. `window` null: it is closed, and Lifeboat is in the tray. */
export async function mayQuit(window: BrowserWindow | null, listJobs: () => Promise<Job[]>): Promise<boolean> {
  const running = jobsCutOff(await listJobs().catch(() => []), process.pid);
  if (running.length === 0) return true;
  const question = {
    type: 'question' as const,
    message: running.length === 1 ? 'A job is running' : `${running.length} jobs are running`,
    detail: `${running.map(({ title }) => title).join('\n')}\n\nQuitting cancels and removes what is not complete.`,
    buttons: ['Keep running', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  };
  const { response } = await (window ? dialog.showMessageBox(window, question) : dialog.showMessageBox(question));
  return response === 1;
}

export interface ClosingOptions {
  listJobs: () => Promise<Job[]>;
  /** The services go on without the window: nothing is cut off. */
  outlivesWindow: () => boolean;
}

/** Puts the question before closing `window`. Quitting by a signal or from outside is never asked about. */
export function askBeforeClosing(window: BrowserWindow, { listJobs, outlivesWindow }: ClosingOptions): void {
  let answered = false;
  app.on('before-quit', () => {
    answered = true;
  });
  window.on('close', (event) => {
    if (answered || outlivesWindow()) return;
    event.preventDefault();
    void (async () => {
      if (!(await mayQuit(window, listJobs))) return;
      answered = true;
      window.close();
    })();
  });
}
