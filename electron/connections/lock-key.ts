import type { Deployment } from '../../shared/connections';

/** The key of a deployment's lock: equal for all connections that lead to the same deployment. */
export function lockKeyOf({
  setId,
  setName,
  members,
  host,
}: Pick<Deployment, 'setId' | 'setName' | 'members' | 'host'>): string {
  if (setId !== null) return `deployment:${setId}`;
  const hosts = members.length > 0 ? members.map((member) => member.host).sort() : [host];
  return `deployment:${setName ?? ''}:${hosts.join(',')}`;
}
