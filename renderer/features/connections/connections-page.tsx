import { Anchor, Button } from '@mantine/core';
import { IconLock, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import type { SecretPlace } from '../../../shared/connections';
import { DataTable } from '../../components/data-table';
import { EmptyState } from '../../components/empty-state';
import { ConnectionDot, EnvironmentBadge } from '../../components/environment-badge';
import { ErrorPanel } from '../../components/error-panel';
import { Page } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import type { Column } from '../../components/table-model';
import { Age } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { untestedState, useConnections } from '../../state/connections';
import { connectionsSentence, gravityOf, stateOf, topologyOf, type ConnectionRow } from './connection-rows';

export const secretPlaceWords: Record<SecretPlace, string> = {
  none: 'no password',
  keychain: 'keychain',
  ask: 'asked each time',
  passphrase: 'file with passphrase',
};

const columns: readonly Column<ConnectionRow>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 150,
    grow: 1,
    value: ({ connection }) => connection.name,
    cell: ({ connection }) => (
      <span style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
        <ConnectionDot colour={connection.colour} />
        <Anchor href={`#${paths.connection(connection.id)}`} className="clip">
          {connection.name}
        </Anchor>
        {connection.readOnly ? <IconLock size={14} aria-label="read-only" style={{ flex: 'none' }} /> : null}
      </span>
    ),
  },
  {
    id: 'environment',
    header: 'Environment',
    width: 124,
    value: ({ connection }) => connection.environment,
    cell: ({ connection }) => <EnvironmentBadge environment={connection.environment} />,
  },
  {
    id: 'topology',
    header: 'Topology',
    width: 140,
    value: topologyOf,
    cell: (row) => topologyOf(row) ?? <span className="dimmed">unknown</span>,
  },
  {
    id: 'state',
    header: 'State',
    width: 270,
    grow: 2,
    value: (row) => stateOf(row).text,
    order: gravityOf,
    cell: (row) => {
      const { state, text } = stateOf(row);
      return <StateMark state={state}>{text}</StateMark>;
    },
  },
  {
    id: 'tested',
    header: 'As of',
    width: 90,
    value: ({ test }) => test.at?.toISOString() ?? null,
    cell: ({ test }) => <Age value={test.at} />,
  },
  {
    id: 'uri',
    header: 'Connection string',
    width: 280,
    grow: true,
    hidden: true,
    mono: true,
    value: ({ connection }) => connection.uri,
  },
  { id: 'user', header: 'User', width: 90, value: ({ connection }) => connection.username },
  {
    id: 'secret',
    header: 'Password',
    width: 120,
    value: ({ connection }) => secretPlaceWords[connection.secretPlace],
  },
];

export function ConnectionsPage() {
  const connections = useConnections((state) => state.connections);
  const error = useConnections((state) => state.error);
  const load = useConnections((state) => state.load);
  const tests = useConnections((state) => state.tests);
  const test = useConnections((state) => state.test);
  const rows = useMemo(
    () => (connections ?? []).map((connection) => ({ connection, test: tests[connection.id] ?? untestedState })),
    [connections, tests],
  );
  useReady('Connections', connections !== null);
  const untested = useMemo(() => connections?.map(({ id }) => id).join('\n') ?? '', [connections]);
  useEffect(() => {
    const { tests } = useConnections.getState();
    for (const id of untested.split('\n')) if (id !== '' && !tests[id]) void test(id);
  }, [untested, test]);
  const add = (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => goTo(paths.newConnection)}>
      Add a connection
    </Button>
  );
  return (
    <Page title="Connections" fills sentence={connectionsSentence(rows) ?? undefined} actions={add}>
      {error ? <ErrorPanel error={error} onRetry={() => void load()} /> : null}
      {!connections && !error ? <Waiting for="Reading the saved connections" /> : null}
      {connections?.length === 0 ? (
        <EmptyState icon={<IconPlugConnected size={32} />} title="No connection yet" actions={add}>
          Add one with its connection string. Testing it tells whether it can be reached, which members it has and which
          privileges are missing for which feature. Passwords never leave the main process.
        </EmptyState>
      ) : null}
      {connections && connections.length > 0 ? (
        <DataTable
          label="Connections"
          columns={columns}
          rows={rows}
          rowKey={({ connection }) => connection.id}
          initialSort={{ id: 'name', desc: false }}
          onOpen={({ connection }) => goTo(paths.connection(connection.id))}
        />
      ) : null}
    </Page>
  );
}
