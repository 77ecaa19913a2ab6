/** Guards and audit of everything that changes indexes. */
import type { AuditRecord } from '../../shared/audit';
import type { Connection } from '../../shared/connections';
import { AppFailure, fail } from '../../shared/result';

export interface IndexAudit {
  record(record: AuditRecord): Promise<unknown>;
}

export interface ChangeSubject {
  operation: string;
  connection: Connection;
  parameters: Record<string, unknown>;
  jobId: string | null;
}

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

/** Enters both the start and the end, or the refusal alone. */
export async function auditedChange<T>(audit: IndexAudit, subject: ChangeSubject, work: () => Promise<T>): Promise<T> {
  const { operation, connection, parameters, jobId } = subject;
  const record = { operation, target: connection.name, category: 'index' as const, parameters, jobId };
  const write = (result: AuditRecord['result'], error: string | null): Promise<unknown> =>
    audit.record({ ...record, result, error });
  if (jobId !== null) await write('started', null);
  let answer: T;
  try {
    answer = await work();
  } catch (error) {
    const code = error instanceof AppFailure ? error.error.code : null;
    const result = code === 'refused' || code === 'busy' ? 'refused' : code === 'cancelled' ? 'cancelled' : 'failed';
    await write(result, error instanceof Error ? error.message : String(error));
    throw error;
  }
  await write('succeeded', null);
  return answer;
}
