/** What must be true before anything is changed on a server. */
import type { Connection } from '../../shared/connections';
import { fail } from '../../shared/result';

/** Throws 'refused' for a read-only connection, and on production without its name typed. `what` completes "On production, …". */
export function requireAllowed(connection: Connection, typedName: string | null, what: string): void {
  requireWritable(connection);
  if (isGuarded(connection) && typedName !== connection.name)
    fail(
      'refused',
      `${connection.name} is a production deployment, and ${what}.`,
      `Type the name of the connection, ${connection.name}, to go on.`,
    );
}

/** Throws 'refused' for a read-only connection. */
export function requireWritable(connection: Connection): void {
  if (connection.readOnly)
    fail('refused', `${connection.name} is read-only.`, 'Choose another connection, or switch "read-only" off in it.');
}

export function isGuarded({ environment }: Connection): boolean {
  return environment === 'production';
}
