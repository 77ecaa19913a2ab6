/** Tells about jobs outside the window: the progress bar of the operating system, a notification when a job ends. */
import { Notification, type BrowserWindow } from 'electron';
import { isFinished, type Job } from '../../shared/jobs';

/** 0 to 1, 2 for "running, total unknown", -1 for nothing running: what `setProgressBar` takes. */
export function progressOf(jobs: Iterable<Job>): number {
  let done = 0;
  let total = 0;
  let running = 0;
  for (const job of jobs) {
    if (isFinished(job.status)) continue;
    running += 1;
    const { bytesDone, bytesTotal } = job.progress;
    if (bytesTotal === null || bytesTotal === 0) return 2;
    done += Math.min(bytesDone, bytesTotal);
    total += bytesTotal;
  }
  return running === 0 ? -1 : done / total;
}

function outcome(job: Job): string {
  switch (job.status) {
    case 'succeeded':
      return 'Done.';
    case 'succeeded-with-warnings':
      return job.warnings[0] ?? 'Done, with warnings.';
    case 'cancelled':
      return 'Cancelled.';
    case 'failed':
      return job.error?.message ?? 'Failed.';
    case 'interrupted':
      return 'Interrupted.';
    case 'queued':
    case 'running':
    case 'cancelling':
      return '';
  }
}

/** Follows the jobs of this process; call the result with each changed job. */
export function createAttention(window: () => BrowserWindow | null): (job: Job) => void {
  const running = new Map<string, Job>();
  return (job) => {
    const known = running.has(job.id);
    if (isFinished(job.status)) running.delete(job.id);
    else running.set(job.id, job);
    const target = window();
    if (!target || target.isDestroyed()) return;
    target.setProgressBar(progressOf(running.values()));
    if (known && isFinished(job.status) && !target.isFocused() && Notification.isSupported()) {
      const notification = new Notification({ title: job.title, body: outcome(job) });
      notification.on('click', () => {
        target.show();
        target.focus();
      });
      notification.show();
    }
  };
}
