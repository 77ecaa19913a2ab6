/** The audit's file: appended, never rewritten, read by line. */
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { syncFolder, writeFileDurably } from '../platform/durable-file';
import type { ChainHead } from './chain';

const chunkBytes = 64 * 1024;
const newline = 0x0a;

const headSchema = z.object({ sequence: z.number().int().min(0), hash: z.string().length(64) });

function headFileOf(file: string): string {
  return `${file}.head`;
}

/** null when there is none or it cannot be read. */
export async function readHead(file: string): Promise<ChainHead | null> {
  try {
    return headSchema.parse(JSON.parse(await readFile(headFileOf(file), 'utf8')));
  } catch {
    return null;
  }
}

export async function writeHead(file: string, head: ChainHead): Promise<void> {
  await writeFileDurably(headFileOf(file), `${JSON.stringify(head)}\n`);
}

export interface FileEnd {
  /** The last line without its end; null in an empty file. */
  lastLine: string | null;
  /** False after a crash in the middle of a write. */
  complete: boolean;
  size: number;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Reads the last line, whatever its length, from the end of the file. */
export async function readEnd(file: FileHandle): Promise<FileEnd> {
  const { size } = await file.stat();
  if (size === 0) return { lastLine: null, complete: true, size };
  const complete = (await readAt(file, size - 1, 1))[0] === newline;
  const end = complete ? size - 1 : size;
  let start = end;
  const chunks: Buffer[] = [];
  while (start > 0) {
    const length = Math.min(chunkBytes, start);
    const chunk = await readAt(file, start - length, length);
    const lineEnd = chunk.lastIndexOf(newline);
    if (lineEnd >= 0) {
      chunks.unshift(chunk.subarray(lineEnd + 1));
      break;
    }
    chunks.unshift(chunk);
    start -= length;
  }
  return { lastLine: Buffer.concat(chunks).toString('utf8'), complete, size };
}

/** Appends and flushes; the folder too when the file is new. */
export async function appendDurably(file: FileHandle, path: string, text: string, isNew: boolean): Promise<void> {
  await file.appendFile(text, 'utf8');
  await file.sync();
  if (isNew) await syncFolder(dirname(path));
}

/** Calls `onLine` for each line, with whether it is complete (ends with a newline). Does nothing without a file. */
export async function readLines(
  path: string,
  onLine: (line: string, complete: boolean, start: number) => void,
  from = 0,
): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    let position = from;
    let lineStart = from;
    let parts: Buffer[] = [];
    for (;;) {
      const chunk = await readAt(file, position, chunkBytes);
      if (chunk.length === 0) break;
      position += chunk.length;
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        parts.push(chunk.subarray(start, end));
        const line = Buffer.concat(parts);
        parts = [];
        onLine(line.toString('utf8'), true, lineStart);
        lineStart += line.length + 1;
        start = end + 1;
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
    }
    const rest = Buffer.concat(parts);
    if (rest.length > 0) onLine(rest.toString('utf8'), false, lineStart);
  } finally {
    await file.close();
  }
}

/** Where each complete line starts; grows with the file, made anew when the file shrank. */
export class LineIndex {
  private starts: number[] = [];
  private end = 0;

  constructor(private readonly path: string) {}

  async refresh(): Promise<number> {
    const size = await stat(this.path).then(
      (found) => found.size,
      () => 0,
    );
    if (size < this.end) {
      this.starts = [];
      this.end = 0;
    }
    if (size > this.end) {
      await readLines(
        this.path,
        (line, complete, start) => {
          if (!complete) return;
          this.starts.push(start);
          this.end = start + Buffer.byteLength(line) + 1;
        },
        this.end,
      );
    }
    return this.starts.length;
  }

  /** Lines `first` to before `last` (from 0). */
  async read(first: number, last: number): Promise<string[]> {
    const start = this.starts[first];
    if (start === undefined || last <= first) return [];
    const end = this.starts[last] ?? this.end;
    const file = await open(this.path, 'r');
    try {
      return (await readAt(file, start, end - start)).toString('utf8').split('\n').slice(0, -1);
    } finally {
      await file.close();
    }
  }
}
