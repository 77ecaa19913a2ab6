/** What a backup asks the deployment itself: collections, their sizes, cluster times, the member to read from. */
import type { Document, MongoClient, Timestamp } from 'mongodb';
import { hello } from '../connections/deployment';
import { positionOf, startOf, type OplogPosition } from '../connections/oplog-position';
import type { BackupRequest, ClusterTime, OpTime } from '../../shared/backups';
import type { CollectionInfo } from '../../shared/connections';

/** Statistics asked for at the same time. */
const concurrency = 8;
const bucketsPrefix = 'system.buckets.';

/** Runs `work` over all items, a few at a time; results in the order of the items. */
async function mapSome<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}

function typeOf(info: { type?: string }): CollectionInfo['type'] {
  return info.type === 'view' || info.type === 'timeseries' ? info.type : 'collection';
}

/**
 * Every collection, view and time series but those of `local`, system collections included, without sizes. `databases`
 * null: of all databases the user may see. Driver errors pass through.
 */
export async function listSourceCollections(
  client: MongoClient,
  databases: readonly string[] | null,
): Promise<CollectionInfo[]> {
  const names = databases ?? (await listDatabases(client));
  const perDatabase = await mapSome(names, async (database) => {
    const collections = await client.db(database).listCollections({}, { nameOnly: true }).toArray();
    return collections.map((info): CollectionInfo => {
      return { database, collection: info.name, type: typeOf(info), documents: null, bytes: null };
    });
  });
  return perDatabase.flat();
}

async function listDatabases(client: MongoClient): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true, authorizedDatabases: true });
  return databases.map(({ name }) => name).filter((name) => name !== 'local');
}

interface StorageStats {
  count?: number;
  size?: number;
  /** Instead of `count`. */
  timeseries?: { bucketCount?: number };
}

/** Documents and bytes as a dump will hold them (a time series counts its buckets); null where the user may not ask. */
export async function measureCollections(
  client: MongoClient,
  collections: readonly CollectionInfo[],
): Promise<CollectionInfo[]> {
  return mapSome(collections, async (info) => {
    if (info.type === 'view') return { ...info, documents: 0, bytes: 0 };
    const name = info.type === 'timeseries' ? `${bucketsPrefix}${info.collection}` : info.collection;
    try {
      const stages = [{ $collStats: { storageStats: {} } }];
      const shards = await client.db(info.database).collection(name).aggregate<Document>(stages).toArray();
      let documents = 0;
      let bytes = 0;
      for (const { storageStats } of shards as { storageStats?: StorageStats }[]) {
        documents += Number(storageStats?.count ?? storageStats?.timeseries?.bucketCount ?? 0);
        bytes += Number(storageStats?.size ?? 0);
      }
      return { ...info, documents, bytes };
    } catch {
      return info;
    }
  });
}

/** Sums of documents and bytes; null as soon as one is unknown: nothing invents a total. */
export function totalsOf(collections: readonly CollectionInfo[]): { documents: number | null; bytes: number | null } {
  let documents: number | null = 0;
  let bytes: number | null = 0;
  for (const info of collections) {
    documents = documents === null || info.documents === null ? null : documents + info.documents;
    bytes = bytes === null || info.bytes === null ? null : bytes + info.bytes;
  }
  return { documents, bytes };
}

function toClusterTime(value: unknown): ClusterTime | null {
  if (typeof value !== 'object' || value === null || !('getHighBits' in value)) return null;
  const timestamp = value as Timestamp;
  return { seconds: timestamp.getHighBitsUnsigned(), increment: timestamp.getLowBitsUnsigned() };
}

/** The member that will be read, and a time up to which it has applied everything. */
export interface SourceMember {
  /** `host:port` to connect to directly; null: as the connection string says. */
  host: string | null;
  /** For the manifest; null when it cannot be known (a router). */
  name: string | null;
  /** null without replica set. */
  appliedUpTo: ClusterTime | null;
  /** A mongos: it chooses a member of each shard itself. */
  isRouter: boolean;
  /** Where it stood, and the place in the oplog that everything read from now on is at or after; null where unknown. */
  position: OplogPosition | null;
  start: OpTime | null;
}

/**
 * Asks the member the read preference leads to for its name, so that every run of mongodump reads that one and the
 * cluster time noted is one it had really reached. `fallbackName` is used where the connection string names one server.
 */
export async function chooseMember(
  client: MongoClient,
  readPreference: BackupRequest['readPreference'],
  fallbackName: string | null,
): Promise<SourceMember> {
  const answer = await hello(client, readPreference);
  const lastWrite = answer['lastWrite'] as { opTime?: { ts?: unknown } } | undefined;
  const appliedUpTo = typeof answer['setName'] === 'string' ? toClusterTime(lastWrite?.opTime?.ts) : null;
  if (answer['msg'] === 'isdbgrid') {
    const operationTime = toClusterTime(answer['operationTime']);
    return { host: null, name: null, appliedUpTo: operationTime, isRouter: true, position: null, start: null };
  }
  const position = positionOf(answer);
  const place = { appliedUpTo, isRouter: false, position, start: position && (await startOf(client, position)) };
  const { directConnection, loadBalanced } = client.options;
  const me: unknown = answer['me'];
  // A direct connection may go through a tunnel: the member's own name need not lead anywhere from here.
  if (directConnection || loadBalanced || typeof me !== 'string') {
    return { host: null, name: fallbackName, ...place };
  }
  return { host: me, name: me, ...place };
}

/** A time at or after everything a read that ended before this call can have seen; null without replica set. */
export async function readClusterTime(client: MongoClient): Promise<ClusterTime | null> {
  const answer = await hello(client, 'primaryPreferred');
  const cluster = answer['$clusterTime'] as { clusterTime?: unknown } | undefined;
  return toClusterTime(cluster?.clusterTime) ?? toClusterTime(answer['operationTime']);
}
