/** The audit: append-only JSON lines, each holding the hash of the line before, so that tampering shows. */
import { mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import type { AuditEntry, AuditRecord, AuditVerification } from '../../shared/audit';
import { writeFileDurably } from '../platform/durable-file';
import { toStoreFailure } from '../platform/failures';
import { waitForFileLock } from '../platform/file-lock';
import type { Logger } from '../platform/logger';
import { redactText, redactValue } from '../platform/redact';
import { userName } from '../platform/user-name';
import { appendDurably, LineIndex, readEnd, readHead, readLines, writeHead } from './audit-file';
import { ChainCheck, firstPreviousHash, formatLine, hashOfEntry, parseLine, repairOperation, sha256 } from './chain';
import { csvHeader, csvRow } from './export';

export interface AuditOptions {
  file: string;
  origin: 'window' | 'cli';
  logger: Logger;
}

export interface Audit {
  /**
   * Appends an entry, on disk when the promise resolves. Parameters, target and error are redacted. Throws 'disk-full',
   * 'store-unavailable' or 'busy'.
   */
  record(record: AuditRecord): Promise<AuditEntry>;
  /** Newest first. `total` counts all lines; damaged ones are left out of `entries` (verify tells of them). */
  list(range: { offset: number; limit: number }): Promise<{ total: number; entries: AuditEntry[] }>;
  /** Finds the first line that was changed, removed or moved since it was written. */
  verify(): Promise<AuditVerification>;
  /** Writes all readable entries, oldest first, replacing `path`. Returns how many. */
  export(format: 'csv' | 'json', path: string): Promise<number>;
}

interface ChainEnd {
  sequence: number;
  previousHash: string;
}

export function createAudit({ file, origin, logger }: AuditOptions): Audit {
  const index = new LineIndex(file);
  /** Entries of this process wait here rather than for the file lock. */
  let queue: Promise<unknown> = Promise.resolve();

  function makeEntry(record: AuditRecord, end: ChainEnd): AuditEntry {
    const unsigned: Omit<AuditEntry, 'hash'> = {
      formatVersion: 1,
      sequence: end.sequence + 1,
      time: new Date().toISOString(),
      user: userName(),
      host: hostname(),
      origin,
      operation: record.operation,
      target: redactText(record.target),
      category: record.category,
      // Through JSON, so that what is hashed is what a reader of the file gets.
      parameters: JSON.parse(JSON.stringify(redactValue(record.parameters))) as Record<string, unknown>,
      result: record.result,
      error: record.error === null ? null : redactText(record.error),
      jobId: record.jobId,
      previousHash: end.previousHash,
    };
    return { ...unsigned, hash: hashOfEntry(unsigned) };
  }

  function repairEntry(torn: string, end: ChainEnd): AuditEntry {
    return makeEntry(
      {
        operation: repairOperation,
        target: basename(file),
        category: 'settings',
        parameters: { tornLineHash: sha256(torn), tornLineBytes: Buffer.byteLength(torn) },
        result: 'interrupted',
        error: 'The line before was not completely written: Lifeboat or the computer stopped in the middle.',
        jobId: null,
      },
      { sequence: end.sequence, previousHash: sha256(torn) },
    );
  }

  /** Of the last entry that can be read. */
  async function lastSequence(): Promise<number> {
    let last = 0;
    await readLines(file, (line) => {
      last = parseLine(line)?.sequence ?? last;
    });
    return last;
  }

  async function append(record: AuditRecord): Promise<AuditEntry> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const holder = { title: 'Writing the audit', origin, processId: process.pid, hostname: hostname() };
    const lock = await waitForFileLock(`${file}.lock`, holder, { timeoutMs: 15_000 });
    try {
      const handle = await open(file, 'a+', 0o600);
      try {
        const { lastLine, complete, size } = await readEnd(handle);
        let text = '';
        const head = await readHead(file);
        // Of an audit that lost its end the numbers go on, so that the gap stays visible.
        let end: ChainEnd = { sequence: head?.sequence ?? 0, previousHash: firstPreviousHash };
        if (lastLine !== null) {
          const last = parseLine(lastLine);
          const known = last?.sequence ?? (await lastSequence());
          end = { sequence: Math.max(known, end.sequence), previousHash: sha256(lastLine) };
          if (!complete) text += '\n';
          if (!complete && !last) {
            const repair = repairEntry(lastLine, end);
            text += `${formatLine(repair)}\n`;
            end = { sequence: repair.sequence, previousHash: sha256(formatLine(repair)) };
            logger.warn({ bytes: Buffer.byteLength(lastLine) }, 'The last line of the audit was torn; it was repaired');
          }
        }
        const entry = makeEntry(record, end);
        text += `${formatLine(entry)}\n`;
        await appendDurably(handle, file, text, size === 0);
        await writeHead(file, { sequence: entry.sequence, hash: entry.hash });
        return entry;
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw toStoreFailure(error, file);
    } finally {
      await lock.release();
    }
  }

  async function verify(): Promise<AuditVerification> {
    // Under the lock, so that an entry being written is not taken for a torn one.
    const holder = { title: 'Verifying the audit', origin, processId: process.pid, hostname: hostname() };
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const lock = await waitForFileLock(`${file}.lock`, holder, { timeoutMs: 15_000 });
    try {
      const sequences = new Set<number>();
      await readLines(file, (line) => {
        const entry = parseLine(line);
        if (entry) sequences.add(entry.sequence);
      });
      const check = new ChainCheck(sequences, await readHead(file));
      let lastIsComplete = true;
      await readLines(file, (line, complete) => {
        check.take(line);
        lastIsComplete = complete;
      });
      return check.finish(lastIsComplete);
    } catch (error) {
      throw toStoreFailure(error, file);
    } finally {
      await lock.release();
    }
  }

  async function exportTo(format: 'csv' | 'json', path: string): Promise<number> {
    const entries: string[] = [];
    try {
      await readLines(file, (line) => {
        const entry = parseLine(line);
        if (entry) entries.push(format === 'csv' ? csvRow(entry) : `  ${JSON.stringify(entry)}`);
      });
      const text = format === 'csv' ? csvHeader + entries.join('') : `[\n${entries.join(',\n')}\n]\n`;
      await writeFileDurably(path, text);
    } catch (error) {
      throw toStoreFailure(error, path);
    }
    return entries.length;
  }

  return {
    record: async (record) => {
      const appended = queue.then(() => append(record));
      queue = appended.catch(() => undefined);
      return appended;
    },
    list: async ({ offset, limit }) => {
      try {
        const total = await index.refresh();
        const last = Math.max(0, total - offset);
        const lines = await index.read(Math.max(0, last - limit), last);
        const entries = lines.map(parseLine).filter((entry): entry is AuditEntry => entry !== null);
        return { total, entries: entries.reverse() };
      } catch (error) {
        throw toStoreFailure(error, file);
      }
    },
    verify,
    export: exportTo,
  };
}
