import { Button, Menu } from '@mantine/core';
import {
  IconDots,
  IconFolderOpen,
  IconGitCompare,
  IconHistory,
  IconPin,
  IconPinnedOff,
  IconShieldCheck,
  IconTrash,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { BackupDetails, CatalogueEntry } from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';
import { formatBytes, formatQuantity } from '../../../shared/format';
import { api, useAction, useRequest } from '../../api';
import { ErrorPanel } from '../../components/error-panel';
import { Notice } from '../../components/notice';
import { Page } from '../../components/page';
import { BackupStatusMark } from '../../components/state-mark';
import { Age } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { formatLocal, parseDate } from '../../components/dates';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { isRestorable, useCatalogue } from '../../state/catalogue';
import { useConnections } from '../../state/connections';
import { useJobs } from '../../state/jobs';
import { DeleteBackup } from './delete-backup';
import { ContentsSection, OriginSection, VerificationSection } from './backup-sections';

function titleOf(entry: CatalogueEntry): string {
  const when = parseDate(entry.createdAt);
  return [entry.sourceName, entry.scope, when ? formatLocal(when) : null].filter(Boolean).join(' · ') || entry.id;
}

/** One backup: what is inside, how it was made, how it was checked, and what can be done with it. */
export function BackupDetailsPage({ id }: { id: string }) {
  const details = useRequest('backups.show', { id });
  const entries = useCatalogue((state) => state.entries);
  const { reload } = details;
  // The catalogue changes when this backup was verified, pinned or damaged.
  useEffect(() => {
    if (entries) reload();
  }, [entries, reload]);
  useReady('Backup', details.data !== null);
  const back = { label: 'Backups', path: paths.backups };
  if (!details.data) {
    return (
      <Page title="Backup" back={back}>
        {details.error ? <ErrorPanel error={details.error} onRetry={reload} /> : <Waiting for="Reading the manifest" />}
      </Page>
    );
  }
  return <Details details={details.data} />;
}

/** The saved connection it was made from, or one of the same name. */
function useSourceOf({ connectionId, sourceName }: CatalogueEntry): Connection | null {
  return useConnections(
    ({ connections }) =>
      connections?.find(({ id }) => id === connectionId) ??
      connections?.find(({ name }) => name === sourceName) ??
      null,
  );
}

function Details({ details }: { details: BackupDetails }) {
  const { entry, manifest, verifications } = details;
  const [deleting, setDeleting] = useState(false);
  const showJob = useJobs((state) => state.showJob);
  const verify = useAction(async (level: 1 | 2) => {
    const { jobId } = await api('backups.verify', { id: entry.id, level });
    showJob(jobId);
  });
  const pin = useAction(async () => {
    await api('backups.set-pinned', { id: entry.id, pinned: !entry.pinned });
    await useCatalogue.getState().load();
  });
  const reveal = useAction(async () => {
    await api('backups.reveal', { id: entry.id });
  });
  const source = useSourceOf(entry);
  const restorable = isRestorable(entry);
  const error = verify.error ?? pin.error ?? reveal.error;
  return (
    <Page
      title={titleOf(entry)}
      back={{ label: 'Backups', path: paths.backups }}
      sentence={
        <>
          {formatQuantity(entry.documents ?? 0, 'document')},{' '}
          {entry.bytes === null ? 'size unknown' : formatBytes(entry.bytes)},{' '}
          <Age value={entry.completedAt ?? entry.createdAt} />. <code>{entry.id}</code>
        </>
      }
      actions={
        <>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<IconDots size={14} aria-hidden />}>
                More
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<IconGitCompare size={14} aria-hidden />}
                disabled={!manifest}
                onClick={() => goTo(paths.compareBackups(entry.id, null))}
              >
                Compare with another backup
              </Menu.Item>
              <Menu.Item leftSection={<IconShieldCheck size={14} aria-hidden />} onClick={() => void verify.run(1)}>
                Verify the file (level 1)
              </Menu.Item>
              <Menu.Item
                leftSection={entry.pinned ? <IconPinnedOff size={14} aria-hidden /> : <IconPin size={14} aria-hidden />}
                disabled={!manifest}
                onClick={() => void pin.run()}
              >
                {entry.pinned ? 'Unpin' : 'Pin'}
              </Menu.Item>
              <Menu.Item leftSection={<IconFolderOpen size={14} aria-hidden />} onClick={() => void reveal.run()}>
                Show in its folder
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item leftSection={<IconTrash size={14} aria-hidden />} onClick={() => setDeleting(true)}>
                Delete…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Button
            variant="default"
            leftSection={<IconShieldCheck size={14} aria-hidden />}
            loading={verify.busy}
            onClick={() => void verify.run(2)}
          >
            Verify again
          </Button>
          {source ? (
            <Button
              variant="default"
              leftSection={<IconGitCompare size={14} aria-hidden />}
              disabled={!restorable}
              title={`What differs between this backup and ${source.name} now; only reading`}
              onClick={() => goTo(paths.restoreFrom(entry.id, source.id))}
            >
              Compare with live
            </Button>
          ) : null}
          <Button
            leftSection={<IconHistory size={14} aria-hidden />}
            disabled={!restorable}
            onClick={() => goTo(paths.restoreFrom(entry.id))}
          >
            Restore…
          </Button>
        </>
      }
    >
      {error ? <ErrorPanel error={error} /> : null}
      {restorable ? null : (
        <Notice kind="bad" title="This backup is not offered for a restore">
          <BackupStatusMark status={entry.status} /> {entry.problem ?? ''}
        </Notice>
      )}
      {entry.temporary ? (
        <Notice kind="info">Opened from a file, not imported: it leaves the list when Lifeboat ends.</Notice>
      ) : null}
      {manifest?.warnings.map((warning) => (
        <Notice key={warning} kind="warning">
          {warning}
        </Notice>
      ))}
      <VerificationSection entry={entry} verifications={verifications} />
      {manifest ? <ContentsSection manifest={manifest} /> : null}
      <OriginSection entry={entry} manifest={manifest} />
      <DeleteBackup entry={entry} opened={deleting} onClose={() => setDeleting(false)} />
    </Page>
  );
}
