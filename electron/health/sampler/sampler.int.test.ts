/** The sampler on a real set of three, through what happens to one. */
import { Long, type MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { membersOf, type DeploymentSample, type HealthEvent } from '../../../shared/health';
import { memberAddressesOf } from '../../connections/member-addresses';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { DeploymentSampler } from './deployment-sampler';

let mongod: TestMongod;
let client: MongoClient;
let sampler: DeploymentSampler;
const events: HealthEvent[] = [];

async function sample(): Promise<DeploymentSample> {
  const taken = await sampler.sample();
  events.push(...taken.events);
  return taken.sample;
}

/** Samples every 200 ms until `seen`. */
async function sampleUntil(seen: (sample: DeploymentSample) => boolean): Promise<DeploymentSample> {
  for (const end = Date.now() + 60_000; ;) {
    const taken = await sample();
    if (seen(taken)) return taken;
    if (Date.now() > end) throw new Error(`Not seen: ${JSON.stringify(taken, null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function samplerOf(uri: string): DeploymentSampler {
  return new DeploymentSampler({ connectionId: 'c', intervalMs: 1000, addresses: () => memberAddressesOf(uri) });
}

beforeAll(async () => {
  const auth = { user: 'ann', password: 'p@ss:/w?rd' };
  mongod = await startTestMongod({ members: 3, auth, args: ['--setParameter', 'enableTestCommands=1'] });
  client = await mongod.connect();
  await client
    .db('shop')
    .collection('orders')
    .insertOne({ a: 1 }, { writeConcern: { w: 3 } });
  sampler = samplerOf(mongod.uri);
});
afterAll(async () => {
  sampler.close();
  await mongod.stop();
});

const stateOf = (taken: DeploymentSample, host: string | undefined) =>
  membersOf(taken).find((member) => member.host === host)?.state;

describe('a sample of a real set', () => {
  it('says what the set itself says at that moment, member by member', async () => {
    await sample();
    await client
      .db('shop')
      .collection('orders')
      .insertMany(
        Array.from({ length: 500 }, (_, a) => ({ a })),
        { writeConcern: { w: 3 } },
      );
    const taken = await sampleUntil((seen) =>
      membersOf(seen).every(({ metrics }) => (metrics.oplogWindowHours ?? -1) >= 0),
    );
    const status = await client.db('admin').command({ replSetGetStatus: 1 });
    const server = await client.db('admin').command({ serverStatus: 1 });
    const set = taken.sets[0];
    expect(taken).toMatchObject({ topology: 'replica set', singles: [], problem: null });
    expect(set?.primary).toBe(mongod.host);
    expect(set?.term).toBe(Number(status['term'] as number));
    const told = (status['members'] as { name: string; stateStr: string }[]).map(({ name, stateStr }) => [
      name,
      stateStr,
    ]);
    expect(set?.members.map(({ host, state }) => [host, state]).sort()).toEqual(told.sort());
    for (const { metrics, heardByOthers, version, answered } of set?.members ?? []) {
      expect({ heardByOthers, version, answered }).toEqual({
        heardByOthers: true,
        version: server['version'] as string,
        answered: true,
      });
      expect(metrics.connections).toBeGreaterThan(0);
      expect(metrics.diskUsedPercent).toBeGreaterThan(0);
      expect(metrics.memoryBytes).toBeGreaterThan(1e8);
      expect(metrics.indexBytes).toBeGreaterThan(0);
      expect(metrics.readTicketsUsedPercent).not.toBeNull();
      expect(metrics.cacheUsedPercent).toBeGreaterThan(0);
    }
    const primary = set?.members.find(({ host }) => host === mongod.host);
    expect(Math.abs((primary?.uptimeSeconds ?? 0) - Number(server['uptime']))).toBeLessThan(3);
    expect(primary?.metrics.majorityLagSeconds).toBeLessThan(1);
    const secondary = set?.members.find(({ state }) => state === 'SECONDARY');
    expect(secondary?.configuration).toMatchObject({ priority: 1, votes: 1, hidden: false });
    expect(secondary?.metrics.lagSeconds).toBeLessThan(1);
    expect(secondary?.syncSource).not.toBeNull();
  });

  it('counts what was done between two samples', async () => {
    await sample();
    await client
      .db('shop')
      .collection('orders')
      .insertMany(Array.from({ length: 300 }, (_, a) => ({ a })));
    const primary = membersOf(await sample()).find(({ host }) => host === mongod.host);
    expect(primary?.metrics.insertsPerSecond).toBeGreaterThan(10);
    expect(primary?.metrics.p95LatencyMs).toBeGreaterThan(0);
    expect(primary?.metrics.cacheHitPercent).toBeLessThanOrEqual(100);
  });

  it('counts reads of whole collections, and not its own of the oplog', async () => {
    const eager = new DeploymentSampler({
      connectionId: 'c',
      intervalMs: 1000,
      addresses: () => memberAddressesOf(mongod.uri),
      rare: { oplogMs: 0, sizesMs: 60_000, capacityMs: 60_000 },
    });
    const scans = async () =>
      Object.fromEntries(
        membersOf((await eager.sample()).sample).map(({ host, metrics }) => [host, metrics.collectionScansPerSecond]),
      );
    const perMember = (value: number | null) => Object.fromEntries(mongod.members.map(({ host }) => [host, value]));
    expect(await scans()).toEqual(perMember(null));
    // A server reads small collections of its own now and then, such as its keys; each sample reads the oplog.
    await expect.poll(scans, { timeout: 30_000, interval: 0 }).toEqual(perMember(0));
    for (let read = 0; read < 40; read += 1) await client.db('shop').collection('orders').findOne({ nothing: read });
    const { [mongod.host]: primary, ...others } = await scans();
    expect(primary).toBeGreaterThan(0);
    expect(Math.max(...Object.values(others).map((perSecond) => perSecond ?? 0))).toBeLessThan((primary ?? 0) / 10);
    eager.close();
  });

  it('tells as lag how long the oldest missing write has waited', async () => {
    const host = mongod.members[1]?.host ?? '';
    const { MongoClient } = await import('mongodb');
    const uri = (await memberAddressesOf(mongod.uri)).uriOf(host);
    const direct = await new MongoClient(uri).connect();
    const stop = (mode: string) => direct.db('admin').command({ configureFailPoint: 'rsSyncApplyStop', mode });
    const supported = await stop('alwaysOn').then(
      () => true,
      () => false,
    );
    if (supported) {
      const wroteAt = Date.now();
      await client
        .db('shop')
        .collection('orders')
        .insertOne({ lag: Long.fromNumber(1) }, { writeConcern: { w: 1 } });
      const lagging = await sampleUntil(
        (seen) => (membersOf(seen).find((member) => member.host === host)?.metrics.lagSeconds ?? 0) > 2,
      );
      const lag = membersOf(lagging).find((member) => member.host === host)?.metrics.lagSeconds ?? 0;
      expect(Math.abs(lag - (Date.now() - wroteAt) / 1000)).toBeLessThan(1);
      await stop('off');
      await sampleUntil(
        (seen) => (membersOf(seen).find((member) => member.host === host)?.metrics.lagSeconds ?? 9) < 1,
      );
    }
    await direct.close();
  });

  it('does not let a frozen member hold up the others', async () => {
    const frozen = mongod.members[2];
    process.kill(frozen?.pid ?? 0, 'SIGSTOP');
    const began = Date.now();
    const taken = await sample();
    expect(Date.now() - began).toBeLessThan(2500);
    expect(stateOf(taken, frozen?.host)).toBe('DOWN');
    expect(membersOf(taken).filter(({ answered }) => answered)).toHaveLength(2);
    process.kill(frozen?.pid ?? 0, 'SIGCONT');
    const back = await sampleUntil((seen) => stateOf(seen, frozen?.host) === 'SECONDARY');
    expect(membersOf(back).find(({ host }) => host === frozen?.host)?.metrics.connections).toBeGreaterThan(0);
    expect(events.map(({ kind, host }) => `${kind} ${host ?? ''}`)).toEqual(
      expect.arrayContaining([`stopped-answering ${frozen?.host ?? ''}`, `answers-again ${frozen?.host ?? ''}`]),
    );
    expect(events.some(({ kind }) => kind === 'restarted')).toBe(false);
  });

  it('follows an election and a restart, with gaps instead of numbers below zero', async () => {
    events.length = 0;
    const old = mongod.members[0];
    await old?.kill();
    const elected = await sampleUntil((seen) => seen.sets[0]?.primary != null && seen.sets[0].primary !== old?.host);
    expect(stateOf(elected, old?.host)).toBe('DOWN');
    await old?.restart();
    await sampleUntil((seen) => ['SECONDARY', 'PRIMARY'].includes(stateOf(seen, old?.host) ?? ''));
    const kinds = events.map(({ kind, host }) => `${kind} ${host ?? ''}`);
    expect(kinds).toEqual(
      expect.arrayContaining([
        `stopped-answering ${old?.host ?? ''}`,
        `election ${elected.sets[0]?.primary ?? ''}`,
        `restarted ${old?.host ?? ''}`,
      ]),
    );
    for (const { metrics } of membersOf(await sample()))
      for (const value of Object.values(metrics)) expect(value ?? 0).toBeGreaterThanOrEqual(0);
  });
});

it('a standalone is one member with everything but replication', async () => {
  const single = await startTestMongod();
  const alone = samplerOf(single.uri);
  await alone.sample();
  const { sample: taken } = await alone.sample();
  expect(taken).toMatchObject({ topology: 'standalone', sets: [], problem: null });
  expect(taken.singles[0]).toMatchObject({
    role: 'standalone',
    state: 'STANDALONE',
    metrics: { lagSeconds: null, oplogWindowHours: null },
  });
  expect(taken.singles[0]?.metrics.commandsPerSecond).toBeGreaterThan(0);
  expect(taken.singles[0]?.metrics.diskTotalBytes).toBeGreaterThan(0);
  alone.close();
  await single.stop();
});
