/** A new member takes the place of another, with its settings. */
import { joiningOf, joinSteps, type CurrentVersion } from './add-member';
import { candidateRemarks, factsOfSet } from './candidate';
import { commitConfiguration } from './commit-configuration';
import {
  changeMember,
  differencesBetween,
  memberOf,
  reconfigureCommand,
  removeMember,
  settingsOf,
  stepsBetween,
  type RawConfiguration,
} from './configuration';
import { judgeChange } from './configuration-rules';
import {
  configurationNeeds,
  note,
  refused,
  type PlanInput,
  type PlannedOperation,
  type PlannedStep,
} from './planned-operation';
import { countsNow, electableBeside, requireMember, requirePrimary } from './set-state';

export async function planReplaceMember({
  access,
  state,
  operation,
}: PlanInput<'replace-member'>): Promise<PlannedOperation> {
  const { host, newHost } = operation;
  const primary = requirePrimary(state);
  const member = requireMember(state, host);
  const before = state.configuration;
  const raw = memberOf(before, host);
  const settings = raw ? settingsOf(raw) : member;
  const joining = joiningOf(before, newHost, { ...settings, arbiterOnly: false });
  const { first } = joining;
  const last = removeMember(changeMember(first, newHost, { priority: settings.priority, votes: settings.votes }), host);
  const swaps = stepsBetween(first, last);
  const remarks = [
    ...(member.arbiterOnly ? [refused(`${host} is an arbiter: remove it, and add another.`)] : []),
    ...(await candidateRemarks(access, state, newHost, await factsOfSet(access, primary), false)),
    ...judgeChange(before, [first, ...swaps], state, [newHost]),
    ...(countsNow(member) ? [] : [note(`${host} is ${member.state}: ${newHost} copies from the others.`)]),
    note(`The mongod of ${host} is not stopped and keeps its data: stop it afterwards.`),
    note(`When ${newHost} does not come within 45 seconds, or the waiting is cancelled, it is taken out again.`),
  ];
  const current: CurrentVersion = { version: before.version };
  const former = (at: number): RawConfiguration => swaps[at - 1] ?? first;
  const isRemoval = (at: number): boolean => {
    const step = swaps[at];
    return step !== undefined && memberOf(former(at), host) !== null && memberOf(step, host) === null;
  };
  const swapText = (at: number): string =>
    isRemoval(at) ? `Take ${host} out` : `Give ${newHost} votes ${settings.votes} and priority ${settings.priority}`;
  const swapSteps = swaps.map<PlannedStep>((configuration, at) => ({
    text: swapText(at),
    work: async (run) => {
      run.report(swapText(at));
      current.version = await commitConfiguration(run, primary, configuration, current.version);
    },
  }));
  return {
    title: `Replace ${host} by ${newHost} in ${access.set}`,
    steps: [
      `${newHost} joins ${access.set} without vote and priority.`,
      'It copies all data from another member (initial sync) until it is a secondary.',
      ...swaps.map((_, at) => `${swapText(at)}.`),
    ],
    remarks,
    changes: differencesBetween(before, last),
    electable: electableBeside(state).filter((other) => other.host !== host),
    commands: [
      reconfigureCommand(before, first),
      ...swaps.map((configuration, at) => reconfigureCommand(former(at), configuration)),
    ],
    needs: configurationNeeds,
    carryOut: [...joinSteps(before, joining, primary, current), ...swapSteps],
    done: () => `${newHost} is in the place of ${host} in ${access.set}.`,
    ifInterrupted: `${newHost} may be in ${access.set} without vote beside ${host}: the configuration tells which of the steps are done.`,
  };
}
