import { describe, expect, it } from 'vitest';
import type { AlertFacts, AlertNotice, AlertRule, Silence } from '../../../shared/alerts';
import { noMetrics, type DeploymentSample, type HealthState, type MetricName } from '../../../shared/health';
import { backupFacts, noFacts, type BackupAttempt } from './backup-facts';
import { defaultRules } from './default-rules';
import { evaluate, resumeState, type EngineState } from './engine';
import { advance, untroubled } from './tracker';
import { tryRule } from './try-rule';

type Values = Partial<Record<MetricName, number | null>>;
interface Said {
  state?: HealthState;
  values?: Values;
}

function sampleOf(at: number, members: Record<string, Said>): DeploymentSample {
  const told = Object.entries(members).map(([host, { state = 'SECONDARY', values = {} }]) => ({
    host,
    role: 'member' as const,
    at,
    answered: state !== 'DOWN',
    problem: null,
    state,
    heardByOthers: null,
    syncSource: null,
    term: 1,
    version: null,
    uptimeSeconds: 1,
    configuration: null,
    metrics: { ...noMetrics, ...values },
  }));
  const primary = told.find(({ state }) => state === 'PRIMARY')?.host ?? null;
  return {
    connectionId: 'c',
    at,
    topology: 'replica set',
    sets: [{ name: 'rs', shard: null, primary, term: 1, members: told }],
    singles: [],
    problem: null,
  };
}

/** Feeds samples, one every five seconds, and tells the notices as `second kind rule host`. */
class Run {
  state: EngineState = { trackers: new Map(), incidents: [] };
  at = 0;
  notices: string[] = [];
  silences: Silence[] = [];
  constructor(readonly rules: readonly AlertRule[] = defaultRules) {}
  feed(seconds: number, members: Record<string, Said>): this {
    for (const end = this.at + seconds * 1000; this.at < end; this.at += 5000) {
      const observed = { sample: sampleOf(this.at, members), environment: 'production' as const, facts: noFacts };
      const { state, notices } = evaluate(this.state, this.rules, this.silences, observed, () => `i${this.at}`);
      this.state = state;
      this.notices.push(
        ...notices.map(
          ({ kind, incident }: AlertNotice) => `${this.at / 1000} ${kind} ${incident.ruleId} ${incident.host ?? ''}`,
        ),
      );
    }
    return this;
  }
}

const primary: Said = { state: 'PRIMARY', values: { lagSeconds: null } };
const lagging = (lagSeconds: number | null): Said => ({ values: { lagSeconds } });

describe('alerts', () => {
  it('fire after their duration, once, name the member, and are over once', () => {
    const run = new Run()
      .feed(20, { a: primary, b: lagging(0) })
      .feed(100, { a: primary, b: lagging(15) })
      .feed(100, { a: primary, b: lagging(0) });
    expect(run.notices).toEqual(['50 fired lag-warning b', '150 cleared lag-warning b']);
  });

  it('say the value and the limit with their units', () => {
    const textOf = (id: string, values: Values, facts: Partial<AlertFacts> = {}): string | undefined => {
      const rules = defaultRules.filter((rule) => rule.id === id).map((rule) => ({ ...rule, forSeconds: 0 }));
      const sample = sampleOf(0, { a: { state: 'PRIMARY', values } });
      const observed = { sample, environment: 'production' as const, facts: { ...noFacts, ...facts } };
      return evaluate({ trackers: new Map(), incidents: [] }, rules, [], observed, () => 'i').state.incidents[0]?.text;
    };
    expect(textOf('lag-warning', { lagSeconds: 15.26 })).toBe('15.3 s, the limit is 10 s');
    expect(textOf('connections-many', { connections: 1204 })).toBe('1,204, the limit is 800');
    expect(textOf('collection-scans', { collectionScansPerSecond: 0.2 })).toBe('0.2/s, the limit is 0/s');
    expect(textOf('backup-unverified', {}, { hoursSinceVerifiedBackup: 26 })).toBe('26 h, the limit is 24 h');
    expect(textOf('backup-failed', {}, { backupFailed: 1 })).toBe('the newest attempt at a backup failed');
  });

  it('of one group are one incident that becomes graver and calmer', () => {
    const run = new Run()
      .feed(60, { a: primary, b: lagging(15) })
      .feed(60, { a: primary, b: lagging(40) })
      .feed(60, { a: primary, b: lagging(400) });
    run.feed(60, { a: primary, b: lagging(15) }).feed(60, { a: primary, b: lagging(0) });
    expect(run.notices).toEqual([
      '30 fired lag-warning b',
      '90 escalated lag-high b',
      '150 escalated lag-critical b',
      '270 cleared lag-warning b',
    ]);
  });

  it('do not begin or end by what is not known', () => {
    const run = new Run().feed(60, { a: primary, b: lagging(15) }).feed(600, { a: primary, b: lagging(null) });
    expect(run.state.incidents).toHaveLength(1);
    const hole = new Run()
      .feed(20, { a: primary, b: lagging(15) })
      .feed(5, { a: primary, b: lagging(null) })
      .feed(25, { a: primary, b: lagging(15) });
    expect(hole.notices).toEqual([]);
    const reach = (oplogReachHours: number | null): Said => ({ values: { oplogReachHours } });
    const brief = new Run().feed(200, { b: reach(3) }).feed(30, { b: reach(null) });
    brief.feed(100, { b: reach(3) });
    expect(brief.notices.filter((told) => told.includes('oplog'))).toEqual(['300 fired oplog-window b']);
    const long = new Run().feed(200, { b: reach(3) }).feed(40, { b: reach(null) });
    long.feed(100, { b: reach(3) });
    expect(long.notices.filter((told) => told.includes('oplog'))).toEqual([]);
  });

  it('do not flap: a value around the limit is one incident, and what comes back again and again stays open', () => {
    const swaying = new Run();
    swaying.feed(60, { a: primary, b: lagging(11) });
    for (let turn = 0; turn < 30; turn++)
      swaying.feed(10, { a: primary, b: lagging(9.5) }).feed(10, { a: primary, b: lagging(11) });
    expect(swaying.notices).toHaveLength(1);
    const bouncing = new Run();
    for (let turn = 0; turn < 60; turn++)
      bouncing.feed(20, { a: primary, b: { state: 'DOWN' } }).feed(20, { a: primary, b: lagging(0) });
    expect(bouncing.notices.length).toBeLessThanOrEqual(6);
    bouncing.feed(1200, { a: primary, b: lagging(0) });
    expect(bouncing.state.incidents).toEqual([]);
    expect(bouncing.notices.at(-1)).toMatch(/cleared/);
  });

  it('see a member down, a state that is none, a set without primary', () => {
    const run = new Run().feed(90, { a: { state: 'SECONDARY' }, b: { state: 'DOWN' }, c: { state: 'RECOVERING' } });
    expect(run.notices.sort()).toEqual(['10 fired member-down b', '10 fired no-primary ', '60 fired member-state c']);
  });

  it('are silent under a silence, and told when it ends and they still fire', () => {
    const run = new Run();
    run.silences = [
      { id: 's', group: 'lag', connectionId: null, host: 'b', until: 100_000, reason: 'index build', by: 'ann', at: 0 },
    ];
    run.feed(90, { a: primary, b: lagging(15) });
    expect(run.notices).toEqual([]);
    expect(run.state.incidents[0]).toMatchObject({ silenced: true, toldSeverity: null });
    run.feed(60, { a: primary, b: lagging(15) });
    expect(run.notices).toEqual(['100 fired lag-warning b']);
  });

  it('that were told before a silence began are told to be over under it', () => {
    const run = new Run().feed(60, { a: primary, b: lagging(15) });
    run.silences = [
      { id: 's', group: null, connectionId: null, host: null, until: 1e9, reason: 'work', by: 'ann', at: 60_000 },
    ];
    run.feed(60, { a: primary, b: lagging(0) });
    expect(run.notices).toEqual(['30 fired lag-warning b', '90 cleared lag-warning b']);
  });

  it('that were open when Lifeboat ended are not told again', () => {
    const before = new Run().feed(60, { a: primary, b: lagging(15) });
    const after = new Run();
    after.state = resumeState(before.state.incidents, defaultRules);
    after.at = before.at;
    after.feed(60, { a: primary, b: lagging(15) });
    expect(after.notices).toEqual([]);
    expect(after.state.incidents[0]?.id).toBe(before.state.incidents[0]?.id);
    after.feed(60, { a: primary, b: lagging(0) });
    expect(after.notices).toEqual(['150 cleared lag-warning b']);
  });

  it('of a member that left the set are over', () => {
    const run = new Run().feed(60, { a: primary, b: { state: 'DOWN' } }).feed(5, { a: primary });
    expect(run.notices).toEqual(['10 fired member-down b', '60 cleared member-down b']);
    expect([...run.state.trackers.keys()].some((key) => key.endsWith('\0b'))).toBe(false);
  });

  it('keep to the scope of their rule', () => {
    const rule = defaultRules.find(({ id }) => id === 'lag-warning');
    const of = (scope: Partial<AlertRule['scope']>) =>
      new Run(rule ? [{ ...rule, scope: { ...rule.scope, ...scope } }] : []).feed(60, { a: primary, b: lagging(15) })
        .notices.length;
    expect([
      of({ hosts: ['z'] }),
      of({ hosts: ['b'] }),
      of({ environments: ['staging'] }),
      of({ connectionIds: ['c'] }),
    ]).toEqual([0, 1, 0, 1]);
  });
});

it('a duration of nothing fires with the first sample', () => {
  expect(advance(untroubled, { forSeconds: 0, clearSeconds: 0 }, { breaks: true, isWell: false }, 7)).toMatchObject({
    phase: 'firing',
    firedAt: 7,
  });
});

describe('a rule tried against the past', () => {
  const line = (values: (number | null)[]) => ({
    host: 'b',
    set: 'rs',
    metric: 'lagSeconds' as const,
    at: values.map((_, index) => index * 60_000),
    min: values,
    max: values,
    mean: values,
  });
  const history = (values: (number | null)[]) => ({
    from: 0,
    to: values.length * 60_000,
    stepMs: 60_000,
    tier: '1 min' as const,
    series: [line(values)],
  });

  it('tells how often, when and how bad', () => {
    const rule = defaultRules.find(({ id }) => id === 'lag-warning');
    const trial =
      rule && tryRule(rule, history([0, 20, 40, 0, 0, null, 0, ...new Array<number>(20).fill(0), 12, 12, 12]));
    expect(trial?.firings).toEqual([
      { host: 'b', firedAt: 120_000, clearedAt: 240_000, worst: 40 },
      { host: 'b', firedAt: 1_680_000, clearedAt: null, worst: 12 },
    ]);
  });

  it('knows a member that did not answer', () => {
    const rule = defaultRules.find(({ id }) => id === 'member-down');
    expect(rule && tryRule(rule, history([2, null, null, 2, 2])).firings).toMatchObject([{ firedAt: 120_000 }]);
  });
});

describe('facts of backups', () => {
  const hour = 3_600_000;
  const made = (endedAt: number, more: Partial<BackupAttempt> = {}): BackupAttempt => ({
    scope: 'full',
    startedAt: endedAt - hour,
    endedAt,
    succeeded: true,
    verifiedAt: endedAt,
    bytes: 100,
    readFrom: 'b',
    ...more,
  });
  const sample = sampleOf(100 * hour, { a: primary, b: { values: { lagSeconds: 42, oplogReachHours: 20 } } });

  it('compare the newest with the usual, the oplog with the gap between backups, and tell the lag of the source', () => {
    const facts = backupFacts(
      [made(98 * hour, { bytes: 260, startedAt: 95 * hour }), made(74 * hour), made(50 * hour), made(26 * hour)],
      sample,
    );
    expect(facts).toEqual({
      backupFailed: 0,
      hoursSinceVerifiedBackup: 2,
      backupMinutes: 180,
      backupTimeOfBaselinePercent: 300,
      backupSizeOfBaselinePercent: 260,
      backupSuccessPercent: 100,
      oplogShortOfBackupHours: 3 + 23 - 20,
      backupSourceLagSeconds: 42,
      backupSource: 'b',
      storeUsedPercent: null,
      backupSizeOfLastWeekPercent: null,
    });
  });

  it('compare only backups of the same, and with the one a week before', () => {
    const day = 24 * hour;
    const at = 40 * day;
    const later = sampleOf(at, { a: primary });
    const small = { scope: 'shop', bytes: 5 };
    const others = [1, 2, 3, 4].map((days) => made(at - days * day));
    expect(backupFacts([made(at, small), ...others], later)).toMatchObject({
      backupSizeOfBaselinePercent: null,
      backupSizeOfLastWeekPercent: null,
    });
    const grown = [made(at, { bytes: 200 }), ...others, made(at - 8 * day, { bytes: 80 }), made(at - 8 * day, small)];
    expect(backupFacts(grown, later).backupSizeOfLastWeekPercent).toBe(250);
  });

  it('count from the first backup where none was ever verified, and tell the disk they are on', () => {
    const unverified = [made(99 * hour, { verifiedAt: null }), made(60 * hour, { verifiedAt: null })];
    expect(backupFacts(unverified, sample, 85)).toMatchObject({
      hoursSinceVerifiedBackup: 100 - 59,
      storeUsedPercent: 85,
    });
  });

  it('name the member that is read from', () => {
    const rules = defaultRules
      .filter(({ id }) => id === 'backup-source-lag')
      .map((rule) => ({ ...rule, forSeconds: 0 }));
    const facts = backupFacts([made(99 * hour)], sample);
    const observed = { sample, environment: 'production' as const, facts };
    const { incidents } = evaluate({ trackers: new Map(), incidents: [] }, rules, [], observed, () => 'i').state;
    expect(incidents).toMatchObject([{ host: 'b', set: 'rs', text: '42 s, the limit is 30 s' }]);
  });

  it('say nothing of what was never backed up, and that the newest attempt failed', () => {
    expect(backupFacts([], sample)).toEqual(noFacts);
    expect(
      backupFacts([made(99 * hour, { succeeded: false, verifiedAt: null }), made(74 * hour)], sample),
    ).toMatchObject({ backupFailed: 1, backupSuccessPercent: 50, hoursSinceVerifiedBackup: 26 });
  });
});
