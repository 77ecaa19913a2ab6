/** The `profile` command of one member: the level and filter of a database, slowms and sample rate of the process. */
import { Double, EJSON, type Document } from 'bson';
import type { MongoClient } from 'mongodb';
import type { DatabaseProfiling, ProcessProfiling, ProfileCollection, ProfilingLevel } from '../../../shared/profiling';
import { fail } from '../../../shared/result';

export interface Profiling {
  database: DatabaseProfiling;
  process: ProcessProfiling;
  /** Servers before 3.6 know no sample rate. */
  knowsSampleRate: boolean;
}

/** Throws the driver's errors. */
export async function readProfiling(client: MongoClient, database: string): Promise<Profiling> {
  const answer = await client.db(database).command({ profile: -1 });
  const filter: unknown = answer['filter'];
  const sampleRate: unknown = answer['sampleRate'];
  return {
    database: {
      level: levelOf(answer['was']),
      filter: typeof filter === 'object' && filter !== null ? filterText(filter as Document) : null,
    },
    process: {
      slowms: Number(answer['slowms'] ?? 100),
      sampleRate: sampleRate === undefined ? 1 : Number(sampleRate),
    },
    knowsSampleRate: sampleRate !== undefined,
  };
}

/** Canonical Extended JSON: a filter is compared and set again with its types. */
function filterText(filter: Document): string {
  return EJSON.stringify(filter, { relaxed: false });
}

function levelOf(value: unknown): ProfilingLevel {
  const level = Number(value);
  return level === 1 || level === 2 ? level : 0;
}

/** What to set; what is missing stays. */
export interface ProfilingChange {
  level?: ProfilingLevel;
  /** Extended JSON; null takes it away. */
  filter?: string | null;
  slowms?: number;
  sampleRate?: number;
}

/** The command that makes a change, as the server gets it. */
export function profileCommand({ level, filter, slowms, sampleRate }: ProfilingChange): Document {
  return {
    profile: level ?? -1,
    ...(slowms === undefined ? {} : { slowms }),
    // Servers before 5.0 refuse a whole number, which is how 1 would be sent.
    ...(sampleRate === undefined ? {} : { sampleRate: new Double(sampleRate) }),
    ...(filter === undefined ? {} : { filter: filter === null ? 'unset' : parseFilter(filter) }),
  };
}

/** Throws the driver's errors. */
export async function changeProfiling(client: MongoClient, database: string, change: ProfilingChange): Promise<void> {
  await client.db(database).command(profileCommand(change));
}

/** Throws 'usage' for what is no document in Extended JSON. */
export function parseFilter(text: string): Document {
  let value: unknown;
  try {
    value = EJSON.parse(text, { relaxed: false });
  } catch (error) {
    fail('usage', 'The filter is not Extended JSON.', 'For example { "op": "query" }.', String(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail('usage', 'The filter is not a document.', 'For example { "op": "query" }.');
  return value as Document;
}

/** The same filter, whatever the blanks and the way numbers are written. */
export function canonicalFilter(text: string | null): string | null {
  return text === null ? null : filterText(parseFilter(text));
}

/** Null where there is none. Throws the driver's errors. */
export async function readProfileCollection(client: MongoClient, database: string): Promise<ProfileCollection | null> {
  const db = client.db(database);
  const [found] = await db.listCollections({ name: 'system.profile' }).toArray();
  if (!found) return null;
  const stats = await db.command({ collStats: 'system.profile' });
  const { options } = found as { options?: { capped?: boolean; size?: unknown } };
  return {
    documents: Number(stats['count'] ?? 0),
    bytes: Number(stats['size'] ?? 0),
    maxBytes: options?.capped ? Number(options.size ?? stats['maxSize'] ?? 0) : null,
  };
}
