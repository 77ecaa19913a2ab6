import { hashFile } from '../../archive/rebuild-index';
import type { Task } from '../../jobs/task';
import { fail } from '../../../shared/result';

export interface CheckTaskInput {
  archive: string;
  bytes: number;
  sha256: string;
}

/**
 * Holds the archive's size and SHA-256 against its manifest: nothing is dropped or overwritten for the sake of a file
 * that changed since it was made. Throws 'archive-damaged' or 'archive-truncated'.
 */
export const checkTask: Task<CheckTaskInput, null> = async (input, context) => {
  const found = await hashFile(input.archive, context.signal, (bytesDone) =>
    context.report({ phase: 'Checking the archive', bytesDone, bytesTotal: input.bytes }),
  );
  const hint = 'Nothing was written to the target. Verify the backup, or choose another one.';
  if (found.bytes < input.bytes) {
    fail('archive-truncated', `The archive has ${found.bytes} bytes; its manifest says ${input.bytes}.`, hint);
  }
  if (found.bytes !== input.bytes || found.sha256 !== input.sha256) {
    fail('archive-damaged', 'The archive is not the one its manifest describes.', hint);
  }
  return null;
};
