/** The folder of a backup in the making: under a hidden name until everything in it is durable. */
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppFailure } from '../../shared/result';
import { formatBytes } from '../../shared/format';
import { sanitiseName } from './backup-id';
import { assertInsideStore, locationOf, partialName, type BackupLocation } from './backup-location';
import { renameDurably } from '../platform/durable-file';
import { toStoreFailure } from '../platform/failures';
import { freeBytes } from '../settings/disk-space';

export interface BackupFolder {
  /** Where everything is written. */
  partial: BackupLocation;
  /** Where it will be. */
  final: BackupLocation;
}

/** What a job offers to have leftovers removed. */
export interface Owner {
  own(path: string): Promise<void>;
  disown(path: string): Promise<void>;
}

/**
 * Makes `<store>/<source>/.<id>.partial`, owned by the job before it exists. Never makes the store itself: the folder of a
 * disk that is not connected would be filled instead. Throws 'store-unavailable', 'disk-full' or 'refused'.
 */
export async function createBackupFolder(
  store: string,
  sourceName: string,
  id: string,
  owner: Owner,
): Promise<BackupFolder> {
  const around = join(store, sanitiseName(sourceName));
  const partial = join(around, partialName(id));
  try {
    await mkdir(around, { mode: 0o700 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    await owner.own(partial);
    await mkdir(partial, { mode: 0o700 });
    await assertInsideStore(store, partial);
  } catch (error) {
    await discardBackupFolder(partial);
    throw await explainStoreFailure(error, store);
  }
  return { partial: locationOf(partial), final: locationOf(join(around, id)) };
}

/** Makes a finished folder visible under its final name, durably. */
export async function publishBackupFolder(folder: BackupFolder, owner: Owner): Promise<void> {
  const { partial, final } = folder;
  try {
    await renameDurably(partial.folder, final.folder);
  } catch (error) {
    throw await explainStoreFailure(error, final.folder);
  }
  await owner.disown(partial.folder);
}

/** Removes what there is, and the folder of the source when nothing else is in it. Never throws. */
export async function discardBackupFolder(partial: string): Promise<void> {
  await rm(partial, { recursive: true, force: true }).catch(() => undefined);
  await rmdir(dirname(partial)).catch(() => undefined);
}

/** Asked after {@link discardBackupFolder}: 'disk-full' says how much is free, 'store-unavailable' names the place; other errors pass as they are. */
export async function explainStoreFailure(error: unknown, place: string): Promise<unknown> {
  const failure = toStoreFailure(error, place);
  if (!(failure instanceof AppFailure) || failure.error.code !== 'disk-full') return failure;
  let free = await freeBytes(place);
  for (let folder = place; free === null && dirname(folder) !== folder;) {
    folder = dirname(folder);
    free = await freeBytes(folder);
  }
  if (free === null) return failure;
  const freed = `Now that what was written is removed, ${formatBytes(free)} are free there.`;
  return new AppFailure({ ...failure.error, message: `${failure.error.message} ${freed}` });
}
