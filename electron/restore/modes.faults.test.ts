/** Each mode that writes through the driver, while its primary steps down or is killed in the middle. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MongoError, type Db, type MongoClient } from 'mongodb';
import type { RestoreMode } from '../../shared/diff';
import { AppFailure } from '../../shared/result';
import type { RestoreResult } from '../../shared/restore';
import type { PickedDocuments } from '../../shared/picks';
import { startTestMongod, type TestMember, type TestMongod } from '../test-support/test-mongod';
import { chooseSample, isSample } from './test-support/fault-sample';
import { createRestoreHarness, type RestoreHarness } from './test-support/restore-harness';

const count = isSample ? 12_000 : 30_000;
const id = (value: unknown): never => value as never;
const modes: RestoreMode[] = ['insert-missing', 'merge', 'overwrite', 'exact', 'pick'];
const stepDowns = chooseSample('modes whose primary steps down', modes, 1);
const kills = chooseSample('modes whose primary is killed', modes, 1);
let server: TestMongod;
let lifeboat: RestoreHarness;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  server = await startTestMongod({ members: 3 });
  lifeboat = await createRestoreHarness(server.uri);
  client = await server.connect({ retryWrites: true, serverSelectionTimeoutMS: 60_000 });
  db = client.db('trouble');
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

async function untilCalm(): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const status = await client
      .db('admin')
      .command({ replSetGetStatus: 1 })
      .catch(() => null);
    const states = (status?.['members'] as { stateStr: string }[] | undefined)?.map(({ stateStr }) => stateStr) ?? [];
    if (states.includes('PRIMARY') && states.filter((state) => state === 'SECONDARY').length === 2) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('The set did not calm down.');
}

let backup: string;

async function prepare(): Promise<void> {
  await untilCalm();
  await db.dropDatabase({ writeConcern: { w: 'majority' } });
  const documents = Array.from({ length: count }, (_, at) => ({ _id: id(at), text: 'x'.repeat(200), at }));
  await db.collection('things').insertMany(documents, { writeConcern: { w: 'majority' } });
  await db.collection('things').createIndex({ at: 1 });
  backup = await lifeboat.backUp({ kind: 'databases', databases: ['trouble'] });
  const things = db.collection('things');
  await things.deleteMany({ at: { $mod: [3, 0] } });
  await things.updateMany({ at: { $mod: [3, 1] } }, { $set: { text: 'changed', mine: 1 } });
  const extra = Array.from({ length: 2000 }, (_, at) => ({ _id: id(count + at), at: -1 }));
  await things.insertMany(extra, { writeConcern: { w: 'majority' } });
  await things.dropIndex('at_1');
}

/** The member that stepped down may take over again in the middle of it. */
beforeEach(async () => {
  for (let attempt = 0; ; attempt++) {
    try {
      await prepare();
      return;
    } catch (error) {
      if (!(error instanceof MongoError || error instanceof AppFailure) || attempt === 5) throw error;
    }
  }
});

/** Restores, and does `harm` once something was written. */
async function restoreThrough(mode: RestoreMode, harm: () => Promise<void>): Promise<RestoreResult> {
  const preview = await lifeboat.preview(backup, { mode });
  const all: PickedDocuments = {
    ns: 'trouble.things',
    changes: ['onlyInBackup', 'changed'],
    except: [],
    documents: [],
    fields: [],
  };
  const picks = mode === 'pick' ? [all] : [];
  const job = await lifeboat.restores.apply({ previewId: preview.id, mode, namespaces: [], typedName: null, picks });
  for (let at = 0; at < 3000; at++) {
    const { progress, endedAt } = await lifeboat.jobs.get(job.id);
    if (endedAt !== null || (progress.phase.startsWith('Writing') && progress.documentsDone > 0)) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await harm();
  const ended = await lifeboat.jobs.wait(job.id);
  expect(ended.error).toBeNull();
  await lifeboat.restores.closePreview(preview.id);
  return lifeboat.restores.result(ended.resultId ?? '');
}

async function expectTruth(mode: RestoreMode, result: RestoreResult): Promise<void> {
  expect(result.failures).toEqual([]);
  expect(result.conflicts).toEqual([]);
  expect(result.effect).toEqual(result.predicted);
  expect(result.effect.insert).toBe(count / 3);
  const things = db.collection('things');
  const extras = mode === 'exact' ? 0 : 2000;
  expect(await things.countDocuments()).toBe(count + extras);
  const changed = mode === 'insert-missing' ? count / 3 : 0;
  expect(await things.countDocuments({ text: 'changed' })).toBe(changed);
  const mine = mode === 'merge' || mode === 'insert-missing' ? count / 3 : 0;
  expect(await things.countDocuments({ mine: 1 })).toBe(mine);
  if (mode !== 'pick') expect(result.indexesBuilt).toBe(1);
}

async function primaryOf(): Promise<TestMember> {
  const { primary } = await client.db('admin').command({ hello: 1 });
  const member = server.members.find(({ host }) => host === primary);
  if (!member) throw new Error('no primary');
  return member;
}

describe('a restore goes on, without duplicates and with true numbers,', () => {
  it.each(stepDowns)('when the primary steps down under %s', async (mode) => {
    const result = await restoreThrough(mode, async () => {
      const command = { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5, force: true };
      await client
        .db('admin')
        .command(command)
        .catch(() => undefined);
    });
    await expectTruth(mode, result);
  });

  it.each(kills)('when the primary is killed under %s', async (mode) => {
    let killed: TestMember | null = null;
    try {
      const result = await restoreThrough(mode, async () => {
        killed = await primaryOf();
        await killed.kill();
      });
      await expectTruth(mode, result);
    } finally {
      await (killed as TestMember | null)?.restart();
    }
  });
});
