/** Restores whose application, mongorestore or server dies at a random moment: nothing is lost, and all ends well. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from 'mongodb';
import type { RestoreMode } from '../../../shared/diff';
import type { Job } from '../../../shared/jobs';
import type { RestoreSummary } from '../../../shared/restore';
import { AppFailure } from '../../../shared/result';
import { startChild } from '../../test-support/child-process';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { resultOf } from '../../test-support/test-services';
import { chooseSample } from '../test-support/fault-sample';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';
import { readState } from '../test-support/target-state';

/** Of each mode: 50 for the long suite, in all, and at least one. */
const runs = Math.max(1, Math.ceil((50 / 7) * Math.min(Number(process.env['LIFEBOAT_TEST_RUNS'] ?? 20) / 1000, 1)));
const modes = chooseSample<RestoreMode>(
  'modes whose process is killed',
  ['exact', 'overwrite', 'merge', 'insert-missing', 'pick', 'drop', 'clone'],
  2,
);
const toolModes = chooseSample<RestoreMode>('modes whose mongorestore is killed', ['drop', 'clone'], 1);
const picks = [{ ns: 'crash.things', changes: ['changed', 'onlyInBackup'], except: [], documents: [], fields: [] }];

let server: TestMongod;
let lifeboat: RestoreHarness;
let db: Db;
let backup: string;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  lifeboat = await createRestoreHarness(server.uri);
  db = (await server.connect({ retryWrites: true })).db('crash');
  const things = Array.from({ length: 12_000 }, (_, at) => ({ _id: at as never, text: 'x'.repeat(150), at }));
  await db.collection('things').insertMany(things);
  await db.collection('things').createIndex({ at: 1 }, { unique: true });
  await db.collection('gone').insertMany(things.slice(0, 3000));
  for (const name of ['readings', 'goneReadings']) {
    await db.createCollection(name, { timeseries: { timeField: 'at', metaField: 'sensor' } });
    await db.collection(name).insertMany(readings(0));
  }
  backup = await lifeboat.backUp({ kind: 'databases', databases: ['crash'] });
  await db.collection('things').deleteMany({ at: { $mod: [3, 0] } });
  await db.collection('things').updateMany({ at: { $mod: [3, 1] } }, { $set: { text: 'changed', mine: true } });
  await db.collection('things').insertMany([{ _id: 'new' as never, at: -1 }]);
  await db.collection('things').createIndex({ text: 1 });
  await db.collection('gone').drop();
  await db.collection('goneReadings').drop();
  await db.collection('readings').deleteMany({ sensor: { $lt: 40 } });
  await db.collection('readings').insertMany(readings(1));
  await db.collection('extra').insertMany(things.slice(0, 500));
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

/** Of two hundred sensors, a bucket each for every `day`. */
function readings(day: number): { at: Date; sensor: number; value: number }[] {
  return Array.from({ length: 1000 }, (_, at) => ({
    at: new Date(day * 86_400_000 + at * 60_000),
    sensor: at % 200,
    value: at,
  }));
}

async function latest(): Promise<RestoreSummary> {
  const [summary] = await lifeboat.restores.list();
  if (!summary) throw new Error('There is no restore.');
  return summary;
}

async function finish(job: Job): Promise<Job> {
  const ended = await lifeboat.jobs.wait(job.id);
  expect(ended.error).toBeNull();
  return ended;
}

const isStale = (error: unknown): boolean => error instanceof AppFailure && error.error.code === 'preview-stale';

/** Servers finish building the indexes that a killed tool asked for: such a preview is refused, and made again. */
async function undo(restoreId: string, tries = 5): Promise<void> {
  const job = await finish(await lifeboat.restores.undoPreview(restoreId, lifeboat.target.id));
  const preview = await lifeboat.restores.getPreview(resultOf(job));
  const applied = await lifeboat.apply(preview, { mode: 'exact' }).catch((error: unknown) => {
    if (tries === 0 || !isStale(error)) throw error;
    return null;
  });
  if (!applied) return undo(restoreId, tries - 1);
  const { result } = applied;
  expect({ failures: result.failures, conflicts: result.conflicts }).toEqual({ failures: [], conflicts: [] });
}

/** Everything in the server but its own databases; clones by the name of what they are clones of. */
async function readAll(): Promise<Record<string, unknown>> {
  const { databases } = await db.admin().listDatabases({ nameOnly: true });
  const all: Record<string, unknown> = {};
  for (const { name } of databases) {
    if (['admin', 'config', 'local'].includes(name)) continue;
    all[name.replace(/_restored_.*/, '_restored')] = await readState(db.client.db(name));
  }
  return all;
}

/** Starts a restore in a process of its own and kills that after some time; returns how long the restore may take. */
async function restoreInChild(mode: RestoreMode, killAfter: number | null): Promise<number> {
  const child = await startChild(
    'restore',
    lifeboat.dataFolder.root,
    server.uri,
    backup,
    mode,
    JSON.stringify(mode === 'pick' ? picks : []),
  );
  await child.line('previewed');
  const begun = Date.now();
  if (killAfter === null) expect(await child.line('applied')).toContain('succeeded');
  else {
    const timer = new Promise((resolve) => setTimeout(resolve, killAfter));
    await Promise.race([timer, child.line('applied').catch(() => undefined)]);
    await child.kill();
  }
  const took = Date.now() - begun;
  await child.ended;
  return took;
}

describe('a restore whose process is killed', () => {
  it.each(modes)('goes on or is undone (%s)', async (mode) => {
    const before = await readAll();
    const took = await restoreInChild(mode, null);
    const after = await readAll();
    const whole = await lifeboat.restores.result((await latest()).restoreId);
    await undo(whole.restoreId);
    expect(await readAll()).toEqual(before);

    for (let run = 0; run < runs; run++) {
      await restoreInChild(mode, Math.random() * took);
      await lifeboat.jobs.recover();
      await lifeboat.restores.recover();
      const summary = await latest();
      if (summary.restoreId === whole.restoreId || summary.undoOf !== null || summary.state === 'failed') {
        // It died before it wrote anything.
        expect(await readAll()).toEqual(before);
        continue;
      }
      expect(summary.mode).toBe(mode);
      expect(['interrupted', 'finished']).toContain(summary.state);
      if (summary.state === 'interrupted' && Math.random() < 0.5) {
        await finish(await lifeboat.restores.continueRestore(summary.restoreId, lifeboat.target.id));
        expect(await readAll()).toEqual(after);
        const result = await lifeboat.restores.result(summary.restoreId);
        expect(result.effect).toEqual(whole.effect);
        expect(result.failures).toEqual([]);
        expect((await latest()).state).toBe('finished');
      }
      await undo(summary.restoreId);
      expect(await readAll()).toEqual(before);
      const list = await lifeboat.restores.list();
      expect(list.find(({ restoreId }) => restoreId === summary.restoreId)?.undoneBy).not.toBeNull();
    }
  });
});

/** Ends the mongorestore that this process runs, as soon as there is one. */
async function killMongorestore(job: Job): Promise<void> {
  for (;;) {
    const current = await lifeboat.jobs.get(job.id);
    if (current.endedAt !== null) return;
    if (current.progress.phase.startsWith('Restoring')) {
      const listing = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' });
      const own = listing.split('\n').map((line) => line.trim().split(/\s+/));
      const found = own.find(([, parent, name]) => parent === String(process.pid) && name === 'mongorestore');
      if (found) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
        try {
          process.kill(Number(found[0]), 'SIGKILL');
        } catch {
          // It was faster.
        }
        return;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a restore whose helpers die', () => {
  it.each(toolModes)('goes on after its mongorestore was killed (%s)', async (mode) => {
    const before = await readAll();
    for (let run = 0; run < runs; run++) {
      const preview = await lifeboat.preview(backup, { mode });
      const job = await lifeboat.restores.apply({ previewId: preview.id, mode, namespaces: [], typedName: null });
      await killMongorestore(job);
      const ended = await lifeboat.jobs.wait(job.id);
      const summary = await latest();
      if (ended.status === 'failed') {
        expect(summary.state).toBe('failed');
        await finish(await lifeboat.restores.continueRestore(summary.restoreId));
      }
      const result = await lifeboat.restores.result(summary.restoreId);
      expect(result.remaining?.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);
      await undo(summary.restoreId);
      expect(await readAll()).toEqual(before);
    }
  });

  it('goes on after the primary was killed', async () => {
    const before = await readAll();
    const preview = await lifeboat.preview(backup);
    const job = await lifeboat.restores.apply({
      previewId: preview.id,
      mode: 'exact',
      namespaces: [],
      typedName: null,
    });
    for (;;) {
      const { progress, endedAt } = await lifeboat.jobs.get(job.id);
      if (endedAt !== null || (progress.phase.startsWith('Writing') && progress.documentsDone > 0)) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await server.members[0]?.kill();
    const ended = await lifeboat.jobs.wait(job.id);
    await server.members[0]?.restart();
    const { restoreId, state, undoId } = await latest();
    if (ended.status === 'failed') {
      expect({ state, undo: undoId !== null }).toEqual({ state: 'failed', undo: true });
      await finish(await lifeboat.restores.continueRestore(restoreId));
    }
    const result = await lifeboat.restores.result(restoreId);
    expect(result.effect).toEqual(result.predicted);
    expect(result.remaining?.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);
    await undo(restoreId);
    expect(await readAll()).toEqual(before);
  });
});
