import { navigate as navigateHash } from 'wouter/use-hash-location';

/** Paths of the pages; the only place that spells them. */
export const paths = {
  overview: '/',
  backups: '/backups',
  newBackup: '/backups/new',
  backup: (id: string) => `/backups/show/${encodeURIComponent(id)}`,
  /** `otherId` null: the one made before it. */
  compareBackups: (id: string, otherId: string | null) =>
    `/backups/show/${encodeURIComponent(id)}/compare${otherId === null ? '' : `/${encodeURIComponent(otherId)}`}`,
  restore: '/restore',
  /** Chooses the backup, and compares it with the deployment at once where that is told. */
  restoreFrom: (id: string, compareWith: string | null = null) =>
    `/restore/from/${encodeURIComponent(id)}${compareWith === null ? '' : `/compare/${encodeURIComponent(compareWith)}`}`,
  restoreHistory: '/restore/history',
  restoreRun: (restoreId: string) => `/restore/history/${encodeURIComponent(restoreId)}`,
  slowQueries: '/slow-queries',
  queryShape: (captureId: string, shapeId: string) =>
    `/slow-queries/${encodeURIComponent(captureId)}/shape/${encodeURIComponent(shapeId)}`,
  indexes: '/indexes',
  /** Of the current connection. */
  replicaSet: '/replica-set',
  replicaSetMember: (host: string) => `/replica-set/member/${encodeURIComponent(host)}`,
  /** `set` null: the only set of the deployment. */
  replicaSetConfiguration: (set: string | null) =>
    set === null ? '/replica-set/configuration' : `/replica-set/configuration/${encodeURIComponent(set)}`,
  operations: '/replica-set/operations',
  operation: (id: string) => `/replica-set/operations/show/${encodeURIComponent(id)}`,
  /** `host` null: to be chosen. */
  resync: (host: string | null) =>
    host === null ? '/replica-set/resync' : `/replica-set/resync/${encodeURIComponent(host)}`,
  alerts: '/alerts',
  pastAlerts: '/alerts/past',
  silences: '/alerts/silences',
  alertRules: '/alerts/rules',
  newAlertRule: '/alerts/rules/new',
  alertRule: (id: string) => `/alerts/rules/edit/${encodeURIComponent(id)}`,
  alert: (id: string) => `/alerts/show/${encodeURIComponent(id)}`,
  connections: '/connections',
  newConnection: '/connections/new',
  connection: (id: string) => `/connections/show/${encodeURIComponent(id)}`,
  audit: '/audit',
  settings: '/settings',
} as const;

export function goTo(path: string): void {
  navigateHash(path);
}
