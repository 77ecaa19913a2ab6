/** The task 'restore.carry-over': brings documents that others wrote into the collection that takes the place of theirs. */
import { MongoClient } from 'mongodb';
import { valueToExtendedJson } from '../../archive/extended-json';
import { findId, packValue } from '../../diff/bson-reader';
import { DifferingReader } from '../../diff/differing-files';
import type { Task, TaskContext } from '../../jobs/task';
import { fail } from '../../../shared/result';
import { deleteRaw, deleteStatement, insertRaw, type WriteContext } from '../writing/raw-commands';
import { fetchInParts, idKey } from '../documents/raw-documents';
import { findBatches } from '../documents/raw-find';
import { isPassing, messageOf, pause } from '../writing/server-errors';

export const carryTaskName = 'restore.carry-over';

export interface CarryInput {
  /** Connection string with secrets. */
  uri: string;
  database: string;
  /** Names of the collections; nobody else writes to `to`. */
  from: string;
  to: string;
  majority: boolean;
  /** Documents by packed `_id`; those of a list in a preview's folder; or all there are. */
  which: { kind: 'ids'; ids: Uint8Array[] } | { kind: 'listed'; folder: string; index: number } | { kind: 'all' };
}

export interface CarryOutput {
  /** `_id`s, as Extended JSON, of documents that came or took another's place: the first thousand. */
  carried: string[];
  count: number;
}

const atOnce = 500;
const mostListed = 1000;
const mostAttempts = 12;

/** What is as wanted already is not written. Throws 'server-error' where a document cannot be written. */
export const carryTask: Task<CarryInput, CarryOutput> = async (input, context) => {
  const client = new MongoClient(input.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  const output: CarryOutput = { carried: [], count: 0 };
  try {
    for await (const documents of documentsOf(input, client)) {
      if (context.signal.aborted) fail('cancelled', 'Cancelled.');
      await carry(input, client, documents, output, context);
    }
    return output;
  } finally {
    await client.close();
  }
};

async function* documentsOf(input: CarryInput, client: MongoClient): AsyncGenerator<Buffer[], void, undefined> {
  const { database, from, which } = input;
  const source = { client, database, collection: from, readPreference: 'primary' as const };
  if (which.kind === 'all') {
    for await (const { documents } of findBatches(source, { filter: {}, batchSize: atOnce })) {
      if (documents.length > 0) yield documents.map((document) => Buffer.from(document));
    }
    return;
  }
  for await (const ids of which.kind === 'ids' ? groups(which.ids) : listedIds(which.folder, which.index)) {
    // Those that are gone by now come back with what was saved, like any other that is missing.
    yield [...(await fetchInParts(source, ids)).values()];
  }
}

async function* groups(ids: readonly Uint8Array[]): AsyncGenerator<Buffer[], void, undefined> {
  for (let at = 0; at < ids.length; at += atOnce) {
    yield await Promise.resolve(ids.slice(at, at + atOnce).map((id) => Buffer.from(id)));
  }
}

async function* listedIds(folder: string, index: number): AsyncGenerator<Buffer[], void, undefined> {
  const reader = await DifferingReader.open(folder, index);
  try {
    for (const change of ['changed', 'onlyInTarget'] as const) {
      for (let at = 0; at < reader.counts[change]; at += atOnce) {
        const entries = await reader.read(change, at, Math.min(atOnce, reader.counts[change] - at));
        yield entries.flatMap(({ id }) => (id ? [id] : []));
      }
    }
  } finally {
    await reader.close();
  }
}

function idOf(document: Buffer): Buffer | null {
  const element = findId(document);
  return element && packValue(element);
}

async function carry(
  { database, to, majority }: CarryInput,
  client: MongoClient,
  documents: readonly Buffer[],
  output: CarryOutput,
  { signal, log }: TaskContext,
): Promise<void> {
  const target: WriteContext = { client, database, collection: to, majority, bypassValidation: true };
  const wanted = documents.flatMap((document) => {
    const id = idOf(document);
    return id ? [{ id, document }] : [];
  });
  for (let attempt = 0; ; attempt++) {
    try {
      const there = await fetchInParts(
        { client, database, collection: to, readPreference: 'primary' },
        wanted.map(({ id }) => id),
      );
      const differing = wanted.filter(({ id, document }) => there.get(idKey(id))?.equals(document) !== true);
      const leaving = differing.flatMap(({ id }) => {
        const own = there.get(idKey(id));
        const ownId = own ? idOf(own) : null;
        return ownId ? [deleteStatement({ id: ownId, document: null })] : [];
      });
      if (leaving.length > 0) await deleteRaw(target, leaving);
      if (differing.length > 0) {
        const coming = differing.map(({ document }) => document);
        const { failures } = await insertRaw(target, coming);
        const [first] = failures;
        if (first) fail('server-error', `${failures.length} documents of others could not be kept: ${first.message}`);
      }
      output.count += differing.length;
      for (const { id } of differing) {
        if (output.carried.length < mostListed) output.carried.push(valueToExtendedJson(id));
      }
      return;
    } catch (error) {
      if (!isPassing(error) || attempt >= mostAttempts || signal.aborted) throw error;
      log(`${messageOf(error)}: trying again`);
      await pause(attempt, signal);
    }
  }
}
