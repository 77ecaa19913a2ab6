/** The catalogue: all backups of all stores, and what can be done to them. */
import type { BackupDetails, CatalogueEntry, Manifest } from '../../shared/backups';
import { isFinished, type Job } from '../../shared/jobs';
import { AppFailure, fail } from '../../shared/result';
import type { Store } from '../../shared/settings';
import type { TaskRunner } from '../jobs/run-in-worker';
import type { JobRunner } from '../jobs/runner';
import { openedFilesStoreId, type SettingsService } from '../settings/service';
import { audited, type AuditSink } from '../audit/audited';
import { whyUnreadable } from '../settings/store-status';
import { assertInsideStore, type BackupLocation } from './backup-location';
import { toCatalogueEntry } from './catalogue-entry';
import {
  deletionGuard,
  filterBackups,
  findLatest,
  isComplete,
  manifestOf,
  sortBackups,
  type CatalogueFilter,
  type KnownBackup,
} from './catalogue-queries';
import { deleteBackupFolder, finishDeletions } from './delete-backup';
import { startImport } from './import-backup';
import { writeManifest } from './manifest-file';
import { StoreScanner } from './store-scanner';
import { StoreWatcher } from './store-watcher';
import { requireGood, verifyBackup, verifyPhases } from './verification';

export interface CatalogueDependencies {
  settings: Pick<SettingsService, 'get' | 'storeById' | 'onChange'>;
  /** Folder of the temporary store. */
  openedFilesFolder: string;
  jobs: Pick<JobRunner, 'start' | 'onChange'>;
  tasks: Pick<TaskRunner, 'run'>;
  audit: AuditSink;
  /** Lifeboat's own, for manifests. */
  version: string;
}

/** `id` may be `latest` everywhere: the newest complete backup that was not merely opened. */
export interface Catalogue {
  /** Newest first. */
  list(filter?: CatalogueFilter): Promise<CatalogueEntry[]>;
  /** Throws 'not-found'. */
  show(id: string): Promise<BackupDetails>;
  /** Throws 'not-found', 'manifest-missing', 'manifest-unsupported', 'manifest-mismatch' or 'stored-file-damaged'. */
  manifest(id: string): Promise<Manifest>;
  /** Throws 'not-found'. */
  location(id: string): Promise<BackupLocation>;
  /** A job; it fails with 'verification-failed' when the backup is bad. Throws as {@link Catalogue.manifest}. */
  verify(id: string, level: 1 | 2): Promise<Job>;
  /** A job that makes a backup of a foreign dump; `storeId` null: the temporary store of opened files. */
  import(path: string, storeId: string | null): Promise<Job>;
  setPinned(id: string, pinned: boolean): Promise<CatalogueEntry>;
  /** Throws 'refused' for a pinned backup or the last verified one of its source unless `typedId` is its id. */
  delete(id: string, typedId: string | null): Promise<void>;
  /** Manifests of one source's complete backups, newest first, for estimates. */
  history(connectionId: string): Promise<Manifest[]>;
  /** Called when a backup appeared, changed or went, also by another process; returns how to stop listening. */
  onChange(listener: () => void): () => void;
  /** Told by whatever made or changed a backup. */
  changed(): void;
  /** Stores whose backups {@link Catalogue.list} cannot show, and why. */
  unreadableStores(): Promise<{ name: string; path: string; problem: string }[]>;
  /** For the start of a process: finishes deletions that were interrupted. */
  recover(): Promise<void>;
  close(): void;
}

export function createCatalogue(dependencies: CatalogueDependencies): Catalogue {
  return new StoredCatalogue(dependencies);
}

class StoredCatalogue implements Catalogue {
  readonly #dependencies: CatalogueDependencies;
  readonly #scanner = new StoreScanner();
  readonly #listeners = new Set<() => void>();
  #watcher: StoreWatcher | null = null;
  #stopListening: (() => void)[] = [];

  constructor(dependencies: CatalogueDependencies) {
    this.#dependencies = dependencies;
  }

  /** Only where they are: whether they can be written is not asked for a list. */
  async #stores(): Promise<Store[]> {
    const { settings, openedFilesFolder } = this.#dependencies;
    const { stores } = await settings.get();
    return [...stores, { id: openedFilesStoreId, name: 'Opened files', path: openedFilesFolder }];
  }

  async #all(): Promise<KnownBackup[]> {
    const found = await Promise.all(
      (await this.#stores()).map(async (store) => {
        const backups = await this.#scanner.scan(store.path);
        return backups.map((files) => ({ files, entry: toCatalogueEntry(files, store) }));
      }),
    );
    return sortBackups(found.flat());
  }

  async #find(id: string): Promise<{ backup: KnownBackup; all: KnownBackup[] }> {
    const all = await this.#all();
    if (id === 'latest') {
      const latest = findLatest(all) ?? fail('not-found', 'There is no complete backup yet.', 'Make one first.');
      return { backup: latest, all };
    }
    // The same backup may be in two stores: the whole one counts.
    const same = all.filter(({ entry }) => entry.id === id);
    const backup = same.find(({ entry }) => isComplete(entry)) ?? same[0];
    if (!backup) fail('not-found', `There is no backup ${id}.`, 'See the list of backups; a store may be unavailable.');
    return { backup, all };
  }

  async list(filter: CatalogueFilter = {}): Promise<CatalogueEntry[]> {
    return filterBackups(await this.#all(), filter).map(({ entry }) => entry);
  }

  async show(id: string): Promise<BackupDetails> {
    const { backup } = await this.#find(id);
    return { entry: backup.entry, manifest: manifestOf(backup), verifications: backup.files.verifications };
  }

  async manifest(id: string): Promise<Manifest> {
    const { backup } = await this.#find(id);
    return usableManifest(backup);
  }

  async location(id: string): Promise<BackupLocation> {
    return (await this.#find(id)).backup.files.location;
  }

  async history(connectionId: string): Promise<Manifest[]> {
    const all = await this.#all();
    return all
      .filter(({ entry }) => isComplete(entry) && entry.connectionId === connectionId && entry.type !== 'undo')
      .map(manifestOf)
      .filter((manifest): manifest is Manifest => manifest !== null);
  }

  async verify(id: string, level: 1 | 2): Promise<Job> {
    const { backup } = await this.#find(id);
    const { entry, files } = backup;
    const manifest = readableManifest(backup);
    const { jobs, tasks, audit } = this.#dependencies;
    const definition = {
      kind: 'verify' as const,
      title: `Verify ${entry.id}`,
      phases: [...verifyPhases[level]],
      connectionId: entry.connectionId,
    };
    return jobs.start(definition, async (context) => {
      context.setResult(entry.id);
      const subject = {
        operation: 'backup.verify',
        category: 'backup' as const,
        target: entry.id,
        parameters: { level, store: entry.storeName },
        jobId: context.jobId,
      };
      await audited(
        audit,
        subject,
        async () => {
          const verification = await verifyBackup(tasks, { location: files.location, manifest, level }, context);
          this.changed();
          requireGood(verification, entry.id);
        },
        { start: true },
      );
    });
  }

  async import(path: string, storeId: string | null): Promise<Job> {
    const { settings, jobs, tasks, audit, version } = this.#dependencies;
    const store = await settings.storeById(storeId ?? openedFilesStoreId, { write: true });
    return startImport({ path, store, jobs, tasks, audit, version, changed: () => this.changed() });
  }

  async setPinned(id: string, pinned: boolean): Promise<CatalogueEntry> {
    const { backup } = await this.#find(id);
    const { entry, files } = backup;
    const manifest = readableManifest(backup);
    const subject = {
      operation: pinned ? 'backup.pin' : 'backup.unpin',
      category: 'backup' as const,
      target: entry.id,
      parameters: { store: entry.storeName },
      jobId: null,
    };
    await audited(
      this.#dependencies.audit,
      subject,
      async () => {
        await assertInsideStore(await this.#rootOf(entry), files.location.folder);
        await writeManifest(files.location, { ...manifest, pinned });
      },
      { start: true },
    );
    this.changed();
    return (await this.show(entry.id)).entry;
  }

  async delete(id: string, typedId: string | null): Promise<void> {
    const { backup, all } = await this.#find(id);
    const { entry, files } = backup;
    const subject = {
      operation: 'backup.delete',
      category: 'backup' as const,
      target: entry.id,
      parameters: { store: entry.storeName, pinned: entry.pinned, bytes: entry.bytes, typed: typedId !== null },
      jobId: null,
    };
    await audited(
      this.#dependencies.audit,
      subject,
      async () => {
        refuseAmbiguous(entry, all);
        const guard = deletionGuard(all, entry);
        if (guard !== null && typedId !== entry.id) {
          fail('refused', `${entry.id} is not deleted: ${guard}.`, 'Type its full id to delete it all the same.');
        }
        await deleteBackupFolder(await this.#rootOf(entry), files.location.folder);
      },
      { start: true },
    );
    this.changed();
  }

  async #rootOf(entry: CatalogueEntry): Promise<string> {
    const store = (await this.#stores()).find((candidate) => candidate.id === entry.storeId);
    return store?.path ?? fail('store-unavailable', `The store “${entry.storeName}” is no longer among the stores.`);
  }

  async unreadableStores(): Promise<{ name: string; path: string; problem: string }[]> {
    const looked = await Promise.all(
      (await this.#stores()).map(async ({ name, path }) => ({ name, path, problem: await whyUnreadable(path) })),
    );
    return looked.flatMap(({ name, path, problem }) => (problem === null ? [] : [{ name, path, problem }]));
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#startListening();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #startListening(): void {
    if (this.#watcher) return;
    const { settings, jobs } = this.#dependencies;
    const roots = async (): Promise<string[]> => (await this.#stores()).map((store) => store.path);
    const watcher = new StoreWatcher(roots, () => this.changed());
    this.#watcher = watcher;
    void watcher.refresh();
    const stopSettings = settings.onChange(() => {
      void watcher.refresh().then(() => this.changed());
    });
    // Results of verifications lie deeper than the folders that are watched.
    const stopJobs = jobs.onChange((job) => {
      if (isFinished(job.status) && ['backup', 'verify', 'import', 'delete'].includes(job.kind)) this.changed();
    });
    this.#stopListening = [stopJobs, stopSettings];
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async recover(): Promise<void> {
    for (const store of await this.#stores()) await finishDeletions(store.path);
  }

  close(): void {
    this.#watcher?.close();
    for (const stop of this.#stopListening) stop();
    this.#listeners.clear();
  }
}

/** A copied store holds the same ids: which one is meant is not for us to guess. */
function refuseAmbiguous({ id }: CatalogueEntry, all: readonly KnownBackup[]): void {
  const same = all.filter(({ entry }) => entry.id === id);
  if (same.length < 2) return;
  const paths = same.map(({ entry }) => `${entry.path} (${entry.status})`).join(', ');
  fail('refused', `There are ${same.length} backups ${id}: ${paths}.`, 'Remove the folder you do not want by hand.');
}

/** The manifest though the archive may not match it: verifying and pinning need no more. */
function readableManifest({ files }: KnownBackup): Manifest {
  if (files.manifest instanceof AppFailure) throw files.manifest;
  if (files.manifest.id !== files.id) fail('manifest-mismatch', files.mismatch ?? 'The manifest is another backup’s.');
  return files.manifest;
}

function usableManifest(backup: KnownBackup): Manifest {
  const manifest = readableManifest(backup);
  const { mismatch, location } = backup.files;
  if (mismatch !== null) {
    fail('manifest-mismatch', `${location.folder}: ${mismatch}`, 'Verify the backup to see what can be saved of it.');
  }
  return manifest;
}
