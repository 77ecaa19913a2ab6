/** The history in its thread, and under kill -9. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { noMetrics, type DeploymentSample } from '../../../shared/health';
import { createTaskRunner } from '../../jobs/run-in-worker';
import { createSilentLogger } from '../../platform/logger';
import { startChild } from '../../test-support/child-process';
import { temporaryFolder } from '../../test-support/temporary-folder';
import { HistoryStore } from './history-store';
import { createHistory } from './service';
import { tiers } from './tiers';

const rounds = Number(process.env['LIFEBOAT_TEST_RUNS'] ?? '5');

it('killed in the middle of writing it loses at most the last sample, opens again, and has every minute', async () => {
  const path = join(temporaryFolder(), 'health.db');
  let next = 0;
  for (let round = 0; round < rounds; round++) {
    const child = await startChild('write-history', path, String(next));
    await child.line('wrote');
    await new Promise((resolve) => setTimeout(resolve, 40 + Math.random() * 400));
    await child.kill();
    const last = Math.max(...child.lines.map((line) => Number(line.slice('wrote '.length))));
    const store = await HistoryStore.open(path, { largestBytes: 2 ** 31 });
    expect(Object.values(store.database.all('PRAGMA integrity_check')[0] ?? {})[0]).toBe('ok');
    const members = store.members('d');
    expect(members).toHaveLength(3);
    const newest = members.map(
      ({ id }) => (store.hotRows(tiers[0], id, 0, Number.MAX_SAFE_INTEGER).at(-1)?.at ?? 0) / 5000,
    );
    // All members of a sample or none; what was told as written is there.
    expect(new Set(newest).size).toBe(1);
    expect(newest[0]).toBeGreaterThanOrEqual(last);
    expect(newest[0]).toBeLessThanOrEqual(last + 1);
    next = (newest[0] ?? 0) + 1;
    store.close();
  }
  const store = await HistoryStore.open(path, { largestBytes: 2 ** 31 });
  const id = store.members('d')[0]?.id ?? 0;
  const minutes = store.hotRows(tiers[1], id, 0, Number.MAX_SAFE_INTEGER).map(({ at }) => at / 60_000);
  const first = minutes[0] ?? 0;
  expect(minutes).toEqual(Array.from({ length: minutes.length }, (_, index) => first + index));
  expect((minutes.at(-1) ?? 0) + 1).toBe(Math.floor(((next - 1) * 5000) / 60_000));
  store.close();
});

it('is written and asked from a thread of its own, and is there again after it was closed', async () => {
  const path = join(temporaryFolder(), 'health.db');
  const tasks = createTaskRunner({ workerFile: process.env['LIFEBOAT_WORKER_FILE'] ?? '', maxWorkers: 2 });
  const logger = createSilentLogger();
  const now = Date.now();
  const sample = (at: number): DeploymentSample => ({
    connectionId: 'd',
    at,
    topology: 'standalone',
    sets: [],
    problem: null,
    singles: [
      {
        host: 'a:1',
        role: 'standalone',
        at,
        answered: true,
        problem: null,
        state: 'STANDALONE',
        heardByOthers: null,
        syncSource: null,
        term: null,
        version: null,
        uptimeSeconds: null,
        configuration: null,
        metrics: { ...noMetrics, connections: 3 },
      },
    ],
  });
  const event = { at: now, kind: 'restarted' as const, host: 'a:1', set: null, text: 'a:1 was restarted' };
  const first = createHistory({ path, tasks, logger });
  await Promise.all([first.append(sample(now - 5000), []), first.append(sample(now), [event])]);
  await first.close();
  await expect(first.events('d', 0, now)).rejects.toThrow(/closed/);
  const second = createHistory({ path, tasks, logger });
  expect(await second.events('d', now - 1000, now)).toEqual([event]);
  const { series } = await second.series({
    deployment: 'd',
    hosts: ['a:1'],
    metrics: ['connections'],
    from: now - 60_000,
    to: now,
    points: 100,
  });
  expect(series[0]?.mean).toEqual([3, 3]);
  await second.close();
  const nowhere = createHistory({ path: '/nonexistent/folder/health.db', tasks, logger });
  await expect(nowhere.append(sample(now), [])).rejects.toThrow();
  await nowhere.close();
  await tasks.close();
});
