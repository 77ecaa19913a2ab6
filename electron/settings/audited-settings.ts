/** Changes of settings and stores leave a line in the audit, whoever makes them. */
import type { AuditRecord } from '../../shared/audit';
import { AppFailure } from '../../shared/result';
import type { SettingsService } from './service';

type Subject = Pick<AuditRecord, 'operation' | 'target' | 'parameters'>;

export function auditSettings(
  settings: SettingsService,
  audit: { record(record: AuditRecord): Promise<unknown> },
): SettingsService {
  async function audited<T>(subject: Subject, work: () => Promise<T>): Promise<T> {
    const record = { ...subject, category: 'settings' as const, jobId: null };
    let value: T;
    try {
      value = await work();
    } catch (error) {
      const result = error instanceof AppFailure && error.error.code === 'refused' ? 'refused' : 'failed';
      await audit.record({ ...record, result, error: error instanceof Error ? error.message : String(error) });
      throw error;
    }
    await audit.record({ ...record, result: 'succeeded', error: null });
    return value;
  }

  return {
    ...settings,
    update: (patch) =>
      audited({ operation: 'settings.update', target: Object.keys(patch).join(', '), parameters: patch }, () =>
        settings.update(patch),
      ),
    addStore: (store) =>
      audited({ operation: 'store.add', target: store.name, parameters: { path: store.path } }, () =>
        settings.addStore(store),
      ),
    removeStore: (id) =>
      audited({ operation: 'store.remove', target: id, parameters: {} }, () => settings.removeStore(id)),
  };
}
