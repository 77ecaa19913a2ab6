/** What makes a change of a set's configuration safe. Pure. */
import {
  isElectable,
  majorityOf,
  memberOf,
  settingsOf,
  taggedWriteConcerns,
  votersOf,
  type RawConfiguration,
  type RawMember,
} from './configuration';
import { refused, warning, type Remark } from './planned-operation';
import { countsNow, type SetState } from './set-state';

const mostVotes = 7;
const mostMembers = 50;

/** Why a configuration must not be, whatever came before it. */
export function faultsOf(configuration: RawConfiguration): Remark[] {
  const faults: Remark[] = [];
  const votes = votersOf(configuration).length;
  if (configuration.members.length > mostMembers) faults.push(refused(`A set has at most ${mostMembers} members.`));
  if (votes > mostVotes) faults.push(refused(`At most ${mostVotes} members vote; there would be ${votes}.`));
  if (!configuration.members.some(isElectable))
    faults.push(refused('No member could become primary: at least one has to vote and have a priority above 0.'));
  for (const member of configuration.members) faults.push(...faultsOfMember(member));
  return faults;
}

function faultsOfMember(member: RawMember): Remark[] {
  const { priority, hidden, delaySeconds, votes, arbiterOnly } = settingsOf(member);
  const faults: Remark[] = [];
  const { host } = member;
  if (priority > 0 && hidden) faults.push(refused(`${host} is hidden: its priority has to be 0.`));
  if (priority > 0 && delaySeconds > 0) faults.push(refused(`${host} is delayed: its priority has to be 0.`));
  if (priority > 0 && votes === 0) faults.push(refused(`${host} does not vote: its priority has to be 0.`));
  if (arbiterOnly && votes === 0) faults.push(refused(`${host} is an arbiter: voting is all it is for.`));
  return faults;
}

/** Whether enough voting members answer for the change to be agreed upon, now and afterwards. */
function faultsOfMajority(
  configuration: RawConfiguration,
  { members, set }: SetState,
  when: string,
  presumed: readonly string[],
): Remark[] {
  const voters = votersOf(configuration);
  const counting = voters.filter(({ host }) => {
    const known = members.find((member) => member.host === host);
    return known ? countsNow(known) : presumed.includes(host);
  });
  const needed = majorityOf(voters.length);
  if (counting.length >= needed) return [];
  return [
    refused(
      `${when} ${counting.length} of ${voters.length} voting members of ${set} answer: ${needed} are needed to agree on the change and to elect a primary.`,
    ),
  ];
}

function faultsOfPrimary(after: RawConfiguration, { primary }: SetState): Remark[] {
  if (primary === null) return [refused('There is no primary to change the configuration at.')];
  const member = memberOf(after, primary);
  if (!member) return [refused(`${primary} is the primary: step it down before it is removed.`)];
  if (!isElectable(member))
    return [refused(`${primary} is the primary and could not be elected any more: step it down first.`)];
  return [];
}

/** What should be known of a configuration that may be. */
function cautions(before: RawConfiguration, after: RawConfiguration, state: SetState): Remark[] {
  const remarks: Remark[] = [];
  const voters = votersOf(after);
  const electable = after.members.filter(isElectable);
  if (voters.length % 2 === 0)
    remarks.push(
      warning(
        `${voters.length} members vote: an even number stands the failure of no more members than one vote less would.`,
      ),
    );
  if (electable.length === 1 && after.members.length > 1)
    remarks.push(warning(`Only ${electable[0]?.host ?? ''} could be primary: nobody takes over when it fails.`));
  const primary = state.primary === null ? null : memberOf(after, state.primary);
  const higher = primary
    ? electable.filter((member) => settingsOf(member).priority > settingsOf(primary).priority)
    : [];
  const wasHigher = higher.some(({ host }) => {
    const old = memberOf(before, host);
    const formerly = primary ? memberOf(before, primary.host) : null;
    return old && formerly && settingsOf(old).priority > settingsOf(formerly).priority;
  });
  if (primary && higher.length > 0 && !wasHigher)
    remarks.push(
      warning(
        `${higher.map(({ host }) => host).join(', ')} would have a higher priority than ${primary.host}, the primary: an election follows by itself.`,
      ),
    );
  for (const member of voters) {
    if (settingsOf(member).delaySeconds > 0)
      remarks.push(warning(`${member.host} is delayed and votes: majorities that need it wait for its delay.`));
  }
  const arbiters = voters.filter((member) => settingsOf(member).arbiterOnly).length;
  if (arbiters > 0 && voters.length - arbiters < majorityOf(voters.length) + 1)
    remarks.push(
      warning(
        'With an arbiter, majority writes wait as soon as one member that holds data is down: leave it out where another member can hold data.',
      ),
    );
  const concerns = taggedWriteConcerns(after);
  if (concerns.length > 0 && tagsOf(before) !== tagsOf(after))
    remarks.push(warning(`Write concerns by tags depend on the tags: ${concerns.join(', ')}.`));
  return remarks;
}

function tagsOf({ members }: RawConfiguration): string {
  return JSON.stringify(members.map((member) => [member._id, settingsOf(member).tags]));
}

function distinct(remarks: readonly Remark[]): Remark[] {
  return remarks.filter((remark, at) => remarks.findIndex(({ text }) => text === remark.text) === at);
}

/**
 * Judges a change and every step on the way. `presumed`: hosts that are not in the set yet and were found to answer.
 */
export function judgeChange(
  before: RawConfiguration,
  steps: readonly RawConfiguration[],
  state: SetState,
  presumed: readonly string[] = [],
): Remark[] {
  const after = steps[steps.length - 1] ?? before;
  const faults = [
    ...faultsOf(after),
    ...steps.flatMap((step) => [...faultsOf(step), ...faultsOfPrimary(step, state)]),
    ...faultsOfMajority(before, state, 'Now', presumed),
    ...steps.flatMap((step) => faultsOfMajority(step, state, 'Afterwards', presumed)),
  ];
  return distinct([...faults, ...cautions(before, after, state)]);
}
