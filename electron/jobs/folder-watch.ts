/** Notices jobs of other processes by their records in the jobs folder. */
import { watch, type FSWatcher } from 'node:fs';
import { isFinished, type Job } from '../../shared/jobs';
import type { JobStore } from './job-store';

/** Milliseconds between looks where the operating system does not tell of changes. */
const pollInterval = 2000;
/** Milliseconds that changes are collected. */
const settleInterval = 100;

export interface FolderWatchEvents {
  isOurs(id: string): boolean;
  changed(job: Job): void;
}

export class JobFolderWatch {
  private watcher: FSWatcher | undefined;
  private poll: NodeJS.Timeout | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly pending = new Set<string>();
  /** What was told last, by id: a record is rewritten more often than it says something new. */
  private readonly told = new Map<string, string>();

  constructor(
    private readonly store: JobStore,
    private readonly events: FolderWatchEvents,
  ) {}

  start(): void {
    if (this.watcher || this.poll) return;
    // What is there already is read by list(): only news are told.
    void this.remember();
    try {
      this.watcher = watch(this.store.folder, { persistent: false }, (_event, name) => {
        if (name === null) void this.lookAtAll();
        else if (name.endsWith('.json') && !name.startsWith('.')) this.lookSoon(name.slice(0, -5));
      });
      this.watcher.on('error', () => this.pollInstead());
    } catch {
      this.pollInstead();
    }
  }

  stop(): void {
    this.watcher?.close();
    this.watcher = undefined;
    if (this.poll) clearInterval(this.poll);
    this.poll = undefined;
    if (this.timer) clearTimeout(this.timer);
    this.timer = undefined;
    this.pending.clear();
    this.told.clear();
  }

  private pollInstead(): void {
    this.watcher?.close();
    this.watcher = undefined;
    this.poll ??= setInterval(() => void this.lookAtAll(), pollInterval).unref();
  }

  private async remember(): Promise<void> {
    const records = await this.store.loadAll(() => undefined).catch(() => []);
    for (const { job } of records) {
      if (isFinished(job.status) && !this.told.has(job.id)) this.told.set(job.id, JSON.stringify(job));
    }
  }

  private lookSoon(id: string): void {
    this.pending.add(id);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const ids = [...this.pending];
      this.pending.clear();
      for (const pendingId of ids) void this.look(pendingId);
    }, settleInterval).unref();
  }

  private async lookAtAll(): Promise<void> {
    for (const id of await this.store.ids().catch(() => [])) this.lookSoon(id);
  }

  private async look(id: string): Promise<void> {
    if (this.events.isOurs(id)) return;
    const record = await this.store.load(id).catch(() => null);
    // Asked again: a job of ours may have ended while its record was read, and was told by the runner.
    if (!record || this.events.isOurs(id) || record.identity.pid === process.pid) return;
    const text = JSON.stringify(record.job);
    if (this.told.get(id) === text) return;
    this.told.set(id, text);
    this.events.changed(record.job);
  }
}
