/**
 * A workload with three planted problems (a compound index that is missing, a sort in memory, a regular expression that is
 * not anchored) beside queries that are well served.
 */
import { MongoClient, type Collection, type Document } from 'mongodb';

export const planted = {
  database: 'story',
  ns: 'story.events',
  app: 'planted-workload',
  documents: 20_000,
  /** As the shapes' texts name them. */
  missingIndex: '{ filter: { amount: { $gte: ? }, kind: ? } }',
  memorySort: '{ filter: { customer: ? }, sort: { at: -1 }, limit: ? }',
  regex: '{ filter: { note: /?/ } }',
} as const;

const kinds = 40;
const customers = 20;

/** Fills the collection and gives it the one index that a first version would have. */
export async function plantData(uri: string): Promise<void> {
  await using(uri, async (events) => {
    await events.insertMany(
      Array.from({ length: planted.documents }, (_, index) => ({
        _id: index as unknown as Document['_id'],
        kind: `kind-${index % kinds}`,
        customer: `customer-${index % customers}`,
        amount: (index * 7919) % 1000,
        at: new Date(Date.UTC(2026, 0, 1) + ((index * 104_729) % planted.documents) * 60_000),
        note: `event ${index} of the story ${'.'.repeat(120)}`,
      })),
    );
    await events.createIndex({ customer: 1 });
  });
}

/** Runs each problem and a well-served query `rounds` times, one after another. */
export async function runWorkload(uri: string, rounds: number): Promise<void> {
  await using(uri, async (events) => {
    for (let round = 0; round < rounds; round += 1) {
      await events.find({ kind: `kind-${round % kinds}`, amount: { $gte: 950 } }).toArray();
      await events.find({ customer: `customer-${round % customers}` }, { sort: { at: -1 }, limit: 20 }).toArray();
      await events.find({ note: /needle in the story/ }).toArray();
      await events.findOne({ _id: round as unknown as Document['_id'] });
    }
  });
}

async function using(uri: string, work: (events: Collection) => Promise<void>): Promise<void> {
  const client = await MongoClient.connect(uri, { appName: planted.app });
  try {
    await work(client.db(planted.database).collection('events'));
  } finally {
    await client.close();
  }
}

/** Level, threshold, share and filter of the database's profiler. */
export async function profilerOf(uri: string): Promise<Document> {
  const client = await MongoClient.connect(uri);
  try {
    const { was, slowms, sampleRate, filter } = await client.db(planted.database).command({ profile: -1 });
    return { was, slowms, sampleRate, filter };
  } finally {
    await client.close();
  }
}

/** Sets the profiler to something that is not the default, so that putting it back shows. */
export async function setProfiler(uri: string, level: number, slowms: number, sampleRate: number): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    await client.db(planted.database).command({ profile: level, slowms, sampleRate });
  } finally {
    await client.close();
  }
}
