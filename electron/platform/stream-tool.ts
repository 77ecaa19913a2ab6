/**
 * Reads much output of a tool at the least cost. Node reads a child's pipe in blocks of 64 KiB, each in a new buffer with
 * a turn of the event loop, which costs a quarter of the processor time of the dump itself. Here the tool writes into a
 * socket pair whose other end is read into one buffer that is used again and again, about 230 KiB at a time: measured
 * with mongodump, nearly as cheap as writing to /dev/null.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toStoreFailure } from './failures';
import { startTool, startToolWriting, type RunningTool, type ToolExit, type ToolRun } from './spawn-tool';

/** Bytes of the buffer; Linux hands over at most some 208 KiB at a time. */
const bufferBytes = 256 * 1024;

/** Called with each chunk. A promise stops reading, and so the tool, until it has resolved. */
export type ChunkConsumer = (chunk: Buffer) => void | Promise<void>;

export interface StreamToolRun extends Omit<ToolRun, 'stdout' | 'onStdoutChunk' | 'onStdoutLine'> {
  onStarted?: (pid: number) => void;
}

interface SocketPair {
  /** Read by us. */
  ours: Socket;
  /** The tool's stdout. */
  theirs: Socket;
}

async function makeSocketPair(onRead: (length: number, buffer: Uint8Array) => boolean): Promise<SocketPair> {
  // The names of sockets are short (104 bytes on macOS): the data folder's path may be too long for one. mkdtemp makes the
  // folder with mode 0700.
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-'));
  const server = createServer({ pauseOnConnect: true });
  try {
    const path = join(folder, 'stdout');
    server.listen(path);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    await Promise.race([once(server, 'listening'), accepted]);
    const ours = connect({ path, onread: { buffer: Buffer.allocUnsafeSlow(bufferBytes), callback: onRead } });
    const refused = once(ours, 'error').then(([error]) => {
      throw error;
    });
    refused.catch(() => undefined);
    const [theirs] = await Promise.race([accepted, refused]);
    return { ours, theirs };
  } catch (error) {
    throw toStoreFailure(error, folder);
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One signal for both reasons to stop. */
function follow(signal: AbortSignal | undefined): { controller: AbortController; unfollow(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return { controller, unfollow: () => signal?.removeEventListener('abort', abort) };
}

/**
 * Runs a tool and hands its stdout to `onChunk` in order. **A chunk is valid only until `onChunk` returns or, where it
 * returns a promise, until that has resolved: its memory is used again.** Resolves once the tool has ended and all was
 * consumed; see ToolRun for exit codes and abort. When `onChunk` fails, the tool is ended and its error is thrown on.
 */
export async function streamTool(run: StreamToolRun, onChunk: ChunkConsumer): Promise<ToolExit> {
  const { controller, unfollow } = follow(run.signal);
  const child: ToolRun = { ...run, signal: controller.signal };
  let failure: { error: unknown } | undefined;
  const failed = (error: unknown): void => {
    failure ??= { error };
    controller.abort();
  };
  try {
    const exit = process.platform === 'win32' ? readPipe(child, run, onChunk) : readSocket(child, run, onChunk, failed);
    const settled = await exit.catch((error: unknown) => {
      throw failure ? failure.error : error;
    });
    if (failure) throw failure.error;
    return settled;
  } finally {
    unfollow();
  }
}

/** Windows cannot give a tool one end of a named pipe that Node reads. */
async function readPipe(child: ToolRun, run: StreamToolRun, onChunk: ChunkConsumer): Promise<ToolExit> {
  const running = startTool({ ...child, stdout: 'pipe' });
  run.onStarted?.(running.pid);
  for await (const chunk of running.stdout ?? []) await onChunk(chunk as Buffer);
  return running.done;
}

async function readSocket(
  child: ToolRun,
  run: StreamToolRun,
  onChunk: ChunkConsumer,
  failed: (error: unknown) => void,
): Promise<ToolExit> {
  let busy: Promise<void> = Promise.resolve();
  const { ours, theirs } = await makeSocketPair((length, buffer) => {
    if (child.signal?.aborted) return true;
    try {
      const consumed = onChunk(Buffer.from(buffer.buffer, buffer.byteOffset, length));
      if (!consumed) return true;
      busy = consumed.then(
        () => void ours.resume(),
        (error: unknown) => {
          failed(error);
          ours.destroy();
        },
      );
      return false;
    } catch (error) {
      failed(error);
      return true;
    }
  });
  // What a broken connection means is told by the tool's end.
  ours.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => ours.once('close', () => resolve()));
  let running: RunningTool;
  try {
    running = startToolWriting(child, theirs);
    run.onStarted?.(running.pid);
  } catch (error) {
    ours.destroy();
    throw error;
  } finally {
    // The tool has its own copy; with ours open the end would never be seen.
    theirs.destroy();
  }
  const letGo = (): void => void ours.destroy();
  const exit = running.done.finally(() => {
    // What an aborted tool's children hold open is of no interest.
    if (child.signal?.aborted) letGo();
    else child.signal?.addEventListener('abort', letGo, { once: true });
  });
  exit.catch(() => undefined);
  await closed;
  await busy;
  return exit;
}
