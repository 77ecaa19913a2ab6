import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CatalogueEntry } from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';
import { formatQuantity } from '../../../shared/format';
import { useRequest } from '../../api';
import { Notice } from '../../components/notice';
import { goTo, paths } from '../../navigation';
import { isRestorable } from '../../state/catalogue';
import { useJobList, useJobs } from '../../state/jobs';
import { isOf, type ProtectionRow } from './protection';
import styles from './overview.module.css';

interface NextStepsProps {
  connection: Connection;
  rows: readonly ProtectionRow[];
  entries: readonly CatalogueEntry[];
}

interface Step {
  id: string;
  kind: 'bad' | 'warning';
  title: string;
  text: ReactNode;
  action: ReactNode;
}

/** What wants attention now, the most pressing first; nothing where all is well. */
export function NextSteps({ connection, rows, entries }: NextStepsProps) {
  const tools = useRequest('tools.list', undefined);
  const showJob = useJobs((state) => state.showJob);
  const [lastBackupJob] = useJobList().filter((job) => job.kind === 'backup' && job.connectionId === connection.id);
  const steps: Step[] = [];
  const missing = tools.data?.filter(({ problem }) => problem !== null) ?? [];
  if (missing.length > 0) {
    steps.push({
      id: 'tools',
      kind: 'bad',
      title: `${missing.map(({ name }) => name).join(', ')} cannot be used`,
      text: missing[0]?.problem?.message,
      action: (
        <Button variant="default" onClick={() => goTo(paths.settings)}>
          Open the settings
        </Button>
      ),
    });
  }
  if (lastBackupJob && (lastBackupJob.status === 'failed' || lastBackupJob.status === 'interrupted')) {
    steps.push({
      id: 'failed',
      kind: 'bad',
      title: 'The last backup did not succeed',
      text: lastBackupJob.error?.message ?? 'It was interrupted.',
      action: (
        <Button variant="default" onClick={() => showJob(lastBackupJob.id)}>
          Show what happened
        </Button>
      ),
    });
  }
  const unusable = entries.filter(
    (entry) =>
      !isRestorable(entry) && isOf({ connectionId: entry.connectionId, source: entry.sourceName ?? '' }, connection),
  );
  if (unusable.length > 0) {
    steps.push({
      id: 'unusable',
      kind: 'warning',
      title: `${formatQuantity(unusable.length, 'backup')} cannot be restored from`,
      text: unusable[0]?.problem ?? 'Damaged, incomplete or unreadable.',
      action: (
        <Button variant="default" onClick={() => goTo(paths.backups)}>
          Open the backups
        </Button>
      ),
    });
  }
  const own = rows.filter((row) => isOf(row, connection));
  if (own.some(({ state }) => state === 'late')) {
    steps.push({
      id: 'late',
      kind: 'warning',
      title: 'A recovery point objective is missed',
      text: 'Everything written since the newest verified backup would be lost.',
      action: (
        <Button variant="default" onClick={() => goTo(paths.newBackup)}>
          Back up now
        </Button>
      ),
    });
  }
  if (steps.length === 0) return null;
  return (
    <ul className={styles.steps} aria-label="What to do next">
      {steps.map(({ id, kind, title, text, action }) => (
        <li key={id}>
          <Notice kind={kind} title={title} action={action}>
            {text}
          </Notice>
        </li>
      ))}
    </ul>
  );
}
