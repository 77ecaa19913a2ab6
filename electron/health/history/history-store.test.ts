import { writeFileSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { noMetrics, type MetricName } from '../../../shared/health';
import { temporaryFolder } from '../../test-support/temporary-folder';
import { openDatabase, type SqlValue } from './database';
import { HistoryStore } from './history-store';
import { packMetrics } from './packing';
import { pruneHistory } from './prune';
import { queryHistory } from './query-history';
import { tiers } from './tiers';

const minute = 60_000;
const hour = 60 * minute;
const begin = Date.UTC(2026, 10, 1);
let opened: HistoryStore | null = null;

async function openStore(path = join(temporaryFolder(), 'health.db'), largestBytes = 2 ** 31): Promise<HistoryStore> {
  opened = await HistoryStore.open(path, { largestBytes });
  return opened;
}
afterEach(() => {
  opened?.close();
  opened = null;
});

function append(
  store: HistoryStore,
  at: number,
  values: Partial<Record<MetricName, number | null>>,
  host = 'a:1',
): void {
  const member = { host, set: 'rs', values: packMetrics({ ...noMetrics, ...values }) };
  store.append({ deployment: 'd', at, members: [member], events: [] });
}

const asked = (from: number, to: number, points: number, metric: MetricName = 'connections') => ({
  deployment: 'd',
  hosts: null,
  metrics: [metric],
  from,
  to,
  points,
});

describe('the history', () => {
  it('gives back samples as they were, with nulls where nothing was known', async () => {
    const store = await openStore();
    [10, null, 30].forEach((connections, index) => append(store, begin + index * 5000, { connections }));
    const { series, tier, stepMs } = queryHistory(store, asked(begin, begin + minute, 100), begin + minute);
    expect(tier).toBe('raw');
    expect(stepMs).toBe(5000);
    expect(series).toEqual([
      {
        host: 'a:1',
        set: 'rs',
        metric: 'connections',
        at: [begin, begin + 5000, begin + 10_000],
        min: [10, null, 30],
        max: [10, null, 30],
        mean: [10, null, 30],
      },
    ]);
  });

  it('keeps lows, peaks and means in the coarser tiers, and the open minute too', async () => {
    const store = await openStore();
    for (let second = 0; second < 3 * 3600; second += 10)
      append(store, begin + second * 1000, { connections: second === 4000 ? 900 : second === 4010 ? 1 : 10 });
    const end = begin + 3 * hour;
    const { series, tier } = queryHistory(store, asked(begin, end, 10), end);
    expect(tier).toBe('10 min');
    expect(series[0]?.at.length).toBeLessThanOrEqual(11);
    expect(Math.max(...(series[0]?.max ?? []).map(Number))).toBe(900);
    expect(Math.min(...(series[0]?.min ?? []).map(Number))).toBe(1);
    expect(series[0]?.at.at(-1)).toBeGreaterThanOrEqual(end - 20 * minute);
    const fine = queryHistory(store, asked(begin + hour, begin + 2 * hour, 60), end);
    expect(fine.tier).toBe('1 min');
    const peak = fine.series[0]?.max.indexOf(900) ?? -1;
    expect(fine.series[0]?.at[peak]).toBe(begin + 66 * minute);
    // (900 + 1 + 4 × 10) / 6
    expect(fine.series[0]?.mean[peak]).toBeCloseTo(156.83, 1);
  });

  it('shows a stop of the sampler as a gap', async () => {
    const store = await openStore();
    for (let at = 0; at < 4 * hour; at += 30_000)
      if (at < hour || at >= 3 * hour) append(store, begin + at, { connections: 5 });
    const { series, stepMs } = queryHistory(store, asked(begin, begin + 4 * hour, 200), begin + 4 * hour);
    const times = series[0]?.at ?? [];
    const longest = Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
    expect(longest).toBeGreaterThanOrEqual(2 * hour);
    expect(longest).toBeGreaterThan(2 * stepMs);
  });

  it('forgets what is older than its tier keeps, and details first where it grows too large', async () => {
    const store = await openStore();
    for (let at = 0; at < 40 * hour; at += 60_000)
      append(store, begin + at, { connections: at % 97, roundTripMs: Math.random() });
    const oldest = (tier: number) =>
      store.database.all('SELECT MIN(start) AS start FROM sealed WHERE tier = ?', [tier])[0]?.['start'];
    expect(Number(oldest(0))).toBeGreaterThanOrEqual(begin + 15 * hour - tiers[0].chunkMs);
    const pages = () => Number(Object.values(store.database.all('PRAGMA page_count')[0] ?? {})[0]);
    const before = pages();
    pruneHistory(store.database, begin + 40 * hour, 1000);
    expect(oldest(0)).toBeNull();
    expect(pages()).toBeLessThan(before);
    const { series } = queryHistory(store, asked(begin, begin + 40 * hour, 100), begin + 40 * hour);
    expect(series[0]?.at[0]).toBe(begin);
  });

  it('goes on where a predecessor that was killed within a minute stopped', async () => {
    const path = join(temporaryFolder(), 'health.db');
    const first = await openStore(path);
    for (let second = 0; second < 90; second += 5) append(first, begin + second * 1000, { connections: second });
    first.close();
    const second = await openStore(path);
    append(second, begin + 10 * minute, { connections: 7 });
    const minutes = second.hotRows(tiers[1], 1, 0, begin + hour).map(({ at }) => (at - begin) / minute);
    expect(minutes).toEqual([0, 1]);
  });

  it('puts a damaged file aside and begins anew', async () => {
    const path = join(temporaryFolder(), 'health.db');
    writeFileSync(path, 'this is no database, '.repeat(1000));
    const told: string[] = [];
    opened = await HistoryStore.open(path, { largestBytes: 1e9, onDamage: (aside) => told.push(aside) });
    append(opened, begin, { connections: 1 });
    expect(told).toHaveLength(1);
    expect(existsSync(told[0] ?? '')).toBe(true);
    expect(readdirSync(dirname(path))).toContain('health.db');
  });

  it('refuses the file of a newer Lifeboat instead of overwriting it', async () => {
    const path = join(temporaryFolder(), 'health.db');
    const store = await openStore(path);
    store.database.run("UPDATE meta SET value = 99 WHERE name = 'formatVersion'");
    store.close();
    opened = null;
    await expect(HistoryStore.open(path, { largestBytes: 1e9 })).rejects.toThrow(/newer Lifeboat/);
  });
});

describe('the door to the database', () => {
  it('refuses values that would end the process', async () => {
    const database = await openDatabase(join(temporaryFolder(), 'x.db'));
    database.execute('CREATE TABLE t (a)');
    for (const bad of [true, new Date(), Number.NaN, {}, undefined])
      expect(() => database.run('INSERT INTO t VALUES (?)', [bad as unknown as SqlValue])).toThrow(/cannot be stored/);
    database.run('INSERT INTO t VALUES (?)', [new Uint8Array([1, 2])]);
    expect(() =>
      database.transaction(() => {
        database.run('INSERT INTO t VALUES (1)');
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(database.all('SELECT COUNT(*) AS n FROM t')[0]?.['n']).toBe(1);
    database.close();
  });
});
