/** All services over a temporary data folder, for tests of restores. */
import { readdirSync } from 'node:fs';
import type { BackupScope } from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';
import type { Effect } from '../../../shared/diff';
import type { Job } from '../../../shared/jobs';
import type { ApplyRequestInput, Preview, PreviewRequestInput, RestoreResult } from '../../../shared/restore';
import { createTestServices, resultOf, type TestServices } from '../../test-support/test-services';

export interface RestoreHarness extends Omit<TestServices, 'backUp' | 'makeBackup' | 'backupRequest' | 'connection'> {
  target: Connection;
  /** Makes a verified backup; returns its id. */
  backUp(scope: BackupScope, connection?: Connection): Promise<string>;
  preview(backupId: string, more?: Partial<PreviewRequestInput>): Promise<Preview>;
  /** Applies a preview and waits; throws what the job failed with. */
  apply(preview: Preview, more?: Partial<ApplyRequestInput>): Promise<{ job: Job; result: RestoreResult }>;
  /** Names in the folder of previews. */
  previewsLeft(): string[];
}

export async function createRestoreHarness(uri: string): Promise<RestoreHarness> {
  const services = await createTestServices(uri, { name: 'target' });
  const { connection: target, restores, jobs } = services;
  return {
    ...services,
    target,
    async backUp(scope, connection = target) {
      const job = await services.backUp(scope, {
        connectionId: connection.id,
        oplog: false,
        readPreference: 'primary',
        compressionLevel: 1,
      });
      return resultOf(job);
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
      return restores.getPreview(resultOf(await jobs.wait(job.id)));
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
      return { job, result: await restores.result(resultOf(job)) };
    },
    previewsLeft: () => readdirSync(services.dataFolder.previewsFolder),
  };
}

export function effect(part: Partial<Effect>): Effect {
  return { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0, ...part };
}
