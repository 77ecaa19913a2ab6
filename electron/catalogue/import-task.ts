/** The task 'catalogue.import': a foreign dump through one pass into the files of a backup. */
import { stat } from 'node:fs/promises';
import { fail } from '../../shared/result';
import { ArchiveDamage } from '../archive/archive-damage';
import { readUncompressed } from '../archive/archive-file';
import { scanArchive } from '../archive/scan-archive';
import { writeBlockedArchive, type ArchiveChunks, type BlockedArchiveResult } from '../archive/write-blocked-archive';
import type { TaskContext } from '../jobs/task';
import type { BackupLocation } from './backup-location';
import type { DumpKind } from './foreign-dump';

export const importTaskName = 'catalogue.import';
export const importPhase = 'Importing';

export interface ImportInput {
  path: string;
  kind: DumpKind;
  /** An existing folder of the backup's own. */
  location: BackupLocation;
}

export interface ImportOutput {
  archive: BlockedArchiveResult;
  warnings: string[];
}

const compressionLevel = 6;

/** Removes what it made when it throws. */
export async function importTask(input: ImportInput, context: TaskContext): Promise<ImportOutput> {
  const warnings: string[] = [];
  const { location } = input;
  try {
    const bytesTotal = await plainSize(input);
    const archive = await writeBlockedArchive(openDump(input), {
      archivePath: location.archive,
      digestPath: location.digest,
      blocksPath: location.blockIndex,
      level: compressionLevel,
      signal: context.signal,
      onProgress: (bytesDone, documentsDone) => {
        context.report({ phase: importPhase, bytesDone, bytesTotal, documentsDone, documentsTotal: null });
      },
    });
    return { archive, warnings };
  } catch (error) {
    throw await explain(error, input, context.signal);
  }
}

/** Bytes that will pass; null where they are compressed. */
async function plainSize({ path, kind }: ImportInput): Promise<number | null> {
  if (kind !== 'archive' || path.endsWith('gz')) return null;
  return (await stat(path)).size;
}

function openDump({ path, kind }: ImportInput): ArchiveChunks {
  switch (kind) {
    case 'archive':
      return readUncompressed(path);
    case 'folder':
    case 'tar':
      return fail('unsupported', `${path}: dump folders cannot be imported yet.`);
  }
}

/** Damage of the compression says nothing of collections: a second look names those that are complete. */
async function explain(error: unknown, { path, kind }: ImportInput, signal: AbortSignal): Promise<unknown> {
  const isPacking = error instanceof ArchiveDamage && (error.kind === 'compression' || error.kind === 'truncated');
  if (!isPacking || kind !== 'archive' || signal.aborted) return error;
  try {
    await scanArchive(path, { validate: false, signal });
    return error;
  } catch (better) {
    return better instanceof ArchiveDamage ? better : error;
  }
}
