import { describe, expect, it } from 'vitest';
import { noMetrics, type DeploymentSample, type MemberSample, type Metrics } from '../../../shared/health';
import { memberSample } from '../../../shared/test-support/samples';
import { headNumbers, spanText, viewOf } from './deployment-view';

const member = (host: string, state: MemberSample['state'], metrics: Partial<Metrics> = {}) =>
  memberSample(host, { state, version: '8.0.0', metrics: { ...noMetrics, ...metrics } });

const sample: DeploymentSample = {
  connectionId: 'c',
  at: 1000,
  topology: 'replica set',
  sets: [
    {
      name: 'rs0',
      shard: null,
      primary: 'a:1',
      term: 1,
      members: [
        member('a:1', 'PRIMARY', { oplogWindowHours: 31, majorityLagSeconds: 0.012 }),
        member('b:1', 'SECONDARY', { lagSeconds: 0.2, oplogWindowHours: 8 }),
        member('c:1', 'SECONDARY', { lagSeconds: 0.3 }),
      ],
    },
  ],
  singles: [],
  problem: null,
};

describe('what is shown of a sample', () => {
  it('names the worst lag, and the oplog window and majority of the primary', () => {
    expect(headNumbers(viewOf(sample, [], true))).toEqual({
      hasSecondaries: true,
      lagSeconds: 0.3,
      oplogWindowHours: 31,
      majorityLagSeconds: 0.012,
    });
  });

  it('has no number and no primary once nothing newer comes', () => {
    const view = viewOf(sample, [], false);
    expect(view.members.map(({ state, answered }) => [state, answered])).toEqual(
      Array.from({ length: 3 }, () => ['UNKNOWN', false]),
    );
    expect(view.members.map(({ isPrimary, since }) => [isPrimary, since?.at])).toEqual(
      Array.from({ length: 3 }, () => [false, 1000]),
    );
    expect(headNumbers(view)).toEqual({
      hasSecondaries: false,
      lagSeconds: null,
      oplogWindowHours: null,
      majorityLagSeconds: null,
    });
  });
});

describe('spans of time', () => {
  it('are told no more exactly than they are known', () => {
    expect(spanText(3000)).toBe('< 1 min');
    expect(spanText(5 * 60_000)).toBe('5 min');
    expect(spanText(3 * 3_600_000)).toBe('3 h 0 min');
    expect(spanText(76 * 3_600_000)).toBe('3 d 4 h');
  });
});
