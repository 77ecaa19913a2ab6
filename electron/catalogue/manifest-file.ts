/** The manifest on disk: read through its schema, written last, checked against the file it describes. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { manifestFormatVersion, manifestSchema, type Manifest } from '../../shared/backups';
import { formatBytes } from '../../shared/format';
import { AppFailure, fail } from '../../shared/result';
import { toStoreFailure } from '../platform/failures';
import { writeJsonFile } from '../platform/json-file';
import type { BackupLocation } from './backup-location';

/**
 * Throws 'manifest-missing', 'manifest-unsupported' (naming its version) or 'stored-file-damaged' (naming the place);
 * 'store-unavailable' when it cannot be read at all.
 */
export async function readManifest(location: BackupLocation): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(location.manifest, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      fail(
        'manifest-missing',
        `${location.folder} has no manifest: the backup was not finished.`,
        'Import its archive to use what there is of it, or delete it.',
      );
    }
    const failure = toStoreFailure(error, location.manifest);
    if (failure instanceof AppFailure) throw failure;
    // Whatever it is, it is this backup's trouble: a list of all others must not fail for it.
    const why = error instanceof Error ? error.message : String(error);
    fail('store-unavailable', `${location.manifest} cannot be read: ${why}.`, 'Check the folder of the backup.');
  }
  return parseManifest(text, location.manifest);
}

const importBeside = 'Import the archive beside it: a new manifest is derived from it.';

/** `path` is for messages. Errors as of {@link readManifest}. */
export function parseManifest(text: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    fail('stored-file-damaged', `${path} is no JSON: ${why}`, importBeside);
  }
  const version: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'formatVersion') : undefined;
  if (version !== manifestFormatVersion && (typeof version === 'number' || typeof version === 'string')) {
    fail(
      'manifest-unsupported',
      `${path} has format version ${String(version)}; this Lifeboat knows version ${manifestFormatVersion}.`,
      'Use the version of Lifeboat that made it, or a newer one; mongorestore --gzip --archive restores the archive.',
    );
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : '';
  fail(
    'stored-file-damaged',
    `${path} is damaged: ${where}${issue?.message ?? 'unexpected content'}`,
    importBeside,
    z.prettifyError(parsed.error),
  );
}

/** Durable and atomic. */
export async function writeManifest(location: BackupLocation, manifest: Manifest): Promise<void> {
  await writeJsonFile(location.manifest, manifestSchema.parse(manifest), { mode: 0o600 });
}

/** Why archive and manifest cannot belong together, by name and size alone; null when they can. */
export async function findMismatch(location: BackupLocation, manifest: Manifest, id: string): Promise<string | null> {
  if (manifest.id !== id) return `The manifest is that of ${manifest.id}, not of this backup.`;
  const bytes = await stat(location.archive).then(
    (information) => information.size,
    () => null,
  );
  if (bytes === null) return 'The archive is missing.';
  if (bytes === manifest.file.bytes) return null;
  const difference = Math.abs(bytes - manifest.file.bytes);
  return `The archive is ${formatBytes(difference)} ${bytes < manifest.file.bytes ? 'shorter' : 'longer'} than its manifest says.`;
}
