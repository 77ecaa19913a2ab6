import { Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useEffect } from 'react';
import { DataTable } from '../../../components/data-table';
import { EmptyState } from '../../../components/empty-state';
import { ErrorPanel } from '../../../components/error-panel';
import { Page } from '../../../components/page';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { useReady } from '../../../readiness';
import { useRestores } from '../../../state/restores';
import { InterruptedRestores } from '../../../components/interrupted-restores';
import { restoreColumns } from './restore-columns';

/** Every restore so far: what it did, whether it is proven, until when it can be undone. */
export function RestoreHistoryPage() {
  const { summaries, error, load } = useRestores();
  useEffect(() => void load(), [load]);
  useReady('Restore history', summaries !== null);
  return (
    <Page
      title="Restore history"
      fills
      back={{ label: 'Restore', path: paths.restore }}
      sentence="What each restore did, whether it is proven, and until when it can be undone."
    >
      <InterruptedRestores />
      {error ? <ErrorPanel error={error} onRetry={() => void load()} /> : null}
      {!summaries && !error ? <Waiting for="Reading the restores so far" /> : null}
      {summaries?.length === 0 ? (
        <EmptyState
          icon={<IconHistory size={32} />}
          title="Nothing was restored yet"
          actions={<Button onClick={() => goTo(paths.restore)}>Restore…</Button>}
        >
          Each restore is kept here with what it did and its proof. For seven days it can be undone.
        </EmptyState>
      ) : null}
      {summaries && summaries.length > 0 ? (
        <DataTable
          label="Restores"
          columns={restoreColumns}
          rows={summaries}
          rowKey={({ restoreId }) => restoreId}
          initialSort={{ id: 'when', desc: true }}
          onOpen={({ restoreId }) => goTo(paths.restoreRun(restoreId))}
        />
      ) : null}
    </Page>
  );
}
