/** What alerts judge a deployment by besides its members' numbers. */
import type { DeploymentSample } from '../../shared/health';
import type { Job } from '../../shared/jobs';
import type { Catalogue } from '../catalogue/service';
import { usedPercent } from '../settings/disk-space';
import { backupFacts } from './alerts/backup-facts';
import type { NamedFacts } from './alerts/conditions';
import { BackupAttempts } from './backup-attempts';

/** Milliseconds for which a disk serves all deployments whose backups are on it. */
const diskMs = 30_000;

export interface FactsDependencies {
  catalogue: Pick<Catalogue, 'history' | 'list'>;
  jobs: { list(): Promise<Job[]> };
}

export function createDeploymentFacts({
  catalogue,
  jobs,
}: FactsDependencies): (connectionId: string, sample: DeploymentSample) => Promise<NamedFacts> {
  const backups = new BackupAttempts(catalogue, jobs);
  const disks = new Map<string, { value: Promise<number | null>; dueAt: number }>();

  function diskOf(path: string): Promise<number | null> {
    // Backups lie two folders below their store.
    const store = path.split(/[\\/]/).slice(0, -2).join('/') || '/';
    const now = Date.now();
    const known = disks.get(store);
    if (known && now < known.dueAt) return known.value;
    const value = usedPercent(store);
    disks.set(store, { value, dueAt: now + diskMs });
    return value;
  }

  return async (connectionId, sample) => {
    const { attempts, newestPath } = await backups.of(connectionId);
    return backupFacts(attempts, sample, newestPath === null ? null : await diskOf(newestPath));
  };
}
