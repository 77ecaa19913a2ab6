/** Every operation of this domain enters the audit twice: when it starts and with its result. */
import type { AuditRecord } from '../../shared/audit';
import { AppFailure } from '../../shared/result';
import { isAbortError } from '../platform/failures';

export interface AuditSink {
  record(record: AuditRecord): Promise<unknown>;
}

export type AuditSubject = Omit<AuditRecord, 'result' | 'error' | 'category'>;

function resultOf(error: unknown): AuditRecord['result'] {
  if (isAbortError(error)) return 'cancelled';
  if (!(error instanceof AppFailure)) return 'failed';
  if (error.error.code === 'cancelled') return 'cancelled';
  return error.error.code === 'refused' ? 'refused' : 'failed';
}

/** Runs `work` between both records; `hasWarnings` is asked when it succeeded. Throws what `work` throws. */
export async function audited<T>(
  audit: AuditSink,
  subject: AuditSubject,
  work: () => Promise<T>,
  hasWarnings: (value: T) => boolean = () => false,
): Promise<T> {
  const record = { ...subject, category: 'backup' as const };
  await audit.record({ ...record, result: 'started', error: null });
  let value: T;
  try {
    value = await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await audit.record({ ...record, result: resultOf(error), error: message });
    throw error;
  }
  await audit.record({ ...record, result: hasWarnings(value) ? 'succeeded-with-warnings' : 'succeeded', error: null });
  return value;
}
