import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decimal128, Double, Int32, Long, ObjectId, serialize, Timestamp } from 'bson';
import fc from 'fast-check';
import type { MongoClient } from 'mongodb';
import { insertRaw } from '../restore/writing/raw-commands';
import { idKey } from '../restore/documents/raw-documents';
import { requireTestTools } from '../test-support/runtime';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { findId, packValue } from './bson-reader';
import { hashFile } from '../archive/rebuild-index';
import { diffTask, type ArchiveToRead, type DiffTaskInput } from './diff-task';
import { DifferingReader } from './differing-files';
import { planLiveRuns } from './live-runs';
import { directContext, makeSmallBackup } from './test-support/small-backup';

let server: TestMongod;
let client: MongoClient;
let folder: string;
let runs = 0;

const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));
const keyOf = (document: Buffer): string => {
  const id = findId(document);
  if (!id) throw new Error('no _id');
  return idKey(packValue(id));
};

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  folder = temporaryFolder('lifeboat-diff');
});
afterAll(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});

async function fill(database: string, collection: string, documents: Buffer[]): Promise<void> {
  await client.db(database).dropDatabase();
  await client.db(database).createCollection(collection);
  for (let at = 0; at < documents.length; at += 1000) {
    const context = { client, database, collection, majority: true, bypassValidation: true };
    const { failures } = await insertRaw(context, documents.slice(at, at + 1000));
    expect(failures).toEqual([]);
  }
}

interface DiffOptions {
  memoryBytes?: number;
  byArchive?: boolean;
  /** Cancels after so many reports. */
  reports?: number;
}

async function diff(
  backup: Buffer[],
  target: Buffer[],
  { memoryBytes = 64 * 1024 * 1024, byArchive = false, reports = Infinity }: DiffOptions = {},
) {
  const run = join(folder, String(runs++));
  const preview = join(run, 'preview');
  mkdirSync(preview, { recursive: true });
  await fill('diffed', 'things', backup);
  const files = await makeSmallBackup(server.uri, run, 'diffed');
  await fill('diffed', 'things', target);
  const namespaces = [{ index: 0, database: 'diffed', collection: 'things', documents: backup.length }];
  const input: DiffTaskInput = {
    uri: server.uri,
    mongodump: requireTestTools().mongodump,
    temporaryFolder: run,
    folder: preview,
    digest: byArchive ? join(preview, 'digest.bin') : files.digest,
    archive: byArchive ? await archiveOf(files) : null,
    readPreference: 'primary',
    namespaces: [
      {
        index: 0,
        backupNamespace: 'diffed.things',
        backupDocuments: backup.length,
        target: { database: 'diffed', collection: 'things', type: 'collection' },
      },
    ],
    runs: planLiveRuns(namespaces, new Map(), memoryBytes, 1),
    parallelRuns: 1,
    memoryBytes,
    liveBytes: null,
    liveDocuments: null,
  };
  const controller = new AbortController();
  let left = reports;
  const report = (): void => {
    if (--left < 0) controller.abort();
  };
  const { documents } = await diffTask(input, { ...directContext(controller.signal), report });
  const reader = await DifferingReader.open(preview, 0);
  const entries = await reader.page(null, 0, 1_000_000);
  await reader.close();
  removeTemporaryFolder(run);
  return { counts: documents[0]?.counts, entries };
}

async function archiveOf({ archive }: { archive: string }): Promise<ArchiveToRead> {
  const { bytes, sha256 } = await hashFile(archive);
  return { path: archive, bytes, sha256, uncompressedBytes: bytes };
}

/** The same question, answered the slow and obvious way. */
function expected(backup: Buffer[], target: Buffer[]) {
  const live = new Map(target.map((document) => [keyOf(document), document]));
  const counts = {
    inBackup: backup.length,
    inTarget: target.length,
    same: 0,
    changed: 0,
    onlyInBackup: 0,
    onlyInTarget: 0,
  };
  for (const document of backup) {
    const other = live.get(keyOf(document));
    if (!other) counts.onlyInBackup++;
    else if (other.equals(document)) counts.same++;
    else counts.changed++;
  }
  counts.onlyInTarget = target.length - counts.same - counts.changed;
  return counts;
}

const ids = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map((value) => new Int32(value)),
  fc.integer({ min: 0, max: 30 }).map((value) => Long.fromNumber(value)),
  fc.integer({ min: 0, max: 30 }).map((value) => new Double(value)),
  fc.integer({ min: 0, max: 30 }).map((value) => Decimal128.fromString(String(value))),
  fc.constantFrom(
    new Double(NaN),
    new Double(0.5),
    Decimal128.fromString('0.5'),
    new Double(-0),
    null,
    true,
    'a',
    'b',
    '',
  ),
  fc.integer({ min: 0, max: 5 }).map((value) => new Date(value)),
  fc.integer({ min: 0, max: 5 }).map((value) => new ObjectId(value.toString(16).padStart(24, '0'))),
  fc.integer({ min: 0, max: 5 }).map((value) => ({ a: String(value), b: 'x' })),
  fc.integer({ min: 1, max: 5 }).map((value) => new Timestamp({ t: value, i: 1 })),
);
const bodies = fc.record({
  value: fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom(new Double(1), 'x', null)),
});
const collections = fc
  .array(fc.tuple(ids, bodies), { maxLength: 60 })
  .map((pairs) => pairs.map(([_id, body]) => raw({ _id, ...body })))
  .map((documents) => [...new Map(documents.map((document) => [keyOf(document), document])).values()]);

describe('the comparison of documents', () => {
  it('agrees with a slow one over _ids of every kind, numbers of several types among them', async () => {
    await fc.assert(
      fc.asyncProperty(collections, collections, async (backup, target) => {
        const counts = expected(backup, target);
        expect((await diff(backup, target)).counts).toEqual(counts);
        expect((await diff(backup, target, { byArchive: true })).counts).toEqual(counts);
      }),
      { numRuns: Number(process.env['LIFEBOAT_TEST_RUNS'] ?? 12) },
    );
  });

  it('gives the same answer when it must partition to disk, and when it makes the digest meanwhile', async () => {
    const backup = Array.from({ length: 30_000 }, (_, at) => raw({ _id: at, value: at }));
    const target = backup.map((document, at) => (at % 100 === 0 ? raw({ _id: at, value: -1 }) : document)).slice(50);
    target.push(raw({ _id: 'new' }), raw({ _id: new Double(7), value: 7 }));
    const counts = expected(backup, target);
    expect(counts).toMatchObject({ changed: 300, onlyInBackup: 49, onlyInTarget: 1 });
    const inMemory = await diff(backup, target);
    expect(inMemory.counts).toEqual(counts);
    const list = (entries: typeof inMemory.entries): string[] =>
      entries.map(({ entry }) => `${entry.change} ${entry.ordinal} ${entry.id?.toString('hex')}`).sort();
    const onDisk = { memoryBytes: 128 * 1024 };
    for (const options of [onDisk, { byArchive: true }, { byArchive: true, ...onDisk }]) {
      const other = await diff(backup, target, options);
      expect(other.counts).toEqual(counts);
      expect(list(other.entries)).toEqual(list(inMemory.entries));
    }
  });

  it('ends at once when cancelled, whichever way it joins', async () => {
    const documents = Array.from({ length: 30_000 }, (_, at) => raw({ _id: at, text: 'x'.repeat(100) }));
    for (const options of [
      {},
      { byArchive: true },
      { memoryBytes: 128 * 1024 },
      { byArchive: true, memoryBytes: 128 * 1024 },
    ]) {
      for (const reports of [0, 1, 6]) {
        const cancelled = diff(documents, documents, { ...options, reports });
        await expect(cancelled).rejects.toMatchObject({ error: { code: 'cancelled' } });
      }
    }
  });
});
