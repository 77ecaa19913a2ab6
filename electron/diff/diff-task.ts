/** The comparison of documents, in a worker thread: each live collection streamed once, joined with the backup's digest. */
import { mkdir } from 'node:fs/promises';
import { ArchiveScanner } from '../archive/archive-scanner';
import { DigestFile } from '../archive/digest-file';
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
import { openJoin, type NamespaceJoin } from './namespace-join';

export interface DiffTaskNamespace {
  index: number;
  /** Its documents' name in the backup's digest; null: only the target has it. */
  backupNamespace: string | null;
  target: { database: string; collection: string; type: NamespaceType } | null;
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
  readPreference: 'primary' | 'secondaryPreferred';
  namespaces: DiffTaskNamespace[];
  runs: LiveRun[];
  /** Runs at the same time. */
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
}

/** One run of mongodump, scanned and joined. */
async function joinRun(
  input: DiffTaskInput,
  { run, namespaces }: LiveRun,
  digest: DigestFile,
  progress: Progress,
  context: TaskContext,
): Promise<DiffTaskOutput['documents']> {
  const joins = new Map<string, { index: number; join: NamespaceJoin }>();
  const budget = input.memoryBytes / input.parallelRuns;
  try {
    for (const { index } of namespaces) {
      const namespace = input.namespaces.find((candidate) => candidate.index === index);
      if (!namespace?.target) continue;
      const writer = new DifferingWriter(input.folder, index);
      const join = await openJoin(digest, namespace.backupNamespace, writer, budget);
      joins.set(liveName(namespace.target), { index, join });
    }
    const what = describeRun(run);
    const report = (): void =>
      context.report({
        phase: `Comparing ${what}`,
        bytesDone: progress.bytes,
        bytesTotal: input.liveBytes,
        documentsDone: progress.documents,
        documentsTotal: input.liveDocuments,
      });
    report();
    await scanRun(input, run, context, (scanner) => {
      scanner.documents = (batch) => {
        joins.get(batch.namespace)?.join.add(batch);
        progress.documents += batch.count;
      };
      scanner.bytes = (bytes) => {
        progress.bytes += bytes;
        report();
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
  bytes(count: number): void;
}

async function scanRun(
  input: DiffTaskInput,
  run: LiveRun['run'],
  context: TaskContext,
  listen: (listener: RunListener) => void,
): Promise<void> {
  const listener: RunListener = { documents: undefined, bytes: () => undefined };
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
      listener.bytes(chunk.length);
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
  const digest = await DigestFile.open(input.digest);
  const documents: DiffTaskOutput['documents'] = [];
  try {
    for (const namespace of input.namespaces) {
      if (namespace.target) continue;
      // Nothing lives under this name: every document of the backup is missing, and none needs to be looked at.
      const count = namespace.backupNamespace === null ? 0 : (digest.find(namespace.backupNamespace)?.documents ?? 0);
      const folder = namespaceFolder(input.folder, namespace.index);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeCounts(folder, { onlyInBackup: count, changed: 0, onlyInTarget: 0, wholeBackup: true });
      const counts = { inBackup: count, inTarget: 0, same: 0, changed: 0, onlyInBackup: count, onlyInTarget: 0 };
      documents.push({ index: namespace.index, counts });
    }
    const progress: Progress = { bytes: 0, documents: 0 };
    await inLanes(input.runs, input.parallelRuns, async (run) => {
      documents.push(...(await joinRun(input, run, digest, progress, context)));
    });
    const compared = new Set(documents.map(({ index }) => index));
    if (input.namespaces.some(({ index }) => !compared.has(index))) {
      fail('internal', 'A namespace was left out of the comparison.');
    }
    return { documents };
  } finally {
    await digest.close();
  }
};

/** Works through items in `lanes` at a time; after a failure begins no further one, waits, and throws the first. */
async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failure: { error: unknown } | null = null;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined && failure === null; item = items[next++]) {
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  // Assigned inside the lanes, which the compiler does not see.
  const failed = failure as { error: unknown } | null;
  if (failed) throw failed.error;
}
