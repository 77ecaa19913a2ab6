import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../../shared/alerts';
import { checkedRule, isSameRule } from './check-rule';
import { defaultRules } from './default-rules';

function ruleOf(id: string): AlertRule {
  const rule = defaultRules.find((each) => each.id === id);
  if (!rule) throw new Error(`No rule ${id}`);
  return rule;
}

const lag = ruleOf('lag-warning');
const own = (change: Partial<AlertRule>): AlertRule => ({ ...lag, id: 'own', ...change });
const limits = (when: 'above' | 'below', threshold: number, clearAt: number, metric = 'lagSeconds' as const) =>
  own({ condition: { kind: 'metric', metric, when, threshold, clearAt } });
const scope = (change: Partial<AlertRule['scope']>) => ({ ...lag.scope, ...change });

describe('a rule', () => {
  it('is taken as every default is', () => {
    for (const rule of defaultRules) expect(checkedRule(rule, rule)).toEqual(rule);
    expect(new Set(defaultRules.map(({ id }) => id)).size).toBe(defaultRules.length);
  });

  it('is over on the other side of its threshold, or at it', () => {
    expect(() => checkedRule(limits('above', 10, 11), null)).toThrow(/cannot be over above it/);
    expect(() => checkedRule(limits('below', 10, 9), null)).toThrow(/cannot be over below it/);
    expect(checkedRule(limits('above', 10, 10), null).condition).toMatchObject({ clearAt: 10 });
    expect(checkedRule(limits('below', 10, 10), null).condition).toMatchObject({ clearAt: 10 });
  });

  it('can fire, and can be over', () => {
    expect(() => checkedRule(limits('below', 0, 1), null)).toThrow(/would never fire/);
    expect(() => checkedRule(limits('above', -1, -1), null)).toThrow(/would always fire/);
    expect(() => checkedRule(limits('above', 5, -1), null)).toThrow(/would never clear/);
    const percent = (when: 'above' | 'below', threshold: number, clearAt: number): AlertRule =>
      own({ condition: { kind: 'metric', metric: 'diskUsedPercent', when, threshold, clearAt } });
    expect(() => checkedRule(percent('above', 100, 90), null)).toThrow(/would never fire/);
    expect(() => checkedRule(percent('below', 50, 101), null)).toThrow(/would never clear/);
    const short = own({
      condition: { kind: 'fact', fact: 'oplogShortOfBackupHours', when: 'above', threshold: -2, clearAt: -3 },
    });
    expect(checkedRule(short, null)).toMatchObject({ id: 'own' });
  });

  it('has a scope that leaves something, and that its condition knows', () => {
    expect(() => checkedRule(own({ scope: scope({ hosts: [] }) }), null)).toThrow(/at least one/);
    expect(() => checkedRule({ ...ruleOf('backup-failed'), scope: scope({ hosts: ['a'] }) }, null)).toThrow(/backups/);
    expect(() => checkedRule({ ...ruleOf('no-primary'), scope: scope({ hosts: ['a'] }) }, null)).toThrow(/whole set/);
  });

  it('has a name, an id and a group that can be told apart, and a runbook that is a text or a web address', () => {
    expect(checkedRule(own({ name: ' Lag ', group: ' lag ', runbook: '  ' }), null)).toMatchObject({
      name: 'Lag',
      group: 'lag',
      runbook: null,
    });
    for (const bad of [{ name: '  ' }, { id: 'a\0b' }, { group: '' }, { group: 'a\0b' }, { runbook: 'javascript:1' }])
      expect(() => checkedRule(own(bad), null)).toThrow();
    for (const runbook of ['https://wiki/lag', 'Page 12 of the folder'])
      expect(checkedRule(own({ runbook }), null).runbook).toBe(runbook);
  });

  it('that Lifeboat began with goes on looking at the same', () => {
    const other = { ...lag, condition: ruleOf('connections-many').condition };
    expect(() => checkedRule(other, lag)).toThrow(/goes on looking/);
    expect(checkedRule({ ...lag, forSeconds: 5 }, lag).forSeconds).toBe(5);
  });

  it('is the same whatever the order of its fields', () => {
    const turned = Object.fromEntries(Object.entries(lag).reverse()) as unknown as AlertRule;
    expect(isSameRule(turned, lag)).toBe(true);
    expect(isSameRule({ ...lag, enabled: false }, lag)).toBe(false);
  });
});
