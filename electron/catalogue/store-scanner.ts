/** Finds the backups of a store. Links are never followed; what did not change since the last look is not read again. */
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppFailure } from '../../shared/result';
import { isBackupId } from './backup-id';
import { locationOf, type BackupLocation } from './backup-location';
import type { BackupFiles } from './catalogue-entry';
import { findMismatch, readManifest } from './manifest-file';
import { readVerifications } from './verification-file';

interface Remembered {
  fingerprint: string;
  files: BackupFiles;
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
}

/** Size and times of the files a row is made of. */
async function fingerprintOf(
  location: BackupLocation,
): Promise<{ text: string; archiveBytes: number | null; modifiedAt: Date }> {
  const [folder, manifest, verification, archive] = await Promise.all([
    lstat(location.folder),
    ...[location.manifest, location.verification, location.archive].map((path) => stat(path).catch(() => null)),
  ]);
  const parts = [manifest, verification, archive].map((information) =>
    information ? `${information.size}@${information.mtimeMs}#${information.ino}` : '-',
  );
  return {
    text: parts.join(' '),
    archiveBytes: archive ? archive.size : null,
    modifiedAt: (archive ?? folder).mtime,
  };
}

async function readBackup(
  id: string,
  location: BackupLocation,
): Promise<Omit<BackupFiles, 'archiveBytes' | 'modifiedAt'>> {
  const manifest = await readManifest(location).catch((error: unknown) => {
    if (error instanceof AppFailure) return error;
    throw error;
  });
  const [mismatch, verifications] = await Promise.all([
    manifest instanceof AppFailure ? null : findMismatch(location, manifest, id),
    readVerifications(location),
  ]);
  return { id, location, manifest, mismatch, verifications };
}

export class StoreScanner {
  readonly #remembered = new Map<string, Remembered>();

  /** Every backup of the store at `root`, finished or not, in no order. A store that cannot be listed has none. */
  async scan(root: string): Promise<BackupFiles[]> {
    const folders = await this.#backupFolders(root);
    const found = await Promise.all(folders.map((folder) => this.#read(folder.id, locationOf(folder.path))));
    return found.filter((files): files is BackupFiles => files !== null);
  }

  async #backupFolders(root: string): Promise<{ id: string; path: string }[]> {
    const top = await subfolders(root).catch(() => []);
    const nested = await Promise.all(
      top.map(async (name) => {
        const path = join(root, name);
        // A backup folder that was put straight into the store.
        if (isBackupId(name)) return [{ id: name, path }];
        const inside = await subfolders(path).catch(() => []);
        return inside.filter(isBackupId).map((id) => ({ id, path: join(path, id) }));
      }),
    );
    return nested.flat();
  }

  async #read(id: string, location: BackupLocation): Promise<BackupFiles | null> {
    const fingerprint = await fingerprintOf(location).catch(() => null);
    // Deleted between the listing and now.
    if (!fingerprint) return null;
    const known = this.#remembered.get(location.folder);
    if (known && known.fingerprint === fingerprint.text) return known.files;
    const { archiveBytes, modifiedAt } = fingerprint;
    const files = { ...(await readBackup(id, location)), archiveBytes, modifiedAt };
    this.#remembered.set(location.folder, { fingerprint: fingerprint.text, files });
    return files;
  }
}
