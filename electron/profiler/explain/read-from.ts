/** Talks to the member that was asked for. */
import type { MongoClient } from 'mongodb';
import type { ReadFrom } from '../../../shared/advice';
import { fail } from '../../../shared/result';
import type { OpenDeployment } from '../../connections/service';
import { chooseMember, withMember } from '../../restore/preview/chosen-member';

export interface ReadTarget {
  client: MongoClient;
  /** Set where one member was chosen. */
  host: string | null;
}

/**
 * Gives `work` a client of the member. `secondary` takes the one that is least behind. Throws 'topology' when there is
 * no such member or it cannot be read; driver errors pass through.
 */
export async function withReadTarget<T>(
  deployment: OpenDeployment,
  readFrom: ReadFrom,
  work: (target: ReadTarget) => Promise<T>,
): Promise<T> {
  const host = await hostOf(deployment, readFrom);
  return withMember(deployment, host, (client) => work({ client, host }));
}

async function hostOf(deployment: OpenDeployment, readFrom: ReadFrom): Promise<string | null> {
  if (readFrom.kind === 'connection') return null;
  if (readFrom.kind === 'member') return (await chooseMember(deployment, readFrom.host)).host;
  const { members } = await deployment.describe();
  const secondaries = members
    .filter(({ state, hidden }) => state === 'SECONDARY' && !hidden)
    .sort((a, b) => (a.lagSeconds ?? 0) - (b.lagSeconds ?? 0));
  const [least] = [...secondaries, ...members.filter(({ state }) => state === 'SECONDARY')];
  return (
    least?.host ??
    fail(
      'topology',
      `${deployment.connection.name} has no secondary that can be read.`,
      'Choose a member by name, or read as the connection does.',
    )
  );
}
