/** Undos that build collections anew and whose process dies: they go on, or are undone themselves, and nothing is left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from 'mongodb';
import type { RestoreSummary } from '../../../shared/restore';
import { AppFailure } from '../../../shared/result';
import { startChild } from '../../test-support/child-process';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { resultOf } from '../../test-support/test-services';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';
import { readState } from '../test-support/target-state';

/** Rounds of each kind. */
const rounds = Math.max(1, Math.ceil((10 * Math.min(Number(process.env['LIFEBOAT_TEST_RUNS'] ?? 20), 1000)) / 1000));

let server: TestMongod;
let lifeboat: RestoreHarness;
let db: Db;
let restored: RestoreSummary;
let states: { before: unknown; restored: unknown };

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  lifeboat = await createRestoreHarness(server.uri);
  db = (await server.connect({ retryWrites: true })).db('crash');
  const things = Array.from({ length: 6000 }, (_, at) => ({ _id: at as never, text: 'x'.repeat(150), at }));
  await db.collection('clustered').insertMany(things);
  await db.collection('ring').insertMany(things.slice(0, 3000));
  await db.createCollection('readings', { timeseries: { timeField: 'at' } });
  await db.collection('readings').insertMany(readings(3));
  const backup = await lifeboat.backUp({ kind: 'databases', databases: ['crash'] });
  await db.dropDatabase();
  await db.createCollection('clustered', { clusteredIndex: { key: { _id: 1 }, unique: true } });
  await db.collection('clustered').insertMany(things.filter(({ at }) => at % 3 > 0));
  await db.collection('clustered').createIndex({ text: 1, at: 1 });
  await db.createCollection('ring', { capped: true, size: 4 * 1024 * 1024 });
  await db.collection('ring').insertMany([...things.slice(2000, 4000), ...things.slice(0, 1000)]);
  await db.createCollection('readings', { timeseries: { timeField: 'at', metaField: 'sensor' } });
  await db.collection('readings').insertMany(readings(40));
  await db.collection('mine').insertMany(things.slice(0, 100));
  const before = await readAll();
  const { result } = await lifeboat.apply(await lifeboat.preview(backup, { mode: 'drop' }), { mode: 'drop' });
  expect(result.failures).toEqual([]);
  restored = await latest();
  states = { before, restored: await readAll() };
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

function readings(sensors: number): { at: Date; sensor: number; value: number }[] {
  return Array.from({ length: 800 }, (_, at) => ({ at: new Date(at * 60_000), sensor: at % sensors, value: at }));
}

/** The capped one in the order of its documents. */
async function readAll(): Promise<unknown> {
  const ring = await db
    .collection('ring')
    .find({}, { projection: { _id: 1 } })
    .toArray();
  return { state: await readState(db), ring: ring.map(({ _id }) => _id) };
}

async function latest(): Promise<RestoreSummary> {
  const [summary] = await lifeboat.restores.list();
  if (!summary) throw new Error('There is no restore.');
  return summary;
}

const isStale = (error: unknown): boolean => error instanceof AppFailure && error.error.code === 'preview-stale';

/** A collection that was between two names gets its own back first: then the preview is made once more. */
async function undo(restoreId: string, tries = 3): Promise<void> {
  const job = await lifeboat.jobs.wait((await lifeboat.restores.undoPreview(restoreId, lifeboat.target.id)).id);
  const preview = await lifeboat.restores.getPreview(resultOf(job));
  const applied = await lifeboat.apply(preview, { mode: 'exact' }).catch((error: unknown) => {
    if (tries === 0 || !isStale(error)) throw error;
    return null;
  });
  if (!applied) return undo(restoreId, tries - 1);
  const { failures, conflicts } = applied.result;
  expect({ failures, conflicts }).toEqual({ failures: [], conflicts: [] });
}

/** Kills an undo in a process of its own as soon as `isTime` says so. Resolves when it is gone. */
async function undoInChild(isTime: (begun: number) => Promise<boolean>): Promise<void> {
  const child = await startChild('undo', lifeboat.dataFolder.root, server.uri, restored.restoreId);
  await child.line('previewed');
  const begun = Date.now();
  let applied = false;
  const ended = child.line('applied').then(
    () => (applied = true),
    () => (applied = true),
  );
  const hasApplied = (): boolean => applied;
  while (!hasApplied() && !(await isTime(begun))) await new Promise((resolve) => setImmediate(resolve));
  await child.kill();
  await Promise.all([child.ended, ended]);
}

const hasName = (prefix: string) => async (): Promise<boolean> => {
  const names = await db.listCollections({}, { nameOnly: true }).toArray();
  return names.some(({ name }) => name.startsWith(prefix));
};
const after = (milliseconds: number) => (begun: number) => Promise.resolve(Date.now() - begun >= milliseconds);

describe('an undo that builds collections anew and whose process is killed', () => {
  it.each([
    ['while it builds one', () => hasName('lifeboat_built')],
    ['while one gives its name to another', () => hasName('lifeboat_before')],
    ['at any moment', () => after(Math.random() * 4000)],
  ])('goes on or is undone itself: %s', async (_when, moment) => {
    for (let round = 0; round < rounds * 2; round++) {
      await undoInChild(moment());
      await lifeboat.jobs.recover();
      await lifeboat.restores.recover();
      const summary = await latest();
      if (summary.undoOf !== restored.restoreId || summary.state === 'failed') {
        // It died before it wrote anything.
        expect(await readAll()).toEqual(states.restored);
        continue;
      }
      if (summary.state === 'interrupted' && round % 2 === 0) {
        const going = await lifeboat.restores.continueRestore(summary.restoreId, lifeboat.target.id);
        expect((await lifeboat.jobs.wait(going.id)).error).toBeNull();
        const result = await lifeboat.restores.result(summary.restoreId);
        expect({ failures: result.failures, left: result.leftOver }).toEqual({ failures: [], left: [] });
        expect(result.effect).toEqual(result.predicted);
        expect(await readAll()).toEqual(states.before);
      } else if (summary.state === 'finished') expect(await readAll()).toEqual(states.before);
      await undo(summary.restoreId);
      expect(await readAll()).toEqual(states.restored);
      expect(await hasName('lifeboat_')()).toBe(false);
    }
  });
});
