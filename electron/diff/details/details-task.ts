/**
 * Reads the changed documents of both sides once more, in a worker thread: which paths differ and in how many documents,
 * what `merge` would leave as it is, and the live versions as this preview saw them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { ChangeDetails } from '../../../shared/diff';
import { fail } from '../../../shared/result';
import { BsonKernel } from '../../archive/kernel/bson-kernel';
import { OpenArchive } from '../../archive/open-archive';
import type { Task, TaskContext } from '../../jobs/task';
import { fetchInPieces, idKey } from '../../restore/documents/raw-documents';
import type { FetchTarget } from '../../restore/documents/raw-find';
import { DifferingReader, namespaceFolder, type DifferingEntry } from '../differing-files';
import { SpoolWriter } from './live-spool';
import { PathCollector } from './path-collector';
import { noSet, PathSetWriter } from './path-sets';

export interface DetailsTaskNamespace {
  index: number;
  /** Where the live documents are: for a time series the collection of its buckets. */
  database: string;
  collection: string;
  backupNamespace: string | null;
  /** Changed documents are read: all of them. */
  changed: boolean;
  /** Documents that only the target has, read to be kept: the first so many. */
  onlyInTarget: number;
}

export interface DetailsTaskInput {
  /** Connection string with secrets. */
  uri: string;
  previewFolder: string;
  archive: string;
  blockIndex: string;
  readPreference: 'primary' | 'secondaryPreferred';
  /** Bytes on disk for live versions. */
  spoolBytes: number;
  namespaces: DetailsTaskNamespace[];
}

export interface DetailsTaskOutput {
  namespaces: { index: number; details: ChangeDetails | null }[];
}

/** Entries looked at together; their documents are read in archive order. */
const entriesAtOnce = 8192;
const batchDocuments = 1000;
const batchBytes = 8 * 1024 * 1024;
const batchesAtOnce = 3;
/** Paths told of a namespace; all of them can be filtered by. */
const listedPaths = 500;

/** Paths of a namespace by text; written beside the sets that use their ids. */
export interface StoredPaths {
  paths: Record<string, number>;
}

export const pathsFile = 'changed.paths.json';

interface Progress {
  done: number;
  total: number;
}

class NamespaceDetails {
  readonly #input: DetailsTaskInput;
  readonly #namespace: DetailsTaskNamespace;
  readonly #target: FetchTarget;
  readonly #archive: OpenArchive;
  readonly #context: TaskContext;
  readonly #progress: Progress;
  readonly #kernel = new BsonKernel();
  readonly #collector = new PathCollector();
  readonly #spool: SpoolWriter;
  #read = 0;
  #mergeKeeps = 0;

  constructor(
    input: DetailsTaskInput,
    namespace: DetailsTaskNamespace,
    client: MongoClient,
    archive: OpenArchive,
    budget: { left: number },
    context: TaskContext,
    progress: Progress,
  ) {
    this.#input = input;
    this.#namespace = namespace;
    const { database, collection } = namespace;
    this.#target = { client, database, collection, readPreference: input.readPreference };
    this.#archive = archive;
    this.#context = context;
    this.#progress = progress;
    this.#spool = new SpoolWriter(namespaceFolder(input.previewFolder, namespace.index), budget);
  }

  async run(): Promise<ChangeDetails | null> {
    const { index, changed, onlyInTarget } = this.#namespace;
    const reader = await DifferingReader.open(this.#input.previewFolder, index);
    try {
      if (changed) await this.#readChanged(reader);
      for (let first = 0; first < Math.min(onlyInTarget, reader.counts.onlyInTarget); first += entriesAtOnce) {
        if (this.#spool.isFull) break;
        const count = Math.min(entriesAtOnce, onlyInTarget - first, reader.counts.onlyInTarget - first);
        await this.#readExtras(await reader.read('onlyInTarget', first, count));
      }
    } finally {
      this.#spool.close();
      await reader.close();
    }
    return changed ? this.#summarise() : null;
  }

  async #readChanged(reader: DifferingReader): Promise<void> {
    const sets = new PathSetWriter(namespaceFolder(this.#input.previewFolder, this.#namespace.index));
    try {
      for (let first = 0; first < reader.counts.changed; first += entriesAtOnce) {
        const entries = await reader.read('changed', first, Math.min(entriesAtOnce, reader.counts.changed - first));
        await this.#readChunk(entries, sets);
      }
    } finally {
      sets.close();
    }
  }

  /** One chunk of changed entries: the backup's documents in archive order, the live ones in batches meanwhile. */
  async #readChunk(entries: readonly DifferingEntry[], sets: PathSetWriter): Promise<void> {
    const places = new Uint32Array(entries.length).fill(noSet);
    const records: (Buffer | null)[] = entries.map(() => null);
    const byOrdinal = new Map(entries.map(({ ordinal }, at) => [ordinal ?? -1, at]));
    const lanes = new Lanes(batchesAtOnce);
    let batch: { at: number; document: Buffer }[] = [];
    let bytes = 0;
    const start = async (): Promise<void> => {
      const pairs = batch;
      batch = [];
      bytes = 0;
      if (pairs.length > 0) await lanes.start(() => this.#readPairs(entries, pairs, sets, places, records));
    };
    const { backupNamespace } = this.#namespace;
    const { signal } = this.#context;
    try {
      for await (const { ordinal, document } of this.#archive.readDocuments(
        backupNamespace ?? '',
        byOrdinal.keys(),
        signal,
      )) {
        const at = byOrdinal.get(ordinal);
        if (at === undefined) continue;
        if (batch.length >= batchDocuments || (batch.length > 0 && bytes + document.length > batchBytes)) await start();
        batch.push({ at, document: Buffer.from(document) });
        bytes += document.length;
      }
      await start();
    } finally {
      await lanes.settle();
    }
    lanes.check();
    places.forEach((place) => sets.place(place));
    for (const record of records) this.#spool.record('changed', record);
  }

  async #readPairs(
    entries: readonly DifferingEntry[],
    pairs: readonly { at: number; document: Buffer }[],
    sets: PathSetWriter,
    places: Uint32Array,
    records: (Buffer | null)[],
  ): Promise<void> {
    const ids = pairs.flatMap(({ at }) => entries[at]?.id ?? []);
    const waiting = new Map<string, { at: number; document: Buffer }>();
    for (const pair of pairs) {
      const id = entries[pair.at]?.id;
      if (id) waiting.set(idKey(id), pair);
    }
    await fetchInPieces(this.#target, ids, (live) => {
      for (const [key, now] of live) {
        const pair = waiting.get(key);
        const entry = pair && entries[pair.at];
        if (!pair || !entry || !this.#isAsCompared(entry, now)) continue;
        const { ids: paths, mergeChanges } = this.#collector.collect(pair.document, now);
        places[pair.at] = sets.add(paths);
        records[pair.at] = this.#spool.add(now);
        this.#read++;
        if (!mergeChanges) this.#mergeKeeps++;
      }
    });
    this.#advance(pairs.length);
  }

  async #readExtras(entries: readonly DifferingEntry[]): Promise<void> {
    const records: (Buffer | null)[] = entries.map(() => null);
    const lanes = new Lanes(batchesAtOnce);
    for (let first = 0; first < entries.length; first += batchDocuments) {
      const slice = entries.slice(first, first + batchDocuments);
      await lanes.start(async () => {
        const places = new Map(slice.flatMap(({ id }, at) => (id ? [[idKey(id), first + at] as const] : [])));
        const ids = slice.flatMap(({ id }) => id ?? []);
        await fetchInPieces(this.#target, ids, (live) => {
          for (const [key, now] of live) {
            const at = places.get(key);
            const entry = at === undefined ? undefined : entries[at];
            if (at !== undefined && entry && this.#isAsCompared(entry, now)) records[at] = this.#spool.add(now);
          }
        });
        this.#advance(slice.length);
      });
    }
    await lanes.settle();
    lanes.check();
    for (const record of records) this.#spool.record('onlyInTarget', record);
  }

  #isAsCompared(entry: DifferingEntry, now: Buffer): boolean {
    return entry.documentHash !== null && this.#kernel.hash128(now).equals(entry.documentHash);
  }

  #advance(documents: number): void {
    if (this.#context.signal.aborted) fail('cancelled', 'Cancelled.');
    this.#progress.done += documents;
    this.#context.report({
      phase: `Reading what changed in ${this.#namespace.database}.${this.#namespace.collection}`,
      documentsDone: this.#progress.done,
      documentsTotal: this.#progress.total,
    });
  }

  async #summarise(): Promise<ChangeDetails> {
    const summary = this.#collector.summary();
    const stored: StoredPaths = { paths: Object.fromEntries(summary.map(({ path, id }) => [`:${path}`, id])) };
    const folder = namespaceFolder(this.#input.previewFolder, this.#namespace.index);
    await writeFile(join(folder, pathsFile), JSON.stringify(stored), { mode: 0o600 });
    return {
      documents: this.#read,
      mergeKeeps: this.#mergeKeeps,
      paths: summary.slice(0, listedPaths).map(({ path, documents }) => ({ path, documents })),
      pathsOmitted: Math.max(summary.length - listedPaths, 0),
    };
  }
}

/** A few promises at a time; the first failure is kept for {@link Lanes.check}. */
class Lanes {
  readonly #width: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { error: unknown } | null = null;

  constructor(width: number) {
    this.#width = width;
  }

  async start(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#width) await Promise.race(this.#running);
    this.check();
    const tracked: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

export const detailsTask: Task<DetailsTaskInput, DetailsTaskOutput> = async (input, context) => {
  const client = new MongoClient(input.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  const { archive: archivePath, blockIndex: blocksPath } = input;
  const archive = await OpenArchive.open({ archivePath, blocksPath, cachedBlocks: 16 });
  try {
    const budget = { left: input.spoolBytes };
    const progress: Progress = { done: 0, total: 0 };
    for (const { index, changed, onlyInTarget } of input.namespaces) {
      const { counts } = await DifferingReader.open(input.previewFolder, index);
      progress.total += (changed ? counts.changed : 0) + Math.min(onlyInTarget, counts.onlyInTarget);
    }
    const output: DetailsTaskOutput = { namespaces: [] };
    for (const namespace of input.namespaces) {
      const pass = new NamespaceDetails(input, namespace, client, archive, budget, context, progress);
      output.namespaces.push({ index: namespace.index, details: await pass.run() });
    }
    return output;
  } finally {
    await archive.close();
    await client.close();
  }
};
