/** The backups of a connection as its alerts look at them: from the catalogue, and the failed ones from the jobs. */
import type { CatalogueEntry, Manifest } from '../../shared/backups';
import type { Job } from '../../shared/jobs';
import type { Catalogue } from '../catalogue/service';
import type { BackupAttempt } from './alerts/backup-facts';

/** Milliseconds for which the lists serve all deployments: they are the same for each. */
const sharedMs = 10_000;

export interface BackupsSeen {
  attempts: BackupAttempt[];
  /** Folder of the newest backup; null without one. */
  newestPath: string | null;
}

interface Lists {
  entries: CatalogueEntry[];
  jobs: Job[];
}

function verifiedAt(entry: CatalogueEntry | undefined): number | null {
  return entry?.verification?.ok ? Date.parse(entry.verification.at) : null;
}

function attemptOf(manifest: Manifest, entry: CatalogueEntry | undefined): BackupAttempt {
  return {
    scope: `${manifest.type} ${manifest.plan ?? ''} ${entry?.scope ?? ''}`,
    startedAt: Date.parse(manifest.createdAt),
    endedAt: Date.parse(manifest.completedAt),
    succeeded: true,
    verifiedAt: verifiedAt(entry),
    bytes: manifest.file.bytes,
    readFrom: manifest.source.memberReadFrom,
  };
}

function failedAttempts(jobs: readonly Job[], connectionId: string): BackupAttempt[] {
  return jobs
    .filter((job) => job.kind === 'backup' && job.connectionId === connectionId && job.status === 'failed')
    .map((job) => ({
      scope: 'failed',
      startedAt: Date.parse(job.startedAt ?? job.createdAt),
      endedAt: Date.parse(job.endedAt ?? job.createdAt),
      succeeded: false,
      verifiedAt: null,
      bytes: null,
      readFrom: null,
    }));
}

/** Asks for what a fleet would ask once per deployment only once for all of it, and reads manifests only of what is new. */
export class BackupAttempts {
  readonly #catalogue: Pick<Catalogue, 'history' | 'list'>;
  readonly #jobs: { list(): Promise<Job[]> };
  readonly #manifests = new Map<string, { key: string; manifests: Promise<Manifest[]> }>();
  #lists: { value: Promise<Lists>; dueAt: number } | null = null;

  constructor(catalogue: Pick<Catalogue, 'history' | 'list'>, jobs: { list(): Promise<Job[]> }) {
    this.#catalogue = catalogue;
    this.#jobs = jobs;
  }

  async of(connectionId: string): Promise<BackupsSeen> {
    const { entries, jobs } = await this.#sharedLists();
    const own = entries.filter((entry) => entry.connectionId === connectionId && entry.type !== 'undo');
    const byId = new Map(own.map((entry) => [entry.id, entry]));
    const manifests = own.length === 0 ? [] : await this.#manifestsOf(connectionId, own);
    const made = manifests.filter(({ source }) => source.importedFrom === null);
    const newest = [...made].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0];
    return {
      attempts: [
        ...made.map((manifest) => attemptOf(manifest, byId.get(manifest.id))),
        ...failedAttempts(jobs, connectionId),
      ],
      newestPath: (newest && byId.get(newest.id)?.path) ?? null,
    };
  }

  #sharedLists(): Promise<Lists> {
    const now = Date.now();
    if (this.#lists && now < this.#lists.dueAt) return this.#lists.value;
    const value = Promise.all([this.#catalogue.list(), this.#jobs.list()]).then(([entries, jobs]) => ({
      entries,
      jobs,
    }));
    this.#lists = { value, dueAt: now + sharedMs };
    value.catch(() => (this.#lists = null));
    return value;
  }

  #manifestsOf(connectionId: string, own: readonly CatalogueEntry[]): Promise<Manifest[]> {
    const key = own.map(({ id, path, status }) => `${id} ${path} ${status}`).join();
    const known = this.#manifests.get(connectionId);
    if (known?.key === key) return known.manifests;
    const manifests = this.#catalogue.history(connectionId);
    this.#manifests.set(connectionId, { key, manifests });
    manifests.catch(() => this.#manifests.delete(connectionId));
    return manifests;
  }
}
