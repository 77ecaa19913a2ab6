/** Where the files of a backup lie, and the checks that keep every path inside its store. */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fail } from '../../shared/result';

export const archiveName = 'archive.gz';
const manifestName = 'manifest.json';
export const digestName = 'digest.bin';
export const blockIndexName = 'blocks.bin';
const logName = 'dump.log';
const verificationName = 'verification.json';

/** Absolute paths of a backup's files; digest and block index may be absent. */
export interface BackupLocation {
  folder: string;
  archive: string;
  digest: string;
  blockIndex: string;
  manifest: string;
  log: string;
  verification: string;
}

export function locationOf(folder: string): BackupLocation {
  return {
    folder,
    archive: join(folder, archiveName),
    digest: join(folder, digestName),
    blockIndex: join(folder, blockIndexName),
    manifest: join(folder, manifestName),
    log: join(folder, logName),
    verification: join(folder, verificationName),
  };
}

/** While a backup is being made: hidden, beside its final place, so that the rename at the end is atomic. */
export function partialName(id: string): string {
  return `.${id}.partial`;
}

/** While a backup is being deleted: it leaves the catalogue at once and whole. */
export function deletingName(id: string): string {
  return `.${id}.deleting`;
}

export function isDeletingName(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.deleting');
}

/**
 * Throws 'refused' unless `folder` is a real folder (no link) that lies inside `store` once all links are resolved:
 * asked before anything in it is changed or removed.
 */
export async function assertInsideStore(store: string, folder: string): Promise<void> {
  const information = await lstat(folder);
  const realStore = await realpath(store);
  const realParent = await realpath(dirname(folder));
  const inside =
    realParent === realStore || realParent.startsWith(realStore.endsWith(sep) ? realStore : realStore + sep);
  if (!information.isDirectory() || !inside) {
    fail('refused', `${folder} leads out of its store ${store}: nothing there is touched.`, 'Remove the link by hand.');
  }
}
