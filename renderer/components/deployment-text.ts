import type { Deployment, Member } from '../../shared/connections';
import { formatQuantity } from '../../shared/format';
import { formatLag } from './metric-text';

/** `replica set rs0`, `standalone`, `sharded cluster`. */
export function topologyText(deployment: Pick<Deployment, 'topology' | 'setName'>): string {
  switch (deployment.topology) {
    case 'replica set':
      return deployment.setName ? `replica set ${deployment.setName}` : 'replica set';
    case 'sharded':
      return 'sharded cluster';
    case 'standalone':
      return 'standalone';
  }
}

/** Members that hold data and are neither primary nor secondary. */
function unhealthyMembers(members: readonly Member[]): Member[] {
  return members.filter(({ state }) => state !== 'PRIMARY' && state !== 'SECONDARY' && state !== 'ARBITER');
}

/** The largest lag of any secondary in seconds; null where none is known. */
function largestLag(members: readonly Member[]): number | null {
  const lags = members.flatMap(({ lagSeconds }) => (lagSeconds === null ? [] : [lagSeconds]));
  return lags.length === 0 ? null : Math.max(...lags);
}

export type DeploymentState = { state: 'good' | 'warning' | 'bad'; sentence: string };

// Thresholds of the owners' runbooks, in seconds.
const lagWarning = 10;
const lagHigh = 30;

/** The state of a deployment in one sentence. */
export function judgeDeployment(deployment: Deployment): DeploymentState {
  if (deployment.topology !== 'replica set') {
    return { state: 'good', sentence: `${topologyText(deployment)}, MongoDB ${deployment.serverVersion}` };
  }
  const primary = deployment.members.find(({ state }) => state === 'PRIMARY');
  if (!primary) return { state: 'bad', sentence: 'No primary: nothing can be written' };
  const ill = unhealthyMembers(deployment.members);
  if (ill.length > 0) {
    const names = ill.map(({ host, state }) => `${host} is ${state}`).join(', ');
    return { state: 'bad', sentence: names };
  }
  const lag = largestLag(deployment.members);
  const count = `${formatQuantity(deployment.members.length, 'member')} healthy`;
  // Alone, a primary has nobody who could lag.
  if (deployment.members.length === 1) return { state: 'good', sentence: count };
  if (lag === null) return { state: 'good', sentence: `${count}, lag unknown` };
  const lagText = `largest lag ${formatLag(lag)}`;
  if (lag > lagHigh) return { state: 'bad', sentence: `${count}, ${lagText}` };
  if (lag > lagWarning) return { state: 'warning', sentence: `${count}, ${lagText}` };
  return { state: 'good', sentence: `${count}, ${lagText}` };
}
