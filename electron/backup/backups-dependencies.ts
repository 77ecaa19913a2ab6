/** What making backups needs of the other parts. */
import type { Connection } from '../../shared/connections';
import type { AuditSink } from '../audit/audited';
import type { Catalogue } from '../catalogue/service';
import type { TaskRunner } from '../jobs/run-in-worker';
import type { JobRunner } from '../jobs/runner';
import type { SettingsService } from '../settings/service';
import type { SourceDeployment } from './prepare-backup';

export interface BackupsDependencies {
  connections: {
    get(idOrName: string): Promise<Connection>;
    use<T>(
      id: string,
      work: (deployment: SourceDeployment) => Promise<T>,
      options?: { write?: boolean; signal?: AbortSignal },
    ): Promise<T>;
  };
  toolchain: { require(name: 'mongodump'): Promise<{ path: string; version: string }> };
  settings: Pick<SettingsService, 'storeById'>;
  catalogue: Pick<Catalogue, 'changed' | 'history'>;
  jobs: Pick<JobRunner, 'start'>;
  tasks: Pick<TaskRunner, 'run'>;
  audit: AuditSink;
  /** Lifeboat's own, for manifests. */
  version: string;
  /** For the file with the connection string, which is removed at once after use. */
  temporaryFolder: string;
}
