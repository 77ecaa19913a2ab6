/** The page of every rule against a real set of one: each cause that can be looked for is looked for, and told in a sentence. */
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertRule, Incident } from '../../../shared/alerts';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import type { IncidentPage } from '../../../shared/incidents';
import { fail } from '../../../shared/result';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createTestServices, type TestServices } from '../../test-support/test-services';
import { defaultRules } from '../alerts/default-rules';
import { createIncidentPages, type IncidentPages } from './incident-pages';

let mongod: TestMongod;
let services: TestServices;
let client: MongoClient;
let slow: Promise<unknown>;
let pages: IncidentPages;
const since = Date.now() - 60_000;

function ruleOf(id: string): AlertRule {
  return defaultRules.find((rule) => rule.id === id) ?? fail('not-found', id);
}

function incidentOf({ id, group, name, severity, condition }: AlertRule, more: Partial<Incident> = {}): Incident {
  const isAboutMember = condition.kind === 'metric' || condition.kind.startsWith('member');
  return {
    id: `of ${id}`,
    group,
    ruleId: id,
    name,
    severity,
    connectionId: services.connection.id,
    set: isAboutMember || condition.kind === 'no-primary' ? 'rs0' : null,
    host: isAboutMember ? mongod.host : null,
    since,
    firedAt: since,
    clearedAt: null,
    value: null,
    text: '',
    acknowledged: null,
    silenced: false,
    toldSeverity: severity,
    ...more,
  };
}

beforeAll(async () => {
  mongod = await startTestMongod({ replicaSet: true });
  client = await mongod.connect({ appName: 'checkout' });
  await Promise.all(Array.from({ length: 30 }, () => client.db('admin').command({ ping: 1 })));
  services = await createTestServices(mongod.uri);
  const orders = client.db('shop').collection('orders');
  await orders.insertMany(Array.from({ length: 2000 }, (_, at) => ({ customer: at % 7, text: 'x'.repeat(500) })));
  await services.makeBackup({ kind: 'databases', databases: ['shop'] });
  // COLLSCANs that last as long as the test.
  const scan = () =>
    orders
      .find({ customer: { $gte: 0 }, $where: 'sleep(100) || true' })
      .toArray()
      .catch(() => undefined);
  slow = Promise.all([scan(), scan(), scan()]);
  await services.settings.update({ healthIntervalSeconds: 1 });
  let samples = 0;
  const sampled = new Promise<DeploymentHealth>((resolve) => {
    services.health.fleet.onChanged((health) => {
      if (health.sample && ++samples > 2) resolve(health);
    });
  });
  services.health.fleet.start();
  await sampled;
  const { health, connections, jobs, catalogue, captures, logger, connection } = services;
  const known = new Map(defaultRules.map((rule) => [`of ${rule.id}`, incidentOf(rule)]));
  known.set('past', incidentOf(ruleOf('member-down'), { clearedAt: since + 1000 }));
  pages = createIncidentPages({
    // As if each of them had fired: what is really wrong with the set is not the question here.
    alerts: {
      incident: (id) => Promise.resolve(known.get(id) ?? fail('not-found', id)),
      rules: () => health.alerts.rules(),
    },
    connections,
    history: health.history,
    jobs,
    catalogue,
    captures,
    latest: async () => (await health.fleet.deployment(connection.id)).sample,
    logger,
  });
});
afterAll(async () => {
  await client.close();
  await slow;
  await services.close();
  await mongod.stop();
});

async function pageOf(id: string): Promise<IncidentPage> {
  const began = Date.now();
  const page = await pages.open(`of ${id}`);
  expect(Date.now() - began).toBeLessThan(9000);
  return page;
}

const textOf = ({ causes }: IncidentPage): string => causes.map(({ found, text }) => `${found}: ${text}`).join('\n');

describe('the page of an incident', () => {
  it.each(defaultRules.map(({ id }) => id))('of %s looks into its causes and tells what to do', async (id) => {
    const page = await pageOf(id);
    const text = textOf(page);
    expect(text).not.toMatch(/could not be looked into|undefined|NaN|Infinity|\[object/);
    expect(page.causes.length, text).toBeGreaterThan(0);
    expect(
      page.causes.every((cause) => /[.!:)]$|…$/.test(cause.text)),
      text,
    ).toBe(true);
    expect(page.steps.length).toBeGreaterThan(1);
    expect(page.rule?.id).toBe(id);
    if (page.chart) expect(page.chart.from).toBeLessThan(since);
  });

  it('names the query that reads everything, its application and since when', async () => {
    const { causes } = await pageOf('cache-hit');
    const scan = causes.find(({ text }) => /of checkout on shop\.orders reads the whole collection/.test(text));
    expect(scan).toMatchObject({ found: 'yes' });
    expect(Math.abs((scan?.since ?? 0) - Date.now())).toBeLessThan(120_000);
    expect(textOf(await pageOf('active-operations'))).toMatch(/yes: .* on shop\.orders of checkout/);
    expect(textOf(await pageOf('connections-many'))).toMatch(/yes: checkout holds \d+ of \d+ connections/);
  });

  it('names what takes the disk, and what fills the oplog', async () => {
    expect(textOf(await pageOf('disk-warning'))).toMatch(/yes: The largest database on/);
    expect(textOf(await pageOf('oplog-window'))).toMatch(/yes: shop\.orders wrote \d+ % of the newest part/);
  });

  it('looks only at the past of one that is over', async () => {
    const page = await pages.open('past');
    expect(textOf(page)).not.toMatch(/Nothing listens|accepts connections/);
    expect(page.chart?.to).toBeGreaterThan(since + 1000);
  });
});
