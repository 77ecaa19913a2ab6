import { Anchor, Drawer, Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import {
  formatBytes,
  formatCount,
  formatCountIfKnown,
  formatMilliseconds,
  formatQuantity,
} from '../../../../shared/format';
import { operationSortSchema, type OperationRow, type OperationSort } from '../../../../shared/slow-queries';
import { DataTable } from '../../../components/data-table';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts } from '../../../components/facts';
import type { Column } from '../../../components/table-model';
import { Timestamp } from '../../../components/timestamp';
import { Waiting } from '../../../components/waiting';
import { paths } from '../../../navigation';
import { CommandText, MaskSwitch, useMasking } from '../masking';
import type { CaptureView } from '../timeline/use-capture-view';
import { useCaptureRequest } from '../use-kept';
import { RowKeys } from '../../../components/row-keys';

const shown = 500;

const sortNames: Record<OperationSort, string> = {
  durationMs: 'The slowest',
  time: 'The newest',
  docsExamined: 'Most documents read',
  keysExamined: 'Most keys read',
  responseBytes: 'Largest responses',
};

function count(id: string, header: string, value: (row: OperationRow) => number | null): Column<OperationRow> {
  return {
    id,
    header,
    align: 'right',
    width: 84,
    value,
    cell: (row) => {
      const found = value(row);
      return found === null ? <span className="dimmed">–</span> : formatCount(found);
    },
  };
}

function operationColumns(open: (row: OperationRow) => void): readonly Column<OperationRow>[] {
  return [
    {
      id: 'time',
      header: 'When',
      width: 166,
      value: (row) => new Date(row.time).toISOString(),
      cell: (row) => <Timestamp value={new Date(row.time)} seconds />,
    },
    {
      id: 'durationMs',
      header: 'Took',
      align: 'right',
      width: 90,
      value: (row) => row.durationMs,
      cell: (row) => formatMilliseconds(row.durationMs),
    },
    count('docsExamined', 'Docs read', (row) => row.docsExamined),
    count('returned', 'Returned', (row) => row.returned),
    { id: 'plan', header: 'Plan', width: 110, grow: 1, mono: true, value: (row) => row.planSummary },
    { id: 'ns', header: 'Namespace', width: 110, grow: 1, mono: true, value: (row) => row.ns },
    {
      id: 'shape',
      header: 'Operation',
      width: 170,
      grow: 2,
      value: (row) => `${row.op} ${row.shape}`,
      cell: (row) => (
        <Anchor component="button" type="button" data-row className="mono" onClick={() => open(row)}>
          {row.getMore ? 'getMore of ' : ''}
          {row.op} {row.shape}
        </Anchor>
      ),
    },
    { id: 'app', header: 'App', width: 100, value: (row) => row.app },
    { id: 'host', header: 'Member', width: 120, value: (row) => row.host, hidden: true },
    { id: 'client', header: 'Client', width: 130, value: (row) => row.client, hidden: true },
    { ...count('keysExamined', 'Keys read', (row) => row.keysExamined), hidden: true },
    { ...count('written', 'Written', (row) => row.written), hidden: true },
    { ...count('yields', 'Yields', (row) => row.yields), hidden: true },
    { id: 'error', header: 'Error', width: 120, value: (row) => row.errorName, hidden: true },
  ];
}

/** Single operations of what is selected: the slowest, the newest, those that read most. */
export function SlowestTab({ view }: { view: CaptureView }) {
  const { capture, filter } = view;
  const [sort, setSort] = useState<OperationSort>('durationMs');
  const [opened, setOpened] = useState<OperationRow | null>(null);
  const [masked, setMasked] = useMasking();
  const columns = useMemo(() => operationColumns(setOpened), []);
  const page = useCaptureRequest(
    'captures.operations',
    { captureId: capture.id, filter, sort, descending: true, offset: 0, limit: shown, masked },
    capture,
  );
  if (page.error && !page.data) return <ErrorPanel error={page.error} onRetry={page.reload} />;
  if (!page.data) return <Waiting for="Reading the operations" />;
  return (
    <RowKeys>
      <DataTable
        key={sort}
        label="Operations"
        columns={columns}
        rows={page.data.operations}
        rowKey={(row) => String(row.operation)}
        initialSort={{ id: sort === 'time' ? 'time' : sort, desc: true }}
        onOpen={setOpened}
        nothing="No operation passes the filters above."
        filters={
          <>
            <Select
              aria-label="Which operations"
              w={180}
              value={sort}
              onChange={(value) => setSort(operationSortSchema.catch('durationMs').parse(value))}
              data={operationSortSchema.options.map((value) => ({ value, label: sortNames[value] }))}
            />
            {page.data.total > page.data.operations.length ? (
              <span className="dimmed">
                {formatCount(page.data.operations.length)} of {formatQuantity(page.data.total, 'operation')}
              </span>
            ) : null}
            <MaskSwitch masked={masked} onChange={setMasked} />
          </>
        }
      />
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="lg"
        title={opened ? `${formatMilliseconds(opened.durationMs)} on ${opened.ns}` : ''}
      >
        {opened ? <OperationDetails captureId={capture.id} operation={opened} /> : null}
      </Drawer>
    </RowKeys>
  );
}

function OperationDetails({ captureId, operation }: { captureId: string; operation: OperationRow }) {
  return (
    <>
      <Facts
        facts={[
          { term: 'When', value: <Timestamp value={new Date(operation.time)} seconds /> },
          { term: 'Took', value: formatMilliseconds(operation.durationMs) },
          {
            term: 'Shape',
            value: (
              <Anchor href={`#${paths.queryShape(captureId, operation.shapeId)}`} className="mono">
                {operation.op} {operation.shape}
              </Anchor>
            ),
          },
          { term: 'Plan', value: <code>{operation.planSummary ?? 'not told'}</code> },
          { term: 'Documents read', value: formatCountIfKnown(operation.docsExamined) },
          { term: 'Keys read', value: formatCountIfKnown(operation.keysExamined) },
          { term: 'Returned', value: formatCountIfKnown(operation.returned) },
          { term: 'Written', value: formatCountIfKnown(operation.written) },
          { term: 'Sorted in memory', value: operation.sortStage ? 'yes' : 'no' },
          { term: 'Yields', value: formatCountIfKnown(operation.yields) },
          {
            term: 'Response',
            value: operation.responseBytes === null ? 'not told' : formatBytes(operation.responseBytes),
          },
          { term: 'App', value: operation.app ?? 'none named' },
          { term: 'Client', value: operation.client ?? 'not told' },
          { term: 'Member', value: operation.host ?? 'not told' },
          { term: 'Error', value: operation.errorName ?? 'none' },
        ]}
      />
      <h3>Command</h3>
      <CommandText command={operation.command} />
    </>
  );
}
