/** One writing job per target at a time, across windows and command lines. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { acquireFileLock, type FileLock } from '../platform/file-lock';

export interface TargetLockOptions {
  locksFolder: string;
  /** What is written to, e.g. `deployment:<set id>`: equal for all connections that lead to the same target. */
  key: string;
  /** The job's title, told to whoever comes second. */
  title: string;
  origin: 'window' | 'cli';
  onLost?: () => void;
}

/** Takes the lock of a target or throws 'busy' naming job, origin, process, computer and since when. */
export async function acquireTargetLock(options: TargetLockOptions): Promise<FileLock> {
  const { locksFolder, key, title, origin, onLost } = options;
  const name = `target-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  const holder = { title, origin, processId: process.pid, hostname: hostname() };
  return acquireFileLock(join(locksFolder, name), holder, onLost ? { onLost } : {});
}
