/** What a change of profilers would do and cost, in words. */
import { formatBytes, formatCount } from '../../../shared/format';
import type {
  DatabaseProfiling,
  ProcessProfiling,
  ProfileCollection,
  ProfilingPreview,
} from '../../../shared/profiling';
import { canonicalFilter } from './profile-command';
import type { Found, WantedProfiling } from './open-box';

export function previewProfiling(found: Found, wanted: WantedProfiling, guarded: boolean): ProfilingPreview {
  const set: DatabaseProfiling = { level: wanted.level, filter: canonicalFilter(wanted.filter) };
  const process: ProcessProfiling = { slowms: wanted.slowms, sampleRate: wanted.sampleRate };
  const changes = found.members.flatMap(({ member: { host }, databases }) => [
    ...databases.flatMap(({ name, now }) => {
      const words = wordsOf(now.database, set);
      return words === '' ? [] : [`${name} on ${host}: ${words}`];
    }),
    ...processChanges(host, databases[0]?.now.process, process),
  ]);
  return {
    changes,
    costs: costsOf(found, wanted),
    problems: isEnough(found, wanted)
      ? []
      : found.missing.map(({ host, message }) => `${host} cannot be set: ${message}`),
    leftOut: isEnough(found, wanted) ? found.missing : [],
    guarded,
  };
}

/** Whether it can be done: a chosen member must answer, and of all of them at least one. */
export function isEnough({ members, missing }: Found, { hosts }: Pick<WantedProfiling, 'hosts'>): boolean {
  return missing.length === 0 || (hosts === null && members.length > 0);
}

function wordsOf(now: DatabaseProfiling, set: DatabaseProfiling): string {
  const words: string[] = [];
  if (now.level !== set.level) words.push(`level ${now.level} → ${set.level}`);
  if (now.filter !== set.filter)
    words.push(set.filter === null ? 'without its filter' : `only what matches ${set.filter}`);
  return words.join(', ');
}

function processChanges(host: string, now: ProcessProfiling | undefined, set: ProcessProfiling): string[] {
  if (!now) return [];
  return [
    ...(now.slowms === set.slowms
      ? []
      : [`${host}: slowms ${now.slowms} → ${set.slowms}, for all databases and the log`]),
    ...(now.sampleRate === set.sampleRate
      ? []
      : [`${host}: sample rate ${now.sampleRate} → ${set.sampleRate}, for all databases and the log`]),
  ];
}

function costsOf({ members }: Found, { level, slowms, sampleRate, filter }: WantedProfiling): string[] {
  const costs: string[] = [];
  if (level === 2 && filter === null)
    costs.push('Level 2 records every operation: each costs one more write, and a busy server feels it.');
  if (level === 1 || filter !== null)
    costs.push(
      filter === null
        ? `Each operation of ${slowms} ms or more costs one more write, into system.profile.`
        : 'Each operation that matches the filter costs one more write, into system.profile; slowms and the sample rate are not looked at.',
    );
  if (level === 0) costs.push('Nothing is recorded in system.profile; slow operations are logged all the same.');
  const changes = members.some(({ databases }) => databases[0]?.now.process.slowms !== slowms);
  if (changes)
    costs.push('slowms and the sample rate belong to the whole server: they rule what it logs of every database, too.');
  if (changes && slowms < 20) costs.push(`With slowms ${slowms} the log may grow fast.`);
  if (sampleRate < 1 && filter === null)
    costs.push(
      `Only ${Math.round(sampleRate * 1000) / 10} % of the slow operations are recorded: counts are that much lower.`,
    );
  if (members.some(({ member }) => member.state === 'SECONDARY'))
    costs.push('Each member records only what it does itself: reads of secondaries are in their own profiles.');
  return costs;
}

/** One member's `system.profile` made anew. */
export function resizeSteps(database: string, level: number, bytes: number, isThere: boolean): string[] {
  return [
    ...(level === 0 ? [] : [`use ${database}; db.runCommand({ profile: 0 })`]),
    ...(isThere ? ['db.system.profile.drop()'] : []),
    `db.createCollection("system.profile", { capped: true, size: ${bytes} })`,
    ...(level === 0 ? [] : [`db.runCommand({ profile: ${level} })`]),
  ];
}

export function resizeCosts(current: ProfileCollection | null, level: number, bytes: number): string[] {
  return [
    ...(current && current.documents > 0
      ? [`The ${formatCount(current.documents)} operations recorded so far are lost.`]
      : []),
    ...(level === 0 ? [] : ['Nothing is recorded for the moment it takes.']),
    `Up to ${formatBytes(bytes)} on disk, of the oldest and newest operations; what is older is overwritten.`,
  ];
}
