/** The fields by which sharded collections are spread: an index on them must stay. */
import { MongoServerError, type Document, type MongoClient } from 'mongodb';

/** By namespace; empty where the user may not read it. */
export async function shardKeys(client: MongoClient, database: string): Promise<Map<string, readonly string[]>> {
  try {
    const entries = await client
      .db('config')
      .collection<{ _id: string; key: Document }>('collections')
      .find({ _id: { $gte: `${database}.`, $lt: `${database}/` } }, { projection: { key: 1 } })
      .toArray();
    return new Map(entries.map(({ _id, key }) => [_id, Object.keys(key)]));
  } catch (error) {
    if (error instanceof MongoServerError) return new Map();
    throw error;
  }
}
