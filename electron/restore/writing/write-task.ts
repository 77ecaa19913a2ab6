/** Writes what differs, in a worker thread: deletes, then replacements, then inserts of each collection. */
import { MongoClient } from 'mongodb';
import { BsonKernel } from '../../archive/kernel/bson-kernel';
import { valueToExtendedJson } from '../../archive/extended-json';
import { OpenArchive } from '../../archive/open-archive';
import type { Task, TaskContext } from '../../jobs/task';
import type { ClusterTime } from '../../../shared/backups';
import { AppFailure, fail } from '../../../shared/result';
import { conflictVersions } from '../documents/conflict-versions';
import { KeptDocuments } from '../documents/chosen-documents';
import { DocumentWriter } from './document-writer';
import { messageOf } from './server-errors';
import { listed } from './tally';
import { writerName } from '../undo/left-transactions';
import type { WriteEvent } from './write-event';
import type { ItemOutcome, WriteItem } from './write-item';
import { selectWrites, writeOrder, type SelectedNamespace } from './write-selection';

export interface WriteTaskNamespace extends SelectedNamespace {
  /** Where it is written to: `database` and the collection that holds the documents. */
  database: string;
  collection: string;
  bypassValidation: boolean;
  /** One batch after the other: a capped collection keeps the order in which its documents came. */
  inOrder?: boolean;
  /** Packed `_id`s by idKey that were not saved to be undone: never written. */
  heldBack?: readonly string[];
}

export interface WriteTaskInput {
  restoreId: string;
  /** Connection string with secrets. */
  uri: string;
  previewFolder: string;
  archive: string;
  blockIndex: string;
  /** Replica set or sharded: w: majority, transactions. */
  replicated: boolean;
  /** Of the preview: documents are looked up as they were then, for conflicts. */
  clusterTime: ClusterTime | null;
  /** It goes on with a run that was cut off. */
  resumed?: boolean;
  namespaces: WriteTaskNamespace[];
  documents: number;
}

const batchDocuments = 1000;
const batchesAtOnce = 3;
/** Exchanged in one transaction at most. */
const exchangeBytes = 12 * 1024 * 1024;
/** Documents kept in memory because a unique index refuses them for now. */
const deferredBytes = 64 * 1024 * 1024;

export const writeTask: Task<WriteTaskInput, null> = async (input, context) => {
  const client = new MongoClient(input.uri, {
    appName: writerName(input.restoreId),
    serverSelectionTimeoutMS: 15_000,
    // Refusals quote the documents.
    enableUtf8Validation: false,
  });
  const archive = await OpenArchive.open({ archivePath: input.archive, blocksPath: input.blockIndex });
  try {
    const progress = { done: 0, conflicts: 0 };
    for (const namespace of input.namespaces) {
      await new NamespaceWrite(input, namespace, client, archive, context, progress).run();
    }
    return null;
  } finally {
    await archive.close();
    await client.close();
  }
};

class NamespaceWrite {
  readonly #input: WriteTaskInput;
  readonly #namespace: WriteTaskNamespace;
  readonly #archive: OpenArchive;
  readonly #context: TaskContext;
  readonly #progress: { done: number; conflicts: number };
  readonly #client: MongoClient;
  readonly #kernel = new BsonKernel();
  readonly #writer: DocumentWriter;
  readonly #running = new Set<Promise<void>>();
  #failure: { error: unknown } | null = null;
  #deferred: ItemOutcome[] = [];
  #deferredBytes = 0;

  constructor(
    input: WriteTaskInput,
    namespace: WriteTaskNamespace,
    client: MongoClient,
    archive: OpenArchive,
    context: TaskContext,
    progress: { done: number; conflicts: number },
  ) {
    this.#input = input;
    this.#namespace = namespace;
    this.#archive = archive;
    this.#context = context;
    this.#progress = progress;
    this.#client = client;
    const { database, collection, bypassValidation } = namespace;
    this.#writer = new DocumentWriter({
      context: { client, database, collection, majority: input.replicated, bypassValidation },
      kernel: this.#kernel,
      transactions: input.replicated,
      signal: context.signal,
      beforeWrite: null,
      heldBack: new Set(namespace.heldBack),
      resumed: input.resumed === true,
      interrupted: (outcomes) => this.#note(outcomes),
      log: (line) => context.log(line),
    });
  }

  async run(): Promise<void> {
    const { previewFolder } = this.#input;
    const documents = await KeptDocuments.open(this.#archive, previewFolder, this.#namespace.index);
    try {
      for (const change of writeOrder) {
        const { signal } = this.#context;
        for await (const items of selectWrites(previewFolder, documents, this.#namespace, change, signal)) {
          await this.#start(items);
        }
        await this.#settle();
      }
      await this.#writeDeferred();
    } finally {
      await Promise.allSettled(this.#running);
      await documents.close();
    }
  }

  /** Begins a batch as soon as a place is free; throws what an earlier one met. */
  async #start(items: WriteItem[]): Promise<void> {
    if (items.length === 0) return;
    while (this.#running.size >= (this.#namespace.inOrder === true ? 1 : batchesAtOnce))
      await Promise.race(this.#running);
    this.#check();
    const work = this.#writer.write(items).then(
      (outcomes) => this.#note(outcomes),
      (error: unknown) => {
        this.#failure ??= { error };
      },
    );
    const tracked: Promise<void> = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#running);
    this.#check();
  }

  #check(): void {
    if (this.#context.signal.aborted) fail('cancelled', 'Cancelled.');
    if (!this.#failure) return;
    const { error } = this.#failure;
    throw error instanceof AppFailure
      ? error
      : new AppFailure({
          code: 'server-error',
          message: `Writing to ${this.#namespace.database}.${this.#namespace.collection} ended: ${messageOf(error)}`,
          hint: 'What was written is listed in the result. Compare again and apply the rest.',
        });
  }

  async #note(outcomes: readonly ItemOutcome[]): Promise<void> {
    const event: WriteEvent = {
      index: this.#namespace.index,
      inserted: 0,
      replaced: 0,
      deleted: 0,
      kept: 0,
      conflicts: [],
      failures: [],
    };
    for (const outcome of outcomes) {
      const { item, result, reason } = outcome;
      const id = (): string => valueToExtendedJson(item.id);
      if (result === 'done') {
        if (item.kind === 'insert') event.inserted++;
        else if (item.kind === 'replace') event.replaced++;
        else event.deleted++;
      } else if (result === 'kept') event.kept++;
      else if (result === 'conflict') event.conflicts.push(await this.#conflict(outcome));
      else if (result === 'failed') event.failures.push({ id: id(), message: reason });
      else if (this.#deferredBytes > deferredBytes) event.conflicts.push(await this.#conflict(outcome));
      else {
        this.#deferred.push(outcome);
        this.#deferredBytes += item.document?.length ?? 0;
        continue;
      }
      this.#progress.done++;
    }
    this.#context.emit(event);
    this.#context.report({
      phase: `Writing ${this.#namespace.database}.${this.#namespace.collection}`,
      documentsDone: this.#progress.done,
      documentsTotal: this.#input.documents,
    });
  }

  async #conflict(outcome: ItemOutcome): Promise<WriteEvent['conflicts'][number]> {
    const { item, reason } = outcome;
    const conflict = { id: valueToExtendedJson(item.id), kind: item.kind, reason, versions: null };
    if (this.#progress.conflicts++ >= listed) return conflict;
    const { index, database, collection } = this.#namespace;
    const { previewFolder, clusterTime } = this.#input;
    const source = {
      client: this.#client,
      previewFolder,
      index,
      database,
      collection,
      kernel: this.#kernel,
      clusterTime,
    };
    return { ...conflict, versions: await conflictVersions(source, outcome) };
  }

  /** What a unique index refused: again while that helps, then all at once, in exchange. */
  async #writeDeferred(): Promise<void> {
    let waiting = this.#takeDeferred();
    for (let before = Infinity; waiting.length > 0 && waiting.length < before; waiting = this.#takeDeferred()) {
      before = waiting.length;
      for (let at = 0; at < waiting.length; at += batchDocuments) {
        await this.#start(waiting.slice(at, at + batchDocuments).map(({ item }) => item));
      }
      await this.#settle();
    }
    if (waiting.length === 0) return;
    // Inserts alone cannot make room for each other: the other document is one that stays.
    const replacing = waiting.filter(({ item }) => item.kind === 'replace');
    const bytes = waiting.reduce((sum, { item }) => sum + (item.document?.length ?? 0), 0);
    const canExchange = replacing.length > 0 && bytes <= exchangeBytes;
    const exchanged = canExchange ? await this.#writer.exchange(waiting.map(({ item }) => item)) : waiting;
    const reasons = new Map(waiting.map(({ item, reason }) => [item, reason]));
    this.#deferredBytes = Infinity;
    await this.#note(
      exchanged.map((outcome) =>
        outcome.result === 'failed'
          ? { ...outcome, result: 'conflict', reason: reasons.get(outcome.item) ?? outcome.reason }
          : outcome,
      ),
    );
  }

  #takeDeferred(): ItemOutcome[] {
    const taken = this.#deferred;
    this.#deferred = [];
    this.#deferredBytes = 0;
    return taken;
  }
}
