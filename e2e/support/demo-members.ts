/** The mongods of the demo set, as processes that can be held and let go. */
import type { LifeboatApplication } from '../fixtures';
import { processesUsing } from './processes';

export interface DemoMember {
  /** As the set calls it. */
  host: string;
  pid: number;
}

/** A secondary of the demo; waits for nothing: the demo is up and sampled. */
export async function secondaryOf(lifeboat: LifeboatApplication, connectionId: string): Promise<DemoMember> {
  const { sample } = await lifeboat.request('health.deployment', { connectionId });
  const member = sample?.sets[0]?.members.find(({ state }) => state === 'SECONDARY');
  if (!member) throw new Error('The demo has no secondary.');
  const port = member.host.split(':').at(-1) ?? '';
  const found = [...processesUsing(lifeboat.dataFolder)].find(([, command]) => command.includes(`--port ${port}`));
  if (!found) throw new Error(`No mongod of the demo listens on port ${port}.`);
  return { host: member.host, pid: found[0] };
}
