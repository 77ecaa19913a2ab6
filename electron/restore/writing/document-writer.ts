/**
 * Writes documents of one collection so that nothing is overwritten that was not previewed: each batch is read first,
 * compared by hash with what the preview saw, and written with filters on exactly the documents read. What the server
 * says it did is held against what was asked; where they differ, or the answer was lost, the documents are read again and
 * tell the truth themselves. That makes every batch safe to repeat.
 */
import type { BsonKernel } from '../../archive/kernel/bson-kernel';
import { bsonDepth, cannotBeStored, endsServer, needsPipeline } from '../preview/awkward-documents';
import { inTransaction } from './in-transaction';
import { composed, statementOf, type Pending } from './pending-writes';
import { fetchDocuments, fetchInParts, idKey } from '../documents/raw-documents';
import type { FetchTarget } from '../documents/raw-find';
import {
  deleteRaw,
  deleteStatement,
  insertRaw,
  replaceStatement,
  statementOverhead,
  updateRaw,
  type WriteContext,
} from './raw-commands';
import { isPassing, messageOf, pause, requireWriteConcern } from './server-errors';
import type { ItemOutcome, WriteItem } from './write-item';
import { conflictReason, isDuplicateId, outcomeOf, outcomeOfFailure, unchangedReason } from './write-outcomes';
import { TogetherWriter } from './write-together';
import { writeUnseen } from './write-unseen';

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
  /** What was settled by a call of {@link DocumentWriter.write} that throws. */
  interrupted(outcomes: readonly ItemOutcome[]): Promise<void>;
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

type Live = ReadonlyMap<string, Buffer>;

interface Sorted {
  settled: ItemOutcome[];
  pending: Pending[];
  /** Some are as wanted because an earlier attempt, whose answer was lost, made them so. */
  foundWritten: boolean;
}

/** Takes outcomes as they become known, so that a later failure does not make them forgotten. */
type Settle = (outcomes: readonly ItemOutcome[]) => void;

export class DocumentWriter {
  readonly #options: WriterOptions;
  readonly #target: FetchTarget;
  readonly #together: TogetherWriter | null;

  constructor(options: WriterOptions) {
    this.#options = options;
    const { client, database, collection } = options.context;
    this.#target = { client, database, collection, readPreference: 'primary' };
    this.#together = options.transactions ? new TogetherWriter(options.context) : null;
  }

  /** Writes the items, in the order delete, replace, insert. Throws only when the server cannot be reached any more. */
  async write(items: readonly WriteItem[]): Promise<ItemOutcome[]> {
    const { resumed, beforeWrite } = this.#options;
    const outcomes: ItemOutcome[] = [];
    const left = new Set(items);
    const settle: Settle = (settled) => {
      for (const outcome of settled) left.delete(outcome.item);
      outcomes.push(...settled);
    };
    /** Sent before, with no answer or one that does not tell which were written. */
    const unsure = new Set<WriteItem>();
    let lastContact = Date.now();
    for (let attempt = 0; left.size > 0; attempt++) {
      let sent: readonly { item: WriteItem }[] = [];
      try {
        if (attempt === 0 && resumed !== true && beforeWrite === null) {
          const unseen = items.filter((item) => !item.rekey && !this.#isHeldBack(item));
          sent = unseen.map((item) => ({ item }));
          for (const item of await this.#sendUnseen(unseen, settle)) unsure.add(item);
          if (left.size === 0) break;
          sent = [];
        }
        const live = await this.#fetch([...left]);
        const sorted = this.#sort([...left], live, unsure);
        if (sorted.foundWritten) await this.#confirm();
        lastContact = Date.now();
        settle(sorted.settled);
        if (sorted.pending.length === 0) break;
        if (attempt >= mostAttempts) {
          settle(
            sorted.pending.map(({ item }) => outcomeOf(item, 'failed', 'The server did not carry out the write.')),
          );
          break;
        }
        await this.#save(sorted.pending);
        sent = sorted.pending;
        for (const item of await this.#send(sorted.pending, settle)) unsure.add(item);
      } catch (error) {
        const exhausted = attempt >= mostAttempts || Date.now() - lastContact > patience;
        if (!isPassing(error) || exhausted || this.#options.signal.aborted) {
          // What was acknowledged stays counted; the rest is told by the error.
          if (outcomes.length > 0) await this.#options.interrupted(outcomes);
          throw error;
        }
        for (const { item } of sent) if (left.has(item)) unsure.add(item);
        this.#options.log(`${messageOf(error)}: trying again`);
        await pause(attempt, this.#options.signal);
      }
    }
    return outcomes;
  }

  /**
   * Waits until a majority has what an earlier attempt wrote: a write that finds nothing to do waits for the last one
   * before it.
   */
  async #confirm(): Promise<void> {
    const { context } = this.#options;
    if (!context.majority) return;
    const answer = await context.client.db(context.database).command({
      delete: context.collection,
      deletes: [{ q: { _id: { $in: [] } }, limit: 1 }],
      writeConcern: { w: 'majority' },
    });
    requireWriteConcern(answer);
  }

  /**
   * Writes documents that block each other by a unique index (two that swap a value): all leave, then all come, in one
   * transaction where the server has them.
   */
  async exchange(items: readonly WriteItem[]): Promise<ItemOutcome[]> {
    const { signal, log, transactions } = this.#options;
    // Without transactions documents may have left and not come back: that is not looked at as if it were new.
    const attempts = transactions ? mostAttempts : 0;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#exchangeOnce(items, new Set(attempt > 0 ? items : []));
      } catch (error) {
        if (!isPassing(error) || attempt >= attempts || signal.aborted) throw error;
        log(`${messageOf(error)}: trying again`);
        await pause(attempt, signal);
      }
    }
  }

  async #exchangeOnce(items: readonly WriteItem[], unsure: ReadonlySet<WriteItem>): Promise<ItemOutcome[]> {
    const { context, transactions } = this.#options;
    const live = await this.#fetch(items);
    const { settled, pending, foundWritten } = this.#sort(items, live, unsure);
    if (foundWritten) await this.#confirm();
    if (pending.length === 0) return settled;
    await this.#save(pending);
    let failures: ItemOutcome[] = [];
    const work = async (target: WriteContext): Promise<void> => {
      const leaving = pending.flatMap(({ item, live: document }) =>
        document ? [deleteStatement({ id: item.id, document })] : [],
      );
      const removed = leaving.length > 0 ? await deleteRaw(target, leaving) : { n: 0, failures: [] };
      if (removed.n !== leaving.length) throw new ExchangeFailure('It was changed while being written.');
      const coming = pending.filter(({ after }) => after !== null);
      const inserted = await insertRaw(
        target,
        coming.flatMap(({ after }) => (after ? [after] : [])),
      );
      if (inserted.failures.length === 0) return;
      if (target.session) throw new ExchangeFailure(inserted.failures[0]?.message ?? '');
      failures = inserted.failures.flatMap((failure) => {
        const item = coming[failure.index]?.item;
        return item ? [outcomeOf(item, 'failed', failure.message)] : [];
      });
    };
    try {
      if (transactions) await inTransaction(context.client, (session) => work({ ...context, session }));
      else await work(context);
    } catch (error) {
      if (isPassing(error) || this.#options.signal.aborted) throw error;
      return [...settled, ...pending.map(({ item }) => outcomeOf(item, 'failed', messageOf(error)))];
    }
    const failed = new Set(failures.map(({ item }) => item));
    const done = pending.filter(({ item }) => !failed.has(item)).map(({ item }) => outcomeOf(item, 'done', ''));
    return [...settled, ...failures, ...done];
  }

  #fetch(items: readonly WriteItem[]): Promise<Live> {
    return fetchInParts(
      this.#target,
      items.map(({ id }) => id),
    );
  }

  #sort(items: readonly WriteItem[], live: Live, unsure: ReadonlySet<WriteItem>): Sorted {
    const sorted: Sorted = { settled: [], pending: [], foundWritten: false };
    for (const item of items) {
      const now = live.get(idKey(item.id)) ?? null;
      const expected = this.#isExpected(item, now);
      const after = composed(item, now);
      if (after instanceof Error) {
        sorted.settled.push({ ...outcomeOf(item, expected ? 'failed' : 'conflict', after.message), now });
        continue;
      }
      const isThere = after === null ? now === null : now !== null && now.equals(after);
      if (isThere) {
        // On the first look someone else did it; later it was our own attempt, whose answer got lost.
        const ours = unsure.has(item) || this.#options.resumed === true;
        const written = ours && !expected && !this.#isHeldBack(item);
        if (written) sorted.foundWritten = true;
        sorted.settled.push(outcomeOf(item, written ? 'done' : 'kept', unchangedReason));
      } else if (expected) sorted.pending.push({ item, live: now, after });
      else sorted.settled.push({ ...outcomeOf(item, 'conflict', conflictReason(item, now)), now });
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

  /**
   * Writes what was not looked at yet, where it is as expected or, for inserts, not there. Returns those of which the
   * answer does not tell; others that are not settled were not written.
   */
  async #sendUnseen(items: readonly WriteItem[], settle: Settle): Promise<WriteItem[]> {
    const changing = items.filter(({ kind }) => kind !== 'insert');
    if (this.#together) settle(await writeUnseen(this.#together, changing, (item, now) => this.#isExpected(item, now)));
    const coming = items.flatMap((item): Pending[] =>
      item.kind === 'insert' ? [{ item, live: null, after: item.document }] : [],
    );
    const plain = coming.filter((entry) => !this.#needsOwnWay(entry));
    const unsure: WriteItem[] = [];
    for (const batch of this.#batches(plain)) unsure.push(...(await this.#sendBatch('insert', batch, settle)));
    return unsure;
  }

  /** Returns those that must be looked at again. */
  async #send(pending: readonly Pending[], settle: Settle): Promise<WriteItem[]> {
    const unsure: WriteItem[] = [];
    const plain: Record<WriteItem['kind'], Pending[]> = { delete: [], replace: [], insert: [] };
    const together = (await this.#together?.write(pending)) ?? new Set<Pending>();
    settle([...together].map(({ item }) => outcomeOf(item, 'done', '')));
    for (const entry of pending) {
      if (together.has(entry)) continue;
      if (this.#needsOwnWay(entry)) settle([await this.#sendAlone(entry)]);
      else plain[entry.item.kind].push(entry);
    }
    for (const kind of ['delete', 'replace', 'insert'] as const) {
      for (const batch of this.#batches(plain[kind])) unsure.push(...(await this.#sendBatch(kind, batch, settle)));
    }
    return unsure;
  }

  #needsOwnWay({ item, live, after }: Pending): boolean {
    if (item.rekey || (live !== null && after !== null && endsServer(live, after))) return true;
    if (item.kind === 'insert') return after !== null && needsPipeline(after) === 'empty-timestamp';
    const bytes = (live?.length ?? 0) + (after?.length ?? 0) + statementOverhead;
    return bytes > largestStatement || (live !== null && bsonDepth(live, deepestFilter) >= deepestFilter);
  }

  *#batches(entries: readonly Pending[]): Generator<Pending[]> {
    let batch: Pending[] = [];
    let bytes = 0;
    for (const entry of entries) {
      const size = (entry.live?.length ?? 0) + (entry.after?.length ?? 0) + statementOverhead;
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

  async #sendBatch(kind: WriteItem['kind'], batch: readonly Pending[], settle: Settle): Promise<WriteItem[]> {
    const { context } = this.#options;
    const statements = batch.map((entry) => statementOf(kind, entry));
    const send = kind === 'insert' ? insertRaw : kind === 'replace' ? updateRaw : deleteRaw;
    const answer = await send(context, statements);
    const failures = new Map(answer.failures.map((failure) => [failure.index, failure]));
    const settled: ItemOutcome[] = [];
    const succeeded: WriteItem[] = [];
    const unsure: WriteItem[] = [];
    batch.forEach(({ item }, index) => {
      const failure = failures.get(index);
      if (!failure) succeeded.push(item);
      else if (isPassing(failure)) unsure.push(item);
      // Somebody else's: the next look tells whether it is the same document.
      else if (!(isDuplicateId(failure) && kind === 'insert')) settled.push(outcomeOfFailure(item, failure));
    });
    // The server tells how many it wrote, not which: when some did not match, the documents themselves must tell.
    if (answer.n === succeeded.length) settled.push(...succeeded.map((item) => outcomeOf(item, 'done', '')));
    else unsure.push(...succeeded);
    settle(settled);
    return unsure;
  }

  /** Documents that cannot be filtered on as a whole, or whose `_id` changes its bytes: one by one. */
  async #sendAlone(entry: Pending): Promise<ItemOutcome> {
    const { context, transactions } = this.#options;
    if (!transactions) return this.#sendSteps(entry, context);
    let outcome = outcomeOf(entry.item, 'failed', 'The transaction did not run.');
    await inTransaction(context.client, async (session) => {
      // Read again inside: the transaction ends with a write conflict should anyone change it before the commit.
      const found = await fetchDocuments({ ...this.#target, session }, [entry.item.id]);
      const now = found.get(idKey(entry.item.id)) ?? null;
      outcome = this.#isExpected(entry.item, now)
        ? await this.#sendSteps(entry, { ...context, session })
        : { ...outcomeOf(entry.item, 'conflict', conflictReason(entry.item, now)), now };
      // A refused write has ended it on the server: to commit would only begin it again, for minutes.
      if (outcome.result !== 'done') await session.abortTransaction().catch(() => undefined);
    });
    return outcome;
  }

  async #sendSteps({ item, live, after }: Pending, context: WriteContext): Promise<ItemOutcome> {
    if (after !== null && cannotBeStored(after)) {
      return outcomeOf(item, 'failed', 'It has two empty timestamps of one name, which servers fill in.');
    }
    const isPutBack = item.rekey || (live !== null && after !== null && endsServer(live, after));
    const bytes = (live?.length ?? 0) + statementOverhead;
    const filterable = live !== null && bytes <= largestStatement && bsonDepth(live, deepestFilter) < deepestFilter;
    const expected = { id: item.id, document: filterable ? live : null };
    const first = [];
    if (after === null || isPutBack) first.push(await deleteRaw(context, [deleteStatement(expected)]));
    else if (item.kind === 'replace') {
      const bothFit = bytes + after.length <= largestStatement;
      const filter = bothFit ? expected : { id: item.id, document: null };
      const through = needsPipeline(after) !== null;
      first.push(await updateRaw(context, [replaceStatement(filter, after, through)]));
    }
    const failed = first.find(({ n, failures }) => n !== 1 || failures.length > 0);
    if (failed) {
      const failure = failed.failures[0];
      return failure
        ? outcomeOfFailure(item, failure)
        : outcomeOf(item, 'conflict', 'It was changed while being written.');
    }
    if (after !== null && (isPutBack || item.kind === 'insert')) {
      const inserted = await insertRaw(context, [after]);
      const failure = inserted.failures[0];
      if (failure) return outcomeOfFailure(item, failure);
      if (needsPipeline(after) === 'empty-timestamp') {
        // The server filled the empty timestamp in; an update through a pipeline takes it as it is.
        await updateRaw(context, [replaceStatement({ id: item.id, document: null }, after, true)]);
      }
    }
    return outcomeOf(item, 'done', '');
  }
}

/** Ends a transaction without a trace. */
class ExchangeFailure extends Error {}
