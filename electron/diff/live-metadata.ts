/** What lives in a target: collections, options, indexes, sizes. */
import { deserialize, EJSON } from 'bson';
import type { Document, MongoClient } from 'mongodb';
import type { ClusterTime, ExtendedJsonDocument } from '../../shared/backups';
import { bucketsPrefix } from '../archive/archive-format';
import { withKeyOrder } from '../archive/name-order';
import { findElement, readElements } from '../archive/raw-bson';
import type { LiveNamespace } from './metadata-diff';
import { isRestorable } from './metadata-diff';

/** Values keep their BSON types on the way into Extended JSON. */
const typed = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;
/** Requests under way at the same time. */
const width = 8;

async function forEachWide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}

function canonical(document: Document): ExtendedJsonDocument {
  return EJSON.serialize(document, { relaxed: false }) as ExtendedJsonDocument;
}

function indexOf(raw: Uint8Array): ExtendedJsonDocument {
  const key = findElement(raw, 'key');
  const names = key ? readElements(raw, key.valueStart).map(({ name }) => name) : [];
  return withKeyOrder(canonical(deserialize(raw, typed)), names);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function uuidOf(entry: unknown): string | null {
  const { info } = entry as { info?: { uuid?: { toString(encoding: 'hex'): string } } };
  return info?.uuid ? info.uuid.toString('hex').replace(/-/g, '') : null;
}

/** Reads `databases` of the target; those that do not exist yield nothing. Driver errors pass through. */
export async function readLiveMetadata(client: MongoClient, databases: readonly string[]): Promise<LiveNamespace[]> {
  const found: LiveNamespace[] = [];
  /** UUIDs of the collections that hold the documents of time series, by namespace. */
  const buckets = new Map<string, string>();
  await forEachWide(databases, async (database) => {
    for await (const entry of client.db(database).listCollections({}, typed)) {
      const info = canonical(entry as unknown as Document);
      const collection = text(info['name']);
      const uuid = uuidOf(entry);
      if (uuid !== null && collection.startsWith(bucketsPrefix)) buckets.set(`${database}.${collection}`, uuid);
      if (!isRestorable(database, collection)) continue;
      const type = info['type'] === 'view' ? 'view' : info['type'] === 'timeseries' ? 'timeseries' : 'collection';
      found.push({
        database,
        collection,
        type,
        options: (info['options'] ?? {}) as ExtendedJsonDocument,
        indexes: [],
        uuid,
        documents: null,
        bytes: null,
      });
    }
  });
  for (const namespace of found) {
    const { database, collection, type } = namespace;
    if (type === 'timeseries') namespace.uuid = buckets.get(`${database}.${bucketsPrefix}${collection}`) ?? null;
  }
  await forEachWide(found, (namespace) => readDetails(client, namespace));
  return found.sort((a, b) => (`${a.database}.${a.collection}` < `${b.database}.${b.collection}` ? -1 : 1));
}

/** The collection that holds a time series' documents; every other collection holds its own. */
export function dataCollection(type: LiveNamespace['type'], collection: string): string {
  return type === 'timeseries' ? `${bucketsPrefix}${collection}` : collection;
}

async function readDetails(client: MongoClient, namespace: LiveNamespace): Promise<void> {
  if (namespace.type === 'view') return;
  const database = client.db(namespace.database);
  try {
    const indexes = await database.collection(namespace.collection).listIndexes({ raw: true }).toArray();
    namespace.indexes = (indexes as unknown as Uint8Array[]).map(indexOf);
  } catch (error) {
    // Dropped since it was listed: it will be found missing when its documents are read.
    if (!isNamespaceNotFound(error)) throw error;
  }
  try {
    const pipeline = [
      { $collStats: { storageStats: {} } },
      { $project: { count: '$storageStats.count', size: '$storageStats.size' } },
    ];
    const data = dataCollection(namespace.type, namespace.collection);
    const [stats] = await database.collection(data).aggregate(pipeline).toArray();
    namespace.documents = typeof stats?.['count'] === 'number' ? stats['count'] : null;
    namespace.bytes = typeof stats?.['size'] === 'number' ? stats['size'] : null;
  } catch {
    // Sizes only make progress better; they may need a privilege that reading does not.
    namespace.documents = null;
  }
}

function isNamespaceNotFound(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === 26;
}

/** The operation time of now, which everything read later is at least as new as; null on standalone servers. */
export async function currentClusterTime(client: MongoClient): Promise<ClusterTime | null> {
  const answer = await client.db('admin').command({ ping: 1 });
  const time = answer['operationTime'] as
    { getHighBitsUnsigned?: () => number; getLowBitsUnsigned?: () => number } | undefined;
  if (!time?.getHighBitsUnsigned || !time.getLowBitsUnsigned) return null;
  return { seconds: time.getHighBitsUnsigned(), increment: time.getLowBitsUnsigned() };
}
