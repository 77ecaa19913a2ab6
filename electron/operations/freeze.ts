/** A secondary is kept from being elected for a while. */
import { formatDuration } from '../../shared/format';
import {
  note,
  refused,
  stateChangeNeeds,
  warning,
  type PlanInput,
  type PlannedOperation,
  type Remark,
} from './planned-operation';
import { ask, electableBeside, requireMember } from './set-state';

export function planFreeze({ state, operation }: PlanInput<'freeze'>): PlannedOperation {
  const { host, seconds } = operation;
  const member = requireMember(state, host);
  const remarks: Remark[] = [];
  if (host === state.primary)
    remarks.push(refused(`${host} is the primary: only a secondary can be frozen. Step it down instead.`));
  else if (member.arbiterOnly) remarks.push(refused(`${host} is an arbiter: it is never elected.`));
  else if (member.state !== 'SECONDARY') remarks.push(refused(`${host} is ${member.state}, not a secondary.`));
  if (member.priority === 0 && !member.arbiterOnly)
    remarks.push(note(`${host} has priority 0: it is not elected anyway.`));
  const electable = electableBeside(state).filter((other) => seconds === 0 || other.host !== host);
  if (seconds > 0) {
    if (electable.length === 0)
      remarks.push(
        warning(
          `No other secondary can be elected meanwhile: were ${state.primary ?? 'the primary'} to fail, there would be no primary.`,
        ),
      );
    remarks.push(note(`${host} forgets it when it is started anew.`));
  }
  const frozen = seconds > 0;
  const length = formatDuration(seconds);
  return {
    title: frozen ? `Freeze ${host} for ${length}` : `End the freeze of ${host}`,
    steps: frozen
      ? [`${host} does not stand for election for ${length}.`, 'It goes on to replicate, to vote and to be read.']
      : [`${host} may be elected again.`],
    remarks,
    changes: [],
    electable,
    commands: [`// on ${host}`, `rs.freeze(${seconds})`],
    needs: stateChangeNeeds,
    carryOut: [
      {
        text: frozen ? `Freeze ${host} for ${length}` : `End the freeze of ${host}`,
        work: async (run) => {
          await ask(run.access, host, { replSetFreeze: seconds });
        },
      },
    ],
    done: () => (frozen ? `${host} is not elected for ${length}.` : `${host} may be elected again.`),
    ifInterrupted: `${host} may be frozen; end the freeze to be sure that it is not.`,
  };
}
