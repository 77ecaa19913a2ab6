/** Opens log files: plain or gzip, told by their first bytes, and reads them as batches of operations. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip, gunzipSync, constants } from 'node:zlib';
import type { Operation } from '../../../shared/profiler';
import { ByteLines } from './byte-lines';
import { LogLineReader } from './log-line-reader';
import type { LogTally } from './log-tally';
import { parseLogTime } from './log-time';
import { textLineTime } from './text-line';

const chunkBytes = 1024 * 1024;
const peekBytes = 64 * 1024;

export interface LogFile {
  path: string;
  gzip: boolean;
  /** On disk. */
  bytes: number;
  /** Of the last change, milliseconds since 1970. */
  lastChange: number;
  /** Of the first line that has a time, milliseconds since 1970; null when none of the first ones has. */
  firstTime: number | null;
}

/** Looks at the beginning of a file. Throws the file system's own errors. */
export async function peekLogFile(path: string): Promise<LogFile> {
  const { size, mtimeMs } = await stat(path);
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(peekBytes);
    const { bytesRead } = await handle.read(buffer, 0, peekBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    const gzip = head[0] === 0x1f && head[1] === 0x8b;
    const text = gzip ? inflatedHead(head) : head;
    return { path, gzip, bytes: size, lastChange: mtimeMs, firstTime: firstTime(text, mtimeMs) };
  } finally {
    await handle.close();
  }
}

function inflatedHead(head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 4 * 1024 * 1024 });
  } catch {
    // Damaged, or more than fits: reading will tell.
    return Buffer.alloc(0);
  }
}

function firstTime(text: Buffer, lastChange: number): number | null {
  let start = text[0] === 0xef ? 3 : 0;
  for (let lines = 0; lines < 200 && start < text.length; lines++) {
    const newline = text.indexOf(10, start);
    const end = newline < 0 ? text.length : newline;
    const time =
      text[start] === 123
        ? parseLogTime(text, start + '{"t":{"$date":"'.length)
        : textLineTime(text.toString('utf8', start, Math.min(end, start + 160)), { lastChange });
    if (!Number.isNaN(time)) return time;
    start = end + 1;
  }
  return null;
}

export interface ReadLogOptions {
  tally: LogTally;
  signal?: AbortSignal;
  /** How many bytes of the file were read since the last call. */
  onBytes?: (bytes: number) => void;
}

/**
 * The slow operations of a file in its order, a batch for each piece read, so that memory does not grow with the file. What
 * cannot be read is counted in `tally`; a file that breaks off (damaged gzip) ends early and says so there. Throws when
 * aborted and when the file cannot be opened.
 */
export async function* readLogFile(file: LogFile, options: ReadLogOptions): AsyncGenerator<Operation[], void> {
  const { tally, signal, onBytes } = options;
  const report = tally.addFile(file.path);
  let batch: Operation[] = [];
  const reader = new LogLineReader({
    file: report,
    tally,
    lastChange: file.lastChange,
    onOperation: (operation) => batch.push(operation),
  });
  const lines = new ByteLines(reader);
  const raw = createReadStream(file.path, { highWaterMark: chunkBytes, ...(signal ? { signal } : {}) });
  const inflated = file.gzip ? createGunzip({ chunkSize: chunkBytes }) : null;
  if (inflated) {
    if (onBytes) raw.on('data', (chunk) => onBytes(chunk.length));
    raw.once('error', (error) => inflated.destroy(error));
    raw.pipe(inflated);
  }
  const stream: Readable = inflated ?? raw;
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      if (!inflated) onBytes?.(bytes.length);
      lines.push(bytes);
      if (batch.length > 0) yield batch;
      batch = [];
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!inflated || !code.startsWith('Z_')) throw error;
    report.problem = `Damaged gzip after line ${report.lines}.`;
  } finally {
    stream.destroy();
    raw.destroy();
  }
  lines.finish();
  if (batch.length > 0) yield batch;
}
