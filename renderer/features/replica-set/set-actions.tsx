import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { OperationKind } from '../../../shared/operations';
import { goTo, paths } from '../../navigation';
import { askForOperation } from '../../state/operations';
import type { MemberView } from './deployment-view';

interface SetActionsProps {
  connectionId: string;
  /** Null: the only set of the deployment. */
  set: string | null;
}

/** What can be done to a set; each is previewed before anything happens. */
export function SetActions({ connectionId, set }: SetActionsProps) {
  const ask = (kind: OperationKind) => () => askForOperation({ connectionId, set, kind, host: null });
  return (
    <>
      <Button variant="default" onClick={ask('step-down')}>
        Step down…
      </Button>
      <Button variant="default" onClick={ask('failover-test')}>
        Failover test…
      </Button>
      <Button variant="default" onClick={() => goTo(paths.replicaSetConfiguration(set))}>
        Configuration
      </Button>
    </>
  );
}

/** The same, in the head of one set among several. */
export function SetMenu({ connectionId, set }: SetActionsProps) {
  const ask = (kind: OperationKind) => () => askForOperation({ connectionId, set, kind, host: null });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Actions on ${set ?? 'the set'}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={ask('step-down')}>Step down…</Menu.Item>
        <Menu.Item onClick={ask('failover-test')}>Failover test…</Menu.Item>
        <Menu.Item onClick={ask('add-member')}>Add a member…</Menu.Item>
        <Menu.Item onClick={() => goTo(paths.replicaSetConfiguration(set))}>Configuration</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const memberOperations: readonly { kind: OperationKind; label: string }[] = [
  { kind: 'compact', label: 'Compact…' },
  { kind: 'reconfigure', label: 'Reconfigure…' },
  { kind: 'replace-member', label: 'Replace…' },
  { kind: 'remove-member', label: 'Remove…' },
];

/** What can be done to one member. */
export function MemberActions({ connectionId, member }: { connectionId: string; member: MemberView }) {
  const { host, set, isPrimary, state } = member;
  const ask = (kind: OperationKind) => () => askForOperation({ connectionId, set, kind, host });
  return (
    <>
      {isPrimary ? (
        <Button variant="default" onClick={ask('step-down')}>
          Step down…
        </Button>
      ) : null}
      {state === 'SECONDARY' ? (
        <Button variant="default" onClick={ask('freeze')}>
          Freeze…
        </Button>
      ) : null}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default">More</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {memberOperations.map(({ kind, label }) => (
            <Menu.Item key={kind} onClick={ask(kind)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
