/** The documents that are measured with: orders of about 262 bytes, half of each random, as real ones are. */
import { MongoClient } from 'mongodb';

const statuses = ['open', 'paid', 'packed', 'sent', 'returned'];
const cities = ['Berlin', 'Lisboa', 'Kraków', 'Oslo', 'Wien', 'Genève', 'Praha', 'Dublin'];

/** A generator of equal numbers in every run. @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

/** @param {number} index @param {() => number} next */
export function makeDocument(index, next) {
  const word = () => next().toString(36);
  return {
    _id: index,
    orderNumber: `SO-${String(index).padStart(9, '0')}`,
    customer: { name: `${word()} ${word()}`, city: cities[next() % cities.length] },
    status: statuses[next() % statuses.length],
    total: (next() % 100000) / 100,
    createdAt: new Date(1.6e12 + (next() % 1e9) * 100),
    items: [{ sku: word(), quantity: next() % 9 }],
    note: `${word()} ${word()} please leave at the door`,
  };
}

/** Documents of about 110 bytes, so that ten million of them are there in minutes. @param {number} index @param {() => number} next */
export function makeSmallDocument(index, next) {
  return {
    _id: index,
    sku: next().toString(36),
    quantity: next() % 99,
    at: new Date(1.6e12 + next()),
    note: 'x'.repeat(20),
  };
}

/**
 * @param {string} uri
 * @param {number} count
 * @param {{ database?: string, collection?: string, make?: (index: number, next: () => number) => { _id: number } }} [where]
 */
export async function loadDocuments(uri, count, where = {}) {
  const { database = 'bench', collection: name = 'documents', make = makeDocument } = where;
  const client = await new MongoClient(uri).connect();
  try {
    /** @type {import('mongodb').Collection<{ _id: number }>} */
    const collection = client.db(database).collection(name);
    const next = numbers(42);
    for (let from = 0; from < count; from += 10_000) {
      const size = Math.min(10_000, count - from);
      const batch = Array.from({ length: size }, (_, offset) => make(from + offset, next));
      await collection.insertMany(batch, { ordered: false, writeConcern: { w: 1 } });
    }
    // So that no checkpoint falls into the first round.
    await client.db('admin').command({ fsync: 1 });
  } finally {
    await client.close();
  }
}
