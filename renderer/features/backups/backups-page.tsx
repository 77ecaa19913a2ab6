import { Button, Select } from '@mantine/core';
import { IconArchive, IconDatabaseExport, IconFileImport } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { backupStatuses, backupTypes, type CatalogueEntry } from '../../../shared/backups';
import { formatBytes, formatCount, formatQuantity } from '../../../shared/format';
import { pathOfFile } from '../../api';
import { BackupTimeline, TimelineLegend } from '../../components/backup-timeline';
import { DataTable } from '../../components/data-table';
import { DropZone } from '../../components/drop-zone';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { Page, Section } from '../../components/page';
import { backupStatusWord } from '../../components/state-mark';
import { Age } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { isVerified, protects, useCatalogue } from '../../state/catalogue';
import { backupColumns } from './backup-columns';
import { ImportDialog } from './import-dialog';

const all = 'all';

interface Filters {
  status: string;
  type: string;
  source: string;
}

function passes(entry: CatalogueEntry, { status, type, source }: Filters): boolean {
  return (
    (status === all || entry.status === status) &&
    (type === all || entry.type === type) &&
    (source === all || (entry.sourceName ?? '') === source)
  );
}

function newestVerified(entries: readonly CatalogueEntry[]): string | null {
  const times = entries.flatMap((entry) => (protects(entry) && !entry.temporary ? (entry.completedAt ?? []) : []));
  return times.reduce<string | null>((newest, time) => (newest !== null && newest >= time ? newest : time), null);
}

/** How much there is, and how old the newest is that can be relied on. */
function Sentence({ entries }: { entries: readonly CatalogueEntry[] }) {
  const newest = newestVerified(entries);
  return (
    <>
      {sentenceOf(entries)}
      {newest === null ? (
        ''
      ) : (
        <>
          , the newest <Age value={newest} />
        </>
      )}
      .
    </>
  );
}

function sentenceOf(entries: readonly CatalogueEntry[]): string {
  const bytes = entries.reduce((sum, entry) => sum + (entry.bytes ?? 0), 0);
  const verified = entries.filter(isVerified).length;
  return `${formatQuantity(entries.length, 'backup')}, ${formatBytes(bytes)}; ${formatCount(verified)} verified`;
}

/** The catalogue: every backup of every store. `importing` opens the import dialog. */
export function BackupsPage({ importing = false }: { importing?: boolean }) {
  const { entries, error, load } = useCatalogue();
  const [filters, setFilters] = useState<Filters>({ status: all, type: all, source: all });
  const [dropped, setDropped] = useState<string | null>(null);
  useReady('Backups', entries !== null);
  const sources = useMemo(
    () => [...new Set((entries ?? []).flatMap(({ sourceName }) => (sourceName === null ? [] : [sourceName])))].sort(),
    [entries],
  );
  const shown = useMemo(() => (entries ?? []).filter((entry) => passes(entry, filters)), [entries, filters]);
  const backUp = (
    <Button leftSection={<IconDatabaseExport size={14} aria-hidden />} onClick={() => goTo(paths.newBackup)}>
      Back up
    </Button>
  );
  const importButton = (
    <Button
      variant="default"
      leftSection={<IconFileImport size={14} aria-hidden />}
      onClick={() => goTo(`${paths.backups}/import`)}
    >
      Import…
    </Button>
  );
  const onDrop = ([file]: readonly File[]) => {
    const path = file ? pathOfFile(file) : null;
    if (path === null) return;
    setDropped(path);
    goTo(`${paths.backups}/import`);
  };
  return (
    <DropZone onDrop={onDrop} text="Drop a dump to import it">
      <Page
        title="Backups"
        fills
        sentence={entries && entries.length > 0 ? <Sentence entries={entries} /> : undefined}
        actions={
          <>
            {importButton}
            {backUp}
          </>
        }
      >
        {error ? <ErrorPanel error={error} onRetry={() => void load()} /> : null}
        {!entries && !error ? <Waiting for="Reading the stores" /> : null}
        {entries?.length === 0 ? (
          <EmptyState
            icon={<IconArchive size={32} />}
            title="No backup yet"
            actions={
              <>
                {backUp}
                {importButton}
              </>
            }
          >
            A backup is one archive that plain mongorestore can read, with a manifest beside it. Each is re-read and
            checked before it counts. Dumps made elsewhere can be imported, or dropped on this page.
          </EmptyState>
        ) : null}
        {entries && entries.length > 0 ? (
          <>
            <Section title="Timeline" aside={<TimelineLegend />}>
              <BackupTimeline entries={shown} />
            </Section>
            <DataTable
              label="Backups"
              columns={backupColumns}
              rows={shown}
              rowKey={({ storeId, id }) => `${storeId}/${id}`}
              initialSort={{ id: 'when', desc: true }}
              onOpen={({ id }) => goTo(paths.backup(id))}
              nothing="No backup passes the filters."
              filters={
                <>
                  <Select
                    aria-label="Status"
                    w={150}
                    value={filters.status}
                    onChange={(status) => setFilters({ ...filters, status: status ?? all })}
                    data={[
                      { value: all, label: 'Every status' },
                      ...backupStatuses.map((value) => ({ value, label: backupStatusWord(value) })),
                    ]}
                  />
                  <Select
                    aria-label="Type"
                    w={130}
                    value={filters.type}
                    onChange={(type) => setFilters({ ...filters, type: type ?? all })}
                    data={[
                      { value: all, label: 'Every type' },
                      ...backupTypes.map((value) => ({ value, label: value })),
                    ]}
                  />
                  <Select
                    aria-label="Source"
                    w={160}
                    value={filters.source}
                    onChange={(source) => setFilters({ ...filters, source: source ?? all })}
                    data={[{ value: all, label: 'Every source' }, ...sources.map((value) => ({ value, label: value }))]}
                  />
                </>
              }
            />
          </>
        ) : null}
      </Page>
      <ImportDialog
        opened={importing}
        initialPath={dropped}
        onClose={() => {
          setDropped(null);
          goTo(paths.backups);
        }}
      />
    </DropZone>
  );
}
