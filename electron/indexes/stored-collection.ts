/** Where the documents of a collection are. */
import type { MongoClient } from 'mongodb';
import { fail } from '../../shared/result';

/** The collection itself, or the buckets of a time series. Throws 'not-found'; 'unsupported' for a view, which stores nothing. */
export async function storedCollection(client: MongoClient, database: string, collection: string): Promise<string> {
  const [found] = await client
    .db(database)
    .listCollections({ name: collection }, { nameOnly: true, authorizedCollections: true })
    .toArray();
  const ns = `${database}.${collection}`;
  if (!found) return fail('not-found', `There is no collection ${ns}.`);
  if (found.type === 'view')
    return fail('unsupported', `${ns} is a view: it stores nothing.`, 'Validate the collection that it reads.');
  return found.type === 'timeseries' ? `system.buckets.${collection}` : collection;
}
