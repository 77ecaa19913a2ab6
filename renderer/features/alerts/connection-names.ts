import { useCallback } from 'react';
import type { Connection } from '../../../shared/connections';
import { useConnections } from '../../state/connections';

const removed = 'a removed connection';

export function connectionName(connections: readonly Connection[] | null, id: string): string {
  return connections?.find((connection) => connection.id === id)?.name ?? removed;
}

/** Names of connections by their ids, also of such as were removed since. */
export function useConnectionNames(): (id: string) => string {
  const connections = useConnections((state) => state.connections);
  return useCallback((id: string) => connectionName(connections, id), [connections]);
}
