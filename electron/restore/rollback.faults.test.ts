/** A primary that is cut off while it takes writes, and rolls them back later: nothing is claimed that is not there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MongoClient, type Db } from 'mongodb';
import type { Job } from '../../shared/jobs';
import { startTestMongod, type TestMember, type TestMongod } from '../test-support/test-mongod';
import { chooseSample } from './test-support/fault-sample';
import { createRestoreHarness, type RestoreHarness } from './test-support/restore-harness';

interface Thing {
  _id: number;
  text: string;
}

const count = 12_000;
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
let server: TestMongod;
let lifeboat: RestoreHarness;
let client: MongoClient;
let db: Db;
let backup: string;

beforeEach(async () => {
  // A checkpoint a second leaves little to be taken back.
  const args = ['--setParameter', 'enableTestCommands=1', '--syncdelay', '1'];
  server = await startTestMongod({ members: 3, args });
  lifeboat = await createRestoreHarness(server.uri);
  client = await server.connect({ retryWrites: true, serverSelectionTimeoutMS: 60_000 });
  db = client.db('isolated');
  const things = db.collection<Thing>('things');
  const majority = { writeConcern: { w: 'majority' as const } };
  const all = Array.from({ length: count }, (_, at) => ({ _id: at, text: 'x'.repeat(200) }));
  await things.insertMany(all, majority);
  backup = await lifeboat.backUp({ kind: 'databases', databases: ['isolated'] });
  await things.deleteMany({ _id: { $mod: [2, 0] } }, majority);
  await things.updateMany({}, { $set: { text: 'changed' } }, majority);
});
afterEach(async () => {
  await lifeboat.close();
  await server.stop();
});

async function members(): Promise<{ primary: TestMember; secondaries: TestMember[] }> {
  const { primary } = await client.db('admin').command({ hello: 1 });
  const found = server.members.find(({ host }) => host === primary);
  if (!found) throw new Error('There is no primary.');
  return { primary: found, secondaries: server.members.filter((member) => member !== found) };
}

async function untilWriting(job: Job): Promise<void> {
  for (;;) {
    const { progress, endedAt } = await lifeboat.jobs.get(job.id);
    if (endedAt !== null || (progress.phase.startsWith('Writing') && progress.documentsDone > 0)) return;
    await pause(2);
  }
}

/** Whether members copy what the primary writes: a fault that servers have for their own tests. */
async function listen(listeners: readonly TestMember[], wanted: boolean): Promise<void> {
  for (const { host } of listeners) {
    const direct = await new MongoClient(`mongodb://${host}/?directConnection=true`).connect();
    try {
      const mode = wanted ? 'off' : 'alwaysOn';
      await direct.db('admin').command({ configureFailPoint: 'stopReplProducer', mode });
    } finally {
      await direct.close();
    }
  }
}

/**
 * Nobody hears any more of what the primary takes; then it is killed, and the others go on without it. Returns the one
 * that was killed.
 */
async function isolate(meanwhile: () => Promise<void>): Promise<TestMember> {
  const { primary, secondaries } = await members();
  await listen(secondaries, false);
  const unheard = { _id: Date.now(), text: 'gone' };
  await client
    .db('isolated')
    .collection<Thing>('unheard')
    .insertOne(unheard, { writeConcern: { w: 1, journal: true } });
  // Long enough for some of the restore's writes to reach it and its journal.
  await pause(1000);
  await meanwhile();
  await primary.kill();
  await listen(secondaries, true);
  return primary;
}

/** Comes back, and takes back what nobody heard of: it keeps that in files. */
async function rejoin(member: TestMember): Promise<void> {
  await member.restart();
  for (const end = Date.now() + 90_000; Date.now() < end; await pause(200)) {
    if (existsSync(join(member.folder, 'rollback'))) return;
  }
  throw new Error('The member had nothing to take back.');
}

describe('a restore to a primary whose writes are rolled back', () => {
  const goesOn = async (): Promise<void> => {
    const preview = await lifeboat.preview(backup);
    const order = { previewId: preview.id, mode: 'exact' as const, namespaces: [], typedName: null };
    const job = await lifeboat.restores.apply(order);
    await untilWriting(job);
    const killed = await isolate(() => Promise.resolve());
    const ended = await lifeboat.jobs.wait(job.id);
    await rejoin(killed);
    expect(ended.error).toBeNull();
    const result = await lifeboat.restores.result(ended.resultId ?? '');
    expect(result).toMatchObject({ failures: [], conflicts: [], effect: result.predicted });
    const things = db.collection<Thing>('things');
    expect(await things.countDocuments({ text: { $ne: 'changed' } })).toBe(count);
    const again = await lifeboat.preview(backup, { full: true });
    expect(again.result.namespaces.find(({ ns }) => ns === 'isolated.things')?.status).toBe('same');
  };

  const isCancelled = async (): Promise<void> => {
    const preview = await lifeboat.preview(backup, { mode: 'overwrite' });
    const order = { previewId: preview.id, mode: 'overwrite' as const, namespaces: [], typedName: null };
    const job = await lifeboat.restores.apply(order);
    await untilWriting(job);
    const killed = await isolate(async () => {
      await lifeboat.jobs.cancel(job.id);
    });
    const ended = await lifeboat.jobs.wait(job.id);
    await rejoin(killed);
    const { effect, predicted } = await lifeboat.restores.result(ended.resultId ?? '');
    const things = db.collection<Thing>('things');
    const inserted = await things.countDocuments({ _id: { $mod: [2, 0] } });
    const replaced = await things.countDocuments({ _id: { $mod: [2, 1] }, text: { $ne: 'changed' } });
    expect(effect.insert).toBeLessThanOrEqual(inserted);
    expect(effect.replace).toBeLessThanOrEqual(replaced);
    const { result } = await lifeboat.apply(await lifeboat.preview(backup, { mode: 'overwrite' }));
    expect(result).toMatchObject({ failures: [], conflicts: [] });
    expect(inserted + result.effect.insert).toBe(predicted.insert);
    expect(replaced + result.effect.replace).toBe(predicted.replace);
  };

  const cases = {
    'writes them again to the next primary, and its numbers are true': goesOn,
    'claims none of them when it is cancelled meanwhile': isCancelled,
  };
  const chosen = chooseSample('restores whose writes are rolled back', Object.entries(cases), 1, ([name]) => name);
  it.each(chosen)('%s', { timeout: 300_000 }, (_, work) => work());
});
