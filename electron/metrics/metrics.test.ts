import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricNames, noMetrics, type MemberSample, type MetricName } from '../../shared/health';
import type { Job } from '../../shared/jobs';
import { catalogueEntry, memberSample } from '../../shared/test-support/samples';
import { backupFigures, type Figures } from './gather';
import { createFiguresRegistry } from './prometheus-text';

const now = Date.parse('2026-11-20T12:00:00Z');
const everyMetric = Object.fromEntries(metricNames.map((name, index) => [name, index + 1])) as Record<
  MetricName,
  number
>;

const member = (host: string, part: Partial<MemberSample>) =>
  memberSample(host, { metrics: everyMetric, at: now, uptimeSeconds: 1, ...part });

const failedJob: Job = {
  id: 'j',
  kind: 'backup',
  title: 'Back up shop',
  status: 'failed',
  phases: [],
  progress: {
    phase: '',
    bytesDone: 0,
    bytesTotal: null,
    documentsDone: 0,
    documentsTotal: null,
    bytesPerSecond: null,
    documentsPerSecond: null,
    secondsLeft: null,
  },
  connectionId: 'c',
  resultId: null,
  error: null,
  warnings: [],
  createdAt: '2026-11-20T11:00:00Z',
  startedAt: '2026-11-20T11:00:00Z',
  endedAt: '2026-11-20T11:01:00Z',
  origin: 'cli',
  processId: 1,
  hostname: 'h',
};

const figures: Figures = {
  version: '1.2.3',
  at: now,
  stores: [
    { id: 's', name: 'S', path: '/s', available: true, writable: true, freeBytes: 5, problem: null, temporary: false },
  ],
  deployments: [
    {
      name: 'shop "prod"\n\\',
      environment: 'production',
      sample: {
        connectionId: 'c',
        at: now,
        topology: 'replica set',
        sets: [
          {
            name: 'rs',
            shard: null,
            primary: 'a:1',
            term: 1,
            members: [
              member('a:1', { state: 'PRIMARY' }),
              member('b:1', { answered: false, state: 'DOWN', metrics: noMetrics }),
            ],
          },
        ],
        singles: [],
        problem: null,
      },
      alerts: [{ severity: 'critical', count: 1 }],
      backups: backupFigures([catalogueEntry({})], [failedJob], now),
    },
  ],
};

const text = await createFiguresRegistry(figures).metrics();
const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const printed = new Set(samples.map((line) => /^[a-z_0-9]+/.exec(line)?.[0]));
const resources = join(__dirname, '../../resources');

describe('what Prometheus is told', () => {
  it('is text that it can parse: help and type before each metric, every line a sample', () => {
    const value = '"(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
    const label = `[a-z_]+=${value}`;
    const line = new RegExp(`^lifeboat_[a-z_0-9]+(?:\\{${label}(?:,${label})*\\})? -?[0-9.e+-]+$`);
    for (const sample of samples) expect(sample).toMatch(line);
    for (const name of printed) {
      expect(text).toContain(`# HELP ${name ?? ''} `);
      expect(text).toContain(`# TYPE ${name ?? ''} gauge`);
    }
  });

  it('escapes what names may hold', () => {
    expect(text).toContain('connection="shop \\"prod\\"\\n\\\\"');
  });

  it('leaves out what is not known: a member that does not answer has no lag, not a lag of 0', () => {
    expect(samples.some((line) => line.startsWith('lifeboat_member_lag_seconds') && line.includes('a:1'))).toBe(true);
    expect(samples.filter((line) => line.includes('b:1')).map((line) => line.split('{')[0])).toEqual([
      'lifeboat_member_up',
    ]);
  });

  it('is in seconds, bytes and ratios', () => {
    const valueOf = (name: string) =>
      Number(
        samples
          .find((line) => line.startsWith(`${name}{`))
          ?.split(' ')
          .at(-1),
      );
    expect(valueOf('lifeboat_member_oplog_window_seconds')).toBe(everyMetric.oplogWindowHours * 3600);
    expect(valueOf('lifeboat_member_cache_hit_ratio')).toBeCloseTo(everyMetric.cacheHitPercent / 100);
    expect(valueOf('lifeboat_backup_age_seconds')).toBe(5 * 3600);
    expect(valueOf('lifeboat_backup_duration_seconds')).toBe(600);
    expect(valueOf('lifeboat_backup_verified_timestamp_seconds')).toBe(Date.parse('2026-11-20T07:00:00Z') / 1000);
  });

  it.each(['prometheus/lifeboat-rules.yml', 'grafana/lifeboat.json'])('has every metric that %s asks for', (file) => {
    const content = readFileSync(join(resources, file), 'utf8');
    const asked = new Set(content.match(/\blifeboat_[a-z_0-9]+/g));
    expect(asked.size).toBeGreaterThan(15);
    expect([...asked].filter((name) => !printed.has(name))).toEqual([]);
  });
});

describe('backups in figures', () => {
  it('the newest failed when it ended after the newest good one', () => {
    expect(backupFigures([catalogueEntry({})], [failedJob], now)).toMatchObject({
      lastAttemptFailed: true,
      successRatio: 0.5,
    });
    const earlier = { ...failedJob, endedAt: '2026-11-20T01:00:00Z' };
    expect(backupFigures([catalogueEntry({})], [earlier], now).lastAttemptFailed).toBe(false);
    expect(backupFigures([], [], now)).toMatchObject({ newest: null, lastAttemptFailed: null, successRatio: null });
  });

  it('neither undos nor opened files nor damaged ones count as backups', () => {
    const none = [
      catalogueEntry({ type: 'undo' }),
      catalogueEntry({ temporary: true }),
      catalogueEntry({ status: 'damaged' }),
    ];
    expect(backupFigures(none, [], now)).toMatchObject({ newest: null, verified: [] });
    expect(backupFigures(none, [], now).byStatus).toEqual([{ status: 'damaged', count: 1 }]);
  });

  it('is verified by category', () => {
    const verified = [catalogueEntry({}), catalogueEntry({ id: 'b', category: 'critical', verification: null })];
    expect(backupFigures(verified, [], now).verified.map(({ category }) => category)).toEqual(['operational']);
  });
});
