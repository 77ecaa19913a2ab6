/** A capture's columns as a file: a head of JSON, then the columns one after the other, as they are in memory. */
import { open, readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { fail } from '../../../shared/result';
import {
  columnNames,
  columnTypes,
  nameTables,
  OperationColumns,
  storedShapeSchema,
  type Columns,
} from './operation-columns';

const magic = Buffer.from('LBOPS001', 'latin1');
const alignment = 8;

const names = z.array(z.string()).min(1);
const headSchema = z.object({
  formatVersion: z.literal(1),
  /** Byte order of the columns: files are read where they were written, or not at all. */
  littleEndian: z.boolean(),
  count: z.number().int().nonnegative(),
  columns: z.array(z.object({ name: z.string(), bytes: z.number().int().nonnegative() })),
  shapes: z.array(storedShapeSchema),
  names: z.object({
    plan: names,
    app: names,
    client: names,
    error: names,
    queryHash: names,
    queryShapeHash: names,
    host: names,
  }),
});

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Replaces `path` at once: readers see the file before or the file after. Throws the file system's errors. */
export async function writeColumnFile(path: string, operations: OperationColumns): Promise<number> {
  const { count, columns } = operations;
  const { shapes, names: tables } = operations.tables();
  const head = Buffer.from(
    JSON.stringify({
      formatVersion: 1,
      littleEndian,
      count,
      columns: columnNames.map((name) => ({ name, bytes: count * columnTypes[name].BYTES_PER_ELEMENT })),
      shapes,
      names: tables,
    }),
  );
  const start = Buffer.alloc(aligned(magic.length + 8 + head.length));
  magic.copy(start);
  start.writeUInt32LE(head.length, magic.length);
  head.copy(start, magic.length + 8);
  const temporary = `${path}.part`;
  const file = await open(temporary, 'w', 0o600);
  let written = 0;
  try {
    await file.writeFile(start);
    written += start.length;
    for (const name of columnNames) {
      const column = columns[name];
      const bytes = Buffer.alloc(aligned(count * column.BYTES_PER_ELEMENT));
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, count * column.BYTES_PER_ELEMENT));
      await file.writeFile(bytes);
      written += bytes.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  return written;
}

/** Throws 'stored-file-damaged' for what is no such file or ends early, 'not-found' without it. */
export async function readColumnFile(path: string): Promise<OperationColumns> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return fail('not-found', 'The operations of this capture are not there any more.');
    throw error;
  });
  const damaged = (): never => fail('stored-file-damaged', `${path} is damaged.`, 'Delete the capture.');
  if (bytes.length < magic.length + 8 || !bytes.subarray(0, magic.length).equals(magic)) damaged();
  const headBytes = bytes.readUInt32LE(magic.length);
  const headEnd = magic.length + 8 + headBytes;
  const head = headSchema.safeParse(parsed(bytes.toString('utf8', magic.length + 8, headEnd)));
  if (!head.success || head.data.littleEndian !== littleEndian) return damaged();
  const { count, columns: stored, shapes, names: tables } = head.data;
  // Columns need memory that begins on their width.
  const memory = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  let at = aligned(headEnd);
  const made = columnNames.map((name, number) => {
    const type = columnTypes[name];
    const size = count * type.BYTES_PER_ELEMENT;
    if (stored[number]?.name !== name || stored[number].bytes !== size || at + size > memory.byteLength) damaged();
    const column = new type(memory, at, count);
    at += aligned(size);
    return [name, column] as const;
  });
  const columns = Object.fromEntries(made) as unknown as Columns;
  requireBelow(columns.shape, count, shapes.length, damaged);
  for (const table of nameTables) requireBelow(columns[table], count, tables[table].length, damaged);
  return new OperationColumns({ columns, count, tables: { shapes, names: tables } });
}

function requireBelow(column: ArrayLike<number>, count: number, limit: number, damaged: () => never): void {
  for (let at = 0; at < count; at++) if ((column[at] ?? 0) >= limit) damaged();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
