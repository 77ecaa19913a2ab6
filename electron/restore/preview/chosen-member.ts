/** A comparison that reads one member of a replica set, so that the others do not feel it. */
import { MongoClient, type Timestamp } from 'mongodb';
import { hello } from '../../connections/deployment';
import type { OpenDeployment } from '../../connections/service';
import type { ClusterTime } from '../../../shared/backups';
import type { Problem } from '../../../shared/diff';
import { fail } from '../../../shared/result';

export interface ChosenMember {
  /** `host:port`. */
  host: string;
  /** What it had applied before it was read: all that is read is at least as new. */
  appliedUpTo: ClusterTime | null;
  /** How far it was behind the primary then; null where the deployment does not tell. */
  lagSeconds: number | null;
}

/** Gives `work` a client that talks to one member alone; to the deployment as it is without `host`. */
export async function withMember<T>(
  deployment: OpenDeployment,
  host: string | null,
  work: (client: MongoClient) => Promise<T>,
): Promise<T> {
  if (host === null) return work(deployment.client);
  const client = new MongoClient(deployment.toolUri({ host }), {
    appName: 'Lifeboat',
    serverSelectionTimeoutMS: 15_000,
  });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/**
 * The member of that name. Throws 'topology' when the deployment has no such member, or it cannot be read now; driver
 * errors pass through.
 */
export async function chooseMember(deployment: OpenDeployment, host: string): Promise<ChosenMember> {
  const { members } = await deployment.describe();
  const readable = members.filter(({ state }) => state === 'PRIMARY' || state === 'SECONDARY' || state === 'UNKNOWN');
  const member = members.find((candidate) => candidate.host === host);
  if (!member || !readable.includes(member)) {
    const names = readable.map((candidate) => candidate.host);
    fail(
      'topology',
      member
        ? `${host} is ${member.state}: it cannot be read.`
        : `${deployment.connection.name} has no member ${host}.`,
      names.length > 0 ? `Choose one of ${names.join(', ')}.` : 'Only members of a replica set can be chosen.',
    );
  }
  const answer = await withMember(deployment, host, hello);
  const time = (answer['lastWrite'] as { opTime?: { ts?: Timestamp } } | undefined)?.opTime?.ts;
  const appliedUpTo = time ? { seconds: time.getHighBitsUnsigned(), increment: time.getLowBitsUnsigned() } : null;
  return { host, appliedUpTo, lagSeconds: member.lagSeconds };
}

/** What the preview says of it: nothing where the member was up to date. */
export function lagProblem(member: ChosenMember | null): Problem[] {
  if (!member || !member.lagSeconds) return [];
  const { host, lagSeconds } = member;
  return [
    {
      code: 'read-behind',
      severity: 'info',
      ns: null,
      message: `${host}, which was read, was ${lagSeconds} s behind the primary.`,
      hint: 'What was written in that time is not in the preview; applying finds it and leaves it alone.',
      modes: null,
      when: null,
      objects: [],
      objectsTotal: 0,
    },
  ];
}
