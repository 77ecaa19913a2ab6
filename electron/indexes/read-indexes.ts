/** Reads what indexes there are, how large they are, and how often each member used them. */
import { MongoClient, MongoServerError, type Document } from 'mongodb';
import type { IndexInfo, IndexUse } from '../../shared/indexes';
import type { OpenDeployment } from '../connections/service';
import { definitionOf, keyTextOf } from './index-definition';

export interface CollectionFacts {
  ns: string;
  database: string;
  collection: string;
  type: 'collection' | 'view' | 'timeseries';
  capped: boolean;
  /** Its documents expire without an index: a time series', or a clustered collection's. */
  expires: boolean;
  documents: number | null;
  /** BSON bytes of the documents. */
  dataBytes: number | null;
  indexBytes: number | null;
  /** Since the server started; null where it does not tell. */
  operations: { reads: number; writes: number; uptimeSeconds: number; readMicroseconds: number } | null;
  indexes: IndexInfo[];
  /** What the user may not read of it. */
  refused: RefusedReading[];
}

/** By the action that lacks: without `listIndexes` nothing is known, without `collStats` no size, without `indexStats` no use. */
export type RefusedReading = 'listIndexes' | 'collStats' | 'indexStats';

/** A member that was asked for uses. */
export interface AskedMember {
  host: string;
  state: string;
  uptimeSeconds: number | null;
  /** Why it did not answer; null when it did. */
  problem: string | null;
}

export interface IndexFacts {
  collections: CollectionFacts[];
  members: AskedMember[];
}

const maxTimeMS = 30_000;
/** Collections asked at the same time. */
const width = 4;

async function forEachWide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}

/**
 * The indexes of `collections` of a database (all of them for null), with uses from every member that holds data.
 * Members that do not answer are told in `members`. Driver errors of the connection itself pass through.
 */
export async function readIndexFacts(
  deployment: OpenDeployment,
  database: string,
  collections: readonly string[] | null,
  signal?: AbortSignal,
): Promise<IndexFacts> {
  const { client } = deployment;
  const uptime = await uptimeOf(client);
  const found: CollectionFacts[] = [];
  const filter = collections === null ? {} : { name: { $in: [...collections] } };
  for await (const info of client.db(database).listCollections(filter)) {
    if (info.name.startsWith('system.')) continue;
    const options = (info as { options?: Document }).options ?? {};
    found.push({
      ns: `${database}.${info.name}`,
      database,
      collection: info.name,
      type: info.type === 'view' ? 'view' : info.type === 'timeseries' ? 'timeseries' : 'collection',
      capped: options['capped'] === true,
      expires: options['expireAfterSeconds'] !== undefined,
      documents: null,
      dataBytes: null,
      indexBytes: null,
      operations: null,
      indexes: [],
      refused: [],
    });
  }
  found.sort((a, b) => (a.ns < b.ns ? -1 : 1));
  const gone = new Set<CollectionFacts>();
  await forEachWide(
    found.filter(({ type }) => type !== 'view'),
    async (facts) => {
      if (!signal?.aborted && !(await readCollection(client, facts, uptime))) gone.add(facts);
    },
  );
  const there = found.filter((facts) => !gone.has(facts));
  const listed = there.filter(({ type, refused }) => type !== 'view' && !refused.includes('listIndexes'));
  const members = await readUses(deployment, listed, signal);
  return { collections: there, members };
}

async function uptimeOf(client: MongoClient): Promise<number | null> {
  try {
    const status = await client.db('admin').command({ serverStatus: 1, maxTimeMS });
    return Number(status['uptime']);
  } catch (error) {
    if (error instanceof MongoServerError) return null;
    throw error;
  }
}

const unauthorized = 13;
const namespaceNotFound = 26;

/** False when it was dropped meanwhile. */
async function readCollection(
  client: MongoClient,
  facts: CollectionFacts,
  uptimeSeconds: number | null,
): Promise<boolean> {
  const collection = client.db(facts.database).collection(facts.collection);
  const [specifications, stats] = await Promise.all([
    collection
      .listIndexes({ bsonRegExp: true })
      .toArray()
      .catch((error: unknown) => {
        if (!(error instanceof MongoServerError)) throw error;
        if (error.code === namespaceNotFound) return null;
        if (error.code !== unauthorized) throw error;
        facts.refused.push('listIndexes');
        return [];
      }),
    statsOf(client, facts),
  ]);
  if (specifications === null) return false;
  const sizes = (stats?.storage['indexSizes'] ?? {}) as Document;
  const builds = (stats?.storage['indexBuilds'] ?? []) as unknown[];
  facts.documents = numberOf(stats?.storage['count']);
  facts.dataBytes = numberOf(stats?.storage['size']);
  facts.indexBytes = numberOf(stats?.storage['totalIndexSize']);
  if (stats?.latency && uptimeSeconds !== null) {
    const count = (kind: string): number => numberOf((stats.latency?.[kind] as Document | undefined)?.['ops']) ?? 0;
    const spent = numberOf((stats.latency['reads'] as Document | undefined)?.['latency']) ?? 0;
    facts.operations = { reads: count('reads'), writes: count('writes'), uptimeSeconds, readMicroseconds: spent };
  }
  facts.indexes = (specifications as Document[]).map((specification): IndexInfo => {
    const definition = definitionOf(specification);
    return {
      ...definition,
      ns: facts.ns,
      keyText: keyTextOf(definition.key),
      bytes: numberOf(sizes[definition.name]),
      uses: [],
      building: builds.includes(definition.name),
    };
  });
  return true;
}

function numberOf(value: unknown): number | null {
  return value === undefined || value === null || !Number.isFinite(Number(value)) ? null : Number(value);
}

/** Null where the user may not ask, and where the server does not answer. */
async function statsOf(
  client: MongoClient,
  { database, collection, type, refused }: CollectionFacts,
): Promise<{ storage: Document; latency: Document | null } | null> {
  const stage = type === 'timeseries' ? { storageStats: {} } : { storageStats: {}, latencyStats: {} };
  try {
    const parts = await client
      .db(database)
      .collection(collection)
      .aggregate<Document>([{ $collStats: stage }], { maxTimeMS })
      .toArray();
    return parts.length === 0 ? null : addedUp(parts);
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (error.code === unauthorized) refused.push('collStats');
    return null;
  }
}

/** Shards answer one document each. */
function addedUp(parts: readonly Document[]): { storage: Document; latency: Document | null } {
  const storage: Document = { indexSizes: {}, indexBuilds: [] };
  const latency: Document = { reads: { ops: 0, latency: 0 }, writes: { ops: 0, latency: 0 } };
  for (const part of parts) {
    const own = (part['storageStats'] ?? {}) as Document;
    // Of a time series no server tells how many documents it holds.
    for (const name of ['count', 'size', 'totalIndexSize']) {
      const told = numberOf(own[name]);
      if (told !== null) storage[name] = (numberOf(storage[name]) ?? 0) + told;
    }
    const sizes = storage['indexSizes'] as Record<string, number>;
    for (const [name, bytes] of Object.entries((own['indexSizes'] ?? {}) as Document))
      sizes[name] = (sizes[name] ?? 0) + Number(bytes);
    (storage['indexBuilds'] as unknown[]).push(...((own['indexBuilds'] ?? []) as unknown[]));
    const told = part['latencyStats'] as Document | undefined;
    for (const kind of ['reads', 'writes']) {
      for (const name of ['ops', 'latency'] as const)
        (latency[kind] as Record<'ops' | 'latency', number>)[name] +=
          numberOf((told?.[kind] as Document | undefined)?.[name]) ?? 0;
    }
  }
  return { storage, latency: parts.some((part) => part['latencyStats'] !== undefined) ? latency : null };
}

/** Each member counts for itself, since it started. */
async function readUses(
  deployment: OpenDeployment,
  collections: readonly CollectionFacts[],
  signal: AbortSignal | undefined,
): Promise<AskedMember[]> {
  const { topology, members, host } = await deployment.describe();
  const asked: AskedMember[] = [];
  const chosen =
    topology === 'replica set'
      ? members
          .filter(({ state }) => state !== 'ARBITER')
          .map(({ host: name, state }) => ({ host: name, state: String(state) }))
      : [{ host, state: topology === 'sharded' ? 'SHARDS' : 'STANDALONE' }];
  await Promise.all(
    chosen.map(async ({ host: name, state }) => {
      const member: AskedMember = { host: name, state, uptimeSeconds: null, problem: null };
      asked.push(member);
      if (signal?.aborted) return;
      try {
        await onMember(deployment, topology === 'replica set' ? name : null, async (client) => {
          member.uptimeSeconds = await uptimeOf(client);
          await forEachWide(collections, async (facts) => addUses(client, facts, member));
        });
      } catch (error) {
        member.problem = error instanceof Error ? error.message : String(error);
      }
    }),
  );
  return asked;
}

/** Not waited for long: a member that is down is told as such. */
async function onMember(
  deployment: OpenDeployment,
  host: string | null,
  work: (client: MongoClient) => Promise<void>,
): Promise<void> {
  if (host === null) return work(deployment.client);
  const uri = deployment.toolUri({ host });
  const client = new MongoClient(uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 5000, connectTimeoutMS: 5000 });
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

/** A user who may not read uses learns so, and of a collection that was dropped meanwhile nothing is told. */
async function addUses(client: MongoClient, facts: CollectionFacts, member: AskedMember): Promise<void> {
  try {
    const cursor = client
      .db(facts.database)
      .collection(facts.collection)
      .aggregate<Document>([{ $indexStats: {} }], { maxTimeMS, readPreference: 'secondaryPreferred' });
    for await (const stats of cursor) addUse(facts, stats, member);
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (error.code === unauthorized) {
      if (!facts.refused.includes('indexStats')) facts.refused.push('indexStats');
    } else if (error.code !== namespaceNotFound) throw error;
  }
}

function addUse({ indexes }: CollectionFacts, stats: Document, { host, uptimeSeconds }: AskedMember): void {
  const index = indexes.find(({ name }) => name === stats['name']);
  if (!index) return;
  const accesses = stats['accesses'] as { ops?: unknown; since?: unknown } | undefined;
  const since = accesses?.since;
  if (stats['building'] === true) index.building = true;
  const use: IndexUse = {
    host: typeof stats['shard'] === 'string' ? `${stats['shard']} ${String(stats['host'])}` : host,
    operations: numberOf(accesses?.ops) ?? 0,
    since: since instanceof Date ? since.toISOString() : new Date(0).toISOString(),
    uptimeSeconds,
  };
  index.uses.push(use);
}
