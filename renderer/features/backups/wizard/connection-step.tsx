import { Button, Radio } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo } from 'react';
import type { Connection } from '../../../../shared/connections';
import { DataTable } from '../../../components/data-table';
import { judgeDeployment, topologyText } from '../../../components/deployment-text';
import { EmptyState } from '../../../components/empty-state';
import { ConnectionDot, EnvironmentBadge } from '../../../components/environment-badge';
import { ErrorPanel } from '../../../components/error-panel';
import { StateMark } from '../../../components/state-mark';
import type { Column } from '../../../components/table-model';
import { Timestamp } from '../../../components/timestamp';
import { goTo, paths } from '../../../navigation';
import { useConnections, useTestOf } from '../../../state/connections';
import { useBackupWizard } from './wizard-store';
import styles from './connection-step.module.css';

/** Fewer are seen at once: nothing to filter. */
const fewConnections = 8;

function columnsOf(chosen: string | null, choose: (id: string) => void): readonly Column<Connection>[] {
  return [
    {
      id: 'name',
      header: 'Connection',
      width: 240,
      grow: 1,
      value: ({ name }) => name,
      cell: ({ id, name, colour }) => (
        <Radio
          name="connection"
          checked={chosen === id}
          onChange={() => choose(id)}
          aria-label={name}
          label={
            <span className={styles.name}>
              <ConnectionDot colour={colour} />
              <span className="clip">{name}</span>
            </span>
          }
          classNames={{ labelWrapper: styles.label }}
        />
      ),
    },
    {
      id: 'environment',
      header: 'Environment',
      width: 130,
      value: ({ environment }) => environment,
      cell: ({ environment }) => <EnvironmentBadge environment={environment} />,
    },
    { id: 'uri', header: 'Connection string', width: 320, grow: 1, mono: true, value: ({ uri }) => uri },
  ];
}

/** Which deployment; its state beside it, because a backup of an ill member is worth less. */
export function ConnectionStep() {
  const connections = useConnections((state) => state.connections) ?? [];
  const test = useConnections((state) => state.test);
  const { draft, change } = useBackupWizard();
  const chosen = draft.connectionId;
  const state = useTestOf(chosen);
  const choose = useCallback(
    (connectionId: string) => change({ connectionId, databases: [], namespaces: [], queries: {} }),
    [change],
  );
  const columns = useMemo(() => columnsOf(chosen, choose), [chosen, choose]);
  const untested = chosen !== null && !state.result && !state.error && !state.running;
  useEffect(() => {
    if (untested && chosen !== null) void test(chosen);
  }, [untested, chosen, test]);
  if (connections.length === 0) {
    return (
      <EmptyState
        icon={<IconPlugConnected size={32} />}
        title="No connection yet"
        actions={<Button onClick={() => goTo(paths.newConnection)}>Add a connection</Button>}
      >
        A backup begins with a connection to the deployment it is of.
      </EmptyState>
    );
  }
  const deployment = state.result?.deployment ?? null;
  const verdict = deployment ? judgeDeployment(deployment) : null;
  const failure = state.error ?? state.result?.error ?? null;
  return (
    <>
      <div role="radiogroup" aria-label="Connection" className={styles.choice}>
        <DataTable
          label="Connections to back up"
          columns={columns}
          rows={connections}
          rowKey={({ id }) => id}
          selectedKey={chosen}
          onOpen={({ id }) => choose(id)}
          plain={connections.length < fewConnections}
        />
      </div>
      {chosen !== null && failure ? (
        <ErrorPanel error={failure} connectionId={chosen} onRetry={() => void test(chosen)} />
      ) : null}
      {state.running ? <StateMark state="running">Asking who it is</StateMark> : null}
      {deployment && verdict ? (
        <StateMark state={verdict.state}>
          {topologyText(deployment)}: {verdict.sentence}, as of <Timestamp value={state.at} seconds />
        </StateMark>
      ) : null}
    </>
  );
}
