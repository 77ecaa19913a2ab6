/** All connections watched at once, on a real set of three: what is added, changed, removed, killed, recorded elsewhere. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionInput } from '../../../shared/connections';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import type { HealthEvent } from '../../../shared/health';
import { startChild } from '../../test-support/child-process';
import { freePort, startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createTestServices, type TestServices } from '../../test-support/test-services';

let mongod: TestMongod;
let services: TestServices;
const newest = new Map<string, DeploymentHealth>();
const events: { connectionId: string; event: HealthEvent }[] = [];
const waiting = new Set<() => void>();

function follow({ health }: TestServices): void {
  health.fleet.onChanged((changed) => {
    newest.set(changed.connectionId, changed);
    waiting.forEach((look) => look());
  });
  health.fleet.onEvents((connectionId, told) => {
    events.push(...told.map((event) => ({ connectionId, event })));
    waiting.forEach((look) => look());
  });
}

beforeAll(async () => {
  mongod = await startTestMongod({ members: 3 });
  services = await createTestServices(mongod.uri);
  await services.settings.update({ healthIntervalSeconds: 1 });
  follow(services);
  services.health.fleet.start();
});
afterAll(async () => {
  await services.close();
  await mongod.stop();
});

function until<T>(find: () => T | null | undefined | false, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: ${JSON.stringify([...newest.values()])}`)), 60_000);
    const look = (): void => {
      const found = find();
      if (!found) return;
      clearTimeout(timer);
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
  });
}

/** The next health of a connection for which `is` holds. */
function healthOf(id: string, is: (health: DeploymentHealth) => boolean, what: string): Promise<DeploymentHealth> {
  return until(() => {
    const health = newest.get(id);
    return health && is(health) ? health : null;
  }, what);
}

function input(name: string, uri: string, more: Partial<ConnectionInput> = {}): ConnectionInput {
  return {
    name,
    colour: 'gray',
    environment: 'development',
    readOnly: false,
    uri,
    username: null,
    secretPlace: 'none',
    ...more,
  };
}

const answering = ({ sample }: DeploymentHealth): number =>
  sample?.sets[0]?.members.filter(({ answered }) => answered).length ?? 0;

describe('the fleet', () => {
  it('watches and records a connection that is there at the start', async () => {
    const { id } = services.connection;
    const health = await healthOf(id, (seen) => answering(seen) === 3, 'three members answer');
    expect(health).toMatchObject({ connectionId: id, recordedHere: true, intervalMs: 1000 });
    expect(await services.health.fleet.deployment(id)).toEqual(newest.get(id));
    expect(events.some(({ connectionId, event }) => connectionId === id && event.kind === 'sampling-started')).toBe(
      true,
    );
  });

  it('tells the configuration of its set, with what a reader should know', async () => {
    const configuration = await services.health.configuration(services.connection.id, null);
    expect(configuration.set).toBe('rs0');
    expect(configuration.members.map(({ host }) => host).sort()).toEqual(mongod.members.map(({ host }) => host).sort());
    expect(configuration.remarks.join()).toMatch(/3 of 3 votes are on 127\.0\.0\.1/);
    await expect(services.health.configuration(services.connection.id, 'other')).rejects.toThrow(/no set other/);
  });

  it('begins with a connection when it is added, follows it to another server, ends when it is removed', async () => {
    const { connections, health } = services;
    const added = await connections.add(input('added', mongod.uri));
    await healthOf(added.id, (seen) => answering(seen) === 3, 'the added one is sampled');

    const nowhere = `mongodb://127.0.0.1:${await freePort()}`;
    await connections.update(added.id, input('added', nowhere));
    const lost = await healthOf(added.id, ({ sample }) => sample?.problem != null, 'nobody answers');
    expect(lost).toMatchObject({ verdict: 'unknown', since: expect.any(Number) as number });
    expect(lost.problem).toMatch(/127\.0\.0\.1/);
    await expect(health.configuration(added.id, null)).rejects.toThrow(/127\.0\.0\.1/);

    await connections.remove(added.id);
    expect((await health.fleet.deployments()).map(({ connectionId }) => connectionId)).toEqual([
      services.connection.id,
    ]);
    await expect(health.fleet.deployment(added.id)).rejects.toThrow(/There is no connection/);
    newest.delete(added.id);
    const { sample } = await healthOf(services.connection.id, () => true, 'the other one');
    await healthOf(services.connection.id, (seen) => (seen.sample?.at ?? 0) > (sample?.at ?? 0) + 1500, 'two samples');
    expect(newest.has(added.id)).toBe(false);
  });

  it('leaves nothing open of a connection that is no more', async () => {
    const { connections, health } = services;
    const added = await connections.add(input('lost', `mongodb://127.0.0.1:${await freePort()}`));
    const rule = (await health.alerts.rules()).find(({ rule: { id } }) => id === 'member-down')?.rule;
    if (rule) await health.alerts.saveRule({ ...rule, forSeconds: 0 });
    const { incidents } = await healthOf(added.id, (seen) => seen.incidents.length > 0, 'an alert is open');
    expect(newest.get(added.id)).toMatchObject({ verdict: 'critical', since: incidents[0]?.since });
    await health.alerts.acknowledge({ incidentId: incidents[0]?.id ?? '', note: 'seen' });
    const isSeen = (seen: DeploymentHealth): boolean => seen.incidents[0]?.acknowledged?.note === 'seen';
    const { sample } = await healthOf(added.id, isSeen, 'it is acknowledged');
    const later = await healthOf(added.id, (seen) => (seen.sample?.at ?? 0) > (sample?.at ?? 0), 'a newer sample');
    expect(isSeen(later)).toBe(true);
    await connections.remove(added.id);
    for (const end = Date.now() + 10_000; ;) {
      const { open, past } = await health.alerts.incidents();
      if (open.length === 0 && past.some(({ id }) => id === incidents[0]?.id)) break;
      if (Date.now() > end) throw new Error(JSON.stringify({ open, past }));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (rule) await health.alerts.resetRule(rule.id);
  });

  it('says honestly that a password is missing, and goes on once it was entered', async () => {
    const { connections } = services;
    const asked = await connections.add(input('asked', mongod.uri, { username: 'ann', secretPlace: 'ask' }));
    const locked = await healthOf(asked.id, ({ sample }) => sample !== null, 'it was tried');
    expect(locked).toMatchObject({ verdict: 'unknown', problem: 'The password of asked is not known yet.' });
    expect(locked.sample?.problem?.code).toBe('secret-unavailable');
    await connections.unlock(asked.id, 'wrong');
    await healthOf(asked.id, ({ sample }) => sample?.problem?.code === 'authentication', 'the password is used');
    await connections.remove(asked.id);
  });

  it('shows a killed member with the next samples, the others meanwhile as they are', async () => {
    const { id } = services.connection;
    const member = mongod.members[2];
    await member?.kill();
    const killedAt = Date.now();
    const ill = await healthOf(id, (seen) => answering(seen) === 2, 'a member is down');
    expect(Date.now() - killedAt).toBeLessThan(5000);
    expect(['warning', 'critical']).toContain(ill.verdict);
    expect(ill.problem).toContain(member?.host);
    expect(ill.since).toBeGreaterThan(killedAt - 5000);
    await member?.restart();
    await healthOf(id, (seen) => answering(seen) === 3 && seen.verdict === 'healthy', 'it is well again');
  });
});

it('leaves the recording to another process, and takes it over when that one ends', async () => {
  const second = await createTestServices(mongod.uri);
  follow(second);
  await second.settings.update({ healthIntervalSeconds: 1 });
  const saved = await second.connections.add(input('saved', mongod.uri));
  const child = await startChild('record-health', second.dataFolder.root, saved.id);
  await child.line('recorded true');
  second.health.fleet.start();
  const followed = await healthOf(saved.id, (seen) => answering(seen) === 3, 'it is sampled here too');
  expect(followed.recordedHere).toBe(false);
  expect(await second.health.recordedIncidents(saved.id)).toEqual([]);
  const killedAt = Date.now();
  await child.kill();
  await healthOf(saved.id, ({ recordedHere }) => recordedHere, 'it is recorded here');
  // Cut off in the middle of its writing, the other one left a history that goes on.
  const query = { deployment: saved.id, hosts: null, metrics: ['connections' as const], points: 1000 };
  const { series } = await second.health.history.series({ ...query, from: killedAt - 60_000, to: Date.now() + 1000 });
  const at = series[0]?.at ?? [];
  expect(at.some((time) => time < killedAt)).toBe(true);
  await until(
    () => (newest.get(saved.id)?.sample?.at ?? 0) > killedAt && newest.get(saved.id)?.recordedHere,
    'goes on',
  );
  const { id } = second.connection;
  await healthOf(id, (seen) => answering(seen) === 3, 'all are sampled');

  // A member that does not answer holds up neither the end of a watch nor that of the process.
  const frozen = mongod.members[1];
  process.kill(frozen?.pid ?? 0, 'SIGSTOP');
  try {
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const began = Date.now();
    await second.close();
    expect(Date.now() - began).toBeLessThan(2500);
  } finally {
    process.kill(frozen?.pid ?? 0, 'SIGCONT');
  }
});
