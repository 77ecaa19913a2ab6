import { describe, expect, it } from 'vitest';
import { alertRuleSchema, type AlertRule } from '../../../shared/alerts';
import { draftOf, newDraft, problemsOf, ruleOf } from './rule-draft';

const lag: AlertRule = {
  id: 'lag-warning',
  name: 'Replication lag over 10 s',
  enabled: true,
  severity: 'warning',
  condition: { kind: 'metric', metric: 'lagSeconds', when: 'above', threshold: 10, clearAt: 9 },
  forSeconds: 30,
  clearSeconds: 30,
  group: 'lag',
  scope: { connectionIds: null, environments: ['production'], hosts: ['a:27017'] },
  runbook: 'https://wiki.example/lag',
};

describe('a rule in the editor', () => {
  it('comes back as it was when nothing is changed', () => {
    for (const condition of [
      lag.condition,
      { kind: 'fact', fact: 'backupMinutes', when: 'above', threshold: 30, clearAt: 30 },
      { kind: 'member-down' },
      { kind: 'member-state' },
      { kind: 'no-primary' },
    ] as const) {
      const isOfMembers = condition.kind !== 'fact' && condition.kind !== 'no-primary';
      const rule: AlertRule = { ...lag, condition, scope: { ...lag.scope, hosts: isOfMembers ? ['a:27017'] : null } };
      expect(ruleOf(draftOf(rule))).toEqual(rule);
    }
  });

  it('says what is missing or contradicts itself', () => {
    const draft = draftOf(lag);
    expect(problemsOf(draft)).toEqual({});
    expect(problemsOf({ ...draft, name: '  ' }).name).toMatch(/name/);
    expect(problemsOf({ ...draft, threshold: '' }).threshold).toMatch(/number/);
    expect(problemsOf({ ...draft, clearAt: 11 }).clearAt).toMatch(/Not above/);
    expect(problemsOf({ ...draft, when: 'below' }).clearAt).toMatch(/Not below/);
    expect(problemsOf({ ...draft, forSeconds: -1 }).forSeconds).toMatch(/86,400/);
    expect(problemsOf({ ...draft, clearSeconds: '' }).clearSeconds).toMatch(/seconds/);
    expect(ruleOf({ ...draft, clearAt: 11 })).toBeNull();
  });

  it('leaves members out of what is about the whole deployment', () => {
    expect(ruleOf({ ...draftOf(lag), watched: 'no-primary' })?.scope.hosts).toBeNull();
  });

  it('gives a new rule an id of its own and becomes one the services take', () => {
    const draft = newDraft(['own-1', 'lag-warning', 'own-2']);
    expect(draft.id).toBe('own-3');
    expect(ruleOf(draft)).toBeNull();
    const rule = ruleOf({ ...draft, name: 'Many connections', threshold: 500, clearAt: 450 });
    expect(alertRuleSchema.parse(rule)).toMatchObject({ name: 'Many connections', group: 'own-3', runbook: null });
  });
});
