/** Small state as JSON: parsed by a schema, replaced atomically, changed by one process at a time. */
import { watch, type FSWatcher } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { fail } from '../../shared/result';
import { writeFileDurably } from './durable-file';
import { toStoreFailure } from './failures';
import { waitForFileLock } from './file-lock';
import { findSyntaxError } from './json-syntax';

function parse<T>(path: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail(
      'stored-file-damaged',
      `${path} is damaged: it is not JSON from ${findSyntaxError(text) ?? 'the start'} on.`,
      'Restore the file from a copy, or remove it to start anew.',
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const version: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'formatVersion') : undefined;
  const issues = parsed.error.issues;
  if (typeof version === 'number' && issues.some((issue) => issue.path.join('.') === 'formatVersion')) {
    fail(
      'unsupported',
      `${path} has format version ${version}, which this version of Lifeboat does not know.`,
      'Use the version of Lifeboat that wrote it, or a newer one.',
    );
  }
  const first = issues[0];
  const where = first && first.path.length > 0 ? `${first.path.map(String).join('.')}: ` : '';
  fail(
    'stored-file-damaged',
    `${path} is damaged: ${where}${first?.message ?? 'unexpected content'}.`,
    'Restore the file from a copy, or remove it to start anew.',
    z.prettifyError(parsed.error),
  );
}

/**
 * Reads and parses a file. `absent` gives the value when there is no file (it may throw instead). Throws
 * 'stored-file-damaged' naming file and place, 'unsupported' for another `formatVersion`, 'store-unavailable' when the
 * file cannot be read.
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>, options: { absent: () => T }): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return options.absent();
    throw toStoreFailure(error, path);
  }
  return parse(path, text.replace(/^\uFEFF/, ''), schema);
}

/** Atomic and durable; indented, so that people can read it. Mode 0600 unless told otherwise. */
export async function writeJsonFile(path: string, value: unknown, options: { mode?: number } = {}): Promise<void> {
  try {
    await writeFileDurably(path, `${JSON.stringify(value, null, 2)}\n`, options.mode);
  } catch (error) {
    throw toStoreFailure(error, path);
  }
}

export interface JsonStoreOptions<T> {
  path: string;
  schema: z.ZodType<T>;
  absent: () => T;
  /** 0600 by default. */
  mode?: number;
  /** Told to another process that waits too long for this one; 'window' by default. */
  origin?: 'window' | 'cli';
}

/** Updates of this process by file: they wait here for each other, in order, rather than for the file lock. */
const queues = new Map<string, Promise<unknown>>();

/** One JSON file shared by processes: reads are always whole, updates never lose each other. */
export class JsonStore<T> {
  private readonly options: JsonStoreOptions<T>;
  private readonly listeners = new Set<(value: T) => void>();
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastSeen: string | undefined;

  constructor(options: JsonStoreOptions<T>) {
    this.options = options;
  }

  /** What is on disk now. Errors as of {@link readJsonFile}. */
  async read(): Promise<T> {
    return readJsonFile(this.options.path, this.options.schema, { absent: this.options.absent });
  }

  /**
   * Reads, lets `change` make the next value, writes it durably and returns it, all under a file lock. When `change`
   * throws, nothing is written. Throws 'busy' when another process keeps the lock for more than ten seconds.
   */
  async update(change: (value: T) => T | Promise<T>): Promise<T> {
    const { path } = this.options;
    const updated = (queues.get(path) ?? Promise.resolve()).then(() => this.updateLocked(change));
    const settled = updated.then(
      () => undefined,
      () => undefined,
    );
    queues.set(path, settled);
    try {
      return await updated;
    } finally {
      if (queues.get(path) === settled) queues.delete(path);
    }
  }

  private async updateLocked(change: (value: T) => T | Promise<T>): Promise<T> {
    const { path, schema, mode, origin = 'window' } = this.options;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw toStoreFailure(error, dirname(path));
    });
    const lock = await waitForFileLock(
      `${path}.lock`,
      { title: `Writing ${basename(path)}`, origin, processId: process.pid, hostname: hostname() },
      { timeoutMs: 10_000 },
    );
    try {
      const next = schema.parse(await change(await this.read()));
      await writeJsonFile(path, next, { mode });
      this.notify(next);
      return next;
    } finally {
      await lock.release();
    }
  }

  /** Called after every change, by this process or another; returns how to stop listening. */
  onChange(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    this.startWatching();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  /** Stops watching the file. */
  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
    if (this.timer) clearTimeout(this.timer);
    this.timer = undefined;
    this.listeners.clear();
  }

  private startWatching(): void {
    if (this.watcher) return;
    const { path } = this.options;
    void this.read().then(
      (value) => (this.lastSeen ??= JSON.stringify(value)),
      () => undefined,
    );
    try {
      // The folder, not the file: the file is replaced by each update.
      this.watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
        if (name !== null && name !== basename(path)) return;
        if (this.timer) clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.reread(), 50);
        this.timer.unref();
      });
      this.watcher.on('error', () => {
        this.watcher?.close();
        this.watcher = undefined;
      });
    } catch {
      // No watches left or no folder yet: changes by this process are still told.
    }
  }

  private async reread(): Promise<void> {
    try {
      this.notify(await this.read());
    } catch {
      // A damaged file is told by the next read() of whoever needs it.
    }
  }

  private notify(value: T): void {
    const text = JSON.stringify(value);
    if (text === this.lastSeen) return;
    this.lastSeen = text;
    for (const listener of [...this.listeners]) listener(value);
  }
}
