import { describe, expect, it } from 'vitest';
import type { MemberConfiguration } from '../../../shared/health';
import { lagTone, roleWords, stateWord } from './member-words';

const usual: MemberConfiguration = {
  priority: 1,
  votes: 1,
  hidden: false,
  arbiterOnly: false,
  delaySeconds: 0,
  tags: {},
};

describe('a member in words', () => {
  it('is what its configuration makes of it', () => {
    expect(roleWords(usual)).toEqual(['priority 1', '1 vote']);
    expect(
      roleWords({ ...usual, priority: 0, votes: 0, hidden: true, delaySeconds: 3600, tags: { dc: 'east' } }),
    ).toEqual(['priority 0', 'no vote', 'hidden', 'delayed 1 h 00 min', 'dc: east']);
    expect(roleWords({ ...usual, priority: 0, arbiterOnly: true })).toEqual(['arbiter, holds no data', '1 vote']);
    expect(roleWords(null)).toEqual([]);
  });

  it('has no state of its own while it does not answer', () => {
    expect(stateWord({ state: 'DOWN' })).toBe('Does not answer');
    expect(stateWord({ state: 'SECONDARY' })).toBe('SECONDARY');
  });

  it('lags by the thresholds of the runbooks', () => {
    expect([0.2, 10, 11, 30, 31].map(lagTone)).toEqual(['good', 'good', 'warning', 'warning', 'bad']);
  });
});
