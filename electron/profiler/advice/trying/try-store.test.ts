/** Results of tries: there tomorrow, bounded, deletable. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlanNode } from '../../../../shared/advice';
import type { TryMeasure, TryResult } from '../../../../shared/tries';
import { removeTemporaryFolder, temporaryFolder } from '../../../test-support/temporary-folder';
import { createLogger } from '../../../platform/logger';
import { TryStore } from './try-store';

const scan: PlanNode = {
  id: '0',
  stage: 'COLLSCAN',
  shard: null,
  ns: null,
  index: null,
  filter: '{ a: 1 }',
  specification: null,
  documentsIn: null,
  documentsOut: 3,
  docsExamined: 1000,
  keysExamined: 0,
  works: 1002,
  ms: 4,
  ownMs: 4,
  memoryBytes: null,
  usedDisk: false,
  notable: 'collection-scan',
  details: [{ name: 'direction', value: 'forward' }],
  children: [],
};
const measured: TryMeasure = {
  ms: 4,
  docsExamined: 1000,
  keysExamined: 0,
  returned: 3,
  planSummary: 'COLLSCAN',
  collectionScan: true,
  inMemorySort: false,
  covered: false,
  indexes: [],
  plan: { ...scan, stage: 'LIMIT', children: [scan] },
};

function tried(id: string, captureId: string | null = 'capture-1'): TryResult {
  return {
    id,
    connectionId: 'c',
    captureId,
    ns: 'shop.orders',
    madeAt: '2026-11-21T10:00:00.000Z',
    elapsedMs: 900,
    source: '2,000 of 180,000 documents of shop',
    documents: 2000,
    bytes: 300_000,
    sampledOf: 180_000,
    serverVersion: '6.0.5',
    indexes: [{ name: 'a_1', keyText: '{ a: 1 }', bytes: 4096, wholeBytes: 90_000, buildMs: 3, used: true }],
    shapes: [
      { id: 's', before: measured, after: { ...measured, ms: 1 }, problem: null, uses: ['a_1'], verdict: 'better' },
    ],
    notes: [],
  };
}

describe('results of tries', () => {
  let folder: string;
  const open = (): TryStore => new TryStore(join(folder, 'tries'), createLogger({ folder, name: 'tries' }));
  beforeEach(() => {
    folder = temporaryFolder('tries');
  });
  afterEach(() => removeTemporaryFolder(folder));

  it('are the same after a restart, readable by the user alone, and gone when deleted', async () => {
    const store = open();
    const result = tried(store.newId());
    await store.keep(result);
    expect(await open().load(result.id)).toEqual(result);
    expect(await open().list()).toEqual([result]);
    const path = join(folder, 'tries', `${result.id}.json`);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ formatVersion: 1 });
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    await open().remove(result.id);
    await expect(open().load(result.id)).rejects.toMatchObject({ error: { code: 'not-found' } });
  });

  it('are a hundred at most, the newest', async () => {
    const store = open();
    const idAt = (at: number): string => `try-20261121T1000${String(at).padStart(5, '0')}Z-00000000`;
    for (let at = 0; at < 103; at++) await store.keep(tried(idAt(at)));
    const ids = (await store.list()).map(({ id }) => id);
    expect(ids).toHaveLength(100);
    expect([ids[0], ids[99]]).toEqual([idAt(102), idAt(3)]);
  });

  it('that are damaged or of another version are refused, and left out of lists', async () => {
    const store = open();
    const result = tried(store.newId());
    await store.keep(result);
    const path = join(folder, 'tries', `${result.id}.json`);
    writeFileSync(path, JSON.stringify({ formatVersion: 2, try: result }));
    await expect(store.load(result.id)).rejects.toMatchObject({ error: { code: 'unsupported' } });
    writeFileSync(path, '{ "formatVersion": 1, "try": {} }');
    await expect(store.load(result.id)).rejects.toMatchObject({ error: { code: 'stored-file-damaged' } });
    expect(await store.list()).toEqual([]);
  });

  it('have ids that lead nowhere else', async () => {
    writeFileSync(join(folder, 'other.json'), '{}');
    await expect(open().load('../other')).rejects.toMatchObject({ error: { code: 'not-found' } });
    await expect(open().remove('../other')).rejects.toMatchObject({ error: { code: 'not-found' } });
    expect(readdirSync(folder)).toContain('other.json');
  });
});
