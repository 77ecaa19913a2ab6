import { Anchor } from '@mantine/core';
import { useEffect } from 'react';
import { DataTable } from '../../../components/data-table';
import { ErrorPanel } from '../../../components/error-panel';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { useOperations, useOutcomesOf } from '../../../state/operations';
import { operationColumns } from './operation-columns';

// The page it stands on says which connection.
const columns = operationColumns.filter(({ id }) => id !== 'connection');

/** The operations on one connection's sets, for the page of its replica sets. */
export function OperationsPanel({ connectionId }: { connectionId: string }) {
  const load = useOperations((state) => state.load);
  const error = useOperations((state) => state.error);
  const outcomes = useOutcomesOf(connectionId);
  useEffect(() => void load(), [load]);
  if (error) return <ErrorPanel error={error} onRetry={() => void load()} />;
  if (!outcomes) return <Waiting for="Reading the operations so far" />;
  return (
    <>
      <DataTable
        label="Operations of this connection"
        columns={columns}
        rows={outcomes}
        rowKey={({ id }) => id}
        initialSort={{ id: 'when', desc: true }}
        height={320}
        onOpen={({ id }) => goTo(paths.operation(id))}
        nothing="Nothing was done to this deployment with Lifeboat yet. A failover test is a good beginning."
      />
      <p style={{ margin: '8px 0 0' }}>
        <Anchor href={`#${paths.operations}`} size="sm">
          Operations of all connections
        </Anchor>
      </p>
    </>
  );
}
