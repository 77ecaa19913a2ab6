/** Runs jobs and knows those of other processes: ids, progress, cancel, history, orphans, one writer per target. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isFinished, type Job } from '../../shared/jobs';
import { fail } from '../../shared/result';
import { acquireFileLock, type FileLock } from '../platform/file-lock';
import type { Logger } from '../platform/logger';
import { isProcessAlive } from '../platform/process-identity';
import { JobFolderWatch } from './folder-watch';
import type { JobContext, JobDefinition } from './job-context';
import { isSettled, JobStore, removeOwned, type JobRecord } from './job-store';
import { RunningJob } from './running-job';
import { acquireTargetLock } from './target-lock';

export type { JobContext, JobDefinition };

export interface JobRunnerOptions {
  jobsFolder: string;
  locksFolder: string;
  origin: 'window' | 'cli';
  logger: Logger;
}

/** Finished jobs kept in the history. */
const keptJobs = 500;
/** Milliseconds between looks for cancel requests, and at jobs of other processes that are waited for. */
const lookInterval = 250;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class JobRunner {
  private readonly store: JobStore;
  private readonly running = new Map<string, { job: RunningJob; finished: Promise<Job> }>();
  private readonly jobListeners = new Set<(job: Job) => void>();
  private readonly logListeners = new Set<(jobId: string, lines: string[]) => void>();
  private readonly watch: JobFolderWatch;
  private cancelTimer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly options: JobRunnerOptions) {
    this.store = new JobStore(options.jobsFolder);
    this.watch = new JobFolderWatch(this.store, {
      isOurs: (id) => this.running.has(id),
      changed: (job) => this.tell(job),
    });
  }

  /**
   * Starts a job and returns it as soon as it is durably on record; follow it by `onChange` or `wait`. Throws 'busy'
   * naming the holder when another job has the lock: then there is no job.
   */
  async start(definition: JobDefinition, work: (context: JobContext) => Promise<void>): Promise<Job> {
    if (this.closed) fail('cancelled', 'Lifeboat is closing.');
    const { logger, origin, locksFolder } = this.options;
    const job = new RunningJob(definition, origin, this.store, logger, {
      changed: (changed) => this.tell(changed),
      logged: (id, lines) => this.logListeners.forEach((listener) => listener(id, lines)),
    });
    let lock: FileLock | undefined;
    if (definition.lock !== undefined) {
      const onLost = (): void =>
        job.abandon({
          code: 'busy',
          message: 'The lock on the target was taken over by another computer while this one did not respond.',
          hint: 'Look at what the target holds now before trying again.',
        });
      lock = await acquireTargetLock({ locksFolder, key: definition.lock, title: job.job.title, origin, onLost });
    }
    try {
      await job.begin();
    } catch (error) {
      await lock?.release();
      throw error;
    }
    const finished = job.run(work).then(async (end) => {
      await lock?.release().catch((error: unknown) => logger.warn({ job: job.id, error }, 'A lock was not released'));
      await this.store.clearCancelRequest(job.id).catch(() => undefined);
      this.running.delete(job.id);
      if (this.running.size === 0) this.stopLookingForCancels();
      return end;
    });
    this.running.set(job.id, { job, finished });
    this.lookForCancels();
    return job.job;
  }

  /** The job once it has finished and let go of its lock, whichever process runs it. Throws 'not-found'. */
  async wait(id: string): Promise<Job> {
    const own = this.running.get(id);
    if (own) return own.finished;
    for (;;) {
      const record = await this.load(id);
      if (isFinished(record.job.status)) return record.job;
      if (this.isOrphan(record)) {
        await this.recover();
        const recovered = await this.load(id);
        return recovered.job;
      }
      await pause(lookInterval);
    }
  }

  /**
   * Asks a job to stop; `wait` tells when it has. A job of another process is asked through a file. Finished jobs are
   * left alone. Throws 'not-found'.
   */
  async cancel(id: string): Promise<void> {
    const own = this.running.get(id);
    if (own) {
      own.job.cancel();
      return;
    }
    const record = await this.load(id);
    if (isFinished(record.job.status)) return;
    if (this.isOrphan(record)) await this.recover();
    else await this.store.requestCancel(id);
  }

  /** All jobs on record, newest first. */
  async list(): Promise<Job[]> {
    const records = await this.loadAll();
    const jobs = records.map(({ job }) => this.running.get(job.id)?.job.job ?? job);
    return jobs.reverse();
  }

  /** Throws 'not-found'. */
  async get(id: string): Promise<Job> {
    const own = this.running.get(id);
    return own ? own.job.job : (await this.load(id)).job;
  }

  /** The end of the log (up to 512 KiB), a line each with its time (UTC). */
  async readLog(id: string): Promise<string> {
    return this.store.readLog(id);
  }

  /** Forgets finished jobs with their logs. What a job left on disk and could not be removed keeps it on record. */
  async clearFinished(): Promise<void> {
    for (const record of await this.loadAll()) {
      if (isSettled(record) && !this.running.has(record.job.id)) await this.store.remove(record.job.id);
    }
  }

  /** Called for each change of a job of any process; returns how to stop listening. */
  onChange(listener: (job: Job) => void): () => void {
    this.jobListeners.add(listener);
    this.watch.start();
    return () => {
      this.jobListeners.delete(listener);
      if (this.jobListeners.size === 0) this.watch.stop();
    };
  }

  /** Called with new log lines of the jobs of this process, at most ten times a second each. */
  onLog(listener: (jobId: string, lines: string[]) => void): () => void {
    this.logListeners.add(listener);
    return () => this.logListeners.delete(listener);
  }

  /**
   * For the start of a process: jobs whose process is gone become 'interrupted' and what they owned is removed; returns
   * them. Also trims the history. Another process recovering at the same time is no error: one of them does it.
   */
  async recover(): Promise<Job[]> {
    const holder = {
      title: 'Recovering jobs',
      origin: this.options.origin,
      processId: process.pid,
      hostname: hostname(),
    };
    let lock: FileLock;
    try {
      lock = await acquireFileLock(join(this.options.locksFolder, 'recover-jobs'), holder);
    } catch {
      return [];
    }
    try {
      const records = await this.loadAll();
      const interrupted: Job[] = [];
      for (const record of records) {
        if (isSettled(record) || this.running.has(record.job.id) || !this.isOrphan(record)) continue;
        const job = await this.bury(record);
        if (job) interrupted.push(job);
      }
      await this.trim(records);
      return interrupted;
    } finally {
      await lock.release();
    }
  }

  /** Cancels all jobs of this process and waits until they have ended; starts no more. */
  async close(): Promise<void> {
    this.closed = true;
    const all = [...this.running.values()];
    for (const { job } of all) job.cancel();
    await Promise.all(all.map(({ finished }) => finished));
    this.stopLookingForCancels();
    this.watch.stop();
  }

  private tell(job: Job): void {
    for (const listener of [...this.jobListeners]) listener(job);
  }

  private async load(id: string): Promise<JobRecord> {
    return (await this.store.load(id)) ?? fail('not-found', `There is no job ${id}.`);
  }

  private async loadAll(): Promise<JobRecord[]> {
    return this.store.loadAll((id, error) => {
      this.options.logger.warn({ job: id, error }, 'The record of a job cannot be read');
    });
  }

  /** Its process is gone. Of a job that runs on another computer with the same data folder nothing is known. */
  private isOrphan(record: JobRecord): boolean {
    return record.job.hostname === hostname() && !isProcessAlive(record.identity);
  }

  private async bury(record: JobRecord): Promise<Job | null> {
    const left = await removeOwned(record.owned);
    for (const { path, reason } of left) {
      this.options.logger.warn({ job: record.job.id, path, reason }, 'What a job left could not be removed');
    }
    const wasFinished = isFinished(record.job.status);
    const job: Job = wasFinished
      ? record.job
      : {
          ...record.job,
          status: 'interrupted',
          endedAt: new Date().toISOString(),
          progress: { ...record.job.progress, bytesPerSecond: null, documentsPerSecond: null, secondsLeft: null },
          error: {
            code: 'interrupted',
            message: 'Lifeboat ended before this job had finished.',
            hint: 'Start it again.',
          },
        };
    await this.store.save({ ...record, job, owned: left.map(({ path }) => path).reverse() });
    await this.store.clearCancelRequest(job.id);
    if (wasFinished) return null;
    this.tell(job);
    return job;
  }

  private async trim(records: readonly JobRecord[]): Promise<void> {
    const finished = records.filter((record) => isSettled(record));
    for (const record of finished.slice(0, Math.max(0, finished.length - keptJobs))) {
      await this.store.remove(record.job.id);
    }
  }

  private lookForCancels(): void {
    if (this.cancelTimer) return;
    // Not unref'ed: a process does not end by itself while it runs a job.
    this.cancelTimer = setInterval(() => {
      void this.store.cancelRequests().then((ids) => {
        for (const id of ids) this.running.get(id)?.job.cancel();
      });
    }, lookInterval);
  }

  private stopLookingForCancels(): void {
    if (this.cancelTimer) clearInterval(this.cancelTimer);
    this.cancelTimer = undefined;
  }
}
