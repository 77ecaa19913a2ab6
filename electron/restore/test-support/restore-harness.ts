/** Real services around a temporary data folder, for tests of restores. */
import { readdirSync } from 'node:fs';
import type { BackupScope } from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';
import type { Effect } from '../../../shared/diff';
import type { Job } from '../../../shared/jobs';
import type { ApplyRequest, Preview, PreviewRequest, RestoreResult } from '../../../shared/restore';
import { AppFailure } from '../../../shared/result';
import { createAudit, type Audit } from '../../audit/service';
import { createBackups } from '../../backup/service';
import { createCatalogue, type Catalogue } from '../../catalogue/service';
import { createMemorySecretStore } from '../../connections/secret-store';
import { createConnections, type Connections, type EphemeralOptions } from '../../connections/service';
import { createTaskRunner } from '../../jobs/run-in-worker';
import { JobRunner } from '../../jobs/runner';
import { prepareDataFolder, resolveDataFolder, type DataFolder } from '../../platform/data-folder';
import { createSilentLogger } from '../../platform/logger';
import { createSettings, type SettingsService } from '../../settings/service';
import { removeTemporaryFolder, temporaryFolder } from '../../test-support/temporary-folder';
import { createToolchain } from '../../toolchain/service';
import { createRestores, type Restores } from '../service';

export interface RestoreHarness {
  dataFolder: DataFolder;
  settings: SettingsService;
  connections: Connections;
  catalogue: Catalogue;
  jobs: JobRunner;
  audit: Audit;
  restores: Restores;
  target: Connection;
  /** Another connection to a deployment. */
  connect(uri: string, options?: EphemeralOptions): Promise<Connection>;
  /** Makes a verified backup; returns its id. */
  backUp(scope: BackupScope, connection?: Connection): Promise<string>;
  preview(backupId: string, more?: Partial<PreviewRequest>): Promise<Preview>;
  /** Applies a preview and waits; throws what the job failed with. */
  apply(preview: Preview, more?: Partial<ApplyRequest>): Promise<{ job: Job; result: RestoreResult }>;
  /** Names in the folder of previews. */
  previewsLeft(): string[];
  close(): Promise<void>;
}

function finishedWell(job: Job): string {
  if (job.error) throw new AppFailure(job.error);
  return job.resultId ?? '';
}

export async function createRestoreHarness(uri: string, options: EphemeralOptions = {}): Promise<RestoreHarness> {
  const root = temporaryFolder('lifeboat-restore');
  const dataFolder = resolveDataFolder(root);
  await prepareDataFolder(dataFolder);
  const logger = createSilentLogger();
  const {
    temporaryFolder: temporary,
    previewsFolder,
    restoresFolder,
    openedFilesFolder,
    jobsFolder,
    locksFolder,
  } = dataFolder;
  const settings = createSettings({ file: dataFolder.settingsFile, folder: dataFolder });
  const jobs = new JobRunner({ jobsFolder, locksFolder, origin: 'window', logger });
  const audit = createAudit({ file: dataFolder.auditFile, origin: 'window', logger });
  const tasks = createTaskRunner({ workerFile: process.env['LIFEBOAT_WORKER_FILE'] ?? '', maxWorkers: 2 });
  const toolchain = createToolchain({ settings });
  const secrets = createMemorySecretStore();
  const connections = createConnections({ file: dataFolder.connectionsFile, secrets, logger, audit });
  const catalogue = createCatalogue({ settings, openedFilesFolder, jobs, tasks, audit, version: '0.1.0' });
  const shared = { connections, toolchain, settings, catalogue, jobs, tasks, audit, temporaryFolder: temporary };
  const backups = createBackups({ ...shared, version: '0.1.0' });
  const restores = createRestores({ ...shared, previewsFolder, restoresFolder });
  const connect: RestoreHarness['connect'] = (other, more) =>
    connections.ephemeral(other, { environment: 'development', ...more });
  const target = await connect(uri, { name: 'target', ...options });

  return {
    dataFolder,
    settings,
    connections,
    catalogue,
    jobs,
    audit,
    restores,
    target,
    connect,
    async backUp(scope, connection = target) {
      const job = await backups.run({
        connectionId: connection.id,
        scope,
        storeId: null,
        oplog: false,
        readPreference: 'primary',
        compressionLevel: 1,
        parallelCollections: 4,
        usersAndRoles: false,
        digest: true,
        category: 'operational',
        pinned: false,
        note: '',
        plan: null,
      });
      return finishedWell(await jobs.wait(job.id));
    },
    async preview(backupId, more) {
      const job = await restores.preview({
        backupId,
        connectionId: target.id,
        namespaces: [],
        renames: [],
        mode: 'exact',
        readPreference: 'primary',
        ...more,
      });
      return restores.getPreview(finishedWell(await jobs.wait(job.id)));
    },
    async apply(preview, more) {
      const started = await restores.apply({
        previewId: preview.id,
        mode: preview.request.mode,
        namespaces: [],
        typedName: null,
        ...more,
      });
      const job = await jobs.wait(started.id);
      return { job, result: await restores.result(finishedWell(job)) };
    },
    previewsLeft: () => readdirSync(previewsFolder),
    async close() {
      await jobs.close();
      await tasks.close();
      await restores.close();
      await connections.close();
      catalogue.close();
      settings.close();
      removeTemporaryFolder(root);
    },
  };
}

export function effect(part: Partial<Effect>): Effect {
  return { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0, ...part };
}
