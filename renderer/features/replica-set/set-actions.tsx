import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { OperationKind } from '../../../shared/operations';
import { goTo, paths } from '../../navigation';
import { askForOperation } from '../../state/operations';
import type { MemberView } from './deployment-view';

interface SetActionsProps {
  connectionId: string;
  /** Null: the only set of the deployment. */
  set: string | null;
}

type Ask = (kind: OperationKind) => () => void;

function askAbout({ connectionId, set }: SetActionsProps, host: string | null): Ask {
  return (kind) => () => askForOperation({ connectionId, set, kind, host });
}

/** What can be done to a set; each is previewed before anything happens. */
export function SetActions(subject: SetActionsProps) {
  const ask = askAbout(subject, null);
  return (
    <>
      <Button variant="default" onClick={ask('step-down')}>
        Step down…
      </Button>
      <Button variant="default" onClick={ask('failover-test')}>
        Failover test…
      </Button>
      <Button variant="default" onClick={() => goTo(paths.replicaSetConfiguration(subject.set))}>
        Configuration
      </Button>
      <MoreMenu>
        <FurtherItems ask={ask} />
      </MoreMenu>
    </>
  );
}

/** The same, in the head of one set among several. */
export function SetMenu(subject: SetActionsProps) {
  const ask = askAbout(subject, null);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Actions on ${subject.set ?? 'the set'}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={ask('step-down')}>Step down…</Menu.Item>
        <Menu.Item onClick={ask('failover-test')}>Failover test…</Menu.Item>
        <Menu.Item onClick={() => goTo(paths.replicaSetConfiguration(subject.set))}>Configuration</Menu.Item>
        <Menu.Divider />
        <FurtherItems ask={ask} />
      </Menu.Dropdown>
    </Menu>
  );
}

function FurtherItems({ ask }: { ask: Ask }) {
  return (
    <>
      <Menu.Item onClick={ask('reconfigure')}>Reconfigure…</Menu.Item>
      <Menu.Item onClick={ask('add-member')}>Add a member…</Menu.Item>
      <Menu.Item onClick={ask('replace-member')}>Replace a member…</Menu.Item>
      <Menu.Item onClick={ask('remove-member')}>Remove a member…</Menu.Item>
      <Menu.Divider />
      <Menu.Item onClick={ask('freeze')}>Freeze or unfreeze…</Menu.Item>
      <Menu.Item onClick={ask('compact')}>Compact collections…</Menu.Item>
      <Menu.Item onClick={() => goTo(paths.resync(null))}>Resync a member: guide</Menu.Item>
      <Menu.Divider />
      <Menu.Item onClick={() => goTo(paths.operations)}>Operations so far</Menu.Item>
    </>
  );
}

function MoreMenu({ children }: { children: ReactNode }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** What can be done to one member. */
export function MemberActions({ connectionId, member }: { connectionId: string; member: MemberView }) {
  const { host, set, isPrimary } = member;
  const ask = askAbout({ connectionId, set }, host);
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
      <MoreMenu>
        <Menu.Item onClick={ask('reconfigure')}>Reconfigure…</Menu.Item>
        <Menu.Item onClick={ask('compact')}>Compact collections…</Menu.Item>
        <Menu.Item onClick={ask('replace-member')}>Replace it…</Menu.Item>
        <Menu.Item onClick={ask('remove-member')}>Remove it…</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => goTo(paths.resync(host))}>Resync it: guide</Menu.Item>
      </MoreMenu>
    </>
  );
}

/** What can be done to a configuration. */
export function ConfigurationActions(subject: SetActionsProps) {
  const ask = askAbout(subject, null);
  return (
    <>
      <Button variant="default" onClick={ask('add-member')}>
        Add a member…
      </Button>
      <Button onClick={ask('reconfigure')}>Reconfigure…</Button>
    </>
  );
}
