/** A backup's files without the catalogue: for tests of what reads them. */
import { join } from 'node:path';
import { writeBlockedArchive } from '../../archive/write-blocked-archive';
import type { TaskContext } from '../../jobs/task';
import { startTool } from '../../platform/spawn-tool';
import { requireTestTools } from '../../test-support/runtime';

export interface SmallBackup {
  archive: string;
  digest: string;
  blockIndex: string;
}

/** Dumps a database (or all) through Lifeboat's own writer into `folder`. */
export async function makeSmallBackup(uri: string, folder: string, database: string | null): Promise<SmallBackup> {
  const { mongodump } = requireTestTools();
  const args = [`--uri=${uri}`, '--archive', ...(database === null ? [] : [`--db=${database}`])];
  const tool = startTool({ path: mongodump, args, stdout: 'pipe', okExitCodes: [0] });
  if (!tool.stdout) throw new Error('mongodump writes nowhere.');
  const backup = {
    archive: join(folder, 'archive.gz'),
    digest: join(folder, 'digest.bin'),
    blockIndex: join(folder, 'blocks.bin'),
  };
  await writeBlockedArchive(tool.stdout, {
    archivePath: backup.archive,
    digestPath: backup.digest,
    blocksPath: backup.blockIndex,
  });
  await tool.done;
  return backup;
}

/** A task's context outside a worker thread. */
export function directContext(signal: AbortSignal = new AbortController().signal): TaskContext {
  return {
    signal,
    isCancelled: () => signal.aborted,
    report: () => undefined,
    log: () => undefined,
    emit: () => undefined,
  };
}
