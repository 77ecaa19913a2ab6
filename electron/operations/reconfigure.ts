/** Priority, votes, visibility, delay and tags of members, one voting change at a time. */
import { formatQuantity } from '../../shared/format';
import type { Operation } from '../../shared/operations';
import { commitConfiguration } from './commit-configuration';
import {
  changeMember,
  differencesBetween,
  reconfigureCommand,
  settingsOf,
  stepsBetween,
  type ConfigurationChange,
  type MemberSettings,
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
  type Remark,
} from './planned-operation';
import { electableBeside, requireMember, requirePrimary } from './set-state';

type MemberChange = Extract<Operation, { kind: 'reconfigure' }>['changes'][number];

/** What is asked for, and what follows from it: a member that cannot be elected has priority 0. */
export function settingsAskedFor(change: MemberChange, current: MemberSettings): Partial<MemberSettings> {
  const { host: _host, ...asked } = change;
  const next = { ...current, ...asked };
  const unelectable = next.hidden || next.delaySeconds > 0 || next.votes === 0;
  return unelectable && asked.priority === undefined ? { ...asked, priority: 0 } : asked;
}

function sentence({ path, before, after }: ConfigurationChange): string {
  if (before === null) return `${path}: ${after ?? ''} (new)`;
  return after === null ? `${path}: ${before} is taken away` : `${path}: ${before} → ${after}`;
}

/** Steps that carry out the configurations in order; each waits until a majority has it. */
export function configurationSteps(
  before: RawConfiguration,
  configurations: readonly RawConfiguration[],
  primary: string,
): PlannedStep[] {
  let version = before.version;
  return configurations.map((configuration, at) => {
    const former = configurations[at - 1] ?? before;
    const changes = differencesBetween(former, configuration).map(sentence).join('; ');
    return {
      text: `Change ${changes}`,
      work: async (run) => {
        run.report(`Changing the configuration (${at + 1} of ${configurations.length})`);
        version = await commitConfiguration(run, primary, configuration, version);
        return `Version ${version} of the configuration is in force: ${changes}`;
      },
    };
  });
}

export function planReconfigure({ access, state, operation }: PlanInput<'reconfigure'>): PlannedOperation {
  const primary = requirePrimary(state);
  const before = state.configuration;
  const remarks: Remark[] = [];
  let after = before;
  for (const change of operation.changes) {
    const member = requireMember(state, change.host);
    const raw = before.members.find(({ host }) => host === change.host);
    const current = raw ? settingsOf(raw) : member;
    const settings = settingsAskedFor(change, current);
    if (settings.priority === 0 && change.priority === undefined && current.priority > 0)
      remarks.push(note(`${change.host} cannot be elected then: its priority becomes 0.`));
    after = changeMember(after, change.host, settings);
  }
  const configurations = stepsBetween(before, after);
  const changes = differencesBetween(before, after);
  if (changes.length === 0) remarks.push(refused('Nothing would change: the configuration is so already.'));
  remarks.push(...judgeChange(before, configurations, state));
  const count = configurations.length;
  return {
    title: `Reconfigure ${access.set}: ${formatQuantity(changes.length, 'change')}`,
    steps: [
      ...configurations.map((configuration, at) => {
        const former = configurations[at - 1] ?? before;
        return `Version ${before.version + at + 1}: ${differencesBetween(former, configuration).map(sentence).join('; ')}.`;
      }),
      count > 1
        ? 'One member gains or loses its vote at a time: each version has to be taken over by a majority before the next.'
        : 'It is done once a majority of the members has taken it over.',
    ],
    remarks,
    changes,
    electable: electableBeside(state),
    commands: configurations.map((configuration, at) =>
      reconfigureCommand(configurations[at - 1] ?? before, configuration),
    ),
    needs: configurationNeeds,
    carryOut: configurationSteps(before, configurations, primary),
    done: () =>
      `${access.set} has version ${before.version + count} of its configuration, with ${formatQuantity(changes.length, 'change')}.`,
    ifInterrupted: `The configuration of ${access.set} tells which of the changes are in force; each of them is whole.`,
  };
}
