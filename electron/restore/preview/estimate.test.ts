import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimateOf, readTimings, recordTiming, workOf, type EstimateQuestion, type Timing } from './estimate';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-timings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function timing(more: Partial<Timing>): Timing {
  return {
    restoreId: 'restore',
    mode: 'exact',
    endedAt: new Date(0).toISOString(),
    documents: 1000,
    bytes: 1_000_000,
    archiveBytes: 10_000_000,
    milliseconds: { checking: 1000, writing: 2000, proof: 500 },
    ...more,
  };
}

const question = (more: Partial<EstimateQuestion>): EstimateQuestion => ({
  mode: 'exact',
  work: { documents: 1000, bytes: 1_000_000 },
  archiveBytes: 10_000_000,
  comparisonMs: 500,
  ...more,
});

describe('the estimate of a restore', () => {
  it('is unknown without a restore done in the same way', () => {
    const unknown = { seconds: null, byBytes: null, byDocuments: null, restores: 0 };
    expect(estimateOf([], question({}))).toEqual(unknown);
    expect(estimateOf([timing({ mode: 'drop' })], question({}))).toEqual(unknown);
    expect(estimateOf([timing({ documents: 0, bytes: 0 })], question({}))).toEqual(unknown);
  });

  it('is what the same restore took before', () => {
    expect(estimateOf([timing({})], question({}))).toEqual({
      seconds: 3.5,
      byBytes: 3.5,
      byDocuments: 3.5,
      restores: 1,
    });
    expect(estimateOf([timing({ mode: 'insert-missing' })], question({ mode: 'merge' })).seconds).toBe(3.5);
  });

  it('is the later of the one by bytes and the one by documents', () => {
    const tiny = estimateOf([timing({})], question({ work: { documents: 4000, bytes: 1000 } }));
    expect(tiny).toMatchObject({ seconds: 9.5, byDocuments: 9.5 });
    const large = estimateOf([timing({})], question({ work: { documents: 1, bytes: 4_000_000 } }));
    expect(large).toMatchObject({ seconds: 9.5, byBytes: 9.5 });
  });

  it('does not listen to restores of next to nothing when it knows others', () => {
    const nothing = timing({ documents: 1, bytes: 1000 });
    expect(estimateOf([timing({}), nothing], question({})).restores).toBe(1);
    expect(estimateOf([nothing], question({})).restores).toBe(1);
  });

  it('counts deletions, and measures by the backup’s sizes', () => {
    const effect = { insert: 1, replace: 2, delete: 3, keep: 9, conflict: 0 };
    const namespace = { database: 'shop', collection: 'orders', documents: 10, bytes: 1000 };
    const manifest = { namespaces: [namespace] } as Parameters<typeof workOf>[1];
    expect(workOf([{ diff: { ns: 'shop.orders' }, effect }], manifest)).toEqual({ documents: 6, bytes: 600 });
  });
});

describe('the history of a target', () => {
  it('keeps the last fifty, each target its own', async () => {
    for (let round = 0; round < 55; round++)
      await recordTiming(folder, 'one', timing({ restoreId: `restore-${round}` }));
    const timings = await readTimings(folder, 'one');
    expect(timings).toHaveLength(50);
    expect(timings[49]?.restoreId).toBe('restore-54');
    expect(await readTimings(folder, 'other')).toEqual([]);
  });
});
