/** Jobs on disk: `<id>.json` (the record), `<id>.log`, `<id>.cancel` (another process asks its runner to cancel it). */
import { randomBytes } from 'node:crypto';
import { appendFile, open, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, resolve } from 'node:path';
import { z } from 'zod';
import { isFinished, jobSchema, type JobKind } from '../../shared/jobs';
import { fail } from '../../shared/result';
import { writeFileAtomically } from '../platform/durable-file';
import { isAbortError, toStoreFailure } from '../platform/failures';
import { readJsonFile, writeJsonFile } from '../platform/json-file';
import { processIdentitySchema } from '../platform/process-identity';

const recordSchema = z.object({
  formatVersion: z.literal(1),
  job: jobSchema,
  identity: processIdentitySchema,
  /** Absolute paths to remove when the job does not finish; each was written here before it was created. */
  owned: z.array(z.string()),
});
export type JobRecord = z.infer<typeof recordSchema>;

const idPattern = /^\d{8}T\d{9}Z-[a-z]+-[0-9a-f]{6}$/;
/** Bytes of a log that readLog() returns at most: its end. */
const longestLog = 512 * 1024;

/** `20261120T233000123Z-backup-1a2b3c`: sorts by time of creation. */
export function newJobId(kind: JobKind, now: Date): string {
  return `${now.toISOString().replace(/[-:.]/g, '')}-${kind}-${randomBytes(3).toString('hex')}`;
}

/** Refuses what must never be removed as a whole: relative paths, roots, and the folders around `dataFolder`. */
export function checkOwnable(path: string, dataFolder: string): void {
  const clean = resolve(path);
  const around = `${resolve(dataFolder)}/`.replaceAll('\\', '/');
  const isAround = around.startsWith(`${clean}/`.replaceAll('\\', '/'));
  if (!isAbsolute(path) || clean === parse(clean).root || isAround) {
    fail('internal', `A job may not own ${path}.`);
  }
}

export class JobStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  private file(id: string, extension: 'json' | 'log' | 'cancel'): string {
    if (!idPattern.test(id)) fail('not-found', `There is no job ${JSON.stringify(id)}.`);
    return join(this.folder, `${id}.${extension}`);
  }

  /** Survives a power cut once resolved. */
  async save(record: JobRecord): Promise<void> {
    await writeJsonFile(this.file(record.job.id, 'json'), record);
  }

  /** For progress: whole for readers, but not flushed to disk. */
  async saveProgress(record: JobRecord): Promise<void> {
    try {
      await writeFileAtomically(this.file(record.job.id, 'json'), `${JSON.stringify(record, null, 2)}\n`);
    } catch (error) {
      throw toStoreFailure(error, this.folder);
    }
  }

  /** null when there is none. A damaged record throws. */
  async load(id: string): Promise<JobRecord | null> {
    return readJsonFile<JobRecord | null>(this.file(id, 'json'), recordSchema, { absent: () => null });
  }

  /** Oldest first. */
  async ids(): Promise<string[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw toStoreFailure(error, this.folder);
    });
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -5))
      .filter((id) => idPattern.test(id))
      .sort();
  }

  /** All readable records, oldest first; damaged ones are handed to `onDamaged`. */
  async loadAll(onDamaged: (id: string, error: unknown) => void): Promise<JobRecord[]> {
    const records: JobRecord[] = [];
    for (const id of await this.ids()) {
      try {
        const record = await this.load(id);
        if (record) records.push(record);
      } catch (error) {
        onDamaged(id, error);
      }
    }
    return records;
  }

  async appendLog(id: string, text: string): Promise<void> {
    await appendFile(this.file(id, 'log'), text, { mode: 0o600 });
  }

  /** The last 512 KiB of the log, from the start of a line; empty when there is none. */
  async readLog(id: string): Promise<string> {
    try {
      const file = await open(this.file(id, 'log'), 'r');
      try {
        const { size } = await file.stat();
        const start = Math.max(0, size - longestLog);
        const buffer = Buffer.alloc(size - start);
        const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
        const text = buffer.subarray(0, bytesRead).toString('utf8');
        return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw toStoreFailure(error, this.folder);
    }
  }

  async requestCancel(id: string): Promise<void> {
    await writeFile(this.file(id, 'cancel'), '', { mode: 0o600 });
  }

  /** Ids that someone asked to cancel. */
  async cancelRequests(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => name.endsWith('.cancel')).map((name) => name.slice(0, -'.cancel'.length));
  }

  async clearCancelRequest(id: string): Promise<void> {
    await rm(this.file(id, 'cancel'), { force: true });
  }

  async remove(id: string): Promise<void> {
    for (const extension of ['log', 'cancel', 'json'] as const) await rm(this.file(id, extension), { force: true });
  }
}

/**
 * Removes what a job owned, newest first. Returns what could not be removed, with the reason: it stays owned and is
 * tried again at the next start.
 */
export async function removeOwned(paths: readonly string[]): Promise<{ path: string; reason: string }[]> {
  const left: { path: string; reason: string }[] = [];
  for (const path of [...paths].reverse()) {
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
    } catch (error) {
      // A parent that is a file now: then the path does not exist either.
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') continue;
      left.push({ path, reason: error instanceof Error && !isAbortError(error) ? error.message : String(error) });
    }
  }
  return left;
}

/** Whether a record still needs its owner. */
export function isSettled(record: JobRecord): boolean {
  return isFinished(record.job.status) && record.owned.length === 0;
}

export function folderOf(store: JobStore): string {
  return dirname(store.folder);
}
