/** Questions about a list of backups: pure. */
import type { BackupStatus, BackupType, CatalogueEntry, Manifest } from '../../shared/backups';
import { AppFailure } from '../../shared/result';
import type { BackupFiles } from './catalogue-entry';

export interface CatalogueFilter {
  /** Name of the source, as its connection was called. */
  source?: string;
  plan?: string;
  type?: BackupType;
  status?: BackupStatus;
  storeId?: string;
  limit?: number;
}

export interface KnownBackup {
  entry: CatalogueEntry;
  files: BackupFiles;
}

export function manifestOf(backup: KnownBackup): Manifest | null {
  return backup.files.manifest instanceof AppFailure ? null : backup.files.manifest;
}

export function isComplete(entry: CatalogueEntry): boolean {
  return entry.status === 'complete' || entry.status === 'complete-with-warnings';
}

function timeOf(backup: KnownBackup): string {
  return `${backup.entry.createdAt ?? ''} ${backup.entry.id}`;
}

/** Newest first. */
export function sortBackups(backups: readonly KnownBackup[]): KnownBackup[] {
  return [...backups].sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
}

export function filterBackups(sorted: readonly KnownBackup[], filter: CatalogueFilter): KnownBackup[] {
  const chosen = sorted.filter(({ entry, files }) => {
    const manifest = files.manifest instanceof AppFailure ? null : files.manifest;
    return (
      (filter.source === undefined || entry.sourceName === filter.source) &&
      (filter.plan === undefined || manifest?.plan === filter.plan) &&
      (filter.type === undefined || entry.type === filter.type) &&
      (filter.status === undefined || entry.status === filter.status) &&
      (filter.storeId === undefined || entry.storeId === filter.storeId)
    );
  });
  return filter.limit === undefined ? chosen : chosen.slice(0, filter.limit);
}

/** The newest complete backup; files that were only opened and what undoes a restore do not count. */
export function findLatest(sorted: readonly KnownBackup[]): KnownBackup | null {
  return sorted.find(({ entry }) => isComplete(entry) && !entry.temporary && entry.type !== 'undo') ?? null;
}

function isVerified(entry: CatalogueEntry): boolean {
  return isComplete(entry) && entry.type !== 'undo' && entry.verification?.ok === true;
}

function sameSource(a: CatalogueEntry, b: CatalogueEntry): boolean {
  return a.connectionId !== null && b.connectionId !== null
    ? a.connectionId === b.connectionId
    : a.sourceName === b.sourceName;
}

/** Why deleting this backup needs its id typed; null when it does not. */
export function deletionGuard(sorted: readonly KnownBackup[], entry: CatalogueEntry): string | null {
  if (entry.pinned) return 'it is pinned';
  if (entry.temporary || !isVerified(entry)) return null;
  const newest = sorted.find(
    (other) => !other.entry.temporary && isVerified(other.entry) && sameSource(other.entry, entry),
  );
  return newest?.entry.path === entry.path
    ? `it is the last verified backup of ${entry.sourceName ?? 'its source'}`
    : null;
}
