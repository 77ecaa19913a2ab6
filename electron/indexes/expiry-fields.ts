/** Dates that look like an expiry, in a sample of a collection. */
import { MongoServerError, type Document, type MongoClient } from 'mongodb';

/** `expiresAt`, `expiry`, `validUntil`, `delete_after`… */
const expiryName =
  '^(expir(es?|y|ation|ed)(_?(at|on|date|time|after))?|valid_?(until|to|till)|(delete|purge|remove)_?(at|on|after)|ttl)$';

/** Names of top-level fields that always hold dates in the sample. Empty where the user may not read. */
export async function expiryFields(client: MongoClient, database: string, collection: string): Promise<string[]> {
  try {
    const found = await client
      .db(database)
      .collection(collection)
      .aggregate<Document>(
        [
          { $sample: { size: 50 } },
          { $project: { _id: 0, field: { $objectToArray: '$$ROOT' } } },
          { $unwind: '$field' },
          { $match: { 'field.k': { $regex: expiryName, $options: 'i' } } },
          { $group: { _id: '$field.k', types: { $addToSet: { $type: '$field.v' } } } },
        ],
        { maxTimeMS: 5000, readPreference: 'secondaryPreferred' },
      )
      .toArray();
    return found
      .filter(({ types }) => Array.isArray(types) && types.length === 1 && types[0] === 'date')
      .map(({ _id }) => String(_id))
      .sort();
  } catch (error) {
    if (error instanceof MongoServerError) return [];
    throw error;
  }
}
