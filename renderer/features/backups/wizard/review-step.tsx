import { Button, Group, Stack } from '@mantine/core';
import { IconDatabaseExport } from '@tabler/icons-react';
import { useMemo } from 'react';
import { categoryObjectives, type BackupEstimate, type BackupRequest } from '../../../../shared/backups';
import { formatBytes, formatCount, formatDuration } from '../../../../shared/format';
import type { Settings } from '../../../../shared/settings';
import { api, useAction, useRequest } from '../../../api';
import { ActionBar } from '../../../components/action-bar';
import { CommandBlock } from '../../../components/command-block';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts } from '../../../components/facts';
import { Notice } from '../../../components/notice';
import { objectiveText } from '../../../components/objective-text';
import { Section } from '../../../components/page';
import { Waiting } from '../../../components/waiting';
import { requestOf } from './backup-draft';
import { useBackupWizard } from './wizard-store';

/** What it will take and the exact command, before anything runs. */
export function ReviewStep({ settings }: { settings: Settings }) {
  const { draft, goToStep } = useBackupWizard();
  const request = useMemo(() => requestOf(draft, settings), [draft, settings]);
  if (!request) {
    return (
      <Stack gap={16}>
        <Notice kind="warning">Something is missing in an earlier step.</Notice>
        <Group>
          <Button variant="default" onClick={() => goToStep(1)}>
            Back to the scope
          </Button>
        </Group>
      </Stack>
    );
  }
  return <Review request={request} />;
}

function Review({ request }: { request: BackupRequest }) {
  const { goToStep, started } = useBackupWizard();
  const estimate = useRequest('backups.estimate', request);
  const run = useAction(async () => {
    const { jobId } = await api('backups.run', request);
    started(jobId);
  });
  const refused = estimate.data?.problems.some(({ severity }) => severity === 'error') ?? false;
  return (
    <>
      <Stack gap={16} maw={960}>
        {estimate.error ? (
          <ErrorPanel error={estimate.error} onRetry={estimate.reload} connectionId={request.connectionId} />
        ) : null}
        {!estimate.data && estimate.loading ? <Waiting for="Counting documents and looking at the store" /> : null}
        {estimate.data ? <Estimate estimate={estimate.data} request={request} /> : null}
        {run.error ? (
          <ErrorPanel error={run.error} connectionId={request.connectionId} onRetry={() => void run.run()} />
        ) : null}
      </Stack>
      <ActionBar>
        <Button variant="default" onClick={() => goToStep(2)}>
          Back
        </Button>
        <Button
          leftSection={<IconDatabaseExport size={14} aria-hidden />}
          disabled={!estimate.data || refused}
          loading={run.busy}
          onClick={() => void run.run()}
        >
          Start the backup
        </Button>
      </ActionBar>
    </>
  );
}

const bytesOrUnknown = (bytes: number | null) => (bytes === null ? 'unknown' : formatBytes(bytes));

/** "operational (RPO 24 h, RTO 8 h), pinned". */
function keptText({ category, pinned }: BackupRequest): string {
  const { rpoMinutes, rtoMinutes } = categoryObjectives[category];
  const objectives = `RPO ${objectiveText(rpoMinutes)}, RTO ${objectiveText(rtoMinutes)}`;
  return `${category} (${objectives})${pinned ? ', pinned' : ''}`;
}

function Estimate({ estimate, request }: { estimate: BackupEstimate; request: BackupRequest }) {
  return (
    <>
      {estimate.problems.map(({ severity, message, hint }) => (
        <Notice key={message} kind={severity === 'error' ? 'bad' : 'warning'} title={message}>
          {hint}
        </Notice>
      ))}
      <Section title="What it will take">
        <Facts
          facts={[
            { term: 'Documents', value: estimate.documents === null ? 'unknown' : formatCount(estimate.documents) },
            { term: 'Data', value: bytesOrUnknown(estimate.bytes) },
            {
              term: 'Archive',
              value:
                estimate.compressedBytes === null
                  ? 'unknown: no past backup of this source'
                  : `about ${formatBytes(estimate.compressedBytes)}, by past backups of this source`,
            },
            {
              term: 'Time',
              value:
                estimate.seconds === null
                  ? 'unknown: no past backup of this source'
                  : `about ${formatDuration(estimate.seconds)}`,
            },
            { term: 'Goes to', value: <code>{estimate.storePath}</code> },
            { term: 'Free there', value: bytesOrUnknown(estimate.freeBytes) },
            { term: 'Read from', value: <code>{estimate.memberReadFrom ?? 'unknown'}</code> },
            {
              term: 'Oplog',
              value: estimate.oplog
                ? 'included: a consistent snapshot'
                : 'not included: collections are read one after another',
            },
            { term: 'Kept as', value: keptText(request) },
            { term: 'Note', value: request.note || 'none' },
            { term: 'Afterwards', value: 'verified: file (level 1) and structure (level 2)' },
          ]}
        />
      </Section>
      <Section title="The exact command">
        <CommandBlock commands={estimate.commands} />
        <p className="dimmed" style={{ margin: '8px 0 0' }}>
          Secrets are masked here and never part of the command: the program reads them from a file that is removed at
          its end.
        </p>
      </Section>
    </>
  );
}
