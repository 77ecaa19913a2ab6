/** What a restore was about to do, kept beside the backup that undoes it (docs/formats.md). */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { restoreModeSchema } from '../../../shared/diff';
import { fail } from '../../../shared/result';
import type { BackupLocation } from '../../catalogue/backup-location';
import { readJsonFile, writeJsonFile } from '../../platform/json-file';

const fileSchema = z.object({ bytes: z.number().int(), sha256: z.string() });

const undoNamespaceSchema = z.object({
  /** In the target. */
  ns: z.string(),
  type: z.enum(['collection', 'view', 'timeseries']),
  /** It was there before; as it was then stands in the manifest. */
  existed: z.boolean(),
  /** The restore takes it away, at least for a while (drop, or only the target had it). */
  dropped: z.boolean(),
  /** Names of the indexes that the restore may build, change or drop. */
  indexes: z.array(z.string()),
  /** The restore may change its options. */
  options: z.boolean(),
  /**
   * How its documents after the restore are known: `entries`, one each, or `digest`, all of the restored backup's under
   * `restoredAs`. Null: it has none, or none are written.
   */
  documents: z.enum(['entries', 'digest']).nullable(),
  /** Its documents' name in the archive of the undo; null when nothing was there. */
  archivedAs: z.string().nullable(),
  /** Its documents' name in `restored.bin`; null: the restore leaves none. */
  restoredAs: z.string().nullable(),
  /** Its part of the entries. */
  firstEntry: z.number().int(),
  entries: z.number().int(),
});
export type UndoNamespace = z.infer<typeof undoNamespaceSchema>;

const undoAuthorizationSchema = z.object({
  kind: z.enum(['users', 'roles']),
  name: z.string(),
  database: z.string(),
  /** Of the stored document, credentials included: tells whether it was changed since. */
  sha256: z.string(),
});
export type UndoAuthorization = z.infer<typeof undoAuthorizationSchema>;

/** `removed` are kept whole in the archive of the undo, as a backup keeps them. */
const undoAuthorizationsSchema = z.object({
  added: z.array(undoAuthorizationSchema),
  removed: z.array(undoAuthorizationSchema),
});
export type UndoAuthorizations = z.infer<typeof undoAuthorizationsSchema>;

const undoRecordSchema = z.object({
  formatVersion: z.literal(1),
  restoreId: z.string(),
  /** The backup that was restored. */
  backupId: z.string(),
  mode: restoreModeSchema,
  connectionId: z.string(),
  target: z.string(),
  /** The replica set's id, by which another connection to the same deployment is known. */
  setId: z.string().nullable(),
  createdAt: z.string(),
  /** Until when it is kept for certain. */
  until: z.string(),
  entriesFile: fileSchema.nullable(),
  idsFile: fileSchema.nullable(),
  namespaces: z.array(undoNamespaceSchema),
  /** Users and roles that the restore adds or takes away; null: none, or nobody could tell. */
  authorizations: undoAuthorizationsSchema.nullable().default(null),
});
export type UndoRecord = z.infer<typeof undoRecordSchema>;

export interface UndoFiles {
  record: string;
  entries: string;
  ids: string;
  /** The digest of the backup that was restored. */
  restored: string;
}

export function undoFilesOf({ folder }: Pick<BackupLocation, 'folder'>): UndoFiles {
  return {
    record: join(folder, 'undo.json'),
    entries: join(folder, 'undo-entries.bin'),
    ids: join(folder, 'undo-ids.bin'),
    restored: join(folder, 'restored.bin'),
  };
}

/** Throws 'not-found' where there is none, 'stored-file-damaged'. */
export async function readUndoRecord(location: Pick<BackupLocation, 'folder'>): Promise<UndoRecord> {
  return readJsonFile(undoFilesOf(location).record, undoRecordSchema, {
    absent: () => fail('not-found', `${location.folder} does not hold what undoes a restore.`),
  });
}

/** Durable and atomic. */
export async function writeUndoRecord(location: Pick<BackupLocation, 'folder'>, record: UndoRecord): Promise<void> {
  await writeJsonFile(undoFilesOf(location).record, undoRecordSchema.parse(record));
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
