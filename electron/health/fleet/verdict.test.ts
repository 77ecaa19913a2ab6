import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../shared/alerts';
import type { DeploymentSample, MemberSample } from '../../../shared/health';
import { memberSample } from '../../../shared/test-support/samples';
import { judge } from './verdict';

const down = { answered: false, state: 'DOWN' as const, problem: { code: 'unreachable', message: 'b:1 refuses' } };

function sample(members: MemberSample[], primary: string | null = 'a:1'): DeploymentSample {
  const set = { name: 'rs', shard: null, primary, term: 1, members };
  return { connectionId: 'c', at: 9, topology: 'replica set', sets: [set], singles: [], problem: null };
}

function incident(part: Partial<Incident>): Incident {
  return {
    id: 'i',
    group: 'g',
    ruleId: 'r',
    name: 'A member does not answer',
    severity: 'critical',
    connectionId: 'c',
    set: 'rs',
    host: 'b:1',
    since: 5,
    firedAt: 6,
    clearedAt: null,
    value: null,
    text: 'refused',
    acknowledged: null,
    silenced: false,
    toldSeverity: null,
    ...part,
  };
}

const well = sample([memberSample('a:1', { state: 'PRIMARY' }), memberSample('b:1')]);

describe('a deployment', () => {
  it('is healthy when every member answers and nothing is open', () => {
    expect(judge(well, [])).toEqual({ verdict: 'healthy', problem: null, since: null });
  });

  it('is as bad as its gravest alert, since that began', () => {
    const open = [incident({ severity: 'warning', since: 2 }), incident({ since: 5 })];
    expect(judge(well, open)).toEqual({
      verdict: 'critical',
      problem: 'A member does not answer (b:1): refused',
      since: 5,
    });
    expect(judge(well, [incident({ severity: 'high' })]).verdict).toBe('warning');
    expect(judge(well, [incident({ severity: 'info' })]).verdict).toBe('healthy');
  });

  it('is no longer healthy at the first sample that shows trouble, before any rule fires', () => {
    expect(judge(sample([memberSample('a:1', { state: 'PRIMARY' }), memberSample('b:1', down)]), [])).toMatchObject({
      verdict: 'warning',
      problem: 'b:1 refuses',
    });
    expect(judge(sample([memberSample('a:1'), memberSample('b:1')], null), []).problem).toBe('rs has no primary');
    expect(
      judge(sample([memberSample('a:1', { state: 'PRIMARY' }), memberSample('b:1', { state: 'RECOVERING' })]), []),
    ).toMatchObject({ verdict: 'warning', problem: 'b:1 is RECOVERING' });
  });

  it('is unknown when nobody answers and no rule has fired, or before the first sample', () => {
    expect(judge(null, [])).toMatchObject({ verdict: 'unknown', problem: null });
    const silent = { ...sample([memberSample('b:1', down)], null), problem: { code: 'dns', message: 'no such name' } };
    expect(judge(silent, [])).toMatchObject({ verdict: 'unknown', problem: 'no such name' });
    expect(judge(silent, [incident({})]).verdict).toBe('critical');
  });

  it('is not made worse by what was silenced', () => {
    const ill = sample([memberSample('a:1', { state: 'PRIMARY' }), memberSample('b:1', down)]);
    expect(judge(ill, [incident({ silenced: true })]).verdict).toBe('healthy');
  });

  it('of which the user may not know everything is no healthy one', () => {
    const problem = { code: 'not-authorized', message: 'a:1: not authorized' };
    expect(judge(sample([memberSample('a:1', { state: 'PRIMARY', problem })]), [])).toMatchObject({
      verdict: 'warning',
      problem: 'a:1: not authorized',
    });
  });
});
