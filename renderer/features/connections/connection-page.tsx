import { Button } from '@mantine/core';
import { IconPencil, IconPlugConnected, IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { api, useAction } from '../../api';
import { ConfirmTyped } from '../../components/confirm-typed';
import { EnvironmentBadge } from '../../components/environment-badge';
import { ErrorPanel } from '../../components/error-panel';
import { Facts } from '../../components/facts';
import { Page, Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { useConnection, useConnections, useTestOf } from '../../state/connections';
import { secretPlaceWords } from './connections-page';
import { stateOf } from './connection-rows';
import { Diagnosis } from './diagnosis';

/** One connection: what it is, and what the last test of it found. */
export function ConnectionPage({ id }: { id: string }) {
  const connection = useConnection(id);
  const loaded = useConnections((state) => state.connections !== null);
  const { currentId, choose, test, load } = useConnections.getState();
  const state = useTestOf(id);
  const [removing, setRemoving] = useState(false);
  const remove = useAction(async () => {
    await api('connections.remove', { id });
    await load();
    goTo(paths.connections);
  });
  useReady('Connection', connection !== null);
  const untested = connection !== null && !state.result && !state.error && !state.running;
  useEffect(() => {
    if (untested) void test(id);
  }, [untested, test, id]);

  const back = { label: 'Connections', path: paths.connections };
  if (!connection) {
    return (
      <Page title="Connection" back={back}>
        {loaded ? (
          <ErrorPanel error={{ code: 'not-found', message: 'This connection does not exist any more.' }} />
        ) : (
          <Waiting for="Reading the saved connections" />
        )}
      </Page>
    );
  }
  const isDemo = connection.sandboxId !== null;
  const judged = stateOf({ test: state });
  return (
    <Page
      title={connection.name}
      back={back}
      sentence={
        <>
          <StateMark state={judged.state}>{judged.text}</StateMark>
          {isDemo ? ' · a sandbox that Lifeboat started itself; it ends with Lifeboat' : ''}
        </>
      }
      actions={
        <>
          {connection.id !== currentId ? (
            <Button variant="default" onClick={() => choose(id)}>
              Switch to it
            </Button>
          ) : null}
          {isDemo ? null : (
            <>
              <Button
                variant="default"
                leftSection={<IconTrash size={14} aria-hidden />}
                onClick={() => setRemoving(true)}
              >
                Remove…
              </Button>
              <Button
                variant="default"
                leftSection={<IconPencil size={14} aria-hidden />}
                onClick={() => goTo(`${paths.connection(id)}/edit`)}
              >
                Edit
              </Button>
            </>
          )}
          <Button
            leftSection={<IconPlugConnected size={14} aria-hidden />}
            loading={state.running}
            onClick={() => void test(id)}
          >
            Test
          </Button>
        </>
      }
    >
      <Section title="Connection" aside={<EnvironmentBadge environment={connection.environment} />}>
        <Facts
          facts={[
            { term: 'Connection string', value: <code>{connection.uri}</code> },
            { term: 'User', value: connection.username ?? 'none' },
            { term: 'Password', value: secretPlaceWords[connection.secretPlace] },
            { term: 'Writing', value: connection.readOnly ? 'refused (read-only connection)' : 'allowed' },
          ]}
        />
      </Section>
      {state.error ? <ErrorPanel error={state.error} onRetry={() => void test(id)} connectionId={id} /> : null}
      {state.running && !state.result ? <Waiting for={`Asking ${connection.name} who it is`} /> : null}
      {state.result ? (
        <Diagnosis test={state.result} at={state.at} connectionId={id} onRetry={() => void test(id)} />
      ) : null}
      <ConfirmTyped
        opened={removing}
        onClose={() => setRemoving(false)}
        title={`Remove ${connection.name}?`}
        expected={connection.environment === 'production' ? connection.name : null}
        expectedName="the connection's name"
        confirmLabel="Remove connection"
        busy={remove.busy}
        error={remove.error}
        onConfirm={() => void remove.run()}
      >
        The saved connection and its password are removed. Its backups stay where they are.
      </ConfirmTyped>
    </Page>
  );
}
