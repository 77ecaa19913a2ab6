/**
 * What goes wrong with a real set of three is told in time, of the right member, once; its page says why; and it is over after
 * recovery. Short runs wait two seconds where the rules wait half a minute or more: the same engine counts less of the same time.
 * Long runs (LIFEBOAT_TEST_RUNS from 1,000 on) take every rule as it is.
 */
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Long, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AlertNotice, AlertRule } from '../../shared/alerts';
import type { DeploymentHealth } from '../../shared/deployment-health';
import { createTestServices, type TestServices } from '../test-support/test-services';
import { startTestMongod, type TestMember, type TestMongod } from '../test-support/test-mongod';
import { temporaryFolder } from '../test-support/temporary-folder';
import { createLogger } from '../platform/logger';
import { createAlertStore } from './alerts/alert-store';
import { noFacts } from './alerts/backup-facts';
import { defaultRules } from './alerts/default-rules';
import type { ToldNotice } from './alerts/notices';
import { DeploymentSampler } from './sampler/deployment-sampler';
import { watchDeployment } from './watch-deployment';

const isLong = Number(process.env['LIFEBOAT_TEST_RUNS'] ?? '20') >= 1000;
const intervalMs = isLong ? 5000 : 1000;
const tested = ['member-down', 'no-primary', 'lag-warning', 'connections-exhausted', 'oplog-window'];

function ruleOf(id: string): AlertRule {
  const rule = defaultRules.find((each) => each.id === id);
  if (!rule) throw new Error(`No rule ${id}`);
  if (isLong) return rule;
  const brief = { ...rule, forSeconds: 2, clearSeconds: 2 };
  if (id !== 'lag-warning' || brief.condition.kind !== 'metric') return brief;
  // Ten seconds of lag take ten seconds to come about.
  return { ...brief, condition: { ...brief.condition, threshold: 2, clearAt: 1 } };
}

const groups = new Set(tested.map((id) => ruleOf(id).group));

let mongod: TestMongod;
let services: TestServices;
let last: DeploymentHealth | null = null;
let told: ToldNotice[] = [];
/** When each sample was taken: on a busy machine they are further apart than was asked for. */
let samples: number[] = [];
const waiting = new Set<() => void>();

beforeAll(async () => {
  mongod = await startTestMongod({
    members: 3,
    chaining: false,
    args: ['--setParameter', 'enableTestCommands=1', '--maxConns', '150'],
  });
  services = await createTestServices(mongod.uri);
  const rules = tested.map(ruleOf);
  writeFileSync(
    services.dataFolder.alertsFile,
    JSON.stringify({ formatVersion: 1, rules, silences: [], open: [], past: [] }),
  );
  await services.settings.update({ healthIntervalSeconds: intervalMs / 1000 });
  const look = (): void => waiting.forEach((each) => each());
  services.health.onNotice((notice) => {
    told.push(notice);
    look();
  });
  services.health.fleet.onChanged((health) => {
    last = health;
    if (health.sample && health.sample.at !== samples.at(-1)) samples.push(health.sample.at);
    look();
  });
  services.health.fleet.start();
});
afterAll(async () => {
  await services.close();
  await mongod.stop();
});

const limitMs = isLong ? 900_000 : 90_000;

function until<T>(find: () => T | undefined, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(look);
      reject(new Error(`${what}: ${JSON.stringify({ told, incidents: last?.incidents })}`));
    }, limitMs);
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

const allWell = (): true | undefined => {
  const set = last?.sample?.sets[0];
  const working = set?.members.filter(({ state }) => state === 'PRIMARY' || state === 'SECONDARY') ?? [];
  // The disk of the machine, for one, is not this test's.
  const own = last?.incidents.filter(({ group }) => groups.has(group));
  return set?.primary && working.length === 3 && own?.length === 0 ? true : undefined;
};

interface Fault {
  rule: string;
  /** Null: it is about the set. */
  host: string | null;
  breakIt: () => Promise<unknown> | void;
  mend: () => Promise<unknown> | void;
  /** Milliseconds until the condition is met. */
  takesMs?: number;
  /** One of the causes that were found. */
  cause: RegExp;
}

async function suffer({ rule, host, breakIt, mend, takesMs = 0, cause }: Fault): Promise<void> {
  const { health } = services;
  const { group, forSeconds } = ruleOf(rule);
  const about = ({ incident }: AlertNotice): boolean => incident.group === group && incident.host === host;
  told = [];
  const began = Date.now();
  samples = samples.slice(-1);
  try {
    await breakIt();
    const fired = await until(() => told.find((notice) => notice.kind === 'fired' && about(notice)), `${rule} fires`);
    expect(fired.incident).toMatchObject({ ruleId: rule, host, set: 'rs0' });
    expect(fired.at - fired.incident.since).toBeGreaterThanOrEqual(forSeconds * 1000);
    // Its duration and two samples.
    const due = samples.filter((at) => at >= began + takesMs + forSeconds * 1000);
    expect(due.indexOf(fired.at)).toBeLessThan(2);

    const opened = Date.now();
    const page = await health.incidentPage(fired.incident.id);
    expect(Date.now() - opened).toBeLessThan(8000);
    const found = page.causes.map((each) => `${each.found}: ${each.text}`).join('\n');
    expect(found).toMatch(cause);
    expect(page.steps.length).toBeGreaterThan(1);
  } finally {
    await mend();
  }
  await until(() => told.find((notice) => notice.kind === 'cleared' && about(notice)), `${rule} is over`);
  await until(allWell, 'all is well again');
  const ofGroup = told.filter(({ incident }) => incident.group === group);
  expect(ofGroup.map(({ kind, incident }) => `${kind} ${incident.host ?? ''}`)).toEqual([
    `fired ${host ?? ''}`,
    `cleared ${host ?? ''}`,
  ]);
}

function secondary(skip = 0): TestMember {
  const members = mongod.members.filter(({ host }) => host !== last?.sample?.sets[0]?.primary);
  const member = members[skip];
  if (!member) throw new Error('The set has two secondaries');
  return member;
}

const freeze = (...members: TestMember[]) => members.forEach(({ pid }) => process.kill(pid, 'SIGSTOP'));
const thaw = (...members: TestMember[]) => members.forEach(({ pid }) => process.kill(pid, 'SIGCONT'));

async function direct<T>(host: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await new MongoClient(`mongodb://${host}/?directConnection=true`).connect();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Connections that say nothing, until no more are taken. */
async function occupy(port: number): Promise<() => void> {
  const sockets: Socket[] = [];
  await Promise.all(
    Array.from({ length: 200 }, () => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      return new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    }),
  );
  return () => sockets.forEach((socket) => socket.destroy());
}

describe('alerts on a real set', () => {
  beforeEach(async () => void (await until(allWell, 'the set is well')), limitMs);

  it('a killed secondary', async () => {
    const member = secondary();
    await suffer({
      rule: 'member-down',
      host: member.host,
      breakIt: () => member.kill(),
      mend: () => member.restart(),
      cause: /yes: Nothing listens at/,
    });
  });

  it('a frozen secondary', async () => {
    const member = secondary(1);
    await suffer({
      rule: 'member-down',
      host: member.host,
      breakIt: () => freeze(member),
      mend: () => thaw(member),
      cause: /yes: .* accepts connections and does not answer/,
    });
  });

  it('a member whose replication was stopped', async () => {
    const { host } = secondary();
    const client = await mongod.connect();
    const apply = (mode: string) =>
      direct(host, (own) => own.db('admin').command({ configureFailPoint: 'rsSyncApplyStop', mode }));
    await suffer({
      rule: 'lag-warning',
      host,
      breakIt: async () => {
        await apply('alwaysOn');
        await client.db('shop').collection('orders').insertOne({ a: 1 });
      },
      mend: () => apply('off'),
      takesMs: isLong ? 10_000 : 2000,
      cause: /yes: .*its replication (?:is held up|stands still)/,
    });
  });

  it('a member whose connections are exhausted', async () => {
    const { host, port } = secondary();
    let release: (() => void) | undefined;
    await suffer({
      rule: 'connections-exhausted',
      host,
      breakIt: async () => {
        release = await occupy(port);
      },
      mend: () => release?.(),
      cause: /yes: .* takes 1\d\d connections at most/,
    });
  });

  it('a set of which only one member is left', async () => {
    const frozen = [secondary(), secondary(1)];
    await suffer({
      rule: 'no-primary',
      host: null,
      breakIt: () => freeze(...frozen),
      mend: () => thaw(...frozen),
      // The primary gives up after its election timeout.
      takesMs: 5000,
      cause: /yes: 1 of 3 voting members answer, 2 are needed/,
    });
  });

  it('a killed primary', async () => {
    const primary = mongod.members.find(({ host }) => host === last?.sample?.sets[0]?.primary);
    await suffer({
      rule: 'member-down',
      host: primary?.host ?? '',
      breakIt: () => primary?.kill(),
      mend: () => primary?.restart(),
      cause: /yes: Nothing listens at/,
    });
  });

  it('all of it is in the history, and the rules tried against it fire as they did', async () => {
    const { health, connection } = services;
    const [from, to] = [Date.now() - 3_600_000, Date.now()];
    const kinds = (await health.history.events(connection.id, from, to)).map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(['sampling-started', 'stopped-answering', 'answers-again', 'restarted', 'election']),
    );
    const tryIt = (id: string) =>
      health.alerts.tryRule({ rule: ruleOf(id), connectionId: connection.id, from, to }).then(({ firings }) => firings);
    expect((await tryIt('member-down')).length).toBeGreaterThanOrEqual(5);
    // The killed primary's election may take that long, too.
    expect(new Set((await tryIt('no-primary')).map(({ host }) => host))).toEqual(new Set(['rs0']));
    expect((await tryIt('connections-exhausted')).length).toBe(1);
    const { open, past } = await health.alerts.incidents();
    expect(open.filter(({ group }) => groups.has(group))).toEqual([]);
    const ids = past.map(({ ruleId }) => ruleId);
    expect(ids.filter((id) => id !== 'lag-high' && id !== 'lag-warning').sort()).toEqual(
      expect.arrayContaining(['connections-exhausted', 'member-down', 'member-down', 'member-down', 'no-primary']),
    );
  });
});

/** The oplog is read every half minute; here every half second, so that the alert waits for nothing but its rule. */
it('a shrunken oplog', async () => {
  const { host } = mongod.members[1] ?? { host: '' };
  const client = await mongod.connect();
  const resize = (megabytes: number) =>
    direct(host, (own) =>
      own.db('admin').command({ replSetResizeOplog: 1, size: new Long(Math.ceil(megabytes)) as unknown as number }),
    );
  const sampler = new DeploymentSampler({
    connectionId: services.connection.id,
    intervalMs: 1000,
    addresses: () => services.connections.memberAddresses(services.connection.id),
    rare: { oplogMs: 500, sizesMs: 60_000, capacityMs: 3_600_000 },
  });
  const folder = temporaryFolder('alerts');
  const alertsFile = join(folder, 'alerts.json');
  const only = defaultRules.map((rule) => ({ ...ruleOf(rule.id), enabled: rule.id === 'oplog-window' }));
  writeFileSync(alertsFile, JSON.stringify({ formatVersion: 1, rules: only, silences: [], open: [], past: [] }));
  const notices: (AlertNotice & { at: number })[] = [];
  const seen = new Set<() => void>();
  const taken: number[] = [];
  let writer: NodeJS.Timeout | undefined;
  let perHour: number | null = null;
  const alertStore = createAlertStore(alertsFile);
  const watch = watchDeployment({
    connection: services.connection,
    sampler,
    intervalMs: 1000,
    alertStore,
    recording: null,
    facts: () => Promise.resolve(noFacts),
    logger: createLogger({ folder, name: 'test' }),
    listener: (update) => {
      notices.push(...update.notices.map((notice) => ({ ...notice, at: update.sample.at })));
      taken.push(update.sample.at);
      const members = update.sample.sets[0]?.members ?? [];
      perHour = members.find((member) => member.host === host)?.metrics.oplogBytesPerHour ?? null;
      seen.forEach((look) => look());
    },
  });
  const after = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        seen.delete(look);
        resolve(found);
      };
      seen.add(look);
      look();
    });
  try {
    const { forSeconds } = ruleOf('oplog-window');
    // Enough of it that the smallest oplog (990 MB) is full in less than a day, and this one in more than three.
    await resize(50_000);
    const text = 'x'.repeat(100_000);
    const least = 150 * 2 ** 20;
    while (((await after(() => perHour ?? undefined)) ?? 0) < least) {
      await client
        .db('shop')
        .collection('bulk')
        .insertMany(
          Array.from({ length: 10 }, () => ({ text })),
          { writeConcern: { w: 3 } },
        );
      perHour = null;
    }
    await resize((((await after(() => perHour ?? undefined)) ?? 0) / 2 ** 20) * 80);
    notices.length = 0;
    // A set that rests would need its oplog less and less.
    writer = setInterval(() => {
      const more = { text: text.repeat(2) };
      client
        .db('shop')
        .collection('bulk')
        .insertOne(more)
        .catch(() => undefined);
    }, 2000);
    const settled = taken.length + 2;
    await after(() => (taken.length >= settled ? true : undefined));
    const isOwn = ({ incident }: AlertNotice): boolean => incident.host === host;
    notices.length = 0;
    const began = Date.now();
    await resize(990);
    const fired = await after(() => notices.find((notice) => notice.kind === 'fired' && isOwn(notice)));
    expect(fired.incident.ruleId).toBe('oplog-window');
    expect(fired.at - fired.incident.since).toBeGreaterThanOrEqual(forSeconds * 1000);
    // Its duration and two samples, and half a second until the oplog is read.
    const due = taken.filter((at) => at >= began + 500 + forSeconds * 1000);
    expect(due.indexOf(fired.at)).toBeLessThan(2);
    await resize(50_000);
    await after(() => notices.find((notice) => notice.kind === 'cleared' && isOwn(notice)));
    expect(notices.filter(isOwn).map(({ kind }) => kind)).toEqual(['fired', 'cleared']);
  } finally {
    if (writer) clearInterval(writer);
    await watch.stop();
    alertStore.close();
  }
});
