import { serialize } from 'bson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MongoClient } from 'mongodb';
import { diffDocuments } from '../../diff/document-diff';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;

beforeAll(async () => {
  server = await startTestMongod();
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
}, 120_000);
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
}, 120_000);

/** The longest time, in milliseconds, in which nothing else had its turn while `work` ran. */
async function longestStall<T>(work: () => Promise<T>): Promise<{ result: T; stall: number }> {
  let stall = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    stall = Math.max(stall, performance.now() - last);
    last = performance.now();
  }, 1);
  try {
    const result = await work();
    return { result, stall: Math.max(stall, performance.now() - last) };
  } finally {
    clearInterval(timer);
  }
}

describe('two documents of 200,000 fields each', () => {
  it('are opened and listed while everything else goes on', { timeout: 300_000 }, async () => {
    const things = client.db('huge').collection<{ _id: number }>('things');
    const fields = (by: number): Record<string, number> =>
      Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`field${at}`, at % 2 === 0 ? at + by : at]));
    const [backup, target] = [
      { _id: 1, ...fields(0) },
      { _id: 1, ...fields(1) },
    ];
    await things.insertOne(backup);
    const backupId = await lifeboat.backUp({ kind: 'databases', databases: ['huge'] });
    await things.replaceOne({ _id: 1 }, target);
    const preview = await lifeboat.preview(backupId, { details: 'always' });
    const asked = { previewId: preview.id, ns: 'huge.things' };
    const [left, right] = [backup, target].map((document) => Buffer.from(serialize(document)));
    const begun = performance.now();
    const { rows } = diffDocuments(left ?? null, right ?? null);
    const atOnce = performance.now() - begun;

    const opened = await longestStall(() => lifeboat.restores.document({ ...asked, index: 0 }));
    expect(opened.result.rows).toHaveLength(rows.length);
    const listed = await longestStall(() =>
      lifeboat.restores.documents({ ...asked, change: null, offset: 0, limit: 10 }),
    );
    expect(listed.result.documents[0]?.summary).toContain('field0 0 → 1');
    console.info(
      `put side by side at once: ${Math.round(atOnce)} ms; longest stall while opening: ${Math.round(opened.stall)} ms, ` +
        `while listing: ${Math.round(listed.stall)} ms`,
    );
    expect(opened.stall).toBeLessThan(atOnce);
    expect(listed.stall).toBeLessThan(atOnce);
  });
});
