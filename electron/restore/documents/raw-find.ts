/**
 * A find whose answers are taken apart where they lie. The driver's cursor parses each document and hands it over in a
 * promise of its own, which takes ten times as long as copying it.
 */
import { Long, type ClientSession, type Document, type MongoClient } from 'mongodb';
import { forEachElement, nameOf, type RawElement } from '../../diff/bson-reader';

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

export interface RawQuestion {
  filter: Document;
  /** Documents of the first answer; answers end at 16 MiB too. */
  batchSize: number;
}

/**
 * The server's answers as they come, each with its documents, which are views into it, and its bytes. Throws what the
 * driver throws: nothing is asked again.
 */
export async function* findBatches(
  { client, database, collection, session, readPreference }: FetchTarget,
  { filter, batchSize }: RawQuestion,
): AsyncGenerator<{ documents: Buffer[]; bytes: number }, void, undefined> {
  const db = client.db(database);
  const options = { raw: true, ...(session ? { session } : {}), ...(readPreference ? { readPreference } : {}) };
  const readConcern = session?.inTransaction() === true ? undefined : client.options.readConcern;
  let open = 0n;
  let command: Document = { find: collection, filter, batchSize, ...(readConcern ? { readConcern } : {}) };
  try {
    for (;;) {
      const cursor = bytesOf((await db.command(command, options))['cursor']);
      const { documents, id } = readAnswer(cursor);
      open = id;
      yield { documents, bytes: cursor.length };
      if (id === 0n) return;
      command = { getMore: Long.fromBigInt(id), collection, batchSize };
    }
  } finally {
    // Whoever stops before the end leaves nothing behind on the server.
    if (open !== 0n && session === undefined) {
      const kill = { killCursors: collection, cursors: [Long.fromBigInt(open)] };
      await db.command(kill, options).catch(() => undefined);
    }
  }
}

/** Documents of a collection, {@link findBatches}. Throws RangeError beyond `most.bytes`. */
export async function findRaw(
  target: FetchTarget,
  filter: Document,
  most: { documents: number; bytes: number },
): Promise<Buffer[]> {
  const found: Buffer[] = [];
  let bytes = 0;
  // One more than there can be: with the last one the server says that there are no others.
  for await (const answer of findBatches(target, { filter, batchSize: most.documents + 1 })) {
    bytes += answer.bytes;
    if (bytes > most.bytes) throw new RangeError(`More than ${most.bytes} bytes of documents asked for at once.`);
    for (const document of answer.documents) found.push(document);
  }
  return found;
}
