import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../../shared/alerts';
import { changesOf, conditionWords, durationWords, scopeWords, valueWords } from './rule-words';

const lag: AlertRule = {
  id: 'lag-warning',
  name: 'Replication lag over 10 s',
  enabled: true,
  severity: 'warning',
  condition: { kind: 'metric', metric: 'lagSeconds', when: 'above', threshold: 10, clearAt: 9 },
  forSeconds: 30,
  clearSeconds: 30,
  group: 'lag',
  scope: { connectionIds: null, environments: null, hosts: null },
  runbook: null,
};

describe('a rule in words', () => {
  it('says what fires, how long, and when it is over', () => {
    expect(conditionWords(lag)).toBe('replication lag above 10 s for 30 s, over at or below 9 s for 30 s');
    expect(
      conditionWords({
        ...lag,
        condition: { kind: 'metric', metric: 'cacheHitPercent', when: 'below', threshold: 90, clearAt: 92.5 },
        forSeconds: 300,
        clearSeconds: 0,
      }),
    ).toBe('cache hit ratio below 90 % for 5 min, over at or above 92.5 %');
  });

  it('says rules without a number as sentences', () => {
    const down: AlertRule = { ...lag, condition: { kind: 'member-down' }, forSeconds: 10, clearSeconds: 10 };
    expect(conditionWords(down)).toBe('a member does not answer for 10 s, over when it answers for 10 s');
    const failed: AlertRule = {
      ...lag,
      condition: { kind: 'fact', fact: 'backupFailed', when: 'above', threshold: 0, clearAt: 0 },
      forSeconds: 0,
    };
    expect(conditionWords(failed)).toBe('the newest backup failed, over when one succeeds');
  });

  it('writes durations without a unit too many and values with theirs', () => {
    expect([0, 30, 60, 90, 7200, 86_400].map(durationWords)).toEqual([
      '0 s',
      '30 s',
      '1 min',
      '1 min 30 s',
      '2 h',
      '1 d',
    ]);
    expect(valueWords(12.43, 'seconds')).toBe('12.4 s');
    expect(valueWords(300, 'seconds')).toBe('5 min');
    expect(valueWords(1204, 'count')).toBe('1,204');
    expect(valueWords(2048, 'bytes per second')).toBe('2.00 KiB/s');
  });

  it('says where it holds', () => {
    const nameOf = (id: string) => `name of ${id}`;
    expect(scopeWords(lag.scope, nameOf)).toBe('everywhere');
    expect(scopeWords({ connectionIds: ['a'], environments: ['production'], hosts: null }, nameOf)).toBe(
      'name of a · production',
    );
  });

  it('tells what was changed of a default, whatever the order of its fields', () => {
    const { scope, ...rest } = lag;
    expect(changesOf({ rule: { scope, ...rest }, original: lag })).toEqual([]);
    expect(changesOf({ rule: { ...lag, severity: 'high', forSeconds: 5 }, original: lag })).toEqual([
      'severity',
      'duration',
    ]);
    expect(changesOf({ rule: lag, original: null })).toEqual([]);
  });
});
