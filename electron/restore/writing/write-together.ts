/**
 * Replacing and deleting many documents at once, in a transaction. It reads them again and writes only when each is, byte
 * for byte, the one that was expected; whoever changes one of them before the commit makes the server end the transaction.
 * So the guard costs no filter on whole documents, which the server evaluates at several times the cost of the write.
 */
import type { ClientSession } from 'mongodb';
import { endsServer, needsPipeline } from '../preview/awkward-documents';
import { deleteRaw, deleteStatement, replaceStatement, updateRaw, type WriteContext } from './raw-commands';
import { fetchDocuments, idKey } from '../documents/raw-documents';
import { codeOf, commitFailureOf, isPassing } from './server-errors';

/** Of both versions; beyond it a document is written alone. */
const largestTogether = 8 * 1024 * 1024;
/** Where transactions never get through (capped collections, time series), trying them would double the work. */
const mostRefusals = 3;
/** The server ended the transaction: WriteConflict, LockTimeout, SnapshotUnavailable, SnapshotTooOld, NoSuchTransaction. */
const endedByServer = new Set([112, 24, 246, 239, 251]);

/** `changed`: not all were as expected any more. `refused`: the server does not take the transaction or one of the writes. */
type Outcome = 'written' | 'changed' | 'refused';

export interface TogetherEntry {
  /** Packed `_id` of the live document; `rekey`: the new one's has other bytes. */
  item: { id: Buffer; rekey: boolean };
  /** The document as it must be; null: there must be none. */
  live: Buffer | null;
  /** What takes its place; null: it is deleted. */
  after: Buffer | null;
}

function isSuited({ item, live, after }: TogetherEntry): boolean {
  if (live === null || item.rekey || live.length + (after?.length ?? 0) > largestTogether) return false;
  return after === null || !endsServer(live, after);
}

function isUnchanged({ item, live }: TogetherEntry, found: ReadonlyMap<string, Buffer>): boolean {
  return live !== null && found.get(idKey(item.id))?.equals(live) === true;
}

/** What is written once these documents were found; null: nothing. */
type Judge = (found: ReadonlyMap<string, Buffer>) => readonly TogetherEntry[] | null;

export class TogetherWriter {
  readonly #context: WriteContext;
  /** In a row. */
  #refusals = 0;

  constructor(context: WriteContext) {
    this.#context = context;
  }

  /**
   * Returns those it wrote, on a majority: all replacements and deletions that suit it, or none; writing them one by one
   * tells why. Throws what passes by itself (a cut connection, an election): reading the documents then tells whether
   * they were written.
   */
  async write<Entry extends TogetherEntry>(pending: readonly Entry[]): Promise<ReadonlySet<Entry>> {
    const suited = this.#refusals < mostRefusals ? pending.filter(isSuited) : [];
    const written = await this.#writeThese(
      suited.map(({ item }) => item.id),
      (found) => (suited.every((entry) => isUnchanged(entry, found)) ? suited : null),
    );
    return new Set(written ? suited : []);
  }

  /**
   * The same for documents that were not looked at before: `judge` gets those found inside the transaction, by their
   * idKey, and tells what becomes of them; null: not all are as expected, nothing is written. True when it was written.
   */
  async writeUnseen(
    ids: readonly Buffer[],
    judge: (found: ReadonlyMap<string, Buffer>) => readonly TogetherEntry[] | null,
  ): Promise<boolean> {
    if (this.#refusals >= mostRefusals) return false;
    return this.#writeThese(ids, (found) => {
      const entries = judge(found);
      return entries?.every(isSuited) === true ? entries : null;
    });
  }

  async #writeThese(ids: readonly Buffer[], judge: Judge): Promise<boolean> {
    if (ids.length < 2) return false;
    const outcome = await this.#attempt(ids, judge);
    if (outcome !== 'changed') this.#refusals = outcome === 'refused' ? this.#refusals + 1 : 0;
    return outcome === 'written';
  }

  async #attempt(ids: readonly Buffer[], judge: Judge): Promise<Outcome> {
    const session = this.#context.client.startSession();
    let isCommitting = false;
    try {
      session.startTransaction({
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
        readPreference: 'primary',
      });
      const outcome = await writeAll({ ...this.#context, session }, session, ids, judge);
      if (outcome !== 'written') {
        await session.abortTransaction().catch(() => undefined);
        return outcome;
      }
      isCommitting = true;
      await session.commitTransaction();
      return 'written';
    } catch (error) {
      if (!isCommitting) await session.abortTransaction().catch(() => undefined);
      // Too much to look at at once says nothing against transactions.
      if (error instanceof RangeError || endedByServer.has(codeOf(error) ?? 0)) return 'changed';
      if (isCommitting) throw commitFailureOf(error);
      if (isPassing(error)) throw error;
      return 'refused';
    } finally {
      await session.endSession();
    }
  }
}

async function writeAll(
  context: WriteContext,
  session: ClientSession,
  ids: readonly Buffer[],
  judge: Judge,
): Promise<Outcome> {
  const { client, database, collection } = context;
  const entries = judge(await fetchDocuments({ client, database, collection, session }, ids));
  if (!entries) return 'changed';
  const leaving: Buffer[] = [];
  const changing: Buffer[] = [];
  for (const { item, after } of entries) {
    const expected = { id: item.id, document: null };
    if (after === null) leaving.push(deleteStatement(expected));
    else changing.push(replaceStatement(expected, after, needsPipeline(after) !== null));
  }
  const sendings = [
    { send: deleteRaw, statements: leaving },
    { send: updateRaw, statements: changing },
  ];
  for (const { send, statements } of sendings) {
    if (statements.length === 0) continue;
    const { n, failures } = await send(context, statements);
    if (failures.some(({ code }) => endedByServer.has(code))) return 'changed';
    if (n !== statements.length || failures.length > 0) return 'refused';
  }
  return 'written';
}
