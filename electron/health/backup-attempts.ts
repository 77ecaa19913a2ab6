/** The backups of a connection as its alerts look at them: from the catalogue, and the failed ones from the jobs. */
import type { CatalogueEntry } from '../../shared/backups';
import type { Job } from '../../shared/jobs';
import type { Catalogue } from '../catalogue/service';
import type { BackupAttempt } from './alerts/backup-facts';

function verifiedAt(entry: CatalogueEntry | undefined): number | null {
  return entry?.verification?.ok ? Date.parse(entry.verification.at) : null;
}

export async function backupAttemptsOf(
  connectionId: string,
  catalogue: Pick<Catalogue, 'history' | 'list'>,
  jobs: { list(): Promise<Job[]> },
): Promise<BackupAttempt[]> {
  const [manifests, entries, list] = await Promise.all([
    catalogue.history(connectionId),
    catalogue.list(),
    jobs.list(),
  ]);
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const good = manifests
    .filter(({ source }) => source.importedFrom === null)
    .map((manifest) => ({
      startedAt: Date.parse(manifest.createdAt),
      endedAt: Date.parse(manifest.completedAt),
      succeeded: true,
      verifiedAt: verifiedAt(byId.get(manifest.id)),
      bytes: manifest.file.bytes,
      readFrom: manifest.source.memberReadFrom,
    }));
  const failed = list
    .filter((job) => job.kind === 'backup' && job.connectionId === connectionId && job.status === 'failed')
    .flatMap((job) => {
      const startedAt = Date.parse(job.startedAt ?? job.createdAt);
      const endedAt = Date.parse(job.endedAt ?? job.createdAt);
      return [{ startedAt, endedAt, succeeded: false, verifiedAt: null, bytes: null, readFrom: null }];
    });
  return [...good, ...failed];
}
