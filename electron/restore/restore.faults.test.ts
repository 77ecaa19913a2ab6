/** Restores that meet trouble: a server that dies, elections, a server without transactions, cancelling in the middle. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Db } from 'mongodb';
import { startTestMongod, type TestMongod, type TestMongodOptions } from '../test-support/test-mongod';
import type { RestoreResult } from '../../shared/restore';
import { chooseSample } from './test-support/fault-sample';
import { createRestoreHarness, type RestoreHarness } from './test-support/restore-harness';

let server: TestMongod;
let lifeboat: RestoreHarness;
let db: Db;
const count = 20_000;
const id = (value: unknown): never => value as never;
const scope = { kind: 'databases' as const, databases: ['trouble'] };

async function begin(options: TestMongodOptions): Promise<string> {
  server = await startTestMongod(options);
  lifeboat = await createRestoreHarness(server.uri);
  const client = await server.connect({ retryWrites: true });
  db = client.db('trouble');
  const documents = Array.from({ length: count }, (_, at) => ({ _id: id(at), text: 'x'.repeat(200), at }));
  await db.collection('things').insertMany(documents);
  const backup = await lifeboat.backUp(scope);
  await db.collection('things').deleteMany({ at: { $mod: [3, 0] } });
  await db.collection('things').updateMany({ at: { $mod: [3, 1] } }, { $set: { text: 'changed' } });
  return backup;
}

afterEach(async () => {
  await lifeboat.close();
  await server.stop();
});

/** Waits until the restore has written something. */
async function started(jobId: string): Promise<void> {
  for (let at = 0; at < 600; at++) {
    const job = await lifeboat.jobs.get(jobId);
    if (job.progress.phase.startsWith('Writing') && job.progress.documentsDone > 0) return;
    if (job.endedAt !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function startApply(previewId: string) {
  return lifeboat.restores.apply({ previewId, mode: 'exact', namespaces: [], typedName: null });
}

async function finishAgain(backup: string): Promise<RestoreResult> {
  const { result } = await lifeboat.apply(await lifeboat.preview(backup));
  expect(result.failures).toEqual([]);
  expect(result.remaining?.namespaces.map(({ status }) => status)).toEqual(['same']);
  return result;
}

describe('a restore in trouble', () => {
  const standalone = async (): Promise<void> => {
    const backup = await begin({});
    const result = await finishAgain(backup);
    expect(result.effect).toEqual(result.predicted);
  };

  const election = async (): Promise<void> => {
    const backup = await begin({ members: 3 });
    const secondary = `mongodb://${server.members[1]?.host ?? ''}/?directConnection=true`;
    const alone = await lifeboat.connect(secondary, { name: 'a secondary' });
    const seen = await lifeboat.preview(backup, { connectionId: alone.id });
    const found = seen.result.problems.map(({ code, severity }) => [code, severity]);
    expect(found).toContainEqual(['not-primary', 'blocking']);
    await expect(lifeboat.apply(seen)).rejects.toMatchObject({ error: { code: 'topology' } });

    const preview = await lifeboat.preview(backup);
    const job = await startApply(preview.id);
    await started(job.id);
    await db
      .admin()
      .command({ replSetStepDown: 20, secondaryCatchUpPeriodSecs: 10, force: true })
      .catch(() => undefined);
    const ended = await lifeboat.jobs.wait(job.id);
    expect(ended.error).toBeNull();
    const result = await lifeboat.restores.result(ended.resultId ?? '');
    expect(result.failures).toEqual([]);
    expect(result.effect).toEqual(result.predicted);
    expect(result.remaining?.namespaces.map(({ status }) => status)).toEqual(['same']);
  };

  const deadServer = async (): Promise<void> => {
    const backup = await begin({ replicaSet: true });
    const preview = await lifeboat.preview(backup);
    const job = await startApply(preview.id);
    await started(job.id);
    await server.members[0]?.kill();
    const ended = await lifeboat.jobs.wait(job.id);
    expect(ended.status).toBe('failed');
    const result = await lifeboat.restores.result(ended.resultId ?? '');
    expect(result.remaining).toBeNull();
    expect(result.failures.length).toBeGreaterThan(0);
    await server.members[0]?.restart();
    const again = await finishAgain(backup);
    const { effect, predicted } = result;
    expect(again.effect.insert + effect.insert).toBeGreaterThanOrEqual(0);
    // What was not acknowledged may be there or not; what was acknowledged by a majority is never written twice.
    expect(again.effect.insert).toBeLessThanOrEqual(predicted.insert - effect.insert);
    expect(again.effect.replace).toBeLessThanOrEqual(predicted.replace - effect.replace);
  };

  const cancelled = async (): Promise<void> => {
    const backup = await begin({ replicaSet: true });
    const preview = await lifeboat.preview(backup);
    const job = await startApply(preview.id);
    await started(job.id);
    await lifeboat.jobs.cancel(job.id);
    const ended = await lifeboat.jobs.wait(job.id);
    const result = await lifeboat.restores.result(ended.resultId ?? '');
    if (ended.status === 'cancelled') expect(result.effect.insert).toBeLessThan(result.predicted.insert);
    const again = await finishAgain(backup);
    expect(again.effect.insert + result.effect.insert).toBe(result.predicted.insert);
    expect(again.effect.replace + result.effect.replace).toBe(result.predicted.replace);
  };

  const cases = {
    'works on a standalone server, without majority and transactions': standalone,
    'refuses a secondary alone, and goes on through an election, without duplicates and with true numbers': election,
    'tells the truth when the server dies, and a second one finishes': deadServer,
    'stops when cancelled, keeps the account of what it did, and a second one finishes': cancelled,
  };
  const chosen = chooseSample('restores in trouble', Object.entries(cases), 2, ([name]) => name);
  it.each(chosen)('%s', (_, work) => work());
});
