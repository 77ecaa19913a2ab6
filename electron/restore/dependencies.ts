import type { AuditSink } from '../audit/audited';
import type { BackupLocation } from '../catalogue/backup-location';
import type { OpenDeployment, UseOptions } from '../connections/service';
import type { TaskRunner } from '../jobs/run-in-worker';
import type { JobRunner } from '../jobs/runner';
import type { Manifest } from '../../shared/backups';
import type { Connection } from '../../shared/connections';
import type { SettingsService } from '../settings/service';
import type { ToolName } from '../../shared/toolchain';

/** What restores need of the other services. */
export interface RestoreDependencies {
  previewsFolder: string;
  restoresFolder: string;
  /** For files that hold secrets while a tool runs. */
  temporaryFolder: string;
  jobs: Pick<JobRunner, 'start'>;
  tasks: Pick<TaskRunner, 'run' | 'prepare'>;
  connections: {
    get(idOrName: string): Promise<Connection>;
    use<T>(id: string, fn: (deployment: OpenDeployment) => Promise<T>, options?: UseOptions): Promise<T>;
  };
  catalogue: {
    manifest(id: string): Promise<Manifest>;
    location(id: string): Promise<BackupLocation>;
    delete(id: string, typedId: string | null): Promise<void>;
    changed(): void;
  };
  toolchain: { require(name: ToolName): Promise<{ path: string; version: string }> };
  settings: Pick<SettingsService, 'get' | 'storeById'>;
  audit: AuditSink;
  /** Lifeboat's own, for manifests. */
  version: string;
}
