import { IconCircleCheck } from '@tabler/icons-react';
import { useMemo } from 'react';
import { formatQuantity } from '../../../../shared/format';
import type { ShapeRow } from '../../../../shared/slow-queries';
import { DataTable } from '../../../components/data-table';
import { EmptyState } from '../../../components/empty-state';
import { ErrorPanel } from '../../../components/error-panel';
import { Section } from '../../../components/page';
import { RowKeys } from '../../../components/row-keys';
import type { Column } from '../../../components/table-model';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import type { CaptureView } from '../timeline/use-capture-view';
import { useCaptureRequest } from '../use-kept';
import { countColumn, millisecondsColumn, ratioColumn } from './metric-columns';
import { ShapeLink } from './shape-columns';

function collscanColumns(captureId: string): readonly Column<ShapeRow>[] {
  return [
    millisecondsColumn('collscanMs', 'Time in COLLSCANs', (row) => row.collscanMs, { width: 130 }),
    countColumn('collscanCount', 'COLLSCANs', (row) => row.collscanCount, { width: 90 }),
    millisecondsColumn('maxMs', 'Longest', (row) => row.maxMs, { width: 84 }),
    countColumn('docsExamined', 'Documents read', (row) => row.docsExamined, { width: 112 }),
    ratioColumn(100),
    { id: 'ns', header: 'Namespace', width: 130, grow: 1, mono: true, value: (row) => row.ns },
    {
      id: 'shape',
      header: 'Shape',
      width: 200,
      grow: 3,
      value: (row) => `${row.op} ${row.shape}`,
      cell: (row) => <ShapeLink captureId={captureId} shape={row} />,
    },
  ];
}

/** Reads of whole collections: those an index can help, apart from those that ask for everything. */
export function CollscanTab({ view }: { view: CaptureView }) {
  const { capture, filter } = view;
  const { id } = capture;
  const lists = useCaptureRequest('captures.collscans', { captureId: id, filter }, capture);
  const columns = useMemo(() => collscanColumns(id), [id]);
  if (lists.error && !lists.data) return <ErrorPanel error={lists.error} onRetry={lists.reload} />;
  if (!lists.data) return <Waiting for="Looking for COLLSCANs" />;
  const { indexMayHelp, fullReads, internal } = lists.data;
  if (indexMayHelp.length + fullReads.length + internal.length === 0) {
    return (
      <EmptyState icon={<IconCircleCheck size={32} />} title="No COLLSCAN among these operations">
        Every operation of the filter found its documents by an index. Operations quicker than the threshold of the
        profiler or the log are not recorded: they may still read whole collections.
      </EmptyState>
    );
  }
  const table = (label: string, rows: ShapeRow[]) => (
    <RowKeys>
      <DataTable
        label={label}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        initialSort={{ id: 'collscanMs', desc: true }}
        height={420}
        onOpen={(row) => goTo(paths.queryShape(id, row.id))}
        plain
        bare
      />
    </RowKeys>
  );
  return (
    <>
      <Section
        flush={indexMayHelp.length > 0}
        title={`An index may help: ${formatQuantity(indexMayHelp.length, 'shape')}`}
        aside={<span className="dimmed">They have a condition that an index could serve.</span>}
      >
        {indexMayHelp.length > 0 ? table('COLLSCANs an index may help', indexMayHelp) : 'None.'}
      </Section>
      {fullReads.length > 0 ? (
        <Section
          flush
          title={`Full reads: ${formatQuantity(fullReads.length, 'shape')}`}
          aside={<span className="dimmed">They ask for everything: no index is missing, ask for less.</span>}
        >
          {table('Full reads', fullReads)}
        </Section>
      ) : null}
      {internal.length > 0 ? (
        <Section
          flush
          title={`Internal: ${formatQuantity(internal.length, 'shape')}`}
          aside={<span className="dimmed">The server&apos;s own, such as members that follow the oplog.</span>}
        >
          {table('Internal COLLSCANs', internal)}
        </Section>
      ) : null}
    </>
  );
}
