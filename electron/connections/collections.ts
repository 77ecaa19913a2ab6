/** Databases and collections of a deployment with their sizes, for choosing what to back up. */
import { MongoServerError, type Document, type MongoClient } from 'mongodb';
import type { CollectionInfo } from '../../shared/connections';

const internalDatabases = new Set(['admin', 'config', 'local']);
/** Statistics asked for at the same time: each is a command that locks its collection for a moment. */
const parallel = 8;

function typeOf(description: Document): CollectionInfo['type'] {
  return description['type'] === 'view' || description['type'] === 'timeseries' ? description['type'] : 'collection';
}

async function sizeOf(client: MongoClient, info: CollectionInfo): Promise<CollectionInfo> {
  if (info.type === 'view') return info;
  try {
    const stats = await client.db(info.database).command({ collStats: info.collection });
    // A time series counts its buckets, as a backup does, not its measurements.
    const count: unknown =
      info.type === 'timeseries' ? (stats['timeseries'] as Document | undefined)?.['bucketCount'] : stats['count'];
    const bytes: unknown = stats['size'];
    return {
      ...info,
      documents: typeof count === 'number' ? count : null,
      bytes: typeof bytes === 'number' ? bytes : null,
    };
  } catch (error) {
    if (error instanceof MongoServerError) return info;
    throw error;
  }
}

/**
 * All collections, views and time series outside MongoDB's own databases, sorted by name; sizes in uncompressed bytes,
 * null where they are not known or not permitted.
 */
export async function listCollections(client: MongoClient): Promise<CollectionInfo[]> {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true, authorizedDatabases: true });
  const names = databases.map(({ name }) => name).filter((name) => !internalDatabases.has(name));
  const found = await Promise.all(
    names.map(async (database): Promise<CollectionInfo[]> => {
      const descriptions = await client
        .db(database)
        .listCollections({}, { nameOnly: true, authorizedCollections: true })
        .toArray();
      return descriptions
        .filter(({ name }) => !name.startsWith('system.'))
        .map((description) => ({
          database,
          collection: description.name,
          type: typeOf(description),
          documents: null,
          bytes: null,
        }));
    }),
  );
  const all = found
    .flat()
    .sort((a, b) => a.database.localeCompare(b.database) || a.collection.localeCompare(b.collection));
  const sized: CollectionInfo[] = [];
  for (let start = 0; start < all.length; start += parallel) {
    sized.push(...(await Promise.all(all.slice(start, start + parallel).map((info) => sizeOf(client, info)))));
  }
  return sized;
}
