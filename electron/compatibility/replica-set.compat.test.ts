/** Health, alerts and operations of a set of three on servers of other versions. */
import { writeFileSync } from 'node:fs';
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertNotice } from '../../shared/alerts';
import { membersOf, metricNames, type DeploymentSample, type MetricName } from '../../shared/health';
import type { Operation } from '../../shared/operations';
import { memberAddressesOf } from '../connections/member-addresses';
import { defaultRules } from '../health/alerts/default-rules';
import { DeploymentSampler } from '../health/sampler/deployment-sampler';
import {
  createOperationsHarness,
  equalPriorities,
  type OperationsHarness,
} from '../operations/test-support/operations-harness';
import type { TestMongod } from '../test-support/test-mongod';
import { describeVersions } from './test-support/tested-versions';

/** What a primary cannot tell, whatever its version. */
const notOfPrimaries: MetricName[] = ['lagSeconds'];
const notOfSecondaries: MetricName[] = ['majorityLagSeconds'];
/** Told only of what happened between two samples: none of it may have. */
const perhapsNothing: MetricName[] = [
  'readLatencyMs',
  'writeLatencyMs',
  'commandLatencyMs',
  'p95LatencyMs',
  'cacheHitPercent',
  'oplogReachHours',
  'oplogBytesPerHour',
];

describeVersions('4.2', (version) => {
  let server: TestMongod;
  let client: MongoClient;
  let harness: OperationsHarness;
  const told: AlertNotice[] = [];

  beforeAll(async () => {
    server = await version.start({ members: 3 });
    harness = await createOperationsHarness(server.uri);
    client = await server.connect();
    await equalPriorities(client);
    const orders = Array.from({ length: 2000 }, (_, at) => ({ at, text: 'x'.repeat(300) }));
    await client
      .db('shop')
      .collection('orders')
      .insertMany(orders, { writeConcern: { w: 3 } });
  });
  afterAll(async () => {
    await harness?.close();
    await server?.stop();
  });

  const nameOfPrimary = async (): Promise<string> => {
    const { members } = (await client.db('admin').command({ replSetGetStatus: 1 })) as {
      members: { name: string; stateStr: string }[];
    };
    return members.find(({ stateStr }) => stateStr === 'PRIMARY')?.name ?? '';
  };
  const someSecondary = async (): Promise<string> => {
    const primary = await nameOfPrimary();
    return server.members.find(({ host }) => host !== primary)?.host ?? '';
  };

  it('tells every metric of every member as a number that can be, or not at all', async () => {
    const sampler = new DeploymentSampler({
      connectionId: 'c',
      intervalMs: 5000,
      addresses: () => memberAddressesOf(server.uri),
    });
    try {
      await sampler.sample();
      const orders = client.db('shop').collection('orders');
      for (let at = 0; at < 50; at++) await orders.find({ at }).toArray();
      await orders.insertMany(
        Array.from({ length: 100 }, (_, at) => ({ at })),
        { writeConcern: { w: 3 } },
      );
      let sample: DeploymentSample | null = null;
      await expect
        .poll(
          async () => {
            ({ sample } = await sampler.sample());
            return membersOf(sample).filter(({ metrics }) => metrics.oplogWindowHours !== null).length;
          },
          { timeout: 60_000 },
        )
        .toBe(3);
      const members = sample ? membersOf(sample) : [];
      const status = await client.db('admin').command({ serverStatus: 1 });
      for (const { state, metrics, version: told, answered, configuration, term, uptimeSeconds } of members) {
        expect([answered, told?.startsWith(`${version.series}.`), term]).toEqual([true, true, expect.any(Number)]);
        expect(configuration).toMatchObject({ votes: 1, priority: 1, hidden: false, delaySeconds: 0 });
        expect(uptimeSeconds).toBeGreaterThan(0);
        const untold = metricNames.filter((name) => metrics[name] === null && !perhapsNothing.includes(name));
        expect(untold).toEqual(expected(state, version.isAtLeast('4.4')));
        for (const name of metricNames) {
          const value = metrics[name];
          if (value === null) continue;
          expect(value, name).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(value), name).toBe(true);
          if (name.endsWith('Percent') && name !== 'indexOfMemoryPercent')
            expect(value, name).toBeLessThanOrEqual(100.5);
        }
        expect(metrics.connections).toBeLessThan(200);
        expect(metrics.diskUsedPercent).toBeGreaterThan(0);
        expect(metrics.memoryBytes).toBeGreaterThan(1e8);
      }
      const primary = members.find(({ state }) => state === 'PRIMARY');
      expect(Math.abs((primary?.uptimeSeconds ?? 0) - Number(status['uptime']))).toBeLessThan(5);
      const secondary = members.find(({ state }) => state === 'SECONDARY');
      expect(secondary?.metrics.lagSeconds).toBeLessThan(5);
    } finally {
      sampler.close();
    }
  });

  function expected(state: string, countsScans: boolean): MetricName[] {
    const untold = [...(state === 'PRIMARY' ? notOfPrimaries : notOfSecondaries)];
    // 4.2 does not count the collections that are read as a whole.
    return metricNames.filter((name) => untold.includes(name) || (!countsScans && name === 'collectionScansPerSecond'));
  }

  it('tells a killed secondary by its name, and its return', async () => {
    const rule = defaultRules.find(({ id }) => id === 'member-down');
    const rules = rule ? [{ ...rule, forSeconds: 2, clearSeconds: 2 }] : [];
    writeFileSync(
      harness.dataFolder.alertsFile,
      JSON.stringify({ formatVersion: 1, rules, silences: [], open: [], past: [] }),
    );
    await harness.settings.update({ healthIntervalSeconds: 1 });
    harness.health.onNotice((notice) => told.push(notice));
    harness.health.fleet.start();
    const primary = await nameOfPrimary();
    const victim = server.members.find(({ host }) => host !== primary);
    if (!victim) throw new Error('no secondary to kill');
    const seen = (kind: AlertNotice['kind']) => () =>
      told.filter((notice) => notice.kind === kind && notice.incident.host === victim.host).length;
    await victim.kill();
    try {
      await expect.poll(seen('fired'), { timeout: 120_000 }).toBe(1);
    } finally {
      await victim.restart();
    }
    await expect.poll(seen('cleared'), { timeout: 120_000 }).toBe(1);
    expect(told.filter(({ incident }) => incident.ruleId !== 'member-down')).toEqual([]);
  });

  describe('operations', () => {
    it('steps the primary down and tells the new one', async () => {
      const former = await nameOfPrimary();
      const { preview, job, outcome } = await harness.run({
        kind: 'step-down',
        seconds: 10,
        catchUpSeconds: 5,
        force: false,
      });
      expect(preview.electable).toHaveLength(2);
      expect([job.error, outcome.status]).toEqual([null, 'succeeded']);
      expect(outcome.text).toMatch(/is the primary of rs0\.$/);
      expect(outcome.text).not.toContain(former);
    });

    it('freezes a secondary and thaws it', async () => {
      const host = await someSecondary();
      expect((await harness.run({ kind: 'freeze', host, seconds: 30 })).outcome.status).toBe('succeeded');
      expect((await harness.run({ kind: 'freeze', host, seconds: 0 })).outcome.status).toBe('succeeded');
    });

    it('reconfigures: tags, votes one at a time, hidden and delayed members, and back', async () => {
      const host = await someSecondary();
      const changes: Omit<Extract<Operation, { kind: 'reconfigure' }>['changes'][number], 'host'>[] = [
        { tags: { dc: 'west' } },
        { votes: 0, priority: 0 },
        { hidden: true, delaySeconds: 60 },
        { hidden: false, delaySeconds: 0 },
        { votes: 1, priority: 1, tags: {} },
      ];
      for (const change of changes) {
        const { outcome } = await harness.run({ kind: 'reconfigure', changes: [{ host, ...change }] });
        expect([outcome.error, outcome.status]).toEqual([null, 'succeeded']);
      }
      const { config } = (await client.db('admin').command({ replSetGetConfig: 1 })) as {
        config: { members: Record<string, unknown>[] };
      };
      const member = config.members.find((each) => each['host'] === host) ?? {};
      expect(member).toMatchObject({ votes: 1, priority: 1, hidden: false });
      expect(Number(member['secondaryDelaySecs'] ?? member['slaveDelay'])).toBe(0);
    });

    it('adds a member and removes it', async () => {
      const fresh = await version.start({ args: ['--replSet', 'rs0', '--oplogSize', '64'] });
      try {
        const settings = {
          arbiterOnly: false,
          priority: 1,
          votes: 1 as const,
          hidden: false,
          delaySeconds: 0,
          tags: {},
        };
        const added = await harness.run({ kind: 'add-member', host: fresh.host, ...settings });
        expect([added.outcome.error, added.outcome.status]).toEqual([null, 'succeeded']);
        const removed = await harness.run({ kind: 'remove-member', host: fresh.host });
        expect([removed.outcome.error, removed.outcome.status]).toEqual([null, 'succeeded']);
      } finally {
        await fresh.stop();
      }
    });

    it('tests a failover and measures it', async () => {
      const { job, outcome } = await harness.run({ kind: 'failover-test' });
      expect(job.error).toBeNull();
      expect(outcome.status).toMatch(/^succeeded/);
    });
  });
});
