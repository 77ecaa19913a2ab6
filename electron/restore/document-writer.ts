/**
 * Writes documents of one collection so that nothing is overwritten that was not previewed: each batch is read first,
 * compared by hash with what the preview saw, and written with filters on exactly the documents read. What the server
 * says it did is held against what was asked; where they differ, or the answer was lost, the documents are read again and
 * tell the truth themselves. That makes every batch safe to repeat.
 */
import type { ClientSession } from 'mongodb';
import type { BsonKernel } from '../archive/kernel/bson-kernel';
import { bsonDepth, needsPipeline } from './awkward-documents';
import { fetchDocuments, idKey, type FetchTarget } from './raw-documents';
import {
  deleteRaw,
  deleteStatement,
  insertRaw,
  replaceStatement,
  statementOverhead,
  updateRaw,
  type WriteContext,
  type WriteFailure,
} from './raw-commands';
import { isPassing, messageOf } from './server-errors';

/** One document to be written. */
export interface WriteItem {
  kind: 'insert' | 'replace' | 'delete';
  /** Packed `_id` of the live document; for inserts that of the backup's. */
  id: Buffer;
  /** XXH3-128 of the live document in the preview; null for inserts. */
  expectedHash: Buffer | null;
  /** The backup's document; null for deletes. */
  document: Buffer | null;
  /** The backup's `_id` has other bytes than the live one (Int32 1 and Double 1): delete and insert, not replace. */
  rekey: boolean;
}

export interface ItemOutcome {
  item: WriteItem;
  /** `kept`: it was already as in the backup. `deferred`: another document holds its unique key for now. */
  result: 'done' | 'kept' | 'conflict' | 'deferred' | 'failed';
  reason: string;
}

export interface WriterOptions {
  context: WriteContext;
  kernel: BsonKernel;
  /** Replica sets and sharded clusters have them; standalone servers do not. */
  transactions: boolean;
  /** Aborts between attempts. */
  signal: AbortSignal;
  /**
   * Called with the documents as they are now before any of them is overwritten or deleted; what it saves must be
   * durable when it settles.
   */
  beforeWrite: ((documents: readonly Buffer[]) => Promise<void>) | null;
  /** By {@link idKey}: what could not be saved to be undone, since it was not as in the preview. Never written. */
  heldBack?: ReadonlySet<string>;
  /** An earlier run of the same restore was cut off: what is already as in the backup was written by it. */
  resumed?: boolean;
  log(line: string): void;
}

/** Beyond this, the filter on the whole document would not fit into a statement. */
const largestStatement = 8 * 1024 * 1024;
/** Statements sent in one command. */
const commandBytes = 32 * 1024 * 1024;
const deepestFilter = 150;
/** Attempts that reach the server, and milliseconds without reaching it: an election takes seconds. */
const mostAttempts = 12;
const patience = 45_000;
const duplicateKey = 11000;

type Live = ReadonlyMap<string, Buffer>;

interface Sorted {
  settled: ItemOutcome[];
  /** Still to be written, with the live document each was found to replace. */
  pending: { item: WriteItem; live: Buffer | null }[];
}

export class DocumentWriter {
  readonly #options: WriterOptions;
  readonly #target: FetchTarget;

  constructor(options: WriterOptions) {
    this.#options = options;
    const { client, database, collection } = options.context;
    this.#target = { client, database, collection, readPreference: 'primary' };
  }

  /** Writes the items, in the order delete, replace, insert. Throws only when the server cannot be reached any more. */
  async write(items: readonly WriteItem[]): Promise<ItemOutcome[]> {
    const outcomes: ItemOutcome[] = [];
    let pending: readonly WriteItem[] = items;
    let lastContact = Date.now();
    for (let attempt = 0; pending.length > 0; attempt++) {
      try {
        const live = await this.#fetch(pending);
        lastContact = Date.now();
        const sorted = this.#sort(pending, live, attempt > 0 || this.#options.resumed === true);
        outcomes.push(...sorted.settled);
        pending = sorted.pending.map(({ item }) => item);
        if (pending.length === 0) break;
        if (attempt >= mostAttempts) {
          outcomes.push(...pending.map((item) => outcomeOf(item, 'failed', 'The server did not carry out the write.')));
          break;
        }
        await this.#save(sorted.pending);
        const written = await this.#send(sorted.pending);
        outcomes.push(...written.settled);
        pending = written.unsure;
      } catch (error) {
        const exhausted = attempt >= mostAttempts || Date.now() - lastContact > patience;
        if (!isPassing(error) || exhausted || this.#options.signal.aborted) throw error;
        this.#options.log(`${messageOf(error)}: trying again`);
        await this.#pause(attempt);
      }
    }
    return outcomes;
  }

  /**
   * Writes documents that block each other by a unique index (two that swap a value): all leave, then all come, in one
   * transaction where the server has them.
   */
  async exchange(items: readonly WriteItem[]): Promise<ItemOutcome[]> {
    const { context, transactions } = this.#options;
    const live = await this.#fetch(items);
    const { settled, pending } = this.#sort(items, live, false);
    if (pending.length === 0) return settled;
    await this.#save(pending);
    let failures: ItemOutcome[] = [];
    const work = async (target: WriteContext): Promise<void> => {
      const leaving = pending.flatMap(({ item, live: document }) =>
        document ? [deleteStatement({ id: item.id, document })] : [],
      );
      const removed = leaving.length > 0 ? await deleteRaw(target, leaving) : { n: 0, failures: [] };
      if (removed.n !== leaving.length) throw new ExchangeFailure('It was changed while being written.');
      const coming = pending.flatMap(({ item }) => (item.document ? [item.document] : []));
      const inserted = await insertRaw(target, coming);
      if (inserted.failures.length === 0) return;
      if (target.session) throw new ExchangeFailure(inserted.failures[0]?.message ?? '');
      failures = inserted.failures.flatMap((failure) => {
        const item = pending.filter((entry) => entry.item.document)[failure.index]?.item;
        return item ? [outcomeOf(item, 'failed', failure.message)] : [];
      });
    };
    try {
      if (transactions) await this.#inTransaction((session) => work({ ...context, session }));
      else await work(context);
    } catch (error) {
      if (isPassing(error) || this.#options.signal.aborted) throw error;
      return [...settled, ...pending.map(({ item }) => outcomeOf(item, 'failed', messageOf(error)))];
    }
    const failed = new Set(failures.map(({ item }) => item));
    const done = pending.filter(({ item }) => !failed.has(item)).map(({ item }) => outcomeOf(item, 'done', ''));
    return [...settled, ...failures, ...done];
  }

  async #inTransaction(work: (session: ClientSession) => Promise<void>): Promise<void> {
    const session = this.#options.context.client.startSession();
    try {
      await session.withTransaction(() => work(session), {
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
        readPreference: 'primary',
      });
    } finally {
      await session.endSession();
    }
  }

  #pause(attempt: number): Promise<void> {
    const { signal } = this.#options;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(100 * 2 ** attempt, 10_000));
      signal.addEventListener('abort', end);
    });
  }

  /** Live documents of the items; halves the question when the answer would not fit into memory. */
  async #fetch(items: readonly WriteItem[]): Promise<Live> {
    try {
      return await fetchDocuments(
        this.#target,
        items.map(({ id }) => id),
      );
    } catch (error) {
      if (!(error instanceof RangeError) || items.length <= 1) throw error;
      const middle = items.length >> 1;
      const first = await this.#fetch(items.slice(0, middle));
      return new Map([...first, ...(await this.#fetch(items.slice(middle)))]);
    }
  }

  #sort(items: readonly WriteItem[], live: Live, again: boolean): Sorted {
    const sorted: Sorted = { settled: [], pending: [] };
    for (const item of items) {
      const now = live.get(idKey(item.id)) ?? null;
      const there = item.document === null ? now === null : now !== null && now.equals(item.document);
      if (there) {
        // On the first look someone else did it; later it was our own attempt, whose answer got lost.
        const written = again && !this.#isHeldBack(item);
        sorted.settled.push(outcomeOf(item, written ? 'done' : 'kept', 'It is already as in the backup.'));
      } else if (this.#isExpected(item, now)) sorted.pending.push({ item, live: now });
      else sorted.settled.push(outcomeOf(item, 'conflict', conflictReason(item, now)));
    }
    return sorted;
  }

  #isHeldBack({ id }: WriteItem): boolean {
    const { heldBack } = this.#options;
    return heldBack !== undefined && heldBack.size > 0 && heldBack.has(idKey(id));
  }

  #isExpected(item: WriteItem, now: Buffer | null): boolean {
    if (this.#isHeldBack(item)) return false;
    if (item.expectedHash === null) return now === null;
    return now !== null && this.#options.kernel.hash128(now).equals(item.expectedHash);
  }

  async #save(pending: Sorted['pending']): Promise<void> {
    const current = pending.flatMap(({ live }) => (live ? [live] : []));
    if (current.length > 0) await this.#options.beforeWrite?.(current);
  }

  async #send(pending: Sorted['pending']): Promise<{ settled: ItemOutcome[]; unsure: WriteItem[] }> {
    const settled: ItemOutcome[] = [];
    const unsure: WriteItem[] = [];
    const plain = {
      delete: [] as Sorted['pending'],
      replace: [] as Sorted['pending'],
      insert: [] as Sorted['pending'],
    };
    for (const entry of pending) {
      if (this.#needsOwnWay(entry)) settled.push(await this.#sendAlone(entry));
      else plain[entry.item.kind].push(entry);
    }
    for (const kind of ['delete', 'replace', 'insert'] as const) {
      for (const batch of this.#batches(plain[kind])) {
        const result = await this.#sendBatch(kind, batch);
        settled.push(...result.settled);
        unsure.push(...result.unsure);
      }
    }
    return { settled, unsure };
  }

  #needsOwnWay({ item, live }: Sorted['pending'][number]): boolean {
    if (item.rekey) return true;
    if (item.kind === 'insert') return item.document !== null && needsPipeline(item.document) === 'empty-timestamp';
    const bytes = (live?.length ?? 0) + (item.document?.length ?? 0) + statementOverhead;
    return bytes > largestStatement || (live !== null && bsonDepth(live, deepestFilter) >= deepestFilter);
  }

  *#batches(entries: Sorted['pending']): Generator<Sorted['pending']> {
    let batch: Sorted['pending'] = [];
    let bytes = 0;
    for (const entry of entries) {
      const size = (entry.live?.length ?? 0) + (entry.item.document?.length ?? 0) + statementOverhead;
      if (batch.length > 0 && bytes + size > commandBytes) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(entry);
      bytes += size;
    }
    if (batch.length > 0) yield batch;
  }

  async #sendBatch(
    kind: WriteItem['kind'],
    batch: Sorted['pending'],
  ): Promise<{ settled: ItemOutcome[]; unsure: WriteItem[] }> {
    const { context } = this.#options;
    const statements = batch.map(({ item, live }) => statementOf(kind, item, live));
    const send = kind === 'insert' ? insertRaw : kind === 'replace' ? updateRaw : deleteRaw;
    const answer = await send(context, statements);
    const failures = new Map(answer.failures.map((failure) => [failure.index, failure]));
    const settled: ItemOutcome[] = [];
    const succeeded: WriteItem[] = [];
    const unsure: WriteItem[] = [];
    batch.forEach(({ item }, index) => {
      const failure = failures.get(index);
      if (!failure) succeeded.push(item);
      else if (isDuplicateId(failure) && kind === 'insert') unsure.push(item);
      else settled.push(outcomeOfFailure(item, failure));
    });
    // The server tells how many it wrote, not which: when some did not match, the documents themselves must tell.
    if (answer.n === succeeded.length) settled.push(...succeeded.map((item) => outcomeOf(item, 'done', '')));
    else unsure.push(...succeeded);
    return { settled, unsure };
  }

  /** Documents that cannot be filtered on as a whole, or whose `_id` changes its bytes: one by one. */
  async #sendAlone(entry: Sorted['pending'][number]): Promise<ItemOutcome> {
    const { context, transactions } = this.#options;
    if (!transactions) return this.#sendSteps(entry, context);
    let outcome = outcomeOf(entry.item, 'failed', 'The transaction did not run.');
    await this.#inTransaction(async (session) => {
      // Read again inside: the transaction ends with a write conflict should anyone change it before the commit.
      const found = await fetchDocuments({ ...this.#target, session }, [entry.item.id]);
      const now = found.get(idKey(entry.item.id)) ?? null;
      outcome = this.#isExpected(entry.item, now)
        ? await this.#sendSteps(entry, { ...context, session })
        : outcomeOf(entry.item, 'conflict', conflictReason(entry.item, now));
    });
    return outcome;
  }

  async #sendSteps({ item, live }: Sorted['pending'][number], context: WriteContext): Promise<ItemOutcome> {
    const bytes = (live?.length ?? 0) + statementOverhead;
    const filterable = live !== null && bytes <= largestStatement && bsonDepth(live, deepestFilter) < deepestFilter;
    const expected = { id: item.id, document: filterable ? live : null };
    const first = [];
    if (item.document === null || item.rekey) first.push(await deleteRaw(context, [deleteStatement(expected)]));
    else if (item.kind === 'replace') {
      const bothFit = bytes + item.document.length <= largestStatement;
      const filter = bothFit ? expected : { id: item.id, document: null };
      const through = needsPipeline(item.document) !== null;
      first.push(await updateRaw(context, [replaceStatement(filter, item.document, through)]));
    }
    const failed = first.find(({ n, failures }) => n !== 1 || failures.length > 0);
    if (failed) {
      const failure = failed.failures[0];
      return failure
        ? outcomeOfFailure(item, failure)
        : outcomeOf(item, 'conflict', 'It was changed while being written.');
    }
    if (item.document !== null && (item.rekey || item.kind === 'insert')) {
      const inserted = await insertRaw(context, [item.document]);
      const failure = inserted.failures[0];
      if (failure) return outcomeOfFailure(item, failure);
      if (needsPipeline(item.document) === 'empty-timestamp') {
        // The server filled the empty timestamp in; an update through a pipeline takes it as it is.
        await updateRaw(context, [replaceStatement({ id: item.id, document: null }, item.document, true)]);
      }
    }
    return outcomeOf(item, 'done', '');
  }
}

/** Ends a transaction without a trace. */
class ExchangeFailure extends Error {}

function outcomeOf(item: WriteItem, result: ItemOutcome['result'], reason: string): ItemOutcome {
  return { item, result, reason };
}

function isDuplicateId({ code, keyPattern }: WriteFailure): boolean {
  return (
    code === duplicateKey && (keyPattern === null || '_id' in keyPattern) && Object.keys(keyPattern ?? {}).length <= 1
  );
}

function outcomeOfFailure(item: WriteItem, failure: WriteFailure): ItemOutcome {
  if (failure.code === duplicateKey) {
    const keys = Object.keys(failure.keyPattern ?? {}).join(', ');
    return outcomeOf(item, 'deferred', `Another document has its value of the unique index on ${keys}.`);
  }
  return outcomeOf(item, 'failed', failure.message);
}

function conflictReason(item: WriteItem, now: Buffer | null): string {
  if (now === null) return 'It was deleted since the preview.';
  return item.kind === 'insert' ? 'It was inserted since the preview.' : 'It was changed since the preview.';
}

function statementOf(kind: WriteItem['kind'], item: WriteItem, live: Buffer | null): Buffer {
  const expected = { id: item.id, document: live };
  if (kind === 'delete' || item.document === null) return deleteStatement(expected);
  if (kind === 'insert') return item.document;
  return replaceStatement(expected, item.document, needsPipeline(item.document) !== null);
}
