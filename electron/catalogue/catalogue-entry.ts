/** From the files of a backup to its row in the catalogue. */
import type { BackupStatus, CatalogueEntry, Manifest, ManifestNamespace, Verification } from '../../shared/backups';
import type { Store } from '../../shared/settings';
import { AppFailure } from '../../shared/result';
import { openedFilesStoreId } from '../settings/service';
import type { BackupLocation } from './backup-location';

/** What reading a backup's folder found. */
export interface BackupFiles {
  id: string;
  location: BackupLocation;
  /** The manifest, or why there is none to be had. */
  manifest: Manifest | AppFailure;
  /** Archive and manifest cannot belong together. */
  mismatch: string | null;
  archiveBytes: number | null;
  /** Newest first. */
  verifications: Verification[];
  modifiedAt: Date;
}

/** Documents as the user counts them: those of time series are its buckets, views have none. */
export function countDocuments(namespaces: readonly ManifestNamespace[]): number {
  return namespaces.reduce((sum, namespace) => sum + namespace.documents, 0);
}

/** "shop", "whole deployment", "3 collections". */
export function scopeOf(manifest: Pick<Manifest, 'type' | 'namespaces'>): string {
  if (manifest.type === 'full') return 'whole deployment';
  const own = manifest.namespaces.filter((namespace) => !namespace.collection.startsWith('$admin.'));
  const databases = [...new Set(own.map((namespace) => namespace.database))];
  if (manifest.type === 'collections' || manifest.type === 'undo') {
    if (own.length === 0) return 'nothing';
    const [first] = own;
    if (own.length === 1 && first) return `${first.database}.${first.collection}`;
    return databases.length === 1 ? `${own.length} collections of ${databases[0] ?? ''}` : `${own.length} collections`;
  }
  if (databases.length === 0) return 'nothing';
  return databases.length <= 3 ? databases.join(', ') : `${databases.length} databases`;
}

/**
 * The newest failure that no later verification of its level or a higher one took back: an archive that is byte for byte
 * what was written may have been written badly. `verifications` newest first.
 */
function standingFailure(verifications: readonly Verification[]): Verification | null {
  let passedLevel = 0;
  for (const verification of verifications) {
    if (!verification.ok && verification.level > passedLevel) return verification;
    if (verification.ok) passedLevel = Math.max(passedLevel, verification.level);
  }
  return null;
}

function judge(files: BackupFiles): { status: BackupStatus; problem: string | null } {
  const { manifest, mismatch, verifications } = files;
  if (manifest instanceof AppFailure) {
    const { code, message } = manifest.error;
    return { status: code === 'manifest-missing' ? 'incomplete' : 'unreadable', problem: message };
  }
  if (manifest.id !== files.id) return { status: 'unreadable', problem: mismatch };
  if (mismatch !== null) return { status: 'damaged', problem: mismatch };
  const failed = standingFailure(verifications);
  if (failed) return { status: 'damaged', problem: failed.problems[0]?.message ?? 'A verification failed.' };
  return { status: manifest.status, problem: null };
}

export function toCatalogueEntry(files: BackupFiles, store: Store): CatalogueEntry {
  const { status, problem } = judge(files);
  const manifest = files.manifest instanceof AppFailure ? null : files.manifest;
  return {
    id: files.id,
    storeId: store.id,
    storeName: store.name,
    temporary: store.id === openedFilesStoreId,
    path: files.location.folder,
    status,
    problem,
    type: manifest?.type ?? null,
    category: manifest?.category ?? null,
    sourceName: manifest?.source.name ?? null,
    connectionId: manifest?.source.connectionId ?? null,
    createdAt: manifest?.createdAt ?? files.modifiedAt.toISOString(),
    completedAt: manifest?.completedAt ?? null,
    scope: manifest ? scopeOf(manifest) : null,
    documents: manifest ? countDocuments(manifest.namespaces) : null,
    bytes: files.archiveBytes,
    pinned: manifest?.pinned ?? false,
    note: manifest?.note ?? '',
    verification: files.verifications[0] ?? null,
  };
}
