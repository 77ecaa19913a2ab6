import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../../shared/alerts';
import type { HealthEvent, HealthEventKind } from '../../../shared/health';
import { defaultRules } from './default-rules';
import { tryByEvents, tryRuleOn } from './trial';

const second = 1000;

function rule(kind: 'member-down' | 'no-primary', patch: Partial<AlertRule> = {}): AlertRule {
  return {
    id: kind,
    name: kind,
    enabled: true,
    severity: 'critical',
    condition: { kind },
    forSeconds: 10,
    clearSeconds: 10,
    group: kind,
    scope: { connectionIds: null, environments: null, hosts: null },
    runbook: null,
    ...patch,
  };
}

function event(at: number, kind: HealthEventKind, host: string | null = null): HealthEvent {
  return { at: at * second, kind, host, set: 'rs0', text: kind };
}

const firings = (tried: AlertRule, events: HealthEvent[], to = 1000) =>
  tryByEvents(tried, events, 0, to * second).firings.map(({ host, firedAt, clearedAt }) => [
    host,
    firedAt / second,
    clearedAt === null ? null : clearedAt / second,
  ]);

describe('a rule tried against events', () => {
  it('counts a member that was down for long enough, to the second', () => {
    const events = [
      event(100, 'stopped-answering', 'b:1'),
      event(105, 'answers-again', 'b:1'),
      event(200, 'stopped-answering', 'b:1'),
      event(215, 'answers-again', 'b:1'),
    ];
    expect(firings(rule('member-down'), events)).toEqual([['b:1', 210, 225]]);
    expect(firings(rule('member-down', { forSeconds: 2 }), events)).toHaveLength(2);
    expect(
      firings(rule('member-down', { scope: { connectionIds: null, environments: null, hosts: ['a:1'] } }), events),
    ).toEqual([]);
  });

  it('takes two outages with too short a break as one, and one that goes on as open', () => {
    const events = [
      event(100, 'stopped-answering', 'b:1'),
      event(120, 'answers-again', 'b:1'),
      event(125, 'stopped-answering', 'b:1'),
    ];
    expect(firings(rule('member-down'), events)).toEqual([['b:1', 110, null]]);
  });

  it('does not take for lasting what nobody watched', () => {
    const events = [
      event(100, 'stopped-answering', 'b:1'),
      event(105, 'sampling-stopped'),
      event(900, 'sampling-started'),
    ];
    expect(firings(rule('member-down'), events)).toEqual([]);
  });

  it('counts a set without primary until an election', () => {
    const events = [event(100, 'no-primary', 'a:1'), event(112, 'election', 'b:1')];
    expect(firings(rule('no-primary'), events)).toEqual([['rs0', 110, 122]]);
  });
});

it('of backups it is said that their past is not kept', async () => {
  const history = { series: () => Promise.reject(new Error('not asked')), events: () => Promise.resolve([]) };
  const failed = defaultRules.find(({ id }) => id === 'backup-failed');
  await expect(failed && tryRuleOn(history, failed, 'c', 0, 1)).rejects.toThrow(/is not kept/);
});
