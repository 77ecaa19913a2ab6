import { rebuildIndex } from '../archive/rebuild-index';
import type { Task } from '../jobs/task';

export interface RebuildTaskInput {
  archive: string;
  /** Where the digest goes. */
  digest: string;
  /** Of the uncompressed archive, for progress. */
  bytes: number;
}

/** Makes the digest of a backup whose own is missing, by reading its archive. */
export const rebuildTask: Task<RebuildTaskInput, null> = async (input, context) => {
  await rebuildIndex({
    archivePath: input.archive,
    digestPath: input.digest,
    blocksPath: null,
    signal: context.signal,
    onProgress: (bytesDone, documentsDone) =>
      context.report({ phase: 'Reading the archive', bytesDone, bytesTotal: input.bytes, documentsDone }),
  });
  return null;
};
