/**
 * A find whose answers are taken apart where they lie. The driver's cursor parses each document and hands it over in a
 * promise of its own, which takes ten times as long as copying it.
 */
import { Long, type ClientSession, type Document, type MongoClient } from 'mongodb';
import { forEachElement, nameOf, type RawElement } from '../diff/bson-reader';

export interface FetchTarget {
  client: MongoClient;
  database: string;
  collection: string;
  session?: ClientSession;
  /** Read what a majority has, so that what is compared cannot be rolled back. */
  readPreference?: 'primary' | 'secondaryPreferred';
}

/** With `raw` the driver hands sub-documents over as bytes, which its types do not say. */
function bytesOf(value: unknown): Buffer {
  if (!(value instanceof Uint8Array)) throw new TypeError('The server answered a find without a cursor.');
  return Buffer.from(value.buffer, value.byteOffset, value.length);
}

function documentsOf({ source, valueStart, end }: RawElement): Buffer[] {
  const documents: Buffer[] = [];
  for (let at = valueStart + 4; at < end - 1;) {
    // Past the type and the name, which is the position in digits.
    at = source.indexOf(0, at) + 1;
    const next = at + source.readInt32LE(at);
    documents.push(source.subarray(at, next));
    at = next;
  }
  return documents;
}

function readAnswer(cursor: Buffer): { documents: Buffer[]; id: bigint } {
  const answer: { documents: Buffer[]; id: bigint } = { documents: [], id: 0n };
  forEachElement(cursor, 0, (element) => {
    const name = nameOf(element);
    if (name === 'firstBatch' || name === 'nextBatch') answer.documents = documentsOf(element);
    else if (name === 'id') answer.id = cursor.readBigInt64LE(element.valueStart);
  });
  return answer;
}

/**
 * Documents of a collection in as few answers as they fit into; they are views into these. Throws RangeError beyond
 * `mostBytes`, and what the driver throws: nothing is asked again.
 */
export async function findRaw(
  { client, database, collection, session, readPreference }: FetchTarget,
  filter: Document,
  most: { documents: number; bytes: number },
): Promise<Buffer[]> {
  const db = client.db(database);
  const options = { raw: true, ...(session ? { session } : {}), ...(readPreference ? { readPreference } : {}) };
  const readConcern = session?.inTransaction() === true ? undefined : client.options.readConcern;
  const found: Buffer[] = [];
  let bytes = 0;
  let command: Document = {
    find: collection,
    filter,
    // One more than there can be: with the last one the server says that there are no others.
    batchSize: most.documents + 1,
    ...(readConcern ? { readConcern } : {}),
  };
  for (;;) {
    const cursor = bytesOf((await db.command(command, options))['cursor']);
    const { documents, id } = readAnswer(cursor);
    bytes += cursor.length;
    for (const document of documents) found.push(document);
    if (id === 0n) return found;
    if (bytes > most.bytes) throw new RangeError(`More than ${most.bytes} bytes of documents asked for at once.`);
    command = { getMore: Long.fromBigInt(id), collection };
  }
}
