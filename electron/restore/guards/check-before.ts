/** Checks on the archive and on picks, in worker threads, before anything is written. */
import type { BackupLocation } from '../../catalogue/backup-location';
import type { JobContext } from '../../jobs/runner';
import type { Manifest } from '../../../shared/backups';
import type { CheckPicksInput, CheckPicksOutput } from './check-picks-task';
import type { CheckTaskInput } from './check-task';
import type { RestoreDependencies } from '../dependencies';
import { planWrites, type ChosenNamespace, type WriteChoice } from '../writing/plan-writes';

/** Throws 'archive-damaged' or 'archive-truncated'. */
export async function requireGoodArchive(
  dependencies: RestoreDependencies,
  manifest: Manifest,
  location: BackupLocation,
  context: JobContext,
): Promise<void> {
  const { bytes, sha256 } = manifest.file;
  const check: CheckTaskInput = { archive: location.archive, bytes, sha256 };
  await dependencies.tasks.run<CheckTaskInput, null>('restore.check-archive', check, {
    signal: context.signal,
    report: (update) => context.report(update),
  });
}

/** Throws 'usage' for fields that cannot be put back by themselves; returns how many documents they would not change. */
export async function checkPicks(
  dependencies: RestoreDependencies,
  { archive, blockIndex }: BackupLocation,
  previewFolder: string,
  chosen: readonly ChosenNamespace[],
  choice: WriteChoice,
  uri: string,
  context: JobContext,
): Promise<number> {
  const namespaces = planWrites(choice, chosen);
  const byFields = namespaces.filter(({ picks }) => picks?.some(({ fields }) => fields.length > 0));
  if (byFields.length === 0) return 0;
  const check: CheckPicksInput = { uri, previewFolder, archive, blockIndex, namespaces: byFields };
  context.report({ phase: 'Checking picked fields' });
  const output = await dependencies.tasks.run<CheckPicksInput, CheckPicksOutput>('restore.check-picks', check, {
    signal: context.signal,
    log: (line) => context.log(line),
  });
  return output.unchanged;
}
