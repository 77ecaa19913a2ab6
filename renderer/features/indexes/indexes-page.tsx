import { Button, Select, Tabs } from '@mantine/core';
import { IconListSearch, IconRefresh } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { Connection } from '../../../shared/connections';
import { formatBytes, formatQuantity } from '../../../shared/format';
import type { IndexReview } from '../../../shared/indexes';
import { useRequest, type RequestState } from '../../api';
import { DataTable } from '../../components/data-table';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { Page } from '../../components/page';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { useConnections, useCurrentConnection } from '../../state/connections';
import { ChangeDialog, type ChangeKind } from './change-dialog';
import { FindingsList } from './findings-list';
import { indexColumns, type IndexRow } from './index-columns';
import { IndexDrawer } from './index-drawer';
import { useIndexes } from './indexes-store';
import { PlanPanel } from './plan-panel';
import styles from './indexes.module.css';

/** The indexes of a database: what they cost and who uses them, what could go, and plans for them. */
export function IndexesPage() {
  const connection = useCurrentConnection();
  const known = useConnections((state) => state.connections !== null);
  useReady('Indexes', known);
  if (connection) return <Databases key={connection.id} connection={connection} />;
  return (
    <Page title="Indexes">
      {known ? (
        <EmptyState
          icon={<IconListSearch size={32} />}
          title="No connection yet"
          actions={<Button onClick={() => goTo(paths.newConnection)}>Add a connection</Button>}
        >
          Connect to a deployment to see the indexes of its databases.
        </EmptyState>
      ) : (
        <Waiting for="Reading the connections" />
      )}
    </Page>
  );
}

const internal = new Set(['admin', 'config', 'local']);

function Databases({ connection }: { connection: Connection }) {
  const collections = useRequest('connections.collections', { id: connection.id });
  const chosen = useIndexes((state) => state.databases[connection.id]);
  const choose = useIndexes((state) => state.chooseDatabase);
  const names = useMemo(() => {
    const all = [...new Set((collections.data ?? []).map(({ database }) => database))].filter(
      (name) => !internal.has(name),
    );
    return all.sort();
  }, [collections.data]);
  const database = chosen !== undefined && names.includes(chosen) ? chosen : largest(collections.data ?? [], names);
  const review = useRequest(
    'indexes.review',
    { connectionId: connection.id, database: database ?? '' },
    { enabled: database !== null },
  );
  const select = (
    <Select
      aria-label="Database"
      w={200}
      value={database}
      onChange={(value) => value !== null && choose(connection.id, value)}
      data={names}
      allowDeselect={false}
    />
  );
  return (
    <Page
      title="Indexes"
      fills
      sentence={review.data ? sentenceOf(review.data) : undefined}
      actions={
        <>
          {names.length > 0 ? select : null}
          <Button
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={review.loading && review.data !== null}
            disabled={database === null}
            onClick={review.reload}
          >
            Review again
          </Button>
        </>
      }
    >
      {collections.error ? (
        <ErrorPanel error={collections.error} onRetry={collections.reload} connectionId={connection.id} />
      ) : null}
      {collections.loading && !collections.data ? (
        <Waiting for={`Asking ${connection.name} for its databases`} />
      ) : null}
      {collections.data && database === null ? (
        <EmptyState icon={<IconListSearch size={32} />} title="No database yet">
          {connection.name} holds no database of yours.
        </EmptyState>
      ) : null}
      {database !== null ? <Reviewed connection={connection} database={database} review={review} /> : null}
    </Page>
  );
}

function largest(
  collections: readonly { database: string; bytes: number | null }[],
  names: readonly string[],
): string | null {
  const size = (name: string): number =>
    collections.filter(({ database }) => database === name).reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  return [...names].sort((a, b) => size(b) - size(a))[0] ?? null;
}

function sentenceOf({ collections, members }: IndexReview): string {
  const indexes = collections.reduce((sum, each) => sum + each.indexes.length, 0);
  const bytes = collections.reduce((sum, { indexBytes }) => sum + (indexBytes ?? 0), 0);
  const answered = members.filter(({ problem }) => problem === null).length;
  return `${formatQuantity(indexes, 'index', 'indexes')}, ${formatBytes(bytes)}; uses counted by ${answered} of ${formatQuantity(members.length, 'member')}.`;
}

interface ReviewedProps {
  connection: Connection;
  database: string;
  review: RequestState<IndexReview>;
}

function Reviewed({ connection, database, review }: ReviewedProps) {
  const tab = useIndexes((state) => state.tab);
  const setTab = useIndexes((state) => state.setTab);
  const planIndex = useIndexes((state) => state.planIndex);
  const [openedId, setOpenedId] = useState<string | null>(null);
  const [change, setChange] = useState<{ id: string; kind: ChangeKind } | null>(null);
  const rows = useMemo(() => rowsOf(review.data), [review.data]);
  const columns = useMemo(() => indexColumns((row) => setOpenedId(idOf(row))), []);
  const opened = rows.find((row) => idOf(row) === openedId) ?? null;
  const changed = rows.find((row) => idOf(row) === change?.id) ?? null;
  return (
    <Tabs
      value={tab}
      onChange={(value) => setTab(value === 'plan' ? 'plan' : 'review')}
      style={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 }}
      keepMounted={false}
    >
      <Tabs.List>
        <Tabs.Tab value="review">Review</Tabs.Tab>
        <Tabs.Tab value="plan">Plan</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="review" className={styles.panel ?? ''}>
        {review.error ? <ErrorPanel error={review.error} onRetry={review.reload} connectionId={connection.id} /> : null}
        {!review.data && review.loading ? (
          <Waiting for={`Asking every member of ${connection.name} for the indexes of ${database}`} />
        ) : null}
        {review.data ? (
          <>
            <FindingsList
              findings={review.data.findings}
              onOpen={(ns, name) => setOpenedId(`${ns} ${name}`)}
              onPlan={({ ns, suggestion }) => ns !== null && suggestion && planIndex(ns, suggestion)}
            />
            <DataTable
              label="Indexes"
              columns={columns}
              rows={rows}
              rowKey={idOf}
              initialSort={{ id: 'ns', desc: false }}
              onOpen={(row) => setOpenedId(idOf(row))}
            />
          </>
        ) : null}
      </Tabs.Panel>
      <Tabs.Panel value="plan" className={styles.panel ?? ''} style={{ overflowY: 'auto' }}>
        <PlanPanel connection={connection} database={database} onApplied={review.reload} />
      </Tabs.Panel>
      <IndexDrawer
        connection={connection}
        row={change ? null : opened}
        onClose={() => setOpenedId(null)}
        onChange={(kind) => openedId !== null && setChange({ id: openedId, kind })}
      />
      <ChangeDialog
        connection={connection}
        change={change && changed ? { kind: change.kind, index: changed } : null}
        onClose={() => setChange(null)}
        onDone={() => {
          setOpenedId(null);
          review.reload();
        }}
      />
    </Tabs>
  );
}

function idOf({ ns, name }: Pick<IndexRow, 'ns' | 'name'>): string {
  return `${ns} ${name}`;
}

function rowsOf(review: IndexReview | null): IndexRow[] {
  if (!review) return [];
  return review.collections.flatMap(({ indexes }) =>
    indexes.map((index) => ({
      ...index,
      findings: review.findings.filter(({ ns, index: name }) => ns === index.ns && name === index.name),
    })),
  );
}
