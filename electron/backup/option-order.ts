/**
 * mongodump keeps collection options in an unordered map: the keys inside a view's `$sort` reach the archive in any order,
 * and mongorestore makes another view of them. The server's own order is put back on the way.
 */
import { deserialize, serialize } from 'bson';
import type { MongoClient } from 'mongodb';
import { toExtendedJson } from '../archive/extended-json';
import { markNames, unmarkNames } from '../archive/name-order';
import { findElement, readString } from '../archive/raw-bson';
import { optionsText } from '../diff/normalise-metadata';

/** Options as the server states them, canonical Extended JSON text by namespace. */
export type StatedOptions = [namespace: string, options: string][];

/** Asks for the options of all collections and views of these databases; what may not be asked is left out. */
export async function readStatedOptions(client: MongoClient, databases: readonly string[]): Promise<StatedOptions> {
  const perDatabase = await Promise.all(
    databases.map(async (database) => {
      const found = await client
        .db(database)
        .listCollections({}, { nameOnly: false, raw: true })
        .toArray()
        .catch(() => []);
      return (found as unknown as Uint8Array[]).map((info): StatedOptions[number] => {
        const [name, options] = [findElement(info, 'name'), findElement(info, 'options')];
        const collection = name ? readString(info, name.valueStart) : '';
        return [`${database}.${collection}`, options ? toExtendedJson(info, options.valueStart) : '{}'];
      });
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
  const marked = JSON.parse(markNames(text)) as Record<string, unknown>;
  marked['#options'] = JSON.parse(markNames(known));
  return Buffer.from(serialize({ ...fields, metadata: unmarkNames(JSON.stringify(marked)) }));
}
