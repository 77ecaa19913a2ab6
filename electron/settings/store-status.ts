/** Whether a store can be used now: looked at and really tried, not guessed from permission bits. */
import { randomBytes } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store, StoreStatus } from '../../shared/settings';
import { AppFailure } from '../../shared/result';
import { toStoreFailure } from '../platform/failures';
import { freeBytes } from './disk-space';

async function tryWriting(folder: string): Promise<void> {
  const path = join(folder, `.lifeboat-write-check-${randomBytes(6).toString('hex')}`);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.write('x');
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

async function problemOf(attempt: Promise<unknown>, path: string): Promise<string | null> {
  try {
    await attempt;
    return null;
  } catch (error) {
    const failure = toStoreFailure(error, path);
    if (failure instanceof AppFailure) return failure.error.message;
    return `${path} cannot be used: ${failure instanceof Error ? failure.message : String(failure)}.`;
  }
}

/** Why the folder of a store cannot be listed; null when it can. */
export async function whyUnreadable(path: string): Promise<string | null> {
  return problemOf(readdir(path), path);
}

export async function statusOf(store: Store, temporary: boolean): Promise<StoreStatus> {
  const unreadable = await whyUnreadable(store.path);
  if (unreadable !== null) {
    return { ...store, available: false, writable: false, freeBytes: null, problem: unreadable, temporary };
  }
  const [unwritable, free] = await Promise.all([problemOf(tryWriting(store.path), store.path), freeBytes(store.path)]);
  const problem = unwritable?.replace(' cannot be used:', ' cannot be written:') ?? null;
  return { ...store, available: true, writable: problem === null, freeBytes: free, problem, temporary };
}
