/** A member joins: without vote first, with its full settings once it follows, as MongoDB advises. */
import { awaitMember } from './await-member';
import { candidateRemarks, factsOfSet } from './candidate';
import { commitConfiguration } from './commit-configuration';
import {
  addMember,
  changeMember,
  differencesBetween,
  reconfigureCommand,
  type MemberSettings,
  type RawConfiguration,
} from './configuration';
import { judgeChange } from './configuration-rules';
import {
  configurationNeeds,
  note,
  warning,
  type OperationRun,
  type PlanInput,
  type PlannedOperation,
  type PlannedStep,
} from './planned-operation';
import { electableBeside, requirePrimary } from './set-state';
import { messageOf } from './waiting';

/** The version in force, which every step that commits moves on. */
export interface CurrentVersion {
  version: number;
}

/** The configurations on the way: with the new member as it begins, and as it is to be. */
export interface Joining {
  host: string;
  first: RawConfiguration;
  last: RawConfiguration;
  arbiterOnly: boolean;
}

/** Without vote and priority, unless it is an arbiter, which is there to vote. */
export function joiningOf(before: RawConfiguration, host: string, settings: MemberSettings): Joining {
  const asArbiter = { ...settings, priority: 0, votes: 1, hidden: false, delaySeconds: 0 };
  const wanted = settings.arbiterOnly ? asArbiter : settings;
  const first = addMember(before, host, settings.arbiterOnly ? wanted : { ...wanted, priority: 0, votes: 0 });
  const last = changeMember(first, host, { priority: wanted.priority, votes: wanted.votes });
  return { host, first, last, arbiterOnly: settings.arbiterOnly };
}

/** Adds it and waits; takes it out again when it does not come or the waiting is cancelled. */
export function joinSteps(
  before: RawConfiguration,
  { host, first, arbiterOnly }: Joining,
  primary: string,
  current: CurrentVersion,
): PlannedStep[] {
  const takeBack = async (run: OperationRun): Promise<void> => {
    run.report(`Taking ${host} out again`);
    current.version = await commitConfiguration(run, primary, { ...before }, current.version);
    run.log(`${host} was taken out again`);
  };
  return [
    {
      text: arbiterOnly ? `Add ${host} as an arbiter` : `Add ${host} without vote and priority`,
      work: async (run) => {
        run.report(`Adding ${host}`);
        current.version = await commitConfiguration(run, primary, first, current.version);
      },
    },
    {
      text: `Wait until ${host} is ${arbiterOnly ? 'an arbiter' : 'a secondary'}`,
      work: async (run) => {
        try {
          return await awaitMember(run, primary, first, host, arbiterOnly ? 'ARBITER' : 'SECONDARY');
        } catch (error) {
          await takeBack(run).catch((failure: unknown) =>
            run.warn(`${host} is still in the set and could not be taken out again: ${messageOf(failure)}`),
          );
          throw error;
        }
      },
    },
  ];
}

export async function planAddMember({ access, state, operation }: PlanInput<'add-member'>): Promise<PlannedOperation> {
  const primary = requirePrimary(state);
  const before = state.configuration;
  const { host, kind: _kind, ...asked } = operation;
  const joining = joiningOf(before, host, asked);
  const { first, last, arbiterOnly } = joining;
  const raised = differencesBetween(first, last).length > 0;
  const facts = await factsOfSet(access, primary);
  const found = await candidateRemarks(access, state, host, facts, arbiterOnly);
  const stages = raised ? [first, last] : [first];
  const remarks = [...found, ...judgeChange(before, stages, state, [host])];
  if (arbiterOnly) remarks.push(warning(`${host} would hold no data: another member that does protects more.`));
  else
    remarks.push(note('When it does not come within 45 seconds, or the waiting is cancelled, it is taken out again.'));
  const current: CurrentVersion = { version: before.version };
  const raise: PlannedStep = {
    text: `Give ${host} its vote and priority`,
    work: async (run) => {
      run.report(`Giving ${host} its vote`);
      current.version = await commitConfiguration(run, primary, last, current.version);
      return `${host} has ${asked.votes === 1 ? 'a vote' : 'no vote'} and priority ${asked.priority}`;
    },
  };
  return {
    title: `Add ${host} to ${access.set}${arbiterOnly ? ' as an arbiter' : ''}`,
    steps: arbiterOnly
      ? [`${host} joins ${access.set} as an arbiter with a vote.`]
      : [
          `${host} joins ${access.set} without vote and priority, so that it cannot hold up writes or elections.`,
          'It copies all data from another member (initial sync) until it is a secondary; clients notice no more than the load of the copying.',
          ...(raised ? [`Then it gets votes ${asked.votes} and priority ${asked.priority}.`] : []),
        ],
    remarks,
    changes: differencesBetween(before, last),
    electable: electableBeside(state),
    commands: [reconfigureCommand(before, first), ...(raised ? [reconfigureCommand(first, last)] : [])],
    needs: configurationNeeds,
    carryOut: [...joinSteps(before, joining, primary, current), ...(raised ? [raise] : [])],
    done: () => `${host} is a member of ${access.set}${arbiterOnly ? ', an arbiter' : ' and follows it'}.`,
    ifInterrupted: `${host} may be in ${access.set} without vote: give it its vote once it is a secondary, or remove it.`,
  };
}
