/** What is kept beside the operations of a capture: what was read, and what is to be told of it. */
import { join } from 'node:path';
import { z } from 'zod';
import { logFileReportSchema, unreadableKindSchema, unreadableLineSchema } from '../../../shared/profiler';
import type { CaptureSummary } from '../../../shared/slow-queries';
import { readJsonFile, writeJsonFile } from '../../platform/json-file';
import { LogTally } from '../logs/log-tally';
import { logCounts } from '../make-report';

const number = z.number();
const storedFactsSchema = z.object({
  formatVersion: z.literal(1),
  notes: z.array(z.string()),
  /** Null when the source is no log. */
  log: z
    .object({
      lines: number,
      slowOperations: number,
      unreadable: number,
      unreadableByKind: z.array(z.object({ kind: unreadableKindSchema, count: number })),
      unreadableLines: z.array(unreadableLineSchema),
      files: z.array(logFileReportSchema),
      ignoredFiles: z.array(z.string()),
    })
    .nullable(),
});

/** Of a capture of logs. */
export interface LogFacts {
  tally: LogTally;
  ignoredFiles: string[];
}

const fileIn = (folder: string): string => join(folder, 'facts.json');

export async function writeFacts(folder: string, notes: string[], log: LogFacts | null): Promise<void> {
  await writeJsonFile(fileIn(folder), { formatVersion: 1, notes, log: logOf(log) });
}

/** Throws as {@link readJsonFile} does; a capture that was interrupted has none. */
export async function readFacts(folder: string): Promise<{ notes: string[]; log: LogFacts | null }> {
  const { notes, log } = await readJsonFile(fileIn(folder), storedFactsSchema, {
    absent: () => ({ formatVersion: 1 as const, notes: [], log: null }),
  });
  if (!log) return { notes, log: null };
  const tally = new LogTally();
  tally.files.push(...log.files);
  tally.kept.push(...log.unreadableLines);
  for (const { kind, count } of log.unreadableByKind) tally.unreadable.set(kind, count);
  return { notes, log: { tally, ignoredFiles: log.ignoredFiles } };
}

/** As the window is told. */
export function logOf(log: LogFacts | null): (CaptureSummary['log'] & { slowOperations: number }) | null {
  return log && logCounts(log.tally, log.ignoredFiles, false);
}
