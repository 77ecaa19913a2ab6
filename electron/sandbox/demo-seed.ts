/**
 * The demo's data. Made once by a standalone mongod and kept in the user's cache folder as the files that server left,
 * so that every later start only copies them.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Document, MongoClient } from 'mongodb';
import { z } from 'zod';
import { fail } from '../../shared/result';
import { syncFolder } from '../platform/durable-file';
import { readJsonFile, writeJsonFile } from '../platform/json-file';
import type { Logger } from '../platform/logger';
import { identifyProcess } from '../platform/process-identity';
import { cacheFolder, platformKey } from '../toolchain/cache-folder';
import { copyFolder } from './copy-folder';
import { demoCollections, demoDocuments, type DemoCollection } from './demo-data/collections';
import { counts, session } from './demo-data/documents';
import { freePorts } from './free-ports';
import { dataFolderOf, startMongod } from './mongod-process';
import { shutDown } from './replica-set';
import type { SandboxSeed, SeedContext } from './sandbox-seed';

/** Raised by whoever changes what the demo holds. */
const revision = 1;
const batchSize = 1000;
/** Batches on their way at the same time. */
const parallelBatches = 3;

const seedPhases = {
  insert: 'Inserting documents',
  index: 'Building indexes',
  open: 'Opening the shop',
} as const;

const completionSchema = z.object({
  formatVersion: z.literal(1),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
});

export function createDemoSeed({ logger }: { logger: Logger }): SandboxSeed {
  function templateFolder(mongodVersion: string): string {
    return join(cacheFolder(), 'demo', `r${revision}-mongod-${mongodVersion}-${platformKey()}`);
  }

  async function fill(dataFolder: string, context: SeedContext): Promise<void> {
    const template = templateFolder(context.mongodVersion);
    if (await isComplete(template)) {
      await copyFolder(dataFolderOf(template), dataFolder);
      return;
    }
    const made = join(context.workFolder, 'demo');
    await build(made, context);
    try {
      await keepTemplate(dataFolderOf(made), template);
    } catch (error) {
      logger.warn({ error }, 'The demo data cannot be kept for the next start');
    }
    await copyFolder(dataFolderOf(made), dataFolder);
  }

  return { fill, finish: insertSessions };
}

/** Complete and as long as it was: the cache may be cleaned by anybody, file by file. */
async function isComplete(template: string): Promise<boolean> {
  try {
    const completion = await readJsonFile(join(template, 'complete.json'), completionSchema.nullable(), {
      absent: () => null,
    });
    if (!completion) return false;
    const present = await describeFiles(dataFolderOf(template));
    return JSON.stringify(present) === JSON.stringify(completion.files);
  } catch {
    return false;
  }
}

async function describeFiles(folder: string): Promise<{ name: string; bytes: number }[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
}

async function keepTemplate(made: string, template: string): Promise<void> {
  const parent = join(template, '..');
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const incoming = join(parent, `.incoming-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    const data = dataFolderOf(incoming);
    await copyFolder(made, data);
    const files = await describeFiles(data);
    for (const { name } of files) await syncFile(join(data, name));
    await syncFolder(data);
    await writeJsonFile(join(incoming, 'complete.json'), { formatVersion: 1, files });
    await syncFolder(incoming);
    // What is there already is either as good (another process was first) or damaged.
    if (await isComplete(template)) return;
    await rm(template, { recursive: true, force: true });
    await rename(incoming, template);
    await syncFolder(parent);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = /^\.incoming-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && identifyProcess(Number(owner)) === null)
      await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A standalone server: it writes no oplog, so it is quicker, and the set made of the copies begins with an empty one. */
async function build(folder: string, context: SeedContext): Promise<void> {
  const [port = 0] = await freePorts(1);
  const server = await startMongod({ mongodPath: context.mongodPath, folder, port, signal: context.signal });
  const client = await server.connect();
  let inserted = 0;
  const onInserted = (count: number): void => {
    inserted += count;
    context.report({ phase: seedPhases.insert, documentsDone: inserted, documentsTotal: demoDocuments });
  };
  onInserted(0);
  for (const definition of demoCollections) {
    await client.db(definition.database).createCollection(definition.name, definition.options);
    await insertAll(client, definition, context.signal, onInserted);
  }
  context.report({ phase: seedPhases.index, documentsDone: inserted, documentsTotal: demoDocuments });
  for (const { database, name, indexes } of demoCollections) {
    refuseWhenCancelled(context.signal);
    if (indexes) await client.db(database).collection(name).createIndexes(indexes);
  }
  await shutDown(client, server);
  // After an orderly end everything is in the data files.
  await rm(join(dataFolderOf(folder), 'journal'), { recursive: true, force: true });
  for (const name of ['diagnostic.data', '_tmp'])
    await rm(join(dataFolderOf(folder), name), { recursive: true, force: true });
}

function refuseWhenCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) fail('cancelled', 'Cancelled.');
}

async function insertAll(
  client: MongoClient,
  { database, name, count, document }: DemoCollection,
  signal: AbortSignal | undefined,
  onInserted: (count: number) => void,
): Promise<void> {
  const collection = client.db(database).collection<Document>(name);
  const underway: Promise<unknown>[] = [];
  // A failed batch is told when it is awaited, not before.
  const insert = (documents: Document[]): Promise<unknown> => {
    const batch = collection.insertMany(documents, { ordered: false }).then(() => onInserted(documents.length));
    batch.catch(() => undefined);
    return batch;
  };
  for (let start = 0; start < count; start += batchSize) {
    refuseWhenCancelled(signal);
    const length = Math.min(batchSize, count - start);
    underway.push(insert(Array.from({ length }, (_, offset) => document(start + offset))));
    if (underway.length >= parallelBatches) await underway.shift();
  }
  await Promise.all(underway);
}

/** Sessions end by themselves, so they are made at each start. */
async function insertSessions(client: MongoClient, { report }: Pick<SeedContext, 'report'>): Promise<void> {
  report({ phase: seedPhases.open });
  const now = Date.now();
  const documents = Array.from({ length: counts.sessions }, (_, index) => session(index, now));
  await client
    .db('shop')
    .collection<Document>('sessions')
    .insertMany(documents, { ordered: false, writeConcern: { w: 'majority' } });
}
