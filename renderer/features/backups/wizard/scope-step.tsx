import { Checkbox, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { CollectionInfo } from '../../../../shared/connections';
import { useRequest } from '../../../api';
import { DataTable } from '../../../components/data-table';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { namespaceTypeWords, sizeColumns } from '../../../components/size-columns';
import type { Column } from '../../../components/table-model';
import { Waiting } from '../../../components/waiting';
import { queryProblem, type ScopeKind } from './backup-draft';
import { useBackupWizard } from './wizard-store';

interface DatabaseRow {
  name: string;
  collections: number;
  documents: number | null;
  bytes: number | null;
}

const sum = (left: number | null, right: number | null) => (left === null || right === null ? null : left + right);

function groupByDatabase(collections: readonly CollectionInfo[]): DatabaseRow[] {
  const rows = new Map<string, DatabaseRow>();
  for (const { database, documents, bytes, type } of collections) {
    const row = rows.get(database) ?? { name: database, collections: 0, documents: 0, bytes: 0 };
    row.collections += 1;
    if (type !== 'view') {
      row.documents = sum(row.documents, documents);
      row.bytes = sum(row.bytes, bytes);
    }
    rows.set(database, row);
  }
  return [...rows.values()];
}

const toggled = (list: readonly string[], value: string) =>
  list.includes(value) ? list.filter((other) => other !== value) : [...list, value];

const kinds: readonly { value: ScopeKind; label: string }[] = [
  { value: 'deployment', label: 'Whole deployment' },
  { value: 'databases', label: 'Databases' },
  { value: 'collections', label: 'Collections' },
];

export function ScopeStep({ connectionId }: { connectionId: string }) {
  const { draft, change } = useBackupWizard();
  const collections = useRequest('connections.collections', { id: connectionId });
  return (
    <>
      <SegmentedControl
        aria-label="Scope"
        style={{ alignSelf: 'flex-start', flex: 'none' }}
        value={draft.scopeKind}
        onChange={(value) => {
          const kind = kinds.find((known) => known.value === value);
          if (kind) change({ scopeKind: kind.value });
        }}
        data={kinds.map(({ value, label }) => ({ value, label }))}
      />
      {collections.error ? (
        <ErrorPanel error={collections.error} onRetry={collections.reload} connectionId={connectionId} />
      ) : null}
      {draft.scopeKind === 'deployment' ? (
        <Notice kind="info" title="Everything but Lifeboat's and MongoDB's own databases">
          On a replica set the oplog can be included, so that the backup is a consistent snapshot of one moment.
        </Notice>
      ) : null}
      {!collections.data && collections.loading ? <Waiting for="Listing databases and collections" /> : null}
      {collections.data && draft.scopeKind !== 'collections' ? (
        <Databases collections={collections.data} chosen={draft.scopeKind === 'databases' ? draft.databases : null} />
      ) : null}
      {collections.data && draft.scopeKind === 'collections' ? (
        <>
          <Collections collections={collections.data} />
          <Queries />
        </>
      ) : null}
    </>
  );
}

function Databases({
  collections,
  chosen,
}: {
  collections: readonly CollectionInfo[];
  chosen: readonly string[] | null;
}) {
  const change = useBackupWizard((state) => state.change);
  const rows = useMemo(() => groupByDatabase(collections), [collections]);
  const columns = useMemo(
    (): readonly Column<DatabaseRow>[] => [
      {
        id: 'name',
        header: 'Database',
        width: 240,
        grow: true,
        mono: true,
        value: ({ name }) => name,
        cell: ({ name }) =>
          chosen === null ? (
            name
          ) : (
            <Checkbox
              label={name}
              checked={chosen.includes(name)}
              onChange={() => change({ databases: toggled(chosen, name) })}
            />
          ),
      },
      { id: 'collections', header: 'Collections', width: 120, align: 'right', value: (row) => row.collections },
      ...sizeColumns(),
    ],
    [chosen, change],
  );
  return (
    <DataTable
      label="Databases"
      columns={columns}
      rows={rows}
      rowKey={({ name }) => name}
      initialSort={{ id: 'name', desc: false }}
      onOpen={chosen === null ? undefined : ({ name }) => change({ databases: toggled(chosen, name) })}
      nothing="There is no database to back up yet."
    />
  );
}

const nameOf = ({ database, collection }: CollectionInfo) => `${database}.${collection}`;

function Collections({ collections }: { collections: readonly CollectionInfo[] }) {
  const { draft, change } = useBackupWizard();
  const { namespaces } = draft;
  const columns = useMemo(
    (): readonly Column<CollectionInfo>[] => [
      {
        id: 'name',
        header: 'Namespace',
        width: 280,
        grow: true,
        mono: true,
        value: nameOf,
        cell: (info) => (
          <Checkbox
            label={nameOf(info)}
            checked={namespaces.includes(nameOf(info))}
            onChange={() => change({ namespaces: toggled(namespaces, nameOf(info)) })}
          />
        ),
      },
      { id: 'type', header: 'Type', width: 120, value: ({ type }) => namespaceTypeWords[type] },
      ...sizeColumns(),
    ],
    [namespaces, change],
  );
  return (
    <DataTable
      label="Collections"
      columns={columns}
      rows={collections}
      rowKey={nameOf}
      initialSort={{ id: 'name', desc: false }}
      onOpen={(info) => change({ namespaces: toggled(namespaces, nameOf(info)) })}
      nothing="There is no collection to back up yet."
    />
  );
}

const shownQueries = 20;

function Queries() {
  const { draft, change } = useBackupWizard();
  if (draft.namespaces.length === 0) return null;
  return (
    <Stack gap={8} mah={220} style={{ flex: 'none', overflow: 'auto' }}>
      {draft.namespaces.slice(0, shownQueries).map((namespace) => {
        const query = draft.queries[namespace] ?? '';
        const problem = query.trim() === '' ? null : queryProblem(query);
        return (
          <TextInput
            key={namespace}
            label={`Only documents of ${namespace} that match (optional)`}
            placeholder='{"at": {"$gte": {"$date": "2026-01-01T00:00:00Z"}}}'
            value={query}
            error={problem ? `The query ${problem}` : undefined}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            onChange={(event) => change({ queries: { ...draft.queries, [namespace]: event.currentTarget.value } })}
          />
        );
      })}
    </Stack>
  );
}
