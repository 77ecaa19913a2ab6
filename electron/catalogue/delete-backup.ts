/** Removing a backup so that a crash in the middle never leaves half of one in the catalogue. */
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toStoreFailure } from '../platform/failures';
import { syncFolder } from '../platform/durable-file';
import { assertInsideStore, deletingName, isDeletingName } from './backup-location';

/** Throws 'refused' when the folder leads out of the store, 'store-unavailable' when it cannot be removed. */
export async function deleteBackupFolder(store: string, folder: string): Promise<void> {
  await assertInsideStore(store, folder);
  const around = dirname(folder);
  const leaving = join(around, deletingName(basename(folder)));
  try {
    await rename(folder, leaving);
    await syncFolder(around);
    // rm removes links themselves, never what they point to.
    await rm(leaving, { recursive: true, force: true });
  } catch (error) {
    throw toStoreFailure(error, folder);
  }
}

/** Finishes deletions that a crash interrupted. Returns how many. */
export async function finishDeletions(store: string): Promise<number> {
  const top = await readdir(store, { withFileTypes: true }).catch(() => []);
  const around = [store, ...top.filter((entry) => entry.isDirectory()).map((entry) => join(store, entry.name))];
  let finished = 0;
  for (const folder of around) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isDirectory() || !isDeletingName(entry.name)) continue;
      await rm(join(folder, entry.name), { recursive: true, force: true }).catch(() => undefined);
      finished += 1;
    }
  }
  return finished;
}
