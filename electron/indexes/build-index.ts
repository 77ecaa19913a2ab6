/** Builds one index, with the progress the server tells, and takes it back when it is aborted. */
import { MongoServerError, type Document, type MongoClient } from 'mongodb';
import type { IndexDefinition } from '../../shared/indexes';
import { fail } from '../../shared/result';
import { specificationOf } from './index-definition';

export interface BuildProgress {
  done: number;
  total: number | null;
  message: string;
}

export interface BuildOptions {
  client: MongoClient;
  database: string;
  collection: string;
  definition: IndexDefinition;
  /** Of a replica set: a majority of the members is enough, so that one that is down stops nothing. */
  majority: boolean;
  signal: AbortSignal;
  onProgress(progress: BuildProgress): void;
}

const lookEveryMs = 500;
const notSupported = /commitQuorum/;

/**
 * Resolves when the index is there. Throws 'cancelled' once the build was taken back, 'server-error' with the server's
 * reason (duplicate keys, options it does not know); errors of the connection pass through.
 */
export async function buildIndex(options: BuildOptions): Promise<void> {
  const { client, database, collection, definition, signal } = options;
  if (signal.aborted) fail('cancelled', 'Cancelled.');
  let ended = false;
  const build = create(options).finally(() => {
    ended = true;
  });
  const looked = look(options, () => ended);
  const onAbort = (): void => void abort(client, database, collection, definition.name);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await build;
  } catch (error) {
    if (signal.aborted) fail('cancelled', `Building ${definition.name} was taken back.`);
    if (!(error instanceof MongoServerError)) throw error;
    fail('server-error', `The server does not build ${definition.name}: ${error.message}`, hintFor(error));
  } finally {
    signal.removeEventListener('abort', onAbort);
    await looked;
  }
  if (signal.aborted) {
    // It was ready in the very moment.
    await abort(client, database, collection, definition.name);
    fail('cancelled', `Building ${definition.name} was taken back.`);
  }
}

async function create({ client, database, collection, definition, majority }: BuildOptions): Promise<void> {
  const command = { createIndexes: collection, indexes: [specificationOf(definition)] };
  try {
    await client.db(database).command({ ...command, ...(majority ? { commitQuorum: 'majority' } : {}) });
  } catch (error) {
    // Servers before 4.4.
    if (!majority || !(error instanceof MongoServerError) || !notSupported.test(error.message)) throw error;
    await client.db(database).command(command);
  }
}

/** Dropping an index that is being built ends its build. */
async function abort(client: MongoClient, database: string, collection: string, name: string): Promise<void> {
  await client
    .db(database)
    .command({ dropIndexes: collection, index: name })
    .catch(() => undefined);
}

async function look(
  { client, database, collection, onProgress, definition }: BuildOptions,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    if (isOver()) return;
    try {
      const found = await client
        .db('admin')
        .aggregate<Document>([
          { $currentOp: { allUsers: true, idleConnections: false } },
          { $match: { 'command.createIndexes': collection, 'command.$db': database, progress: { $exists: true } } },
          { $limit: 1 },
        ])
        .toArray();
      const operation = found[0];
      const progress = operation?.['progress'] as { done?: unknown; total?: unknown } | undefined;
      if (!operation || !progress) continue;
      onProgress({
        done: Number(progress.done ?? 0),
        total: progress.total === undefined ? null : Number(progress.total),
        message:
          typeof operation['msg'] === 'string'
            ? operation['msg'].replace(/:? \d+\/\d+ \d+%$/, '')
            : `Building ${definition.name}`,
      });
    } catch {
      // Not permitted, or the connection failed: the build itself tells.
      return;
    }
  }
}

function hintFor({ code }: MongoServerError): string {
  switch (Number(code)) {
    case 11000:
      return 'Two documents have the same values: find and mend them first.';
    case 85:
    case 86:
      return 'An index of that name or those fields exists with other options.';
    case 171:
      return 'Two of its fields hold arrays: take one of them.';
    default:
      return 'Nothing was changed.';
  }
}
