/** A member leaves the set; its mongod goes on running and keeps its data. */
import { differencesBetween, reconfigureCommand, removeMember } from './configuration';
import { judgeChange } from './configuration-rules';
import { configurationNeeds, note, warning, type PlanInput, type PlannedOperation } from './planned-operation';
import { configurationSteps } from './reconfigure';
import { countsNow, electableBeside, requireMember, requirePrimary } from './set-state';

export function planRemoveMember({ access, state, operation }: PlanInput<'remove-member'>): PlannedOperation {
  const { host } = operation;
  const primary = requirePrimary(state);
  const member = requireMember(state, host);
  const before = state.configuration;
  const after = removeMember(before, host);
  const remarks = judgeChange(before, [after], state);
  const holding = state.members.filter((other) => other.host !== host && !other.arbiterOnly);
  if (!member.arbiterOnly && holding.length === 1)
    remarks.push(warning(`Only ${holding[0]?.host ?? 'one member'} would hold the data then.`));
  if (!countsNow(member)) remarks.push(note(`${host} is ${member.state}.`));
  remarks.push(
    note(`The mongod of ${host} is not stopped and keeps its data: stop it afterwards.`),
    note('Connection strings that name it should be changed; drivers find the other members by themselves.'),
  );
  const [step] = configurationSteps(before, [after], primary);
  return {
    title: `Remove ${host} from ${access.set}`,
    steps: [
      `${host} is taken out of the configuration${member.votes > 0 ? ', and its vote with it' : ''}.`,
      'Clients that read from it are led to other members.',
    ],
    remarks,
    changes: differencesBetween(before, after),
    electable: electableBeside(state).filter((other) => other.host !== host),
    commands: [`rs.remove(${JSON.stringify(host)})`, `// the same as: ${reconfigureCommand(before, after)}`],
    needs: configurationNeeds,
    carryOut: step
      ? [
          {
            text: `Take ${host} out of the configuration`,
            work: async (run) => {
              await step.work(run);
              return `${host} is out of the configuration`;
            },
          },
        ]
      : [],
    done: () => `${host} is no member of ${access.set} any more.`,
    ifInterrupted: `The configuration of ${access.set} tells whether ${host} is still in it.`,
  };
}
