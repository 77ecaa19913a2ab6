/** Asks before the user closes the window while jobs run that closing would cut off. */
import { app, dialog, type BrowserWindow } from 'electron';
import { isFinished, type Job } from '../../shared/jobs';

const worthAsking = new Set<Job['kind']>(['backup', 'restore', 'import', 'delete']);

/** Jobs of this process that someone may be waiting for. */
function jobsCutOff(jobs: readonly Job[], processId: number): Job[] {
  return jobs.filter((job) => job.processId === processId && !isFinished(job.status) && worthAsking.has(job.kind));
}

/**
 * Puts the question before closing `window`. On macOS the window may go, the application stays. Quitting by a signal or
 * from outside is never asked about.
 */
export function askBeforeClosing(window: BrowserWindow, listJobs: () => Promise<Job[]>): void {
  let answered = process.platform === 'darwin';
  app.on('before-quit', () => {
    answered = true;
  });
  window.on('close', (event) => {
    if (answered) return;
    event.preventDefault();
    void (async () => {
      const running = jobsCutOff(await listJobs().catch(() => []), process.pid);
      if (running.length > 0) {
        const { response } = await dialog.showMessageBox(window, {
          type: 'question',
          message: running.length === 1 ? 'A job is running' : `${running.length} jobs are running`,
          detail: `${running.map(({ title }) => title).join('\n')}\n\nQuitting cancels and removes what is not complete.`,
          buttons: ['Keep running', 'Quit'],
          defaultId: 0,
          cancelId: 0,
        });
        if (response !== 1) return;
      }
      answered = true;
      window.close();
    })();
  });
}
