import { Button } from '@mantine/core';
import { IconTopologyStar3 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Connection } from '../../../shared/connections';
import { EmptyState } from '../../components/empty-state';
import { Page } from '../../components/page';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useConnections, useCurrentConnection } from '../../state/connections';

interface WithConnectionProps {
  /** Of the page while there is no connection. */
  title: string;
  children: (connection: Connection) => ReactNode;
}

/** Gives a page the current connection; says what to do where there is none. */
export function WithConnection({ title, children }: WithConnectionProps) {
  const connection = useCurrentConnection();
  const known = useConnections((state) => state.connections !== null);
  if (connection) return children(connection);
  return (
    <Page title={title}>
      {known ? (
        <EmptyState
          icon={<IconTopologyStar3 size={32} />}
          title="No connection yet"
          actions={<Button onClick={() => goTo(paths.newConnection)}>Add a connection</Button>}
        >
          Connect to a deployment to see its members, how far they lag behind, and what happened to them.
        </EmptyState>
      ) : (
        <Waiting for="Reading the connections" />
      )}
    </Page>
  );
}
