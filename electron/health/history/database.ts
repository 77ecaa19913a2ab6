/**
 * The embedded database behind a strict door. The native library ends the whole process when it is given a boolean, a Date or a
 * Buffer outside a list, and when its thread is ended in the middle of a call: neither can happen through here.
 */
import { fail } from '../../../shared/result';

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Readonly<Record<string, unknown>>;

interface NativeStatement {
  run(values: readonly SqlValue[]): unknown;
  all(values: readonly SqlValue[]): unknown[];
}

interface NativeDatabase {
  prepare(sql: string): NativeStatement;
  exec(sql: string): void;
  close(): void;
}

export interface Database {
  run(sql: string, values?: readonly SqlValue[]): void;
  all(sql: string, values?: readonly SqlValue[]): SqlRow[];
  /** Without values: several statements, settings. */
  execute(sql: string): void;
  /** All of `work` or nothing; it must not wait for anything. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Two Int32, shared with the process' main thread: a native call is under way; no more calls may begin. */
export const guardBytes = 8;
const busy = 0;
const stopped = 1;

/**
 * For the main thread just before the process ends: lets a call that is under way finish (up to `waitMs`) and no other begin, so
 * that the thread can be ended without taking the process down with an abort.
 */
export function stopNativeCalls(guard: SharedArrayBuffer, waitMs = 3000): void {
  const flags = new Int32Array(guard);
  Atomics.store(flags, stopped, 1);
  if (Atomics.load(flags, busy) === 1) Atomics.wait(flags, busy, 1, waitMs);
}

function checked(values: readonly SqlValue[]): SqlValue[] {
  return values.map((value) => {
    const isFine =
      value === null ||
      typeof value === 'string' ||
      typeof value === 'bigint' ||
      (typeof value === 'number' && Number.isFinite(value)) ||
      value instanceof Uint8Array;
    if (!isFine) fail('internal', `A ${typeof value} cannot be stored in the history.`);
    return value instanceof Uint8Array && !Buffer.isBuffer(value)
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      : value;
  });
}

/** The bytes of a blob as rows hold it; throws for anything else. */
export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return value;
  return fail('stored-file-damaged', 'The history of health is damaged: bytes are missing.');
}

export function integerOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return fail('stored-file-damaged', 'The history of health is damaged: a number is missing.');
}

/**
 * Opens or makes a database file with a write-ahead log: whatever kills the process, it opens again with every transaction that
 * was ended. Throws 'unsupported' where the native library does not run, and the library's own errors.
 */
export async function openDatabase(path: string, guard = new SharedArrayBuffer(guardBytes)): Promise<Database> {
  const flags = new Int32Array(guard);
  const calling = <T>(call: () => T): T => {
    Atomics.store(flags, busy, 1);
    try {
      if (Atomics.load(flags, stopped) === 1) fail('interrupted', 'Lifeboat is ending.');
      return call();
    } finally {
      Atomics.store(flags, busy, 0);
      Atomics.notify(flags, busy);
    }
  };
  let native: NativeDatabase;
  try {
    // Not at the head of the file: every worker thread would load ten megabytes of native code.
    const { default: Library } = await import('libsql');
    native = calling(() => new Library(path) as unknown as NativeDatabase);
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_DLOPEN_FAILED') throw error;
    return fail(
      'unsupported',
      'The history of health cannot be kept on this kind of computer.',
      undefined,
      String(error),
    );
  }
  const statements = new Map<string, NativeStatement>();
  const statement = (sql: string): NativeStatement => {
    const known = statements.get(sql);
    if (known) return known;
    const prepared = native.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  const database: Database = {
    run: (sql, values = []) => void calling(() => statement(sql).run(checked(values))),
    all: (sql, values = []) => calling(() => statement(sql).all(checked(values))) as SqlRow[],
    execute: (sql) => calling(() => native.exec(sql)),
    transaction: (work) => {
      database.execute('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.execute('COMMIT');
        return result;
      } catch (error) {
        try {
          database.execute('ROLLBACK');
        } catch {
          // The error before it is the one to tell.
        }
        throw error;
      }
    },
    close: () => {
      statements.clear();
      calling(() => native.close());
    },
  };
  database.all('PRAGMA busy_timeout = 5000');
  database.all('PRAGMA auto_vacuum = INCREMENTAL');
  database.all('PRAGMA journal_mode = WAL');
  database.all('PRAGMA synchronous = NORMAL');
  database.all('PRAGMA journal_size_limit = 16777216');
  return database;
}
