import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertRule, Incident } from '../../../shared/alerts';
import type { AuditRecord } from '../../../shared/audit';
import type { Connection } from '../../../shared/connections';
import { temporaryFolder } from '../../test-support/temporary-folder';
import { createAlertStore } from './alert-store';
import { createAlerts } from './alerts';
import { defaultRules } from './default-rules';

const hour = 3_600_000;

function connection(id: string, environment: Connection['environment'] = 'staging'): Connection {
  return {
    id,
    name: `name of ${id}`,
    colour: 'gray',
    environment,
    readOnly: false,
    uri: 'mongodb://a:1',
    username: null,
    secretPlace: 'none',
    sandboxId: null,
    createdAt: '',
  };
}

function incident(id: string, change: Partial<Incident> = {}): Incident {
  return {
    id,
    group: 'lag',
    ruleId: 'lag-warning',
    name: 'Lag',
    severity: 'warning',
    connectionId: 'shop',
    set: 'rs',
    host: 'b:1',
    since: 1,
    firedAt: 2,
    clearedAt: null,
    value: 12,
    text: '',
    acknowledged: null,
    silenced: false,
    toldSeverity: 'warning',
    ...change,
  };
}

let closeStore: () => void = () => undefined;
afterEach(() => closeStore());

/** The door over a real file; connections are a list. */
async function open(openIncidents: Incident[] = [], past: Incident[] = [], live: Incident[] = []) {
  const store = createAlertStore(join(temporaryFolder(), 'alerts.json'));
  closeStore = () => store.close();
  await store.update((file) => ({ ...file, open: openIncidents, past }));
  const list = [connection('shop'), connection('prod', 'production')];
  const audited: AuditRecord[] = [];
  const acknowledgements: string[] = [];
  const alerts = createAlerts({
    store,
    live: () => Promise.resolve(live),
    connections: {
      list: () => Promise.resolve(list),
      get: (id) => {
        const found = list.find((each) => each.id === id);
        return found ? Promise.resolve(found) : Promise.reject(new Error('There is no connection'));
      },
    },
    history: {
      series: () => Promise.resolve({ from: 0, to: 1, stepMs: 1, tier: 'raw', series: [] }),
      events: () => Promise.resolve([]),
    },
    audit: { record: (record) => Promise.resolve(audited.push(record)) },
    onAcknowledged: ({ id, acknowledged }, { name }) =>
      acknowledgements.push(`${id} of ${name}: ${acknowledged?.note ?? ''}`),
  });
  const entered = (): string[] => audited.map(({ operation, target, result }) => `${operation} ${target}: ${result}`);
  return { alerts, store, entered, acknowledgements };
}

describe('incidents', () => {
  it('are listed gravest first, with their newest values, and with what is silenced marked', async () => {
    const { alerts } = await open(
      [incident('old'), incident('grave', { severity: 'critical', host: 'c:1' })],
      [incident('past', { clearedAt: 5 })],
      [incident('old', { value: 99 })],
    );
    await alerts.silence({
      group: 'lag',
      connectionId: 'shop',
      host: 'b:1',
      until: Date.now() + hour,
      reason: 'index build',
    });
    const { open: now, past } = await alerts.incidents();
    expect(now.map(({ id, value, silenced }) => [id, value, silenced])).toEqual([
      ['grave', 12, false],
      ['old', 99, true],
    ]);
    expect(past.map(({ id }) => id)).toEqual(['past']);
  });

  it('are taken on by the user of the computer, audited; those that are over are not', async () => {
    const { alerts, entered, acknowledgements } = await open(
      [incident('a'), incident('quiet', { toldSeverity: null })],
      [incident('b', { clearedAt: 5 })],
      [incident('a')],
    );
    await alerts.acknowledge({ incidentId: 'a', note: ' on it ' });
    const { acknowledged } = await alerts.incident('a');
    expect(acknowledged).toMatchObject({ note: 'on it' });
    expect(acknowledged?.by).not.toBe('');
    await expect(alerts.acknowledge({ incidentId: 'b', note: '' })).rejects.toThrow(/over already/);
    await expect(alerts.acknowledge({ incidentId: 'c', note: '' })).rejects.toThrow(/no such incident/);
    await alerts.acknowledge({ incidentId: 'quiet', note: '' });
    // Nobody was told of the other one, so nobody waits to hear that somebody has it.
    expect(acknowledgements).toEqual(['a of name of shop: on it']);
    expect(entered()).toEqual([
      'alert.acknowledge name of shop: succeeded',
      'alert.acknowledge name of shop: failed',
      'alert.acknowledge name of shop: succeeded',
    ]);
  });
});

describe('silences', () => {
  it('end in time, or early; their reason is required', async () => {
    const { alerts, entered, store } = await open();
    const ask = { group: null, connectionId: null, host: null, reason: 'move' };
    await expect(alerts.silence({ ...ask, until: Date.now() - 1 })).rejects.toThrow(/in the future/);
    await expect(alerts.silence({ ...ask, until: Date.now() + 9000 * 24 * hour })).rejects.toThrow(/a year/);
    await expect(alerts.silence({ ...ask, reason: ' ', until: Date.now() + hour })).rejects.toThrow(/reason/);
    await expect(alerts.silence({ ...ask, connectionId: 'x', until: Date.now() + hour })).rejects.toThrow();
    const { id } = await alerts.silence({ ...ask, until: Date.now() + hour });
    await store.update((file) => ({
      ...file,
      silences: [...file.silences, ...file.silences.map((each) => ({ ...each, id: 'over', until: Date.now() - 1 }))],
    }));
    expect((await alerts.silences()).map((each) => each.id)).toEqual([id]);
    await alerts.endSilence(id);
    expect(await alerts.silences()).toEqual([]);
    await expect(alerts.endSilence('over')).rejects.toThrow(/no such silence/);
    expect(entered()).toEqual([
      'alert.silence all deployments: succeeded',
      'alert.end-silence all deployments: succeeded',
    ]);
  });
});

describe('rules', () => {
  const lag = (): AlertRule => {
    const rule = defaultRules.find(({ id }) => id === 'lag-warning');
    if (!rule) throw new Error('No rule');
    return rule;
  };

  it('are kept beside their originals, and go back to them', async () => {
    const { alerts, store, entered } = await open();
    expect(await alerts.rules()).toEqual(defaultRules.map((rule) => ({ rule, original: rule })));
    const changed = { ...lag(), forSeconds: 60 };
    expect(await alerts.saveRule(changed)).toEqual({ rule: changed, original: lag() });
    expect((await alerts.rules()).find(({ rule }) => rule.id === 'lag-warning')?.rule.forSeconds).toBe(60);
    await alerts.saveRule(lag());
    expect((await store.read()).rules).toEqual([]);
    await alerts.saveRule(changed);
    await alerts.resetRule('lag-warning');
    expect((await store.read()).rules).toEqual([]);
    expect(entered()).toEqual([
      'alert-rule.save Replication lag over 10 s: succeeded',
      'alert-rule.save Replication lag over 10 s: succeeded',
      'alert-rule.save Replication lag over 10 s: succeeded',
      'alert-rule.reset Replication lag over 10 s: succeeded',
    ]);
  });

  it('of the user are added, limited to connections there are, and deleted', async () => {
    const { alerts, entered } = await open();
    const own = { ...lag(), id: 'own', name: 'Mine', scope: { ...lag().scope, connectionIds: ['shop', 'gone'] } };
    const saved = await alerts.saveRule(own);
    expect(saved).toMatchObject({ original: null, rule: { scope: { connectionIds: ['shop'] } } });
    const lost = { ...own, scope: { ...own.scope, connectionIds: ['gone'] } };
    await expect(alerts.saveRule(lost)).rejects.toThrow(/exists any more/);
    const wrong = { ...own, condition: { ...own.condition, clearAt: 99 } as AlertRule['condition'] };
    await expect(alerts.saveRule(wrong)).rejects.toThrow(/cannot be over/);
    await alerts.resetRule('own');
    expect((await alerts.rules()).some(({ rule }) => rule.id === 'own')).toBe(false);
    await expect(alerts.resetRule('own')).rejects.toThrow(/no such rule/);
    expect(entered().filter((line) => !line.endsWith('succeeded'))).toEqual([
      'alert-rule.save Mine: failed',
      'alert-rule.save Mine: failed',
    ]);
    expect(entered().at(-1)).toBe('alert-rule.delete Mine: succeeded');
  });

  it('are tried where they look, and said where they do not', async () => {
    const { alerts } = await open();
    const scans = defaultRules.find(({ id }) => id === 'collection-scans') ?? lag();
    const request = { rule: scans, from: 0, to: 1 };
    expect(await alerts.tryRule({ ...request, connectionId: 'prod' })).toMatchObject({ firings: [] });
    await expect(alerts.tryRule({ ...request, connectionId: 'shop' })).rejects.toThrow(/does not look at/);
  });
});
