/** What must be so before anything is changed. */
import type { AuditRecord } from '../../shared/audit';
import type { Connection } from '../../shared/connections';
import type { AppError } from '../../shared/result';
import { AppFailure, fail } from '../../shared/result';
import { missingOf, parseConnectionStatus, type Need } from '../connections/privileges';
import type { Remark } from './planned-operation';
import type { SetAccess } from './set-access';
import { ask } from './set-state';

export interface OperationAudit {
  record(record: AuditRecord): Promise<unknown>;
}

export function readOnlyRefusal(connection: Connection): AppError | null {
  if (!connection.readOnly) return null;
  return {
    code: 'refused',
    message: `${connection.name} is read-only.`,
    hint: 'Choose another connection, or switch "read-only" off in it.',
  };
}

export function isNameNeeded({ environment }: Connection): boolean {
  return environment === 'production';
}

/** Throws 'refused' on production without its name typed. */
export function requireTypedName(connection: Connection, typedName: string | null): void {
  if (isNameNeeded(connection) && typedName !== connection.name)
    fail(
      'refused',
      `${connection.name} is a production deployment, and its replica set would be changed.`,
      `Type the name of the connection, ${connection.name}, to go on.`,
    );
}

/** What the user lacks, of the member that told of the set; nothing where access control is off. */
export async function missingPrivileges(access: SetAccess, host: string, needs: readonly Need[]): Promise<string[]> {
  const answer = await ask(access, host, { connectionStatus: 1, showPrivileges: true });
  const { authenticatedAs, privileges } = parseConnectionStatus(answer);
  // Without access control nobody is authenticated, and the set has told of itself.
  return authenticatedAs === null ? [] : missingOf(privileges, needs);
}

/** The first reason why it cannot be started; null when it can. */
export function refusalOf(
  connection: Connection,
  remarks: readonly Remark[],
  missing: readonly string[],
): AppError | null {
  const readOnly = readOnlyRefusal(connection);
  if (readOnly) return readOnly;
  if (missing.length > 0)
    return {
      code: 'not-authorized',
      message: `The user of ${connection.name} may not do this: it lacks ${missing.join(', ')}.`,
      hint: 'The roles clusterManager and dbAdmin hold these privileges.',
    };
  const [first] = remarks.filter(({ kind }) => kind === 'refused');
  return first ? { code: 'refused', message: first.text } : null;
}

export interface AuditSubject {
  operation: string;
  connection: Connection;
  parameters: Record<string, unknown>;
}

export function auditRecord(
  { operation, connection, parameters }: AuditSubject,
  jobId: string | null,
  result: AuditRecord['result'],
  error: string | null,
): AuditRecord {
  return { operation, target: connection.name, category: 'replica-set', parameters, result, error, jobId };
}

const refusals = new Set(['refused', 'busy', 'preview-stale', 'not-authorized']);

/** Enters the start and the end, whatever it is. */
export async function audited(
  audit: OperationAudit,
  subject: AuditSubject,
  jobId: string,
  work: () => Promise<void>,
): Promise<void> {
  await audit.record(auditRecord(subject, jobId, 'started', null));
  try {
    await work();
  } catch (error) {
    const code = error instanceof AppFailure ? error.error.code : null;
    const result = code === 'cancelled' ? 'cancelled' : code !== null && refusals.has(code) ? 'refused' : 'failed';
    const message = error instanceof Error ? error.message : String(error);
    await audit.record(auditRecord(subject, jobId, result, message));
    throw error;
  }
  await audit.record(auditRecord(subject, jobId, 'succeeded', null));
}

/** Enters a refusal of what was not even begun. */
export async function auditRefusal(audit: OperationAudit, subject: AuditSubject, error: unknown): Promise<void> {
  if (!(error instanceof AppFailure) || !refusals.has(error.error.code)) return;
  await audit.record(auditRecord(subject, null, 'refused', error.message));
}
