import { Anchor, Button } from '@mantine/core';
import { IconLock, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import type { Connection, SecretPlace } from '../../../shared/connections';
import { DataTable } from '../../components/data-table';
import { judgeDeployment, topologyText } from '../../components/deployment-text';
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
import { useConnections, useTestOf } from '../../state/connections';

export const secretPlaceWords: Record<SecretPlace, string> = {
  none: 'no password',
  keychain: 'keychain',
  ask: 'asked each time',
  passphrase: 'file with passphrase',
};

function StateCell({ connection }: { connection: Connection }) {
  const { running, result, error, at } = useTestOf(connection.id);
  if (running && !result) return <StateMark state="running">testing</StateMark>;
  if (error) return <StateMark state="bad">{error.message}</StateMark>;
  if (!result) return <StateMark state="unknown">not tested</StateMark>;
  if (!result.reachable || !result.deployment) {
    return <StateMark state="bad">{result.error?.message ?? 'not reachable'}</StateMark>;
  }
  const { state, sentence } = judgeDeployment(result.deployment);
  return (
    <StateMark state={state}>
      {sentence} <span className="dimmed">· </span>
      <span className="dimmed">
        <Age value={at} />
      </span>
    </StateMark>
  );
}

function TopologyCell({ connection }: { connection: Connection }) {
  const { result } = useTestOf(connection.id);
  return result?.deployment ? topologyText(result.deployment) : <span className="dimmed">unknown</span>;
}

const columns: readonly Column<Connection>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 150,
    grow: 1,
    value: ({ name }) => name,
    cell: (connection) => (
      <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8 }}>
        <ConnectionDot colour={connection.colour} />
        <Anchor href={`#${paths.connection(connection.id)}`}>{connection.name}</Anchor>
        {connection.readOnly ? <IconLock size={14} aria-label="read-only" /> : null}
      </span>
    ),
  },
  {
    id: 'environment',
    header: 'Environment',
    width: 124,
    value: ({ environment }) => environment,
    cell: ({ environment }) => <EnvironmentBadge environment={environment} />,
  },
  {
    id: 'topology',
    header: 'Topology',
    width: 150,
    value: () => null,
    cell: (connection) => <TopologyCell connection={connection} />,
  },
  {
    id: 'state',
    header: 'State',
    width: 320,
    grow: 2,
    value: () => null,
    cell: (connection) => <StateCell connection={connection} />,
  },
  { id: 'uri', header: 'Connection string', width: 280, grow: true, hidden: true, mono: true, value: ({ uri }) => uri },
  { id: 'user', header: 'User', width: 90, value: ({ username }) => username },
  {
    id: 'secret',
    header: 'Password',
    width: 150,
    value: ({ secretPlace }) => secretPlaceWords[secretPlace],
  },
];

export function ConnectionsPage() {
  const connections = useConnections((state) => state.connections);
  const error = useConnections((state) => state.error);
  const load = useConnections((state) => state.load);
  const test = useConnections((state) => state.test);
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
    <Page
      title="Connections"
      fills
      sentence="The deployments Lifeboat backs up and restores into. Passwords never leave the main process."
      actions={add}
    >
      {error ? <ErrorPanel error={error} onRetry={() => void load()} /> : null}
      {!connections && !error ? <Waiting for="Reading the saved connections" /> : null}
      {connections?.length === 0 ? (
        <EmptyState icon={<IconPlugConnected size={32} />} title="No connection yet" actions={add}>
          Add one with its connection string. Testing it tells whether it can be reached, which members it has and which
          privileges are missing for which feature.
        </EmptyState>
      ) : null}
      {connections && connections.length > 0 ? (
        <DataTable
          label="Connections"
          columns={columns}
          rows={connections}
          rowKey={({ id }) => id}
          initialSort={{ id: 'name', desc: false }}
          onOpen={({ id }) => goTo(paths.connection(id))}
        />
      ) : null}
    </Page>
  );
}
