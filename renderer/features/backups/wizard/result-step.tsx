import { Button, Stack } from '@mantine/core';
import { IconArchive, IconPlus } from '@tabler/icons-react';
import { formatBytes, formatCount, formatDuration } from '../../../../shared/format';
import { isFinished } from '../../../../shared/jobs';
import { useRequest } from '../../../api';
import { ActionBar } from '../../../components/action-bar';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts } from '../../../components/facts';
import { JobProgress } from '../../../components/job-progress';
import { Notice } from '../../../components/notice';
import { Section } from '../../../components/page';
import { BackupStatusMark } from '../../../components/state-mark';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { useJob } from '../../../state/jobs';
import { useBackupWizard } from './wizard-store';

/** While it runs and afterwards: the verified result, or why there is none. */
export function ResultStep() {
  const { jobId, goToStep, restart } = useBackupWizard();
  const job = useJob(jobId);
  const ended = job !== null && isFinished(job.status);
  const good = job?.status === 'succeeded' || job?.status === 'succeeded-with-warnings';
  return (
    <>
      <Stack gap={16} maw={960}>
        <Section title={ended ? 'The run' : 'Running'}>
          <JobProgress job={job} awaiting="Starting mongodump" onRetry={() => goToStep(3)} />
          {ended ? null : (
            <p className="dimmed" style={{ margin: '12px 0 0' }}>
              You may leave this page: the job goes on, and the tray at the bottom follows it.
            </p>
          )}
        </Section>
        {good && job?.resultId ? <VerifiedResult backupId={job.resultId} /> : null}
      </Stack>
      {ended ? (
        <ActionBar>
          {good && job?.resultId ? (
            <Button
              leftSection={<IconArchive size={14} aria-hidden />}
              onClick={() => goTo(paths.backup(job.resultId ?? ''))}
            >
              Open the backup
            </Button>
          ) : null}
          <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={restart}>
            Another backup
          </Button>
        </ActionBar>
      ) : null}
    </>
  );
}

function VerifiedResult({ backupId }: { backupId: string }) {
  const details = useRequest('backups.show', { id: backupId });
  if (details.error) return <ErrorPanel error={details.error} onRetry={details.reload} />;
  if (!details.data) return <Waiting for="Reading the manifest" />;
  const { entry } = details.data;
  const { verification } = entry;
  const took =
    entry.createdAt && entry.completedAt ? (Date.parse(entry.completedAt) - Date.parse(entry.createdAt)) / 1000 : null;
  return (
    <>
      {verification?.ok ? (
        <Notice kind="good" title={`Verified, level ${verification.level}`}>
          The archive was re-read: every block inflates, every document parses, the counts match the manifest.
        </Notice>
      ) : (
        <Notice
          kind={verification ? 'bad' : 'warning'}
          title={verification ? 'Verification found problems' : 'Not verified yet'}
        >
          {verification?.problems.map(({ message }, index) => (
            <div key={index}>{message}</div>
          ))}
        </Notice>
      )}
      <Section title="The backup" aside={<BackupStatusMark status={entry.status} />}>
        <Facts
          facts={[
            { term: 'Id', value: <code>{entry.id}</code> },
            { term: 'Scope', value: entry.scope ?? 'unknown' },
            {
              term: 'Documents',
              value: entry.documents === null ? 'unknown' : formatCount(entry.documents),
            },
            { term: 'Size', value: entry.bytes === null ? 'unknown' : formatBytes(entry.bytes) },
            { term: 'Took', value: took === null ? 'unknown' : formatDuration(took) },
            { term: 'Folder', value: <code>{entry.path}</code> },
          ]}
        />
      </Section>
    </>
  );
}
