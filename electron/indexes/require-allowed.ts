/** The guard of everything that changes indexes. */
import type { Connection } from '../../shared/connections';
import { fail } from '../../shared/result';

/** Throws 'refused' for read-only connections, and for production ones whose name was not typed. */
export function requireAllowed(connection: Connection, typedName: string | null, why: string): void {
  if (connection.readOnly)
    fail(
      'refused',
      `${connection.name} is read-only.`,
      'Choose another target, or switch "read-only" off in the connection.',
    );
  if (connection.environment === 'production' && typedName !== connection.name)
    fail(
      'refused',
      `${connection.name} is a production target, and ${why}.`,
      `Type its name, ${connection.name}, to go on.`,
    );
}
