import { describe, expect, it } from 'vitest';
import { scopesOf, silencedBy, silenceProblems, tomorrowMorning, untilOf } from './silence-draft';

const member = { group: 'member-down', connectionId: 'shop', host: 'b:27017', name: 'A member does not answer' };

describe('a silence', () => {
  it('is about the alert, its member or its deployment', () => {
    expect(scopesOf(member)).toEqual(['alert', 'member', 'deployment']);
    expect(scopesOf({ ...member, host: null })).toEqual(['alert', 'deployment']);
    expect(scopesOf({ ...member, host: null, group: null, name: null })).toEqual(['deployment']);
    expect(silencedBy('alert', member)).toEqual({ group: 'member-down', connectionId: 'shop', host: 'b:27017' });
    expect(silencedBy('member', member)).toEqual({ group: null, connectionId: 'shop', host: 'b:27017' });
    expect(silencedBy('deployment', member)).toEqual({ group: null, connectionId: 'shop', host: null });
  });

  it('ends after a while or at a local time', () => {
    expect(untilOf('60', '', 1000)).toBe(3_601_000);
    expect(untilOf('date', '2026-11-22T08:00', 0)).toBe(new Date(2026, 10, 22, 8, 0).getTime());
    expect(untilOf('date', '', 0)).toBeNull();
    expect(tomorrowMorning(new Date(2026, 11, 31, 23, 50))).toBe('2027-01-01T08:00');
  });

  it('wants a reason and a time to come', () => {
    expect(silenceProblems('maintenance', 2000, 1000)).toEqual({});
    expect(silenceProblems(' ', 2000, 1000).reason).toBeDefined();
    expect(silenceProblems('x', 1000, 1000).until).toMatch(/to come/);
    expect(silenceProblems('x', null, 1000).until).toMatch(/date/);
  });
});
