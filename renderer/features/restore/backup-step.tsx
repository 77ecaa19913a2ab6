import { Button, Radio } from '@mantine/core';
import { IconArchive } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { CatalogueEntry } from '../../../shared/backups';
import { formatBytes, formatCount, formatQuantity } from '../../../shared/format';
import { ActionBar } from '../../components/action-bar';
import { DataTable } from '../../components/data-table';
import { formatLocal, parseDate } from '../../components/dates';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { StateMark } from '../../components/state-mark';
import type { Column } from '../../components/table-model';
import { Age } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { isRestorable, useCatalogue } from '../../state/catalogue';
import { stepOf, useRestore } from './restore-store';

function VerifiedCell({ verification, status }: CatalogueEntry) {
  if (!verification) return <StateMark state="unknown">never</StateMark>;
  const level = `level ${verification.level}`;
  if (!verification.ok) return <StateMark state="bad">{level}</StateMark>;
  return status === 'complete-with-warnings' ? (
    <StateMark state="warning">{level}, with warnings</StateMark>
  ) : (
    <StateMark state="good">{level}</StateMark>
  );
}

function columnsOf(chosen: string | null, choose: (id: string) => void): readonly Column<CatalogueEntry>[] {
  return [
    {
      id: 'when',
      header: 'When',
      width: 180,
      value: ({ createdAt }) => createdAt,
      cell: (entry) => {
        const date = parseDate(entry.createdAt);
        const label = date ? formatLocal(date) : entry.id;
        return (
          <Radio
            name="backup"
            label={<span className="numbers">{label}</span>}
            aria-label={`${label}, ${entry.sourceName ?? ''}, ${entry.scope ?? ''}`}
            checked={chosen === entry.id}
            onChange={() => choose(entry.id)}
          />
        );
      },
    },
    {
      id: 'age',
      header: 'Age',
      width: 100,
      value: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <Age value={createdAt} />,
    },
    { id: 'source', header: 'Source', width: 130, grow: true, value: ({ sourceName }) => sourceName },
    { id: 'scope', header: 'Scope', width: 140, grow: true, value: ({ scope }) => scope },
    { id: 'type', header: 'Type', width: 88, value: ({ type }) => type },
    {
      id: 'verified',
      header: 'Verified',
      width: 176,
      value: ({ verification }) => verification?.at ?? null,
      cell: VerifiedCell,
    },
    {
      id: 'documents',
      header: 'Documents',
      width: 110,
      align: 'right',
      value: ({ documents }) => documents,
      cell: ({ documents }) => (documents === null ? '–' : formatCount(documents)),
    },
    {
      id: 'size',
      header: 'Size',
      width: 100,
      align: 'right',
      value: ({ bytes }) => bytes,
      cell: ({ bytes }) => (bytes === null ? '–' : formatBytes(bytes)),
    },
    { id: 'note', header: 'Note', width: 180, hidden: true, value: ({ note }) => note },
    { id: 'id', header: 'Id', width: 300, hidden: true, mono: true, value: ({ id }) => id },
  ];
}

/** Which backup; what is damaged or incomplete is counted, not offered. */
export function BackupStep() {
  const { entries, error, load } = useCatalogue();
  const { backupId, chooseBackup, goToStep } = useRestore();
  const columns = useMemo(() => columnsOf(backupId, chooseBackup), [backupId, chooseBackup]);
  const offered = useMemo(() => (entries ?? []).filter(isRestorable), [entries]);
  const withheld = (entries?.length ?? 0) - offered.length;
  if (error) return <ErrorPanel error={error} onRetry={() => void load()} />;
  if (!entries) return <Waiting for="Reading the stores" />;
  if (offered.length === 0) {
    return (
      <EmptyState
        icon={<IconArchive size={32} />}
        title="There is no backup to restore from"
        actions={
          <>
            <Button onClick={() => goTo(paths.newBackup)}>Back up</Button>
            <Button variant="default" onClick={() => goTo(`${paths.backups}/import`)}>
              Import a dump…
            </Button>
          </>
        }
      >
        {withheld > 0
          ? `${formatQuantity(withheld, 'backup is', 'backups are')} damaged or incomplete and not offered.`
          : 'Make one, or import a dump made elsewhere.'}
      </EmptyState>
    );
  }
  return (
    <>
      <DataTable
        label="Backups to restore from"
        columns={columns}
        rows={offered}
        rowKey={({ id }) => id}
        initialSort={{ id: 'when', desc: true }}
        selectedKey={backupId}
        onOpen={({ id }) => chooseBackup(id)}
      />
      <ActionBar
        said={
          withheld > 0 ? (
            <span className="dimmed">
              {formatQuantity(withheld, 'backup is', 'backups are')} damaged or incomplete and not offered.
            </span>
          ) : null
        }
      >
        <Button disabled={backupId === null} onClick={() => goToStep(stepOf.target)}>
          Continue
        </Button>
      </ActionBar>
    </>
  );
}
