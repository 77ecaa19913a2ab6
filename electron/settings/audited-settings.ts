/** Changes of settings and stores leave a line in the audit, whoever makes them. */
import { auditedIn, type AuditSink } from '../audit/audited';
import type { SettingsService } from './service';

export function auditSettings(settings: SettingsService, audit: AuditSink): SettingsService {
  const audited = auditedIn(audit, 'settings');

  return {
    ...settings,
    update: (patch) => audited('settings.update', Object.keys(patch).join(', '), patch, () => settings.update(patch)),
    addStore: (store) => audited('store.add', store.name, { path: store.path }, () => settings.addStore(store)),
    removeStore: (id) => audited('store.remove', id, {}, () => settings.removeStore(id)),
  };
}
