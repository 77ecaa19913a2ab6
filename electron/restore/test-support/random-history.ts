/** What happens to a database between a backup and its comparison, at random: steps, and how each is done. */
import fc from 'fast-check';
import {
  Decimal128,
  Double,
  Int32,
  Long,
  MongoServerError,
  type ClientSession,
  type Collection,
  type MongoClient,
} from 'mongodb';

export interface Thing {
  _id: number;
  [field: string]: unknown;
}

export const historyDatabase = 'history';
const plain = ['a', 'b', 'c'] as const;
export const seriesName = 'series';

/** The driver's types know `_id`s of few kinds. */
function key(value: unknown): number {
  return value as number;
}

export const ids = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 40 }).map((value) => new Int32(value)), weight: 6 },
  { arbitrary: fc.integer({ min: 0, max: 40 }).map((value) => new Double(value)), weight: 2 },
  { arbitrary: fc.integer({ min: 0, max: 40 }).map((value) => Long.fromNumber(value)), weight: 1 },
  { arbitrary: fc.integer({ min: 0, max: 40 }).map((value) => Decimal128.fromString(String(value))), weight: 1 },
  { arbitrary: fc.constantFrom('x', 'X', 'y', 'z', ''), weight: 2 },
  { arbitrary: fc.constantFrom({ a: 1, b: 2 }, { b: 2, a: 1 }, { a: new Double(1), b: 2 }), weight: 1 },
);
const bodies = fc.integer({ min: 0, max: 4 });
const collections = fc.constantFrom(...plain);
const ranges = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 12 }));

const writes = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), collection: collections, id: ids, body: bodies }),
  fc.record({ kind: fc.constant('update' as const), collection: collections, id: ids, body: bodies }),
  fc.record({ kind: fc.constant('replace' as const), collection: collections, id: ids, body: bodies }),
  fc.record({ kind: fc.constant('upsert' as const), collection: collections, id: ids, body: bodies }),
  fc.record({ kind: fc.constant('modify' as const), collection: collections, id: ids, body: bodies }),
  fc.record({ kind: fc.constant('delete' as const), collection: collections, id: ids }),
  fc.record({ kind: fc.constant('update-many' as const), collection: collections, range: ranges, body: bodies }),
  fc.record({ kind: fc.constant('delete-many' as const), collection: collections, range: ranges }),
);
type Write = typeof writes extends fc.Arbitrary<infer T> ? T : never;

const rareSteps = fc.oneof(
  fc.record({ kind: fc.constant('make-anew' as const), collection: collections, body: bodies }),
  fc.record({ kind: fc.constant('drop' as const), collection: collections }),
  fc.record({ kind: fc.constant('rename' as const), from: collections, to: collections }),
  fc.record({ kind: fc.constant('there-and-back' as const), collection: collections }),
  fc.record({ kind: fc.constant('make-capped' as const), collection: collections }),
  fc.record({ kind: fc.constant('out' as const), from: collections, to: collections }),
  fc.record({ kind: fc.constant('drop-series' as const) }),
);

/** `weight` of steps after which an election takes place, which takes seconds: one of about so many. */
export function steps(electionsOneIn: number): fc.Arbitrary<Step[]> {
  return fc.array(
    fc.oneof(
      { arbitrary: writes, weight: electionsOneIn },
      {
        arbitrary: fc.record({
          kind: fc.constant('transaction' as const),
          writes: fc.array(writes, { minLength: 1, maxLength: 5 }),
          commit: fc.boolean(),
          large: fc.boolean(),
        }),
        weight: electionsOneIn / 6,
      },
      {
        arbitrary: fc.record({ kind: fc.constant('series' as const), place: bodies, remove: fc.boolean() }),
        weight: electionsOneIn / 10,
      },
      {
        arbitrary: fc.record({ kind: fc.constant('index' as const), collection: collections, drop: fc.boolean() }),
        weight: electionsOneIn / 12,
      },
      {
        arbitrary: fc.record({ kind: fc.constant('options' as const), collection: collections, strict: fc.boolean() }),
        weight: electionsOneIn / 12,
      },
      { arbitrary: rareSteps, weight: electionsOneIn / 12 },
      { arbitrary: fc.record({ kind: fc.constant('election' as const) }), weight: 1 },
    ),
    { maxLength: 14 },
  );
}
export type Step =
  | Write
  | { kind: 'transaction'; writes: Write[]; commit: boolean; large: boolean }
  | { kind: 'series'; place: number; remove: boolean }
  | { kind: 'index'; collection: string; drop: boolean }
  | { kind: 'options'; collection: string; strict: boolean }
  | { kind: 'election' }
  | (typeof rareSteps extends fc.Arbitrary<infer T> ? T : never);

/** Errors that are part of a history: nothing happened, and nothing should be seen. */
async function unlessRefused(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.hasErrorLabel('RetryableWriteError')) throw error;
  }
}

export class History {
  readonly #client: MongoClient;
  readonly #elect: () => Promise<void>;
  #minutes = 0;

  /** `elect`: makes the primary step down and waits for the next. */
  constructor(client: MongoClient, elect: () => Promise<void>) {
    this.#client = client;
    this.#elect = elect;
  }

  #collection(name: string): Collection<Thing> {
    return this.#client.db(historyDatabase).collection(name);
  }

  async begin(documents: readonly (readonly [string, unknown, number])[]): Promise<void> {
    const database = this.#client.db(historyDatabase);
    await database.dropDatabase();
    await database.createCollection('a');
    await database.createCollection('b', { collation: { locale: 'en', strength: 2 } });
    await database.createCollection('c', { clusteredIndex: { key: { _id: 1 }, unique: true } });
    await database.createCollection(seriesName, { timeseries: { timeField: 'at', metaField: 'place' } });
    for (const [collection, id, body] of documents) {
      await unlessRefused(() => this.#collection(collection).insertOne({ _id: key(id), body }));
    }
    for (let place = 0; place < 3; place++) await this.#measure(place);
  }

  async #measure(place: number): Promise<void> {
    const at = new Date(1.7e12 + this.#minutes++ * 60_000);
    const series = this.#client.db(historyDatabase).collection(seriesName);
    await unlessRefused(() => series.insertOne({ at, place, value: this.#minutes }));
  }

  async take(step: Step): Promise<void> {
    const database = this.#client.db(historyDatabase);
    switch (step.kind) {
      case 'transaction':
        await this.#transaction(step.writes, step.commit, step.large);
        break;
      case 'series':
        if (step.remove) await unlessRefused(() => database.collection(seriesName).deleteMany({ place: step.place }));
        else await this.#measure(step.place);
        break;
      case 'drop-series':
        await database.dropCollection(seriesName);
        await database.createCollection(seriesName, { timeseries: { timeField: 'at', metaField: 'place' } });
        break;
      case 'index':
        await unlessRefused(() =>
          step.drop
            ? this.#collection(step.collection).dropIndex('body_1')
            : this.#collection(step.collection).createIndex({ body: 1 }),
        );
        break;
      case 'options':
        await unlessRefused(() =>
          database.command({
            collMod: step.collection,
            validator: step.strict ? { body: { $exists: true } } : {},
            validationAction: 'warn',
          }),
        );
        break;
      case 'election':
        await this.#elect();
        break;
      case 'make-anew':
        await unlessRefused(() => this.#collection(step.collection).drop());
        await unlessRefused(() => this.#collection(step.collection).insertOne({ _id: 1, body: step.body }));
        break;
      case 'drop':
        await unlessRefused(() => this.#collection(step.collection).drop());
        break;
      case 'rename':
        await unlessRefused(() => this.#collection(step.from).rename(step.to, { dropTarget: true }));
        break;
      case 'there-and-back':
        await unlessRefused(() => this.#collection(step.collection).rename('away', { dropTarget: true }));
        await unlessRefused(() => this.#collection('away').rename(step.collection, { dropTarget: true }));
        break;
      case 'make-capped':
        await unlessRefused(() => database.command({ convertToCapped: step.collection, size: 100_000 }));
        break;
      case 'out':
        await unlessRefused(() =>
          this.#collection(step.from)
            .aggregate([{ $out: step.to }])
            .toArray(),
        );
        break;
      default:
        await unlessRefused(() => this.#write(step));
    }
  }

  async #transaction(all: readonly Write[], commit: boolean, large: boolean): Promise<void> {
    await this.#client.withSession(async (session) => {
      session.startTransaction();
      try {
        for (const write of all) await this.#write(write, session);
        // More than an oplog entry holds: the transaction takes several.
        for (let at = 0; large && at < 3; at++) {
          await this.#collection('a').insertOne({ _id: key(`large ${at}`), body: 'x'.repeat(6_000_000) }, { session });
        }
        await (commit ? session.commitTransaction() : session.abortTransaction());
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction();
        if (!(error instanceof MongoServerError)) throw error;
      }
    });
  }

  async #write(write: Write, session?: ClientSession): Promise<unknown> {
    const collection = this.#collection(write.collection);
    const options = session ? { session } : {};
    switch (write.kind) {
      case 'insert':
        return collection.insertOne({ _id: key(write.id), body: write.body }, options);
      case 'update':
        return collection.updateOne({ _id: key(write.id) }, { $set: { body: write.body } }, options);
      case 'replace':
        return collection.replaceOne({ _id: key(write.id) }, { other: write.body }, options);
      case 'upsert':
        return collection.updateOne(
          { _id: key(write.id) },
          { $set: { body: write.body } },
          { ...options, upsert: true },
        );
      case 'modify':
        return collection.findOneAndUpdate({ _id: key(write.id) }, { $set: { body: write.body } }, options);
      case 'delete':
        return collection.deleteOne({ _id: key(write.id) }, options);
      case 'update-many': {
        const [from, count] = write.range;
        const filter = { _id: { $gte: from, $lt: from + count } };
        return collection.updateMany(filter, { $set: { body: write.body } }, options);
      }
      case 'delete-many': {
        const [from, count] = write.range;
        return collection.deleteMany({ _id: { $gte: from, $lt: from + count } }, options);
      }
    }
  }
}
