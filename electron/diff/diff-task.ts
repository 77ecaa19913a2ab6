/**
 * The comparison of documents, in a worker thread: each live collection streamed once, joined with the backup's digest,
 * which is made from the archive at the same time where there is none.
 */
import { mkdir } from 'node:fs/promises';
import { ArchiveScanner } from '../archive/archive-scanner';
import { DigestFile } from '../archive/digest-file';
import { rebuildIndex } from '../archive/rebuild-index';
import { dumpArguments, describeRun, withoutDefaultDatabase } from '../backup/mongodump-command';
import type { Task, TaskContext } from '../jobs/task';
import { withToolConfig } from '../platform/secret-config-file';
import { streamTool } from '../platform/stream-tool';
import type { DocumentCounts } from '../../shared/diff';
import { fail } from '../../shared/result';
import { DifferingWriter, namespaceFolder, writeCounts } from './differing-files';
import { dataCollection } from './live-metadata';
import type { LiveRun } from './live-runs';
import type { NamespaceType } from './metadata-diff';
import type { BackupSide, NamespaceJoin } from './join-sides';
import { openJoin, type JoinMemory } from './namespace-join';
import { inSlots, MemoryPool } from './slots';

export interface DiffTaskNamespace {
  index: number;
  /** Its documents' name in the backup's digest; null: only the target has it. */
  backupNamespace: string | null;
  /** Of the backup, for when the digest has yet to be made; null or missing: the digest tells. */
  backupDocuments?: number | null;
  target: { database: string; collection: string; type: NamespaceType } | null;
}

export interface ArchiveToRead {
  path: string;
  /** As its manifest says. */
  bytes: number;
  sha256: string;
  uncompressedBytes: number;
}

export interface DiffTaskInput {
  /** Connection string with secrets. */
  uri: string;
  mongodump: string;
  /** For files that hold secrets while mongodump runs. */
  temporaryFolder: string;
  /** Where the differing documents go, a folder per namespace. */
  folder: string;
  digest: string;
  /** Set: the digest is made from this archive while the live side is read. */
  archive?: ArchiveToRead | null;
  readPreference: 'primary' | 'secondaryPreferred';
  namespaces: DiffTaskNamespace[];
  runs: LiveRun[];
  /** Collections read at the same time. */
  parallelRuns: number;
  memoryBytes: number;
  /** BSON bytes and documents of the live side, as far as known. */
  liveBytes: number | null;
  liveDocuments: number | null;
}

export interface DiffTaskOutput {
  documents: { index: number; counts: DocumentCounts }[];
}

/** Name of the documents as the archive of a live dump has it. */
function liveName(target: NonNullable<DiffTaskNamespace['target']>): string {
  return `${target.database}.${dataCollection(target.type, target.collection)}`;
}

interface Progress {
  bytes: number;
  documents: number;
  bytesTotal: number | null;
}

/** The backup's half: its digest, there or in the making. */
interface BackupHalf {
  digest: Promise<DigestFile>;
  documentsOf(namespace: DiffTaskNamespace): Promise<number>;
}

/** Opens the digest; makes it first when it has to come from the archive. */
async function provideDigest(input: DiffTaskInput, progress: Progress, signal: AbortSignal): Promise<DigestFile> {
  const { archive } = input;
  if (archive) {
    let before = 0;
    await rebuildIndex({
      archivePath: archive.path,
      digestPath: input.digest,
      blocksPath: null,
      archive: { bytes: archive.bytes, sha256: archive.sha256 },
      // The blocks' own checksums are verified as they inflate.
      checksums: false,
      spoolBytes: input.memoryBytes / 8,
      signal,
      onProgress: (bytes) => {
        progress.bytes += bytes - before;
        before = bytes;
      },
    });
  }
  return DigestFile.open(input.digest);
}

/** One run of mongodump, scanned and joined. */
async function joinRun(
  input: DiffTaskInput,
  { run, namespaces }: LiveRun,
  half: BackupHalf,
  memory: JoinMemory,
  progress: Progress,
  context: TaskContext,
): Promise<DiffTaskOutput['documents']> {
  const joins = new Map<string, { index: number; join: NamespaceJoin }>();
  let waiting: Promise<void> | null = null;
  try {
    for (const { index } of namespaces) {
      const namespace = input.namespaces.find((candidate) => candidate.index === index);
      if (!namespace?.target) continue;
      const writer = new DifferingWriter(input.folder, index);
      const documents = await half.documentsOf(namespace);
      const side: BackupSide = {
        digest: half.digest,
        namespace: documents === 0 ? null : namespace.backupNamespace,
        documents,
      };
      joins.set(liveName(namespace.target), { index, join: openJoin(side, writer, memory) });
    }
    const what = describeRun(run);
    const report = (): void =>
      context.report({
        phase: `Comparing ${what}`,
        bytesDone: progress.bytes,
        bytesTotal: progress.bytesTotal,
        documentsDone: progress.documents,
        documentsTotal: input.liveDocuments,
      });
    report();
    await scanRun(input, run, context, (scanner) => {
      scanner.documents = (batch) => {
        waiting = joins.get(batch.namespace)?.join.add(batch) ?? waiting;
        progress.documents += batch.count;
      };
      scanner.bytes = (bytes) => {
        progress.bytes += bytes;
        report();
        const pause = waiting;
        waiting = null;
        return pause;
      };
    });
    const documents: DiffTaskOutput['documents'] = [];
    for (const [name, { index, join }] of joins) {
      joins.delete(name);
      documents.push({ index, counts: await join.finish() });
    }
    return documents;
  } catch (error) {
    for (const { join } of joins.values()) join.abandon();
    throw error;
  }
}

interface RunListener {
  documents: NonNullable<ConstructorParameters<typeof ArchiveScanner>[0]>['documents'];
  /** Called after each chunk; a promise stops the reading until it has resolved. */
  bytes(count: number): Promise<void> | null;
}

async function scanRun(
  input: DiffTaskInput,
  run: LiveRun['run'],
  context: TaskContext,
  listen: (listener: RunListener) => void,
): Promise<void> {
  const listener: RunListener = { documents: undefined, bytes: () => null };
  listen(listener);
  // Live bytes come from a server that checks them; the join needs borders and hashes only.
  const scanner = new ArchiveScanner(
    { documents: (batch) => listener.documents?.(batch) },
    { validate: false, checksums: false },
  );
  await withToolConfig({ uri: withoutDefaultDatabase(input.uri) }, input.temporaryFolder, async (configPath) => {
    const tool = {
      path: input.mongodump,
      args: dumpArguments(run, { configPath, queryFile: null }, input.readPreference),
      signal: context.signal,
      onStderrLine: (line: string) => context.log(line),
    };
    // The scanner copies what it is given, so that the chunk's memory may be used again.
    const exit = await streamTool(tool, (chunk) => {
      scanner.push(chunk);
      return listener.bytes(chunk.length) ?? undefined;
    });
    if (context.signal.aborted) fail('cancelled', 'Cancelled.');
    if (exit.code !== 0) {
      fail(
        'tool-failed',
        `mongodump could not read ${describeRun(run)} from the target.`,
        'See the details; the target may have become unreachable.',
        exit.stderrTail,
      );
    }
    scanner.finish();
  });
}

export const diffTask: Task<DiffTaskInput, DiffTaskOutput> = async (input, context) => {
  const { archive } = input;
  const bytesTotal = input.liveBytes === null ? null : input.liveBytes + (archive?.uncompressedBytes ?? 0);
  const progress: Progress = { bytes: 0, documents: 0, bytesTotal };
  const { controller, unfollow } = follow(context.signal);
  const digest = provideDigest(input, progress, controller.signal);
  // Whichever side fails first ends the other, and is the one to be told about.
  let failure: { error: unknown } | null = null;
  const failed = (error: unknown): void => {
    failure ??= { error };
    controller.abort();
  };
  const half: BackupHalf = {
    digest,
    documentsOf: async ({ backupNamespace, backupDocuments }) => {
      if (backupNamespace === null) return 0;
      return backupDocuments ?? (await digest).find(backupNamespace)?.documents ?? 0;
    },
  };
  try {
    const [documents] = await Promise.all([
      compareRuns(input, half, progress, { ...context, signal: controller.signal }).catch(failed),
      digest.catch(failed),
    ]);
    const first = failure as { error: unknown } | null;
    if (context.signal.aborted) fail('cancelled', 'Cancelled.');
    if (first || !documents) throw first?.error;
    return { documents };
  } finally {
    unfollow();
    await digest.then(
      (opened) => opened.close(),
      () => undefined,
    );
  }
};

/** A controller that the signal aborts too. */
function follow(signal: AbortSignal): { controller: AbortController; unfollow(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return { controller, unfollow: () => signal.removeEventListener('abort', abort) };
}

async function compareRuns(
  input: DiffTaskInput,
  half: BackupHalf,
  progress: Progress,
  context: TaskContext,
): Promise<DiffTaskOutput['documents']> {
  const documents: DiffTaskOutput['documents'] = [];
  for (const namespace of input.namespaces) {
    if (namespace.target) continue;
    // Nothing lives under this name: every document of the backup is missing, and none needs to be looked at.
    const count = await half.documentsOf(namespace);
    const folder = namespaceFolder(input.folder, namespace.index);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeCounts(folder, { onlyInBackup: count, changed: 0, onlyInTarget: 0, wholeBackup: true });
    const counts = { inBackup: count, inTarget: 0, same: 0, changed: 0, onlyInBackup: count, onlyInTarget: 0 };
    documents.push({ index: namespace.index, counts });
  }
  const atOnce = Math.max(Math.min(input.parallelRuns, input.runs.length), 1);
  // Parts of partitioned joins take their memory at the end, when pooled joins may still hold theirs.
  const partBytes = input.memoryBytes / 4 / atOnce;
  const memory = { pool: new MemoryPool((input.memoryBytes * 3) / 4), partBytes };
  const weightOf = ({ run }: LiveRun): number => run.parallelCollections;
  await inSlots(input.runs, input.parallelRuns, weightOf, async (run) => {
    documents.push(...(await joinRun(input, run, half, memory, progress, context)));
  });
  const compared = new Set(documents.map(({ index }) => index));
  if (input.namespaces.some(({ index }) => !compared.has(index))) {
    fail('internal', 'A namespace was left out of the comparison.');
  }
  return documents;
}
