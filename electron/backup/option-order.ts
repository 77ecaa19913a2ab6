/**
 * mongodump keeps collection options in an unordered map: the keys inside a view's `$sort` reach the archive in any order,
 * and mongorestore makes another view of them. The server's own order is put back on the way.
 */
import { deserialize, EJSON, serialize, type Document } from 'bson';
import type { MongoClient } from 'mongodb';
import { optionsText } from '../diff/normalise-metadata';

/** Options as the server states them, canonical Extended JSON text by namespace. */
export type StatedOptions = [namespace: string, options: string][];

/** Asks for the options of all collections and views of these databases; what may not be asked is left out. */
export async function readStatedOptions(client: MongoClient, databases: readonly string[]): Promise<StatedOptions> {
  const perDatabase = await Promise.all(
    databases.map(async (database) => {
      const found = await client
        .db(database)
        .listCollections({}, { nameOnly: false })
        .toArray()
        .catch(() => []);
      return found.map((info): StatedOptions[number] => [
        `${database}.${info.name}`,
        EJSON.stringify((info as { options?: Document }).options ?? {}, { relaxed: false }),
      ]);
    }),
  );
  return perDatabase.flat();
}

/**
 * The metadata document of an archive's prelude with its options in the server's order; unchanged where the server
 * said nothing, or something else (the collection was changed meanwhile).
 */
export function restoreOptionOrder(metadata: Buffer, stated: ReadonlyMap<string, string>): Buffer {
  const fields = deserialize(metadata, { promoteValues: false });
  const { db, collection, metadata: text } = fields;
  const known = stated.get(`${String(db)}.${String(collection)}`);
  if (known === undefined || typeof text !== 'string') return metadata;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Reading the archive says what is wrong with it.
    return metadata;
  }
  if (typeof parsed !== 'object' || parsed === null) return metadata;
  const { options } = parsed as { options?: Record<string, unknown> };
  const ordered = JSON.parse(known) as Record<string, unknown>;
  if (!options || optionsText(options) !== optionsText(ordered)) return metadata;
  return Buffer.from(serialize({ ...fields, metadata: JSON.stringify({ ...parsed, options: ordered }) }));
}
