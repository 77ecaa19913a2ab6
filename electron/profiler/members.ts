/** The members of a deployment that hold data, each to be talked to alone. */
import { MongoClient } from 'mongodb';
import type { Member } from '../../shared/connections';
import { AppFailure, fail, type AppError } from '../../shared/result';
import { diagnoseDriverError, isDriverError } from '../connections/diagnose';
import type { OpenDeployment } from '../connections/service';
import { toAppError } from '../platform/failures';

export interface DataMember {
  /** `host:port`. */
  host: string;
  /** A mongod of its own, and a mongos, count as PRIMARY. */
  state: Member['state'];
  /** It is what the connection itself leads to: nothing else need be reachable. */
  direct: boolean;
}

export interface DataMembers {
  members: DataMember[];
  topology: 'standalone' | 'replica set' | 'sharded';
  /** Equal for all connections that lead to the same deployment. */
  deploymentKey: string;
}

/**
 * All but arbiters; of a connection to one member directly that one alone. `hosts` chooses among them, null all. Throws
 * 'topology' naming what there is for a host that is none of them; driver errors pass through.
 */
export async function dataMembers(
  deployment: OpenDeployment,
  hosts: readonly string[] | null = null,
): Promise<DataMembers> {
  const { topology, members, host, setId, setName } = await deployment.describe();
  const isDirect = topology !== 'replica set' || deployment.client.options.directConnection;
  const own: DataMember = {
    host,
    state: members.find((member) => member.host === host)?.state ?? 'PRIMARY',
    direct: true,
  };
  const all = isDirect
    ? [own]
    : members
        .filter(({ state }) => state !== 'ARBITER' && state !== 'REMOVED')
        .map((member) => ({ host: member.host, state: member.state, direct: false }));
  const names = all.map((member) => member.host);
  const unknown = hosts?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    fail('topology', `${deployment.connection.name} has no member ${unknown}.`, `Choose among ${names.join(', ')}.`);
  return {
    members: hosts ? all.filter((member) => hosts.includes(member.host)) : all,
    topology,
    deploymentKey: setId !== null ? `set ${setId}` : `${setName ?? topology} ${[...names].sort().join(',')}`,
  };
}

/** The connection string that leads to that member alone; holds secrets. */
export function memberUri(deployment: OpenDeployment, { host, direct }: DataMember): string {
  return direct ? deployment.toolUri() : deployment.toolUri({ host });
}

/** Runs `work` with a client of that member alone. Fails as connections do. */
export async function withDataMember<T>(
  deployment: OpenDeployment,
  member: DataMember,
  work: (client: MongoClient) => Promise<T>,
): Promise<T> {
  if (member.direct) return work(deployment.client);
  const client = new MongoClient(memberUri(deployment, member), {
    appName: 'Lifeboat',
    serverSelectionTimeoutMS: 5000,
  });
  try {
    return await work(client);
  } catch (error) {
    if (!isDriverError(error)) throw error;
    throw new AppFailure(diagnoseDriverError(error, member.host));
  } finally {
    await client.close().catch(() => undefined);
  }
}

/** What went wrong with one member, to be told beside the others. */
export function memberError(error: unknown, host: string): AppError {
  return isDriverError(error) ? diagnoseDriverError(error, host) : toAppError(error);
}
