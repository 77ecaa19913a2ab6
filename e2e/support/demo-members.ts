/** The mongods of the demo set, as processes that can be held and let go. */
import { expect } from '@playwright/test';
import type { LifeboatApplication } from '../fixtures';
import { processesUsing } from './processes';

export interface DemoMember {
  /** As the set calls it. */
  host: string;
  pid: number;
}

/** A secondary of the demo, once all its members are sampled: a watch that begins anew knows nothing for a moment. */
export async function secondaryOf(lifeboat: LifeboatApplication, connectionId: string): Promise<DemoMember> {
  let host = '';
  const find = async (): Promise<string> => {
    const { sample } = await lifeboat.request('health.deployment', { connectionId });
    const [set] = sample?.sets ?? [];
    host = set?.primary ? (set.members.find(({ state }) => state === 'SECONDARY')?.host ?? '') : '';
    return host;
  };
  await expect.poll(find, { message: 'the demo has a primary and a secondary', timeout: 30_000 }).not.toBe('');
  const port = host.split(':').at(-1) ?? '';
  const found = [...processesUsing(lifeboat.dataFolder)].find(([, command]) => command.includes(`--port ${port}`));
  if (!found) throw new Error(`No mongod of the demo listens on port ${port}.`);
  return { host, pid: found[0] };
}
