/** The task 'backup.dump': mongodump's output through one pass into the files of a backup. */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { stripControlCharacters } from '../../shared/format';
import { AppFailure, fail } from '../../shared/result';
import { ArchiveDamage } from '../archive/archive-damage';
import { writeBlockedArchive, type BlockedArchiveResult } from '../archive/write-blocked-archive';
import type { BackupLocation } from '../catalogue/backup-location';
import type { TaskContext } from '../jobs/task';
import { withToolConfig } from '../platform/secret-config-file';
import { startTool, type RunningTool, type ToolExit } from '../platform/spawn-tool';
import { DumpLog } from './dump-log';
import { mergeArchives, type MergeInput } from './merge-archives';
import { describeRun, dumpArguments, withoutDefaultDatabase } from './mongodump-command';
import { emptyReport, explainDumpFailure, noteDumpLine, parseDumpLine, type DumpReport } from './mongodump-output';
import { restoreOptionOrder, type StatedOptions } from './option-order';
import { passesFilter, type DumpRun, type NamespaceFilter } from './plan-dump';

export const dumpTaskName = 'backup.dump';
export const dumpPhase = 'Dumping';

export interface DumpInput {
  /** Path of mongodump. */
  tool: string;
  /** With its secrets: written into a file for mongodump, never logged. */
  uri: string;
  secrets: string[];
  /** For that file and for queries. */
  temporaryFolder: string;
  runs: DumpRun[];
  filter: NamespaceFilter;
  /** Collection options as the server states them. */
  options: StatedOptions;
  readPreference: string | null;
  /** An existing folder of the backup's own. */
  location: BackupLocation;
  /** 1 to 9. */
  level: number;
  digest: boolean;
  documentsTotal: number | null;
  bytesTotal: number | null;
}

export interface DumpOutput {
  archive: BlockedArchiveResult;
  /** Documents by namespace, as mongodump counted them. */
  reported: [string, number][];
  oplogEntries: number | null;
  missing: string[];
  warnings: string[];
}

interface Dump {
  run: DumpRun;
  tool: RunningTool;
  report: DumpReport;
}

/** Removes what it made when it throws. `cancelled` only after every mongodump is gone. */
export async function dumpTask(input: DumpInput, context: TaskContext): Promise<DumpOutput> {
  const { temporaryFolder } = input;
  const log = await DumpLog.create(input.location.log);
  const queryFiles: string[] = [];
  try {
    await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
    const queries = new Map<DumpRun, string>();
    for (const run of input.runs) {
      if (run.query === null) continue;
      const path = join(temporaryFolder, `query.${randomBytes(8).toString('hex')}.json`);
      queryFiles.push(path);
      await writePrivately(path, run.query);
      queries.set(run, path);
    }
    const config = { uri: withoutDefaultDatabase(input.uri) };
    return await withToolConfig(config, temporaryFolder, (configPath) => {
      return dumpWithConfig(input, context, log, (run) => ({ configPath, queryFile: queries.get(run) ?? null }));
    });
  } finally {
    await Promise.all(queryFiles.map((path) => rm(path, { force: true })));
    await log.close();
  }
}

async function writePrivately(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

type FilesOf = (run: DumpRun) => { configPath: string; queryFile: string | null };

async function dumpWithConfig(
  input: DumpInput,
  context: TaskContext,
  log: DumpLog,
  filesOf: FilesOf,
): Promise<DumpOutput> {
  // Our own, so that one failing run or a full disk ends the others too.
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  context.signal.addEventListener('abort', onAbort, { once: true });
  if (context.signal.aborted) stop.abort();
  const dumps: Dump[] = [];
  try {
    for (const run of input.runs) dumps.push(startDump(input, run, filesOf(run), log, context, stop.signal));
    const written = await writeArchive(input, context, dumps);
    const exits = await Promise.all(dumps.map(({ tool }) => tool.done));
    judgeExits(dumps, exits);
    return collectOutput(dumps, written);
  } catch (error) {
    throw await explain(error, dumps, stop, context);
  } finally {
    stop.abort();
    await Promise.allSettled(dumps.map(({ tool }) => tool.done));
    context.signal.removeEventListener('abort', onAbort);
  }
}

function startDump(
  input: DumpInput,
  run: DumpRun,
  files: ReturnType<FilesOf>,
  log: DumpLog,
  context: TaskContext,
  signal: AbortSignal,
): Dump {
  const report = emptyReport();
  const prefix = input.runs.length > 1 ? `[${describeRun(run)}] ` : '';
  const tool = startTool({
    path: input.tool,
    args: dumpArguments(run, files, input.readPreference),
    signal,
    stdout: 'pipe',
    secrets: input.secrets,
    onStderrLine: (line) => {
      const clean = `${prefix}${stripControlCharacters(line)}`;
      log.line(clean);
      const parsed = parseDumpLine(line);
      noteDumpLine(report, parsed);
      if (parsed.kind !== 'progress') context.log(clean);
    },
  });
  // Awaited later; a failure to start must not count as unhandled until then.
  tool.done.catch(() => undefined);
  return { run, tool, report };
}

async function writeArchive(
  input: DumpInput,
  context: TaskContext,
  dumps: readonly Dump[],
): Promise<BlockedArchiveResult> {
  const { documentsTotal, bytesTotal, location } = input;
  const report = (bytesDone: number, documentsDone: number): void => {
    context.report({ phase: dumpPhase, bytesDone, bytesTotal, documentsDone, documentsTotal });
  };
  report(0, 0);
  return writeBlockedArchive(archiveOf(input, dumps), {
    archivePath: location.archive,
    digestPath: input.digest ? location.digest : null,
    blocksPath: location.blockIndex,
    level: input.level,
    // Every element of every document is checked by the verification right after, on what reached the disk.
    validate: false,
    signal: context.signal,
    onProgress: report,
  });
}

function archiveOf({ filter, options }: DumpInput, dumps: readonly Dump[]): AsyncIterable<Uint8Array> {
  const inputs = dumps.map(({ run, tool }): MergeInput => {
    return { name: describeRun(run), stream: tool.stdout ?? fail('internal', 'mongodump has no output.') };
  });
  const stated = new Map(options);
  return mergeArchives(
    inputs,
    (database, collection) => passesFilter(filter, database, collection),
    (metadata) => restoreOptionOrder(metadata, stated),
  );
}

function exitText(exit: ToolExit): string {
  return exit.code === null ? `ended by ${exit.signal ?? 'a signal'}` : `exit code ${exit.code}`;
}

function judgeExits(dumps: readonly Dump[], exits: readonly ToolExit[]): void {
  exits.forEach((exit, index) => {
    const dump = dumps[index];
    if (!dump || (exit.code === 0 && dump.report.failures.length === 0)) return;
    const { message, hint } = explainDumpFailure(dump.report.failures, exitText(exit));
    const name = dumps.length > 1 ? `${describeRun(dump.run)}: ` : '';
    fail('tool-failed', `${name}${message}`, hint ?? undefined, exit.stderrTail);
  });
}

/** Milliseconds that a mongodump whose output broke off gets to say why. */
const lastWords = 3000;

/** What really happened: an archive that breaks off has its reason in what mongodump said. */
async function explain(
  error: unknown,
  dumps: readonly Dump[],
  stop: AbortController,
  context: TaskContext,
): Promise<unknown> {
  if (context.signal.aborted) return new AppFailure({ code: 'cancelled', message: 'Cancelled.' });
  const brokeOff = error instanceof ArchiveDamage || isPrematureClose(error);
  if (!brokeOff) return error;
  const timer = setTimeout(() => stop.abort(), lastWords);
  const ends = await Promise.allSettled(dumps.map(({ tool }) => tool.done));
  clearTimeout(timer);
  if (stop.signal.aborted) return error;
  const exits = ends.map((end) => (end.status === 'fulfilled' ? end.value : null));
  try {
    judgeExits(
      dumps.filter((_, index) => exits[index] !== null),
      exits.filter((exit): exit is ToolExit => exit !== null),
    );
  } catch (reason) {
    return reason;
  }
  const rejected = ends.find((end) => end.status === 'rejected');
  if (rejected) return rejected.reason;
  const missing = dumps.flatMap(({ report }) => report.missing);
  if (missing.length > 0) {
    return new AppFailure({
      code: 'not-found',
      message: `${missing.join(', ')} ${missing.length === 1 ? 'does' : 'do'} not exist (any more): nothing was dumped.`,
      hint: 'Names are case-sensitive.',
    });
  }
  return error;
}

function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'ERR_STREAM_PREMATURE_CLOSE';
}

function collectOutput(dumps: readonly Dump[], archive: BlockedArchiveResult): DumpOutput {
  const reports = dumps.map(({ report }) => report);
  return {
    archive,
    reported: reports.flatMap(({ documents }) => [...documents]),
    oplogEntries: reports.find(({ oplogEntries }) => oplogEntries !== null)?.oplogEntries ?? null,
    missing: reports.flatMap(({ missing }) => missing),
    warnings: reports.flatMap(({ warnings }) => warnings),
  };
}
