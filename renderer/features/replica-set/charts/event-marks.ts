/** Events of health, backups and failed jobs as the charts mark them. Pure. */
import type { CatalogueEntry } from '../../../../shared/backups';
import type { HealthEvent } from '../../../../shared/health';
import type { Job } from '../../../../shared/jobs';
import { healthMarks, type ChartEvent } from '../../../components/chart/chart-events';

const timeOf = (text: string | null): number | null => (text === null ? null : Date.parse(text));

/** Backups that were made of a deployment (not imports and not what restores put aside), and those that failed. */
export function backupEvents(
  connectionId: string,
  entries: readonly CatalogueEntry[],
  failed: readonly Job[],
): ChartEvent[] {
  const made = entries
    .filter((entry) => entry.connectionId === connectionId && entry.type !== 'undo' && entry.type !== 'imported')
    .flatMap((entry): ChartEvent[] => {
      const at = timeOf(entry.createdAt);
      if (at === null) return [];
      const text = `Backup of ${entry.scope ?? 'unknown scope'}`;
      return [{ at, until: timeOf(entry.completedAt), kind: 'backups', host: null, text }];
    });
  const lost = failed.flatMap((job): ChartEvent[] => {
    const at = timeOf(job.startedAt);
    return at === null
      ? []
      : [{ at, until: timeOf(job.endedAt), kind: 'backups', host: null, text: `${job.title}: failed` }];
  });
  return [...made, ...lost];
}

/** Oldest first; of `hosts` only, with what is about the whole set or deployment. Null: all. */
export function chartEventsOf(
  health: readonly HealthEvent[],
  backups: readonly ChartEvent[],
  hosts: readonly string[] | null,
): ChartEvent[] {
  return [...healthMarks(health), ...backups]
    .filter(({ host }) => hosts === null || host === null || hosts.includes(host))
    .sort((a, b) => a.at - b.at);
}
