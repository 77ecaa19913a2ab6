/** Slow operations that a server itself remembers: `system.profile` of its databases, and the log it keeps in memory. */
import type { Document, MongoClient } from 'mongodb';
import type { Operation, OperationFilter } from '../../shared/profiler';
import { LogLineReader } from './logs/log-line-reader';
import type { LogTally } from './logs/log-tally';
import { operationOfProfileDocument } from './profile-document';

const batchSize = 1000;
/** Profiled by themselves only where somebody asks for it: nothing in them is an application's. */
const skipped = new Set(['local', 'config']);

/**
 * What `system.profile` holds of the period, database after database, oldest first; of all databases the user may list
 * when the filter names none. Reads from the member the client reads from: each member has its own. Throws the driver's
 * errors.
 */
export async function* readProfiles(
  client: MongoClient,
  filter: OperationFilter,
  signal?: AbortSignal,
): AsyncGenerator<Operation[], void> {
  for (const name of await profiledDatabases(client, filter.database === null ? null : [filter.database])) {
    const database = client.db(name);
    const cursor = database.collection('system.profile').find(period(filter), {
      sort: { $natural: 1 },
      batchSize,
      bsonRegExp: true,
      projection: { execStats: 0, locks: 0, storage: 0, flowControl: 0 },
    });
    try {
      let batch: Operation[] = [];
      for await (const document of cursor) {
        if (signal?.aborted) return;
        const operation = operationOfProfileDocument(document);
        if (operation) batch.push(operation);
        if (batch.length < batchSize) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    } finally {
      await cursor.close();
    }
  }
}

/** Those of `names`, or of all that the user may list, that have a `system.profile`. Throws the driver's errors. */
export async function profiledDatabases(client: MongoClient, names: readonly string[] | null): Promise<string[]> {
  const profiled: string[] = [];
  for (const name of names ?? (await databaseNames(client))) {
    const found = client.db(name).listCollections({ name: 'system.profile' }, { nameOnly: true });
    if ((await found.toArray()).length > 0) profiled.push(name);
  }
  return profiled;
}

async function databaseNames(client: MongoClient): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true, authorizedDatabases: true });
  return databases.map(({ name }) => name).filter((name) => !skipped.has(name));
}

function period({ since, until }: OperationFilter): Document {
  if (since === null && until === null) return {};
  return {
    ts: {
      ...(since === null ? {} : { $gte: new Date(since) }),
      ...(until === null ? {} : { $lte: new Date(until) }),
    },
  };
}

/**
 * Slow operations among the last lines (1,024 at most) that a server keeps in memory. What cannot be read is counted in
 * `tally` under `getLog`. Throws the driver's errors.
 */
export async function readServerLog(client: MongoClient, tally: LogTally): Promise<Operation[]> {
  const answer = await client.db('admin').command({ getLog: 'global' });
  const lines: unknown = answer['log'];
  return operationsOfLogLines(Array.isArray(lines) ? lines.filter((line) => typeof line === 'string') : [], tally);
}

/** Slow operations among lines as `getLog` returns them; counted in `file`. */
export function operationsOfLogLines(
  lines: readonly string[],
  tally: LogTally,
  file = tally.addFile('getLog'),
): Operation[] {
  const operations: Operation[] = [];
  const reader = new LogLineReader({
    file,
    tally,
    lastChange: Date.now(),
    onOperation: (operation) => operations.push(operation),
  });
  for (const line of lines) {
    // Servers hand them over with their ends.
    const bytes = Buffer.from(line.trimEnd(), 'utf8');
    reader.line(bytes, 0, bytes.length);
  }
  return operations;
}
