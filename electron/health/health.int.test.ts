/** Alerts on a real set of three: what happens to a member is told of that member, in time, once, and is over after recovery. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertNotice } from '../../shared/alerts';
import type { DeploymentSample } from '../../shared/health';
import { startTestMongod, type TestMember, type TestMongod } from '../test-support/test-mongod';
import { createTestServices, type TestServices } from '../test-support/test-services';
import { defaultRules } from './alerts/default-rules';
import type { HealthWatch, WatchUpdate } from './watch-deployment';

interface Told {
  at: number;
  notice: AlertNotice;
}

let mongod: TestMongod;
let services: TestServices;
let watch: HealthWatch;
let last: WatchUpdate | null = null;
const told: Told[] = [];
const waiting = new Set<() => void>();

beforeAll(async () => {
  mongod = await startTestMongod({ members: 3 });
  services = await createTestServices(mongod.uri);
  const rule = defaultRules.find(({ id }) => id === 'member-down');
  // Of ten seconds usually: that is as long as this test need not wait.
  const rules = [{ ...rule, forSeconds: 3, clearSeconds: 3 }];
  writeFileSync(
    services.dataFolder.alertsFile,
    JSON.stringify({ formatVersion: 1, rules, silences: [], open: [], past: [] }),
  );
  watch = await services.health.watch(services.connection.id, { intervalMs: 1000, record: true }, (update) => {
    last = update;
    told.push(...update.notices.map((notice) => ({ at: update.sample.at, notice })));
    waiting.forEach((look) => look());
  });
});
afterAll(async () => {
  await watch.stop();
  await services.close();
  await mongod.stop();
});

function until<T>(find: () => T | undefined, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: ${JSON.stringify(told)}`)), 90_000);
    const look = (): void => {
      const found = find();
      if (found === undefined) return;
      clearTimeout(timer);
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
  });
}

const notice = (kind: AlertNotice['kind'], ruleId: string, host: string | null) => () =>
  told.find(
    ({ notice: { kind: its, incident } }) => its === kind && incident.ruleId === ruleId && incident.host === host,
  );
const allWell = (sample: DeploymentSample | undefined): boolean =>
  sample?.sets[0]?.members.filter(({ state }) => state === 'PRIMARY' || state === 'SECONDARY').length === 3 &&
  sample.sets[0].primary !== null;

/** The rule's three seconds and two samples, one of which may take as long as a member may. */
const inTimeMs = 3000 + 2 * 1000 + 1500;

async function breakAndMend(
  member: TestMember | undefined,
  breakIt: () => Promise<void> | void,
  mend: () => Promise<void> | void,
) {
  const host = member?.host ?? '';
  await until(() => (allWell(last?.sample) && last?.alerts.length === 0 ? true : undefined), 'the set is well');
  told.length = 0;
  const began = Date.now();
  await breakIt();
  const fired = await until(notice('fired', 'member-down', host), `${host} is down`);
  expect(fired.at - began).toBeLessThan(inTimeMs);
  expect(fired.at - began).toBeGreaterThan(2500);
  await mend();
  await until(notice('cleared', 'member-down', host), `${host} is back`);
  await until(() => (last?.alerts.length === 0 ? true : undefined), 'nothing fires');
  const ofMember = told.filter(
    ({ notice: { incident } }) => incident.host === host && incident.group === 'member-down',
  );
  expect(ofMember.map(({ notice: { kind } }) => kind)).toEqual(['fired', 'cleared']);
  const others = told.filter(({ notice: { incident } }) => incident.group === 'member-down' && incident.host !== host);
  expect(others).toEqual([]);
}

describe('alerts on a real set', () => {
  it('a killed secondary', async () => {
    const member = mongod.members[2];
    await breakAndMend(
      member,
      () => member?.kill(),
      () => member?.restart(),
    );
  });

  it('a frozen secondary', async () => {
    const pid = mongod.members[1]?.pid ?? 0;
    await breakAndMend(
      mongod.members[1],
      () => void process.kill(pid, 'SIGSTOP'),
      () => void process.kill(pid, 'SIGCONT'),
    );
  });

  it('a killed primary', async () => {
    const primary = mongod.members.find(({ host }) => host === last?.sample.sets[0]?.primary);
    await breakAndMend(
      primary,
      () => primary?.kill(),
      () => primary?.restart(),
    );
  });

  it('all of it is in the history, and the rule tried against it fires as it did', async () => {
    const { health, connection } = services;
    const [from, to] = [Date.now() - 600_000, Date.now()];
    const kinds = (await health.history.events(connection.id, from, to)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'alert-fired')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'alert-cleared')).toHaveLength(3);
    expect(kinds).toEqual(
      expect.arrayContaining(['sampling-started', 'stopped-answering', 'answers-again', 'restarted', 'election']),
    );
    const rule = (await health.rules()).find(({ id }) => id === 'member-down');
    const trial = rule && (await health.tryRule(rule, connection.id, from, to));
    expect(trial?.firings.map(({ host }) => host).sort()).toEqual(mongod.members.map(({ host }) => host).sort());
  });
});
