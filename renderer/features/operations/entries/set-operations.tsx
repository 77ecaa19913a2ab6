/** Ways into operations, handed to the pages of replica sets by the application. */
import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { OperationKind } from '../../../../shared/operations';
import { goTo, paths } from '../../../navigation';
import { askForOperation } from '../../../state/operations';

interface SetOperationsProps {
  connectionId: string;
  /** Null: the only set of the deployment. */
  set: string | null;
}

/** The actions of a replica set's page. */
export function SetOperations({ connectionId, set }: SetOperationsProps) {
  const ask = (kind: OperationKind) => () => askForOperation({ connectionId, set, kind, host: null });
  return (
    <>
      <Button onClick={ask('failover-test')}>Failover test…</Button>
      <Button variant="default" onClick={ask('step-down')}>
        Step down…
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
            More operations
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Configuration</Menu.Label>
          <Menu.Item onClick={ask('reconfigure')}>Reconfigure…</Menu.Item>
          <Menu.Item onClick={ask('add-member')}>Add a member…</Menu.Item>
          <Menu.Item onClick={ask('replace-member')}>Replace a member…</Menu.Item>
          <Menu.Item onClick={ask('remove-member')}>Remove a member…</Menu.Item>
          <Menu.Divider />
          <Menu.Label>Members</Menu.Label>
          <Menu.Item onClick={ask('freeze')}>Freeze or unfreeze…</Menu.Item>
          <Menu.Item onClick={ask('compact')}>Compact collections…</Menu.Item>
          <Menu.Item onClick={() => goTo(paths.resync(null))}>Resync a member: guide</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => goTo(paths.operations)}>Operations so far</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

interface MemberOperationsProps extends SetOperationsProps {
  host: string;
  /** As far as is known: what a primary is offered differs from what others are. */
  isPrimary: boolean;
}

/** The actions of a member's page. */
export function MemberOperations({ connectionId, set, host, isPrimary }: MemberOperationsProps) {
  const ask = (kind: OperationKind) => () => askForOperation({ connectionId, set, kind, host });
  return (
    <>
      {isPrimary ? (
        <Button variant="default" onClick={ask('step-down')}>
          Step down…
        </Button>
      ) : (
        <Button variant="default" onClick={ask('freeze')}>
          Freeze or unfreeze…
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
            More operations
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={ask('reconfigure')}>Reconfigure…</Menu.Item>
          <Menu.Item onClick={ask('compact')}>Compact collections…</Menu.Item>
          <Menu.Item onClick={ask('replace-member')}>Replace it…</Menu.Item>
          <Menu.Item onClick={ask('remove-member')}>Remove it…</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => goTo(paths.resync(host))}>Resync it: guide</Menu.Item>
          <Menu.Item onClick={() => goTo(paths.operations)}>Operations so far</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** The actions of the configuration's page. */
export function ConfigurationOperations({ connectionId, set }: SetOperationsProps) {
  const ask = (kind: OperationKind) => () => askForOperation({ connectionId, set, kind, host: null });
  return (
    <>
      <Button onClick={ask('reconfigure')}>Reconfigure…</Button>
      <Button variant="default" onClick={ask('add-member')}>
        Add a member…
      </Button>
    </>
  );
}
