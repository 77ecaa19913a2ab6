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

/** @param {string} uri @param {number} count */
export async function loadDocuments(uri, count) {
  const client = await new MongoClient(uri).connect();
  try {
    /** @type {import('mongodb').Collection<ReturnType<typeof makeDocument>>} */
    const collection = client.db('bench').collection('documents');
    const next = numbers(42);
    for (let from = 0; from < count; from += 10_000) {
      const size = Math.min(10_000, count - from);
      const batch = Array.from({ length: size }, (_, offset) => makeDocument(from + offset, next));
      await collection.insertMany(batch, { ordered: false, writeConcern: { w: 1 } });
    }
    // So that no checkpoint falls into the first round.
    await client.db('admin').command({ fsync: 1 });
  } finally {
    await client.close();
  }
}
