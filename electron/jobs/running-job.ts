/** One job while this process runs it: its record, progress, log and what it owns. */
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { stripControlCharacters } from '../../shared/format';
import type { Job, JobStatus, ProgressUpdate } from '../../shared/jobs';
import { AppFailure, fail, type AppError } from '../../shared/result';
import { toAppError } from '../platform/failures';
import type { Logger } from '../platform/logger';
import { processIdentity } from '../platform/process-identity';
import { redactText } from '../platform/redact';
import type { JobContext, JobDefinition } from './job-context';
import { checkOwnable, folderOf, newJobId, removeOwned, type JobRecord, type JobStore } from './job-store';
import { noProgress, ProgressMeter } from './progress';

/** Milliseconds between two progress events. */
const eventInterval = 100;
/** Milliseconds between two writes of progress to disk, for other processes to see. */
const saveInterval = 1000;
/** Milliseconds that log lines are collected before they are written and told. */
const logInterval = 100;

export interface RunningJobEvents {
  changed(job: Job): void;
  logged(jobId: string, lines: string[]): void;
}

/** Calls `act` at most once in `interval`, and once more after the last request. */
class Throttle {
  private timer: NodeJS.Timeout | undefined;
  private last = -Infinity;

  constructor(
    private readonly interval: number,
    private readonly act: () => void,
  ) {}

  request(): void {
    if (this.timer) return;
    const wait = this.last + this.interval - performance.now();
    if (wait <= 0) this.flush();
    else this.timer = setTimeout(() => this.flush(), wait);
  }

  flush(): void {
    this.stop();
    this.last = performance.now();
    this.act();
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = undefined;
  }
}

export class RunningJob {
  readonly id: string;
  private readonly controller = new AbortController();
  private readonly meter: ProgressMeter;
  private readonly told: Throttle;
  private readonly saved: Throttle;
  private readonly logged: Throttle;
  private record: JobRecord;
  private lines: string[] = [];
  /** Writes of the record, one after the other. */
  private writes: Promise<void> = Promise.resolve();
  private logWrites: Promise<void> = Promise.resolve();

  constructor(
    definition: JobDefinition,
    origin: Job['origin'],
    private readonly store: JobStore,
    private readonly logger: Logger,
    private readonly events: RunningJobEvents,
  ) {
    const now = new Date();
    this.id = newJobId(definition.kind, now);
    const phase = definition.phases[0] ?? '';
    this.meter = new ProgressMeter(phase);
    this.record = {
      formatVersion: 1,
      identity: processIdentity(),
      owned: [],
      job: {
        id: this.id,
        kind: definition.kind,
        title: redactText(definition.title),
        status: 'queued',
        phases: definition.phases,
        progress: noProgress(phase),
        origin,
        processId: process.pid,
        hostname: hostname(),
        connectionId: definition.connectionId,
        createdAt: now.toISOString(),
        startedAt: null,
        endedAt: null,
        error: null,
        warnings: [],
        resultId: null,
      },
    };
    this.told = new Throttle(eventInterval, () => this.events.changed(this.job));
    this.saved = new Throttle(saveInterval, () => this.saveSoon());
    this.logged = new Throttle(logInterval, () => this.flushLog());
  }

  get job(): Job {
    return this.record.job;
  }

  /** Durable as 'running' when it resolves: from then on a crash is noticed. */
  async begin(): Promise<void> {
    this.change({ status: 'running', startedAt: new Date().toISOString() });
    await this.save();
    this.told.flush();
  }

  /** Asks the work to stop. Nothing happens when it was asked before or has ended. */
  cancel(): void {
    if (this.job.status !== 'queued' && this.job.status !== 'running') return;
    this.change({ status: 'cancelling' });
    this.log('Cancel requested');
    this.saveSoon();
    this.told.flush();
    this.controller.abort();
  }

  /** Makes a running work stop with `reason` as the job's error, although nobody cancelled it. */
  abandon(reason: AppError): void {
    this.abandoned ??= reason;
    this.controller.abort();
  }
  private abandoned: AppError | undefined;

  /** Runs the work to its end and settles the record; never rejects. */
  async run(work: (context: JobContext) => Promise<void>): Promise<Job> {
    let error: AppError | null;
    try {
      await work(this.context());
      // A result made after the lock was lost cannot be trusted, whatever the work says.
      error = this.abandoned ?? null;
    } catch (thrown) {
      error = this.abandoned ?? toAppError(thrown, this.logger.child({ job: this.id }));
    }
    await this.settle(error);
    return this.job;
  }

  private endStatus(error: AppError | null): JobStatus {
    if (error) return error.code === 'cancelled' && this.job.status === 'cancelling' ? 'cancelled' : 'failed';
    return this.job.warnings.length > 0 ? 'succeeded-with-warnings' : 'succeeded';
  }

  private async settle(error: AppError | null): Promise<void> {
    this.saved.stop();
    const status = this.endStatus(error);
    if (error) {
      this.log(status === 'cancelled' ? 'Cancelled' : `Failed: ${error.message}`);
      if (error.details && status === 'failed') error.details.split('\n').forEach((line) => this.log(line));
      await this.removeLeftovers();
    } else {
      // Kept: they are the job's result now.
      this.record = { ...this.record, owned: [] };
    }
    this.change({
      status,
      endedAt: new Date().toISOString(),
      error: status === 'cancelled' ? null : error,
      progress: { ...this.meter.current(performance.now()), secondsLeft: null },
    });
    this.flushLog();
    await this.logWrites;
    await this.save().catch((failure: unknown) => {
      this.logger.error({ job: this.id, error: failure }, 'The end of a job could not be written');
    });
    this.told.flush();
  }

  private async removeLeftovers(): Promise<void> {
    await this.writes.catch(() => undefined);
    const left = await removeOwned(this.record.owned);
    for (const { path, reason } of left) {
      this.context().warn(`Could not remove ${path}: ${reason}. It is tried again when Lifeboat starts.`);
    }
    this.record = { ...this.record, owned: left.map(({ path }) => path).reverse() };
  }

  private context(): JobContext {
    return {
      jobId: this.id,
      signal: this.controller.signal,
      report: (update) => this.report(update),
      log: (line) => this.log(line),
      warn: (message) => {
        const clean = redactText(stripControlCharacters(message));
        this.log(`Warning: ${clean}`);
        if (!this.job.warnings.includes(clean)) this.change({ warnings: [...this.job.warnings, clean] });
        this.told.request();
      },
      own: (path) => this.own(path),
      disown: async (path) => {
        this.record = { ...this.record, owned: this.record.owned.filter((owned) => owned !== path) };
        await this.save();
      },
      setResult: (resultId) => {
        this.change({ resultId });
        this.saveSoon();
        this.told.request();
      },
    };
  }

  private async own(path: string): Promise<void> {
    checkOwnable(path, folderOf(this.store));
    if (this.record.owned.includes(path)) return;
    this.record = { ...this.record, owned: [...this.record.owned, path] };
    try {
      await this.save();
    } catch (error) {
      if (error instanceof AppFailure) throw error;
      fail('store-unavailable', `${this.store.folder} cannot be written.`);
    }
  }

  private report(update: ProgressUpdate): void {
    const before = this.job.progress.phase;
    this.change({ progress: this.meter.update(update, performance.now()) });
    // Each phase is told at once: a short one would be passed over.
    if (update.phase === before) this.told.request();
    else this.told.flush();
    this.saved.request();
  }

  private log(line: string): void {
    const time = new Date().toISOString();
    for (const part of redactText(stripControlCharacters(line)).split('\n')) this.lines.push(`${time} ${part}`);
    this.logged.request();
  }

  private flushLog(): void {
    this.logged.stop();
    const lines = this.lines;
    if (lines.length === 0) return;
    this.lines = [];
    this.logWrites = this.logWrites
      .then(() => this.store.appendLog(this.id, `${lines.join('\n')}\n`))
      .catch((error: unknown) => this.logger.warn({ job: this.id, error }, 'The log of a job could not be written'));
    this.events.logged(this.id, lines);
  }

  private change(change: Partial<Job>): void {
    this.record = { ...this.record, job: { ...this.job, ...change } };
  }

  private async save(): Promise<void> {
    const write = this.writes.then(() => this.store.save(this.record));
    this.writes = write.catch(() => undefined);
    await write;
  }

  private saveSoon(): void {
    this.writes = this.writes
      .then(() => this.store.saveProgress(this.record))
      .catch((error: unknown) => this.logger.warn({ job: this.id, error }, 'Progress could not be written'));
  }
}
