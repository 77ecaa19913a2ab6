/** Operations enter the audit with their result, those that last with their start as well. */
import type { AuditRecord } from '../../shared/audit';
import { AppFailure, type ErrorCode } from '../../shared/result';
import { isAbortError } from '../platform/failures';

export interface AuditSink {
  record(record: AuditRecord): Promise<unknown>;
}

export type AuditSubject = Omit<AuditRecord, 'result' | 'error'>;

interface AuditedOptions<T> {
  /** Its start is an entry of its own: it may take long, and end without a word. */
  start?: boolean;
  /** Asked when it succeeded. */
  hasWarnings?: (value: T) => boolean;
}

const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['refused', 'busy', 'preview-stale']);

function resultOf(error: unknown): AuditRecord['result'] {
  if (isAbortError(error)) return 'cancelled';
  if (!(error instanceof AppFailure)) return 'failed';
  const { code } = error.error;
  return code === 'cancelled' ? 'cancelled' : refusals.has(code) ? 'refused' : 'failed';
}

/** Runs `work` and enters what came of it. Throws what `work` throws. */
export async function audited<T>(
  audit: AuditSink,
  subject: AuditSubject,
  work: () => Promise<T>,
  { start = false, hasWarnings = () => false }: AuditedOptions<T> = {},
): Promise<T> {
  if (start) await audit.record({ ...subject, result: 'started', error: null });
  let value: T;
  try {
    value = await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await audit.record({ ...subject, result: resultOf(error), error: message });
    throw error;
  }
  await audit.record({ ...subject, result: hasWarnings(value) ? 'succeeded-with-warnings' : 'succeeded', error: null });
  return value;
}

/** The same for the operations of one category that are no jobs. */
export function auditedIn(audit: AuditSink, category: AuditRecord['category']) {
  return <T>(
    operation: string,
    target: string,
    parameters: Record<string, unknown>,
    work: () => Promise<T>,
  ): Promise<T> => audited(audit, { operation, target, parameters, category, jobId: null }, work);
}
