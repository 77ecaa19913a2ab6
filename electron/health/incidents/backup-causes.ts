/** Why backups fail, are late, slow or of another size. */
import type { CatalogueEntry } from '../../../shared/backups';
import { formatBytes, formatDuration, formatQuantity } from '../../../shared/format';
import { isFinished, type Job } from '../../../shared/jobs';
import type { Catalogue } from '../../catalogue/service';
import { no, unknown, yes, type Check } from './checks';
import { hourMs, type Scene } from './scene';

async function backupJobs({ jobs, incident }: Scene): Promise<Job[]> {
  const own = (await jobs.list()).filter(
    ({ kind, connectionId }) => kind === 'backup' && connectionId === incident.connectionId,
  );
  return own.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
}

const lastFailure: Check = {
  whether: 'a backup failed',
  async look(scene) {
    const jobs = await backupJobs(scene);
    const running = jobs.find(({ status }) => !isFinished(status));
    const failed = jobs.find(({ status }) => status === 'failed');
    const newer =
      failed && jobs.find(({ status, createdAt }) => status.startsWith('succeeded') && createdAt > failed.createdAt);
    return [
      ...(running ? [yes(`A backup is being made now: ${running.title}.`, Date.parse(running.createdAt))] : []),
      ...(failed
        ? [
            (newer ? no : yes)(
              `${failed.title} failed${newer ? ', and one after it succeeded' : ''}: ${failed.error?.message ?? 'no reason is known'}`,
              Date.parse(failed.endedAt ?? failed.createdAt),
            ),
          ]
        : [no('None of the backups that are remembered failed.')]),
    ];
  },
};

export interface BackupCauses {
  /** Failed, unverified, of another time or size. */
  backups: readonly Check[];
  store: readonly Check[];
}

export function backupCausesOf(catalogue: Pick<Catalogue, 'list'>): BackupCauses {
  const ownOf = async ({ incident }: Scene): Promise<CatalogueEntry[]> =>
    (await catalogue.list()).filter(({ connectionId }) => connectionId === incident.connectionId);

  const verification: Check = {
    whether: 'a verification failed',
    async look(scene) {
      const own = await ownOf(scene);
      const bad = own.find(({ verification: result }) => result?.ok === false);
      const [newest] = own.filter(({ verification: result }) => result?.ok);
      const at = newest?.verification?.at ?? null;
      return [
        bad
          ? yes(`${bad.id} did not pass its verification.`, Date.parse(bad.verification?.at ?? bad.createdAt ?? ''))
          : no('No backup that is kept failed its verification.'),
        ...(at === null
          ? [yes('No backup of this deployment is verified.')]
          : [
              (Date.parse(at) < scene.until - 24 * hourMs ? yes : no)(
                `The newest verified backup is ${newest?.id ?? ''}.`,
                Date.parse(at),
              ),
            ]),
      ];
    },
  };

  const sizes: Check = {
    whether: 'the newest backup differs from the one before',
    async look(scene) {
      const made = (await ownOf(scene)).filter(({ status, type }) => status.startsWith('complete') && type !== 'undo');
      const [newest, ...before] = made;
      const previous = before.find(({ scope, type }) => scope === newest?.scope && type === newest.type);
      if (!newest || !previous) return [unknown('There are no two backups of the same to compare.')];
      const took = ({ createdAt, completedAt }: CatalogueEntry): number =>
        (Date.parse(completedAt ?? '') - Date.parse(createdAt ?? '')) / 1000;
      const of = (entry: CatalogueEntry): string =>
        `${formatBytes(entry.bytes ?? 0)}, ${entry.documents ?? 0} documents in ${formatDuration(took(entry))}`;
      const isOther = Math.abs((newest.bytes ?? 0) - (previous.bytes ?? 0)) > (previous.bytes ?? 0) * 0.2;
      const text = `The newest backup (${newest.scope ?? ''}) holds ${of(newest)}; the one before ${of(previous)}.`;
      return [(isOther ? yes : no)(text, newest.completedAt === null ? null : Date.parse(newest.completedAt))];
    },
  };

  const largestOnStore: Check = {
    whether: 'one deployment fills the disk',
    async look(scene) {
      const all = await catalogue.list();
      const [newest] = all.filter(({ connectionId }) => connectionId === scene.incident.connectionId);
      if (!newest) return [unknown('There is no backup of this deployment any more.')];
      const here = all.filter(({ storeId }) => storeId === newest.storeId);
      const bySource = new Map<string, { bytes: number; count: number }>();
      for (const { sourceName, bytes } of here) {
        const name = sourceName ?? 'unknown sources';
        const known = bySource.get(name) ?? { bytes: 0, count: 0 };
        bySource.set(name, { bytes: known.bytes + (bytes ?? 0), count: known.count + 1 });
      }
      const total = here.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
      const sources = [...bySource].sort((a, b) => b[1].bytes - a[1].bytes);
      const pinned = here.filter((entry) => entry.pinned);
      const pinnedBytes = pinned.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
      return [
        yes(`The backups of "${newest.storeName}" take ${formatBytes(total)} of its disk.`),
        ...sources
          .slice(0, 3)
          .map(([name, { bytes, count }]) =>
            yes(`${name}: ${formatBytes(bytes)} in ${formatQuantity(count, 'backup')}.`),
          ),
        ...(pinned.length > 0
          ? [yes(`${formatQuantity(pinned.length, 'pinned backup')} among them: ${formatBytes(pinnedBytes)}.`)]
          : []),
      ];
    },
  };

  return { backups: [lastFailure, verification, sizes], store: [largestOnStore] };
}
