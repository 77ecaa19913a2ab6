/** The task 'catalogue.import': a foreign dump through one pass into the files of a backup. */
import { stat } from 'node:fs/promises';
import { ArchiveDamage } from '../archive/archive-damage';
import { openDump, type DumpStream } from '../archive/detect-format';
import { scanArchive } from '../archive/scan-archive';
import { writeBlockedArchive, type BlockedArchiveResult } from '../archive/write-blocked-archive';
import type { TaskContext } from '../jobs/task';
import type { BackupLocation } from './backup-location';
import { defaultCompressionLevel } from '../../shared/settings';
import { oddDocumentWarnings } from './manifest-namespaces';

export const importTaskName = 'catalogue.import';
export const importPhase = 'Importing';

export interface ImportInput {
  path: string;
  /** An existing folder of the backup's own. */
  location: BackupLocation;
}

export interface ImportOutput {
  archive: BlockedArchiveResult;
  warnings: string[];
}

/** Removes what it made when it throws. */
export async function importTask({ path, location }: ImportInput, context: TaskContext): Promise<ImportOutput> {
  const { signal } = context;
  const dump = await openDump(path, signal);
  const bytesTotal = dump.format === 'archive' ? (await stat(path)).size : null;
  try {
    const archive = await writeBlockedArchive(dump.chunks, {
      archivePath: location.archive,
      digestPath: location.digest,
      blocksPath: location.blockIndex,
      level: defaultCompressionLevel,
      signal,
      onProgress: (bytesDone, documentsDone) => {
        context.report({ phase: importPhase, bytesDone, bytesTotal, documentsDone, documentsTotal: null });
      },
    });
    const notices = dump.notices.map((notice) => `${notice.path}: ${notice.message}`);
    return { archive, warnings: [...notices, ...oddDocumentWarnings(archive)] };
  } catch (error) {
    throw await explain(error, path, dump.format, signal);
  }
}

/** Damage of the compression says nothing of collections: a second look names those that are complete. */
async function explain(
  error: unknown,
  path: string,
  format: DumpStream['format'],
  signal: AbortSignal,
): Promise<unknown> {
  const isPacking = error instanceof ArchiveDamage && (error.kind === 'compression' || error.kind === 'truncated');
  if (!isPacking || format === 'dump-folder' || format === 'dump-tar' || signal.aborted) return error;
  try {
    await scanArchive(path, { validate: false, signal });
    return error;
  } catch (better) {
    return better instanceof ArchiveDamage ? better : error;
  }
}
