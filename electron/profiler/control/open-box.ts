/** Changes profilers for a time: what they were is on disk before anything is set. */
import { randomBytes } from 'node:crypto';
import type { DatabaseProfiling, ProcessProfiling, ProfilingLevel } from '../../../shared/profiling';
import { fail } from '../../../shared/result';
import type { OpenDeployment } from '../../connections/service';
import { dataMembers, memberError, withDataMember, type DataMember } from '../members';
import { isOpen, saveBox, type BoxJournal, type Claim, type StoredBox } from './box-journal';
import {
  canonicalFilter,
  changeProfiling,
  readProfiling,
  type Profiling,
  type ProfilingChange,
} from './profile-command';
import { userDatabases } from './user-databases';

export interface WantedProfiling {
  hosts: readonly string[] | null;
  databases: readonly string[] | null;
  level: ProfilingLevel;
  slowms: number;
  sampleRate: number;
  filter: string | null;
}

export interface FoundMember {
  member: DataMember;
  databases: { name: string; now: Profiling }[];
}

export interface Found {
  deploymentKey: string;
  members: FoundMember[];
  /** Members that could not be asked, with why. */
  missing: { host: string; message: string }[];
}

/**
 * What the chosen profilers are set to now. Throws 'topology' for a mongos and for a chosen member that there is not;
 * 'usage' without any database.
 */
export async function findProfilers(
  deployment: OpenDeployment,
  { hosts, databases }: Pick<WantedProfiling, 'hosts' | 'databases'>,
): Promise<Found> {
  const { members, topology, deploymentKey } = await dataMembers(deployment, hosts);
  if (topology === 'sharded')
    fail(
      'topology',
      'A mongos keeps no profile: its shards do.',
      "Connect to a shard's replica set, or read the log of the mongos.",
    );
  const names = databases ?? (await userDatabases(deployment.client));
  if (names.length === 0) fail('usage', 'There is no database to profile.', 'Name one, also if it does not exist yet.');
  const found: Found = { deploymentKey, members: [], missing: [] };
  for (const member of members) {
    try {
      const asked = await withDataMember(deployment, member, async (client) => {
        const answers: FoundMember['databases'] = [];
        for (const name of names) answers.push({ name, now: await readProfiling(client, name) });
        return answers;
      });
      found.members.push({ member, databases: asked });
    } catch (error) {
      found.missing.push({ host: member.host, message: memberError(error, member.host).message });
    }
  }
  return found;
}

/** Notes what there is, then sets. Throws what a member answered, having noted everything that is to be put back. */
export async function openBox(
  deployment: OpenDeployment,
  wanted: WantedProfiling,
  found: Found,
  { journal, claim }: { journal: BoxJournal; claim: Claim },
): Promise<StoredBox> {
  const { connection } = deployment;
  const { boxes } = await journal.read();
  const existing = boxes.find((box) => isOpen(box) && box.deploymentKey === found.deploymentKey);
  const until = [claim.until, ...(existing?.claims.map((other) => other.until) ?? [])].sort().pop() ?? claim.until;
  let box: StoredBox = {
    ...(existing ?? {
      id: `box-${randomBytes(6).toString('hex')}`,
      startedAt: new Date().toISOString(),
      endedAt: null,
      databases: [],
      processes: [],
      claims: [],
      leftOut: [],
    }),
    connectionId: connection.id,
    connectionName: connection.name,
    deploymentKey: found.deploymentKey,
    status: 'open',
    until,
    slowms: wanted.slowms,
    sampleRate: wanted.sampleRate,
  };
  box.claims = [...box.claims, claim];
  const answered = new Set(found.members.map(({ member }) => member.host));
  const silent = new Set(found.missing.map(({ host }) => host));
  box.leftOut = [...box.leftOut.filter(({ host }) => !answered.has(host) && !silent.has(host)), ...found.missing];
  for (const { member, databases } of found.members)
    for (const { name, now } of databases) box = noted(box, member.host, name, now, wanted);
  await saveBox(journal, box);
  for (const { member, databases } of found.members) {
    const { host } = member;
    await withDataMember(deployment, member, async (client) => {
      for (const { name, now } of databases) {
        await changeProfiling(client, name, changeOf(wanted, now));
        // The server writes filters its own way.
        box = active(box, host, name, await readProfiling(client, name));
      }
    });
    await saveBox(journal, box);
  }
  return box;
}

/** What is noted already keeps its first former settings. */
function noted(box: StoredBox, host: string, database: string, now: Profiling, wanted: WantedProfiling): StoredBox {
  const isHere = (entry: { host: string; database: string }): boolean =>
    entry.host === host && entry.database === database;
  const known = box.databases.find((entry) => isHere(entry) && isOwed(entry.state));
  const knownProcess = box.processes.find((entry) => entry.host === host && isOwed(entry.state));
  const set: DatabaseProfiling = { level: wanted.level, filter: canonicalFilter(wanted.filter) };
  const process: ProcessProfiling = { slowms: wanted.slowms, sampleRate: wanted.sampleRate };
  return {
    ...box,
    databases: [
      ...box.databases.filter((entry) => !isHere(entry)),
      { host, database, state: 'pending', former: known?.former ?? now.database, set, note: null },
    ],
    processes: [
      ...box.processes.filter((entry) => entry.host !== host),
      {
        host,
        state: 'pending',
        former: knownProcess?.former ?? now.process,
        set: process,
        knowsSampleRate: now.knowsSampleRate,
        note: null,
      },
    ],
  };
}

function active(box: StoredBox, host: string, database: string, now: Profiling): StoredBox {
  return {
    ...box,
    databases: box.databases.map((entry) =>
      entry.host === host && entry.database === database ? { ...entry, state: 'active', set: now.database } : entry,
    ),
    processes: box.processes.map((entry) =>
      entry.host === host ? { ...entry, state: 'active', set: now.process } : entry,
    ),
  };
}

/** Still to be put back. */
export function isOwed(state: StoredBox['databases'][number]['state']): boolean {
  return state === 'pending' || state === 'active' || state === 'waiting';
}

/** Old servers know neither filters nor sample rates: they are only told what they know. */
export function changeOf(wanted: Omit<WantedProfiling, 'hosts' | 'databases'>, now: Profiling): ProfilingChange {
  return {
    level: wanted.level,
    slowms: wanted.slowms,
    ...(now.knowsSampleRate ? { sampleRate: wanted.sampleRate } : {}),
    ...(wanted.filter === null && now.database.filter === null ? {} : { filter: wanted.filter }),
  };
}
