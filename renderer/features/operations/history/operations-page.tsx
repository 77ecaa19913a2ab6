import { Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useEffect } from 'react';
import { DataTable } from '../../../components/data-table';
import { EmptyState } from '../../../components/empty-state';
import { ErrorPanel } from '../../../components/error-panel';
import { Page } from '../../../components/page';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { useReady } from '../../../readiness';
import { useConnections } from '../../../state/connections';
import { askForOperation, useOperations } from '../../../state/operations';
import { operationColumns } from './operation-columns';

/** Every operation so far, on every replica set: when, what, who, and what came of it. */
export function OperationsPage() {
  const { outcomes, error, load } = useOperations();
  const currentId = useConnections((state) => state.currentId);
  useEffect(() => void load(), [load]);
  useReady('Operations', outcomes !== null);
  return (
    <Page
      title="Operations"
      fills
      back={{ label: 'Replica set', path: paths.replicaSet }}
      sentence="What was done to replica sets, by whom, and what came of it."
    >
      {error ? <ErrorPanel error={error} onRetry={() => void load()} /> : null}
      {!outcomes && !error ? <Waiting for="Reading the operations so far" /> : null}
      {outcomes?.length === 0 ? (
        <EmptyState
          icon={<IconHistory size={32} />}
          title="No operation yet"
          actions={
            currentId === null ? undefined : (
              <Button
                onClick={() =>
                  askForOperation({ connectionId: currentId, set: null, kind: 'failover-test', host: null })
                }
              >
                Failover test…
              </Button>
            )
          }
        >
          Each step-down, failover test and reconfiguration is kept here with its steps and times. Begin with a failover
          test: it measures for how long applications cannot write while another member takes over.
        </EmptyState>
      ) : null}
      {outcomes && outcomes.length > 0 ? (
        <DataTable
          label="Operations"
          columns={operationColumns}
          rows={outcomes}
          rowKey={({ id }) => id}
          initialSort={{ id: 'when', desc: true }}
          onOpen={({ id }) => goTo(paths.operation(id))}
        />
      ) : null}
    </Page>
  );
}
