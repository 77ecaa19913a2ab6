/** Makes a replica set of freshly started mongods, without the ten seconds a first election takes by itself. */
import { MongoServerError, type Db, type Document, type MongoClient } from 'mongodb';
import { fail } from '../../shared/result';
import { hello } from '../connections/deployment';
import type { MongodProcess } from './mongod-process';

const limitMs = 60_000;
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Repeats `look` until it is true. Throws 'timeout' after a minute, 'cancelled' when aborted. */
async function until(what: string, signal: AbortSignal | undefined, look: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + limitMs; !(await look()); await pause(50)) {
    if (signal?.aborted) fail('cancelled', 'Cancelled.');
    if (Date.now() > end)
      fail('timeout', `${what} took more than a minute.`, 'The computer may be overloaded: try again.');
  }
}

function membersOf(processes: readonly MongodProcess[]): Document[] {
  return processes.map(({ host }, index) => ({ _id: index, host, priority: index === 0 ? 2 : 1 }));
}

/** The command's answer, null when the server refuses it for now. */
async function attempt(admin: Db, command: Document): Promise<Document | null> {
  try {
    return await admin.command(command);
  } catch (error) {
    if (error instanceof MongoServerError) return null;
    throw error;
  }
}

async function isWritable(client: MongoClient): Promise<boolean> {
  const answer = await hello(client);
  return (answer['isWritablePrimary'] ?? answer['ismaster']) === true;
}

/** Waits until the member takes writes, calling elections early instead of waiting for time-outs. */
export async function becomePrimary(client: MongoClient, signal?: AbortSignal): Promise<void> {
  const admin = client.db('admin');
  await until('The election of a primary', signal, async () => {
    if (await isWritable(client)) return true;
    await attempt(admin, { replSetStepUp: 1 });
    return isWritable(client);
  });
}

async function waitForSecondaries(client: MongoClient, count: number, signal?: AbortSignal): Promise<void> {
  const admin = client.db('admin');
  await until('The start of the secondaries', signal, async () => {
    const status = await attempt(admin, { replSetGetStatus: 1 });
    const members = (status?.['members'] ?? []) as { state: number }[];
    return members.length === count && members.every(({ state }) => state === 1 || state === 2);
  });
}

/** A new set of empty members; resolves when it takes writes and every member follows. */
export async function initiateSet(
  client: MongoClient,
  setName: string,
  processes: readonly MongodProcess[],
  signal?: AbortSignal,
): Promise<void> {
  await client.db('admin').command({
    replSetInitiate: { _id: setName, members: membersOf(processes), settings: { heartbeatIntervalMillis: 500 } },
  });
  await becomePrimary(client, signal);
  await waitForSecondaries(client, processes.length, signal);
}

/**
 * Makes the set of copies of one member: `client` is that member, in a set of its own, and the others hold the same
 * files. So nobody needs to copy data over the network.
 */
export async function extendSet(
  client: MongoClient,
  setName: string,
  processes: readonly MongodProcess[],
  signal?: AbortSignal,
): Promise<void> {
  const admin = client.db('admin');
  await becomePrimary(client, signal);
  const { config } = (await admin.command({ replSetGetConfig: 1 })) as { config: Document };
  await admin.command({
    replSetReconfig: {
      ...config,
      _id: setName,
      version: (config['version'] as number) + 1,
      members: membersOf(processes),
      settings: { ...(config['settings'] as Document), heartbeatIntervalMillis: 500 },
    },
    // Members are added one by one otherwise; these cannot have missed anything, being copies.
    force: true,
  });
  await becomePrimary(client, signal);
  await waitForSecondaries(client, processes.length, signal);
}

/** Ends a server in order, so that its files can be copied. */
export async function shutDown(client: MongoClient, process: MongodProcess): Promise<void> {
  await client
    .db('admin')
    .command({ shutdown: 1, force: true, timeoutSecs: 0 })
    .catch(() => undefined);
  await client.close().catch(() => undefined);
  await process.ended;
}
