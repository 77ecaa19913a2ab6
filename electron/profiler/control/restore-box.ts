/** Puts profilers back to what they were, but for what somebody else has set since. */
import type { MongoClient } from 'mongodb';
import type { OpenDeployment } from '../../connections/service';
import { dataMembers, memberError, withDataMember } from '../members';
import type { BoxedDatabase, BoxedProcess, StoredBox } from './box-journal';
import { isOwed } from './open-box';
import { changeProfiling, readProfiling } from './profile-command';

/** What is still owed of a box when nothing could be reached. */
export function allWaiting(box: StoredBox, reason: string): StoredBox {
  return { ...box, databases: waiting(box.databases, () => reason), processes: waiting(box.processes, () => reason) };
}

function waiting<Entry extends BoxedDatabase | BoxedProcess>(
  entries: readonly Entry[],
  reasonOf: (host: string) => string | undefined,
): Entry[] {
  return entries.map((entry) => {
    const reason = isOwed(entry.state) ? reasonOf(entry.host) : undefined;
    // One that was never known to be set stays so: whatever it is now is put back.
    if (reason === undefined) return entry;
    return { ...entry, state: entry.state === 'pending' ? 'pending' : 'waiting', note: reason };
  });
}

/**
 * Member after member; one that cannot be reached leaves its part `waiting`, with the reason. Everything is read back: only
 * what a member says it is counts as restored. Throws when the deployment itself cannot be asked.
 */
export async function restoreBox(deployment: OpenDeployment, box: StoredBox): Promise<StoredBox> {
  const { members } = await dataMembers(deployment);
  const reasons = new Map<string, string>();
  let restored = box;
  for (const host of new Set([...box.databases, ...box.processes].map((entry) => entry.host))) {
    const member = members.find((candidate) => candidate.host === host);
    if (!member) {
      reasons.set(host, `${host} is no member that can be reached by this connection.`);
      continue;
    }
    try {
      await withDataMember(deployment, member, async (client) => {
        restored = await restoreMember(client, restored, host);
      });
    } catch (error) {
      reasons.set(host, memberError(error, host).message);
    }
  }
  const reasonOf = (host: string): string | undefined => reasons.get(host);
  return {
    ...restored,
    databases: waiting(restored.databases, reasonOf),
    processes: waiting(restored.processes, reasonOf),
  };
}

async function restoreMember(client: MongoClient, box: StoredBox, host: string): Promise<StoredBox> {
  const databases: BoxedDatabase[] = [];
  for (const entry of box.databases)
    databases.push(entry.host === host && isOwed(entry.state) ? await restoreDatabase(client, entry) : entry);
  const processes: BoxedProcess[] = [];
  // Asked through any of its databases: it belongs to the process.
  const through = box.databases.find((entry) => entry.host === host)?.database ?? 'admin';
  for (const entry of box.processes)
    processes.push(entry.host === host && isOwed(entry.state) ? await restoreProcess(client, through, entry) : entry);
  return { ...box, databases, processes };
}

async function restoreDatabase(client: MongoClient, entry: BoxedDatabase): Promise<BoxedDatabase> {
  const { database: name, former, set, state } = entry;
  const isFormer = (now: BoxedDatabase['former']): boolean =>
    now.level === former.level && now.filter === former.filter;
  const { database: now } = await readProfiling(client, name);
  if (!isFormer(now)) {
    const isOurs = now.level === set.level && now.filter === set.filter;
    if (!isOurs && state !== 'pending')
      return { ...entry, state: 'left', note: `Somebody set level ${now.level}${withFilter(now.filter)} meanwhile.` };
    await changeProfiling(client, name, {
      level: former.level,
      ...(now.filter === former.filter ? {} : { filter: former.filter }),
    });
    const { database: after } = await readProfiling(client, name);
    if (after.level !== former.level || (after.filter === null) !== (former.filter === null))
      return { ...entry, state: 'waiting', note: `It is still at level ${after.level}${withFilter(after.filter)}.` };
  }
  return { ...entry, state: 'restored', note: null };
}

function withFilter(filter: string | null): string {
  return filter === null ? '' : ` with the filter ${filter}`;
}

async function restoreProcess(client: MongoClient, through: string, entry: BoxedProcess): Promise<BoxedProcess> {
  const { former, set, state, knowsSampleRate } = entry;
  const { process: now } = await readProfiling(client, through);
  const change: { slowms?: number; sampleRate?: number } = {};
  const left: string[] = [];
  if (now.slowms !== former.slowms) {
    if (now.slowms === set.slowms || state === 'pending') change.slowms = former.slowms;
    else left.push(`slowms to ${now.slowms}`);
  }
  if (knowsSampleRate && now.sampleRate !== former.sampleRate) {
    if (now.sampleRate === set.sampleRate || state === 'pending') change.sampleRate = former.sampleRate;
    else left.push(`the sample rate to ${now.sampleRate}`);
  }
  if (Object.keys(change).length > 0) await changeProfiling(client, through, change);
  if (left.length > 0) return { ...entry, state: 'left', note: `Somebody set ${left.join(' and ')} meanwhile.` };
  return { ...entry, state: 'restored', note: null };
}

/** With the end it has come to. */
export function settled(box: StoredBox): StoredBox {
  const states = [...box.databases, ...box.processes].map(({ state }) => state);
  if (states.some(isOwed)) return { ...box, status: 'waiting' };
  const endedAt = box.endedAt ?? new Date().toISOString();
  return { ...box, status: states.includes('left') ? 'left' : 'restored', endedAt, claims: [] };
}
