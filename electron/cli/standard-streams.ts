/**
 * stdout and stderr of a command: a reader that goes away (`| head -1`) or a full disk behind a redirection must never end
 * a backup or a restore in the middle, and an answer that did not arrive must not count as given.
 */
import { exitCodes } from '../../shared/result';

/** Waits until everything written has arrived or was refused. */
async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || !stream.writable) return;
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}

/**
 * From now on failing writes are remembered instead of thrown. The function returned waits for what was written, says
 * on stderr when the answer could not be written and ends with 1 then; a reader that went away is not worth a word.
 */
export function guardStandardStreams({
  stdout,
  stderr,
}: Pick<NodeJS.Process, 'stdout' | 'stderr'>): () => Promise<void> {
  let failure: NodeJS.ErrnoException | null = null;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error;
  });
  // Progress and notes that nobody reads are no reason to stop.
  stderr.on('error', () => undefined);
  return async () => {
    await drained(stdout);
    if (failure !== null && failure.code !== 'EPIPE') {
      stderr.write(`error: The answer could not be written to stdout: ${failure.message}\n`);
      process.exitCode = exitCodes.failed;
    }
    await drained(stderr);
  };
}
