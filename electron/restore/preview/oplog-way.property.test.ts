import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MongoClient } from 'mongodb';
import { resultOf } from '../../test-support/test-services';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { expectSameAsFull } from '../test-support/compare-both-ways';
import { History, historyDatabase, ids, steps } from '../test-support/random-history';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

/** Each run holds two histories against the full comparison: since the backup, and since an earlier preview. */
const runs = Math.ceil(Number(process.env['LIFEBOAT_TEST_RUNS'] ?? 12) / 2);
const hours = 3_600_000;
/** Elections take seconds: a few in a sample, dozens in a thousand histories. */
const electionsOneIn = 120;

let server: TestMongod;
let client: MongoClient;
let harness: RestoreHarness;
const ways = { oplog: 0, full: 0 };

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect({ writeConcern: { w: 1 } });
  harness = await createRestoreHarness(server.uri);
}, 120_000);
afterAll(async () => {
  await harness.close();
  await server.stop();
}, 120_000);

async function elect(): Promise<void> {
  await client.db('admin').command({ replSetStepDown: 1, secondaryCatchUpPeriodSecs: 0, force: true });
  // The next write finds the next primary.
  await client.db('elections').collection('held').insertOne({ at: new Date() });
}

const documents = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), ids, fc.integer({ min: 0, max: 4 })), {
  maxLength: 40,
});

async function refreshed(previewId: string) {
  const job = await harness.jobs.wait((await harness.restores.refresh(previewId)).id);
  return harness.restores.getPreview(resultOf(job));
}

describe('comparing by the oplog', () => {
  it(
    'agrees with the full comparison after any history, from the backup on and from an earlier preview on',
    { timeout: 6 * hours },
    async () => {
      const history = fc.tuple(documents, steps(electionsOneIn), steps(electionsOneIn));
      await fc.assert(
        fc.asyncProperty(history, async ([present, first, second]) => {
          const past = new History(client, elect);
          await past.begin(present);
          const backupId = await harness.backUp({ kind: 'databases', databases: [historyDatabase] });
          for (const step of first) await past.take(step);
          const early = await harness.preview(backupId);
          for (const step of second) await past.take(step);
          const late = await harness.preview(backupId);
          const renewed = await refreshed(early.id);
          await expectSameAsFull(harness, late, renewed);
          for (const { comparedBy } of [...late.result.namespaces, ...renewed.result.namespaces]) {
            if (comparedBy === 'oplog') ways.oplog++;
            else if (comparedBy !== 'none') ways.full++;
          }
          for (const { id } of [early, late, renewed]) await harness.restores.closePreview(id);
          await harness.catalogue.delete(backupId, backupId);
        }),
        { numRuns: runs, endOnFailure: true },
      );
      // Agreement means something only where both ways were taken.
      expect(ways.oplog).toBeGreaterThan(runs);
      expect(ways.full).toBeGreaterThan(0);
      console.info(`${2 * runs} histories: ${ways.oplog} collections compared by the oplog, ${ways.full} in full`);
    },
  );
});
