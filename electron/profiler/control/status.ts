/** What every member's profilers are set to now. */
import type { ProfiledDatabase, ProfiledMember, ProfilingStatus } from '../../../shared/profiling';
import type { OpenDeployment } from '../../connections/service';
import { dataMembers, memberError, withDataMember, type DataMember } from '../members';
import { isOpen, timeBoxOf, type StoredBox } from './box-journal';
import { isOwed } from './open-box';
import { readProfileCollection, readProfiling } from './profile-command';
import { userDatabases } from './user-databases';

export async function readStatus(deployment: OpenDeployment, boxes: readonly StoredBox[]): Promise<ProfilingStatus> {
  const { members, deploymentKey } = await dataMembers(deployment);
  const databases = await userDatabases(deployment.client);
  const ours = boxes.filter(
    (box) => box.deploymentKey === deploymentKey || box.connectionId === deployment.connection.id,
  );
  return {
    connectionId: deployment.connection.id,
    members: await Promise.all(members.map((member) => memberStatus(deployment, member, databases, ours))),
    databases,
    boxes: ours.map(timeBoxOf).sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)),
  };
}

async function memberStatus(
  deployment: OpenDeployment,
  member: DataMember,
  databases: readonly string[],
  boxes: readonly StoredBox[],
): Promise<ProfiledMember> {
  const { host, state } = member;
  // One that is profiled before its first document is no database yet.
  const boxed = boxes.filter(isOpen).flatMap((box) => box.databases.filter((entry) => entry.host === host));
  const names = [...new Set([...databases, ...boxed.map(({ database }) => database)])].sort();
  try {
    return await withDataMember(deployment, member, async (client) => {
      const found: ProfiledDatabase[] = [];
      let process: ProfiledMember['process'] = (await readProfiling(client, 'admin')).process;
      for (const name of names) {
        const now = await readProfiling(client, name);
        process = now.process;
        const collection = await readProfileCollection(client, name);
        found.push({ name, ...now.database, collection, ...boxOf(boxes, host, name) });
      }
      return { host, state, process, databases: found, error: null };
    });
  } catch (error) {
    return { host, state, process: null, databases: [], error: memberError(error, host) };
  }
}

function boxOf(boxes: readonly StoredBox[], host: string, database: string): Pick<ProfiledDatabase, 'boxId' | 'until'> {
  const box = boxes.find(
    (each) =>
      isOpen(each) &&
      each.databases.some((entry) => entry.host === host && entry.database === database && isOwed(entry.state)),
  );
  return { boxId: box?.id ?? null, until: box?.until ?? null };
}
