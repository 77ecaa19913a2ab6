/** `system.profile` of one member in another size: it can only be made anew, with the profiler off. */
import type { MongoClient } from 'mongodb';
import type { ProfileResizePreview } from '../../../shared/profiling';
import { fail } from '../../../shared/result';
import type { OpenDeployment } from '../../connections/service';
import { isGuarded } from '../guard';
import { dataMembers, withDataMember, type DataMember } from '../members';
import { forgetBox, saveBox, type BoxJournal, type Claim, type StoredBox } from './box-journal';
import { findProfilers, openBox } from './open-box';
import { resizeCosts, resizeSteps } from './preview-profiling';
import { changeProfiling, readProfileCollection, readProfiling } from './profile-command';
import { restoreBox, settled } from './restore-box';

export interface WantedSize {
  host: string;
  database: string;
  bytes: number;
}

/** Throws 'topology' for a secondary: nothing can be dropped there. */
async function requireMember(deployment: OpenDeployment, host: string): Promise<DataMember> {
  const [member] = (await dataMembers(deployment, [host])).members;
  if (!member) return fail('topology', `There is no member ${host}.`);
  if (member.state !== 'PRIMARY')
    fail(
      'topology',
      `${host} is ${member.state}: a collection can be dropped on a primary only, also one that is not replicated.`,
      'Do it when the member is primary, or while it runs as a standalone.',
    );
  return member;
}

export async function previewResize(
  deployment: OpenDeployment,
  { host, database, bytes }: WantedSize,
): Promise<ProfileResizePreview> {
  const member = await requireMember(deployment, host);
  return withDataMember(deployment, member, async (client) => {
    const current = await readProfileCollection(client, database);
    const { level } = (await readProfiling(client, database)).database;
    return {
      current,
      bytes: roundedUp(bytes),
      steps: resizeSteps(database, level, roundedUp(bytes), current !== null),
      costs: resizeCosts(current, level, roundedUp(bytes)),
      guarded: isGuarded(deployment.connection),
    };
  });
}

/** Capped collections come in multiples of 256 bytes. */
function roundedUp(bytes: number): number {
  return Math.ceil(bytes / 256) * 256;
}

/**
 * Profiler off, drop, make anew, profiler as before. What it was is in the journal meanwhile: a crash in between is put
 * right like any time-box.
 */
export async function resizeProfile(
  deployment: OpenDeployment,
  { host, database, bytes }: WantedSize,
  { journal, claim }: { journal: BoxJournal; claim: Claim },
): Promise<void> {
  const member = await requireMember(deployment, host);
  const found = await findProfilers(deployment, { hosts: [host], databases: [database] });
  const now = found.members[0]?.databases[0]?.now;
  if (!now) return fail('unreachable', found.missing[0]?.message ?? `${host} does not answer.`);
  const before = (await journal.read()).boxes;
  const off = { hosts: [host], databases: [database], level: 0 as const, ...now.process, filter: now.database.filter };
  const box = await openBox(deployment, off, found, { journal, claim });
  const former = before.find(({ id }) => id === box.id) ?? null;
  try {
    await withDataMember(deployment, member, (client) => makeAnew(client, database, roundedUp(bytes)));
  } finally {
    await putBack(deployment, box, former, { journal, member, database, level: now.database.level });
  }
}

async function makeAnew(client: MongoClient, database: string, bytes: number): Promise<void> {
  const db = client.db(database);
  await db.dropCollection('system.profile').catch((error: unknown) => {
    // Servers before 7.0 say so when there is none.
    if ((error as { code?: unknown }).code !== 26) throw error;
  });
  await db.createCollection('system.profile', { capped: true, size: bytes });
}

async function putBack(
  deployment: OpenDeployment,
  box: StoredBox,
  former: StoredBox | null,
  { journal, member, database, level }: { journal: BoxJournal; member: DataMember; database: string; level: 0 | 1 | 2 },
): Promise<void> {
  if (!former) {
    const end = settled(await restoreBox(deployment, box));
    if (end.status === 'restored') await forgetBox(journal, box.id);
    else await saveBox(journal, end);
    return;
  }
  // It is in a time-box already: that goes on with what it has set, and keeps what was before it.
  await withDataMember(deployment, member, (client) => changeProfiling(client, database, { level }));
  await saveBox(journal, former);
}
