/** What `system.profile` of one database gets, from a moment on, each document once. */
import { createHash } from 'node:crypto';
import { serialize, type Document } from 'bson';
import { MongoServerError, type Collection, type FindCursor, type MongoClient } from 'mongodb';
import type { Operation } from '../../../shared/profiler';
import { operationOfProfileDocument } from '../profile-document';

/** Long, and used by nobody here. */
const projection = { execStats: 0, locks: 0, storage: 0, flowControl: 0 };
const batchSize = 1000;
/** Operations are written when they end, a little out of the order of their times. */
const unorderedMs = 5000;
/** From here on what is older than that is forgotten. */
const mostSeen = 20_000;

/**
 * Follows a capped collection with a tailable cursor, which reads nothing twice. Where the cursor is lost (the collection
 * was made anew, or ran over), it begins again at the last time seen and leaves out what it knows from then.
 */
export class ProfilePoller {
  readonly #collection: Collection;
  #cursor: FindCursor | null = null;
  /** Documents of the last seconds, by what they are, with how often. */
  readonly #seen = new Map<string, { count: number; time: number }>();
  /** Of those, what a cursor that began again has to pass over. */
  #known = new Map<string, number>();
  /** Milliseconds since 1970. */
  #last: number | null = null;
  readonly #since: number | null;
  /** The server overwrote documents before they were read. */
  overrun = false;

  /** `since`: nothing older is read; null reads all that there is. */
  constructor(client: MongoClient, database: string, since: number | null) {
    this.#collection = client.db(database).collection('system.profile');
    this.#since = since;
  }

  /** What came since the last call, at most a batch: call again until there is nothing. Driver errors pass through. */
  async next(): Promise<Operation[]> {
    const operations: Operation[] = [];
    try {
      const cursor = (this.#cursor ??= this.#open());
      // One question to the server at most: where everything is recorded, each brings the one before it as news, without end.
      const first = await cursor.tryNext();
      if (first !== null)
        for (const document of [first, ...cursor.readBufferedDocuments()]) this.#take(document, operations);
      if (cursor.closed || cursor.id?.isZero()) await this.close();
    } catch (error) {
      await this.close();
      if (!isLostCursor(error)) throw error;
      this.overrun ||= error.code === cappedPositionLost;
    }
    return operations;
  }

  async close(): Promise<void> {
    const cursor = this.#cursor;
    this.#cursor = null;
    await cursor?.close().catch(() => undefined);
  }

  #open(): FindCursor {
    this.#known = new Map([...this.#seen].map(([digest, { count }]) => [digest, count]));
    const again = this.#last === null ? null : this.#last - unorderedMs;
    const from = again === null ? this.#since : Math.max(again, this.#since ?? again);
    return this.#collection.find(from === null ? {} : { ts: { $gte: new Date(from) } }, {
      tailable: true,
      awaitData: false,
      batchSize,
      bsonRegExp: true,
      projection,
    });
  }

  #take(document: Document, into: Operation[]): void {
    const stamp: unknown = document['ts'];
    if (!(stamp instanceof Date)) return;
    const time = stamp.getTime();
    const digest = createHash('sha1').update(serialize(document)).digest('base64');
    const known = this.#known.get(digest) ?? 0;
    if (known > 0) {
      this.#known.set(digest, known - 1);
      return;
    }
    this.#last = Math.max(this.#last ?? time, time);
    this.#seen.set(digest, { count: (this.#seen.get(digest)?.count ?? 0) + 1, time });
    if (this.#seen.size > mostSeen) this.#forget(this.#last - unorderedMs);
    const operation = operationOfProfileDocument(document);
    if (operation) into.push(operation);
  }

  #forget(before: number): void {
    for (const [digest, { time }] of this.#seen) if (time < before) this.#seen.delete(digest);
  }
}

const cappedPositionLost = 136;
const cursorNotFound = 43;
const cursorKilled = 237;
const queryPlanKilled = 175;

function isLostCursor(error: unknown): error is MongoServerError {
  return (
    error instanceof MongoServerError &&
    [cappedPositionLost, cursorNotFound, cursorKilled, queryPlanKilled].includes(Number(error.code))
  );
}
