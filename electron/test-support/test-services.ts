/** All services over a temporary data folder, connected to a test deployment: real but for where passwords are kept. */
import type { BackupDetails, BackupRequest, BackupScope } from '../../shared/backups';
import type { Connection } from '../../shared/connections';
import type { Job } from '../../shared/jobs';
import { AppFailure } from '../../shared/result';
import { createServices, type Services } from '../app';
import { createMemorySecretStore } from '../connections/secret-store';
import type { EphemeralOptions } from '../connections/service';
import { resolveDataFolder, type DataFolder } from '../platform/data-folder';
import { removeTemporaryFolder, temporaryFolder } from './temporary-folder';

export interface TestServices extends Services {
  dataFolder: DataFolder;
  /** To the deployment the services were made for. */
  connection: Connection;
  /** Another connection to a deployment. */
  connect(uri: string, options?: EphemeralOptions): Promise<Connection>;
  /** What a backup of `scope` is asked with: of `connection` into the default store, unless `more` says else. */
  backupRequest(scope: BackupScope, more?: Partial<BackupRequest>): BackupRequest;
  /** Runs a backup to its end, good or bad. */
  backUp(scope: BackupScope, more?: Partial<BackupRequest>): Promise<Job>;
  /** The same, throwing unless it succeeded. */
  makeBackup(scope: BackupScope, more?: Partial<BackupRequest>): Promise<BackupDetails>;
}

/** The id of what a finished job made; throws what the job failed with. */
export function resultOf(job: Job): string {
  if (job.error) throw new AppFailure(job.error);
  return job.resultId ?? '';
}

export async function createTestServices(uri: string, options: EphemeralOptions = {}): Promise<TestServices> {
  const dataFolder = resolveDataFolder(temporaryFolder('lifeboat-data'));
  const services = await createServices({
    dataFolder,
    origin: 'window',
    workerFile: process.env['LIFEBOAT_WORKER_FILE'] ?? '',
    secrets: createMemorySecretStore(),
    version: '0.1.0',
  });
  const connect: TestServices['connect'] = (other, more) =>
    services.connections.ephemeral(other, { environment: 'development', ...more });
  const connection = await connect(uri, options);
  const backupRequest: TestServices['backupRequest'] = (scope, more) => ({
    connectionId: connection.id,
    scope,
    storeId: null,
    oplog: null,
    readPreference: 'secondaryPreferred',
    compressionLevel: 6,
    parallelCollections: 4,
    usersAndRoles: false,
    digest: true,
    category: 'operational',
    pinned: false,
    note: '',
    plan: null,
    ...more,
  });
  const backUp: TestServices['backUp'] = async (scope, more) => {
    const job = await services.backups.run(backupRequest(scope, more));
    return services.jobs.wait(job.id);
  };
  return {
    ...services,
    dataFolder,
    connection,
    connect,
    backupRequest,
    backUp,
    makeBackup: async (scope, more) => services.catalogue.show(resultOf(await backUp(scope, more))),
    close: async () => {
      await services.close();
      removeTemporaryFolder(dataFolder.root);
    },
  };
}
