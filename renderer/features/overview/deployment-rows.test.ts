import { describe, expect, it, vi } from 'vitest';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import { noMetrics, type MemberSample, type Metrics } from '../../../shared/health';
import { memberSample, shopConnection as shop } from '../../../shared/test-support/samples';

vi.stubGlobal('window', { localStorage: { getItem: () => null } });
const { badness, coarseSpan, deploymentRow } = await import('./deployment-rows');

const member = (host: string, part: Partial<MemberSample>, metrics: Partial<Metrics> = {}) =>
  memberSample(host, { ...part, metrics: { ...noMetrics, ...metrics } });

const health: DeploymentHealth = {
  connectionId: 'c1',
  verdict: 'warning',
  since: 500,
  problem: 'c:1 does not answer',
  sample: {
    connectionId: 'c1',
    at: 1000,
    topology: 'replica set',
    sets: [
      {
        name: 'rs',
        shard: null,
        primary: 'a:1',
        term: 1,
        members: [
          member('a:1', { state: 'PRIMARY' }, { oplogWindowHours: 40, connections: 12 }),
          member('b:1', {}, { lagSeconds: 0.2, oplogWindowHours: 30, connections: 9 }),
          member('c:1', { answered: false, state: 'DOWN' }),
        ],
      },
    ],
    singles: [],
    problem: null,
  },
  incidents: [],
  intervalMs: 5000,
  recordedHere: true,
};

describe('a deployment in the overview', () => {
  it('has the worst numbers of the members that answer', () => {
    expect(deploymentRow(shop, health, null, true)).toMatchObject({
      verdict: 'warning',
      since: 500,
      primary: 'a:1',
      lacksPrimary: false,
      membersWell: 2,
      members: 3,
      lagSeconds: 0.2,
      oplogWindowHours: 30,
      connections: 12,
      topology: 'replica set rs',
    });
  });

  it('is unknown since the last sample when nothing newer came: no last value stands for a live one', () => {
    expect(deploymentRow(shop, health, null, false)).toMatchObject({
      verdict: 'unknown',
      since: 1000,
      primary: null,
      membersWell: 0,
      lagSeconds: null,
      connections: null,
    });
  });

  it('is unknown before the first sample', () => {
    expect(deploymentRow(shop, null, null, false)).toMatchObject({ verdict: 'unknown', since: null, problem: null });
  });

  it('comes first when it is worse, and with more that is open', () => {
    const order = [
      badness({ verdict: 'critical', alerts: 3 }),
      badness({ verdict: 'critical', alerts: 1 }),
      badness({ verdict: 'warning', alerts: 5 }),
      badness({ verdict: 'unknown', alerts: 0 }),
      badness({ verdict: 'healthy', alerts: 0 }),
    ];
    expect([...order].sort((a, b) => a - b)).toEqual(order);
  });

  it('says times as coarsely as a narrow column wants them', () => {
    expect([61, 3500, 3600, 26 * 3600, 50 * 3600].map(coarseSpan)).toEqual(['1 min', '58 min', '1 h', '26 h', '2 d']);
  });
});
