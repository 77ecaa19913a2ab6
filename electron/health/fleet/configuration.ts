/** `replSetGetConfig`, readable, with what a reader should know of it. Pure. */
import { EJSON, type Document } from 'bson';
import type { ConfiguredMember, ReplicaSetConfiguration } from '../../../shared/deployment-health';
import { formatDuration } from '../../../shared/format';
import { parseConfiguration } from '../sampler/member-reading';
import { listAt, numberAt, textAt, valueAt } from '../sampler/server-values';

/** What elections wait for by default. */
const usualElectionMs = 10_000;

function membersOf(answer: unknown): ConfiguredMember[] {
  const parsed = parseConfiguration(answer);
  return listAt(answer, 'config', 'members').flatMap((member) => {
    const host = textAt(member, 'host');
    const configuration = host === null ? undefined : parsed.get(host);
    if (host === null || !configuration) return [];
    const buildIndexes = valueAt(member, 'buildIndexes') !== false;
    return [{ id: numberAt(member, '_id') ?? 0, host, ...configuration, buildIndexes }];
  });
}

function settingText(value: unknown): string {
  if (typeof value === 'string') return value;
  return EJSON.stringify(value, { relaxed: true });
}

function settingsOf(answer: unknown): ReplicaSetConfiguration['settings'] {
  const settings = valueAt(answer, 'config', 'settings');
  const entries = typeof settings === 'object' && settings !== null ? Object.entries(settings as Document) : [];
  const journal = valueAt(answer, 'config', 'writeConcernMajorityJournalDefault');
  return [
    ...(typeof journal === 'boolean' ? [['writeConcernMajorityJournalDefault', journal] as const] : []),
    ...entries,
  ].map(([name, value]) => ({ name, value: settingText(value) }));
}

function named(members: readonly ConfiguredMember[]): string {
  return members.map(({ host }) => host).join(', ');
}

function electionRemarks(members: readonly ConfiguredMember[]): string[] {
  const voting = members.filter(({ votes }) => votes > 0);
  const electable = members.filter(({ arbiterOnly, priority }) => !arbiterOnly && priority > 0);
  const remarks: string[] = [];
  if (voting.length % 2 === 0)
    remarks.push(
      `${voting.length} members vote, an even number: that bears the loss of no more members than ` +
        `${Math.max(1, voting.length - 1)} would.`,
    );
  if (electable.length === 0) remarks.push('No member can become primary: the priority of each is 0.');
  else if (electable.length === 1 && members.length > 1)
    remarks.push(`Only ${named(electable)} can become primary: when it is down, nothing can be written.`);
  return remarks;
}

/** How many acknowledgements `w: "majority"` waits for, and who can give them. */
function majorityRemarks(members: readonly ConfiguredMember[]): string[] {
  const voting = members.filter(({ votes }) => votes > 0);
  const arbiters = members.filter(({ arbiterOnly }) => arbiterOnly);
  const bearing = voting.filter(({ arbiterOnly }) => !arbiterOnly);
  const needed = Math.min(Math.floor(voting.length / 2) + 1, bearing.length);
  const remarks: string[] = [];
  if (arbiters.length > 0 && bearing.length - 1 < needed)
    remarks.push(
      `${named(arbiters)} votes and holds no data: writes of a majority need all ${bearing.length} members with data, ` +
        'so that they wait as soon as one of them is down or lagging.',
    );
  if (arbiters.length > 1) remarks.push(`${arbiters.length} arbiters: one at most is of use.`);
  const late = voting.filter(({ delaySeconds }) => delaySeconds > 0);
  for (const { host, delaySeconds } of late)
    remarks.push(
      `${host} is delayed by ${formatDuration(delaySeconds)} and votes: a majority that needs it waits that long.`,
    );
  return remarks;
}

function hostnameOf(host: string): string {
  return host.slice(0, host.lastIndexOf(':')).toLowerCase();
}

function memberRemarks(members: readonly ConfiguredMember[]): string[] {
  const remarks: string[] = [];
  for (const { host, delaySeconds, hidden, buildIndexes } of members) {
    if (delaySeconds > 0 && !hidden)
      remarks.push(`${host} is delayed and not hidden: clients may read old data from it.`);
    if (!buildIndexes) remarks.push(`${host} builds no indexes: it cannot take the place of another member.`);
  }
  const voting = members.filter(({ votes }) => votes > 0);
  const computers = new Map<string, number>();
  for (const { host } of voting) computers.set(hostnameOf(host), (computers.get(hostnameOf(host)) ?? 0) + 1);
  for (const [computer, count] of computers)
    if (voting.length > 1 && count > voting.length / 2)
      remarks.push(
        `${count} of ${voting.length} votes are on ${computer}: the loss of that computer leaves no primary.`,
      );
  return remarks;
}

function settingRemarks(answer: unknown): string[] {
  const remarks: string[] = [];
  if (valueAt(answer, 'config', 'writeConcernMajorityJournalDefault') === false)
    remarks.push(
      'Writes of a majority are acknowledged before they are in the journal: a power failure may lose them.',
    );
  if (valueAt(answer, 'config', 'settings', 'chainingAllowed') === false)
    remarks.push('Chaining is off: every secondary reads from the primary.');
  const election = numberAt(answer, 'config', 'settings', 'electionTimeoutMillis');
  if (election !== null && election !== usualElectionMs)
    remarks.push(
      `An election begins ${formatDuration(election / 1000)} after the primary was heard last, ` +
        `usually ${formatDuration(usualElectionMs / 1000)}.`,
    );
  return remarks;
}

/** `answer`: of `replSetGetConfig`. */
export function describeConfiguration(answer: unknown): ReplicaSetConfiguration {
  const members = membersOf(answer);
  return {
    set: textAt(answer, 'config', '_id') ?? '',
    version: numberAt(answer, 'config', 'version') ?? 0,
    term: numberAt(answer, 'config', 'term'),
    members,
    settings: settingsOf(answer),
    remarks: [
      ...electionRemarks(members),
      ...majorityRemarks(members),
      ...memberRemarks(members),
      ...settingRemarks(answer),
    ],
    text: EJSON.stringify(valueAt(answer, 'config') ?? {}, undefined, 2, { relaxed: true }),
  };
}
