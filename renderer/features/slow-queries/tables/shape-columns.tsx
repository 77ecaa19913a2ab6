import { Anchor } from '@mantine/core';
import { formatBytes } from '../../../../shared/format';
import type { Facet, ShapeRow } from '../../../../shared/slow-queries';
import type { Column } from '../../../components/table-model';
import { Timestamp } from '../../../components/timestamp';
import { paths } from '../../../navigation';
import { Sparkline } from '../chart/sparkline';
import { countColumn, millisecondsColumn, ratioColumn } from './metric-columns';

export function plansText(plans: readonly Facet[]): string | null {
  return plans.length === 0 ? null : plans.map(({ name }) => name).join('; ');
}

interface ShapeLinkProps {
  captureId: string;
  shape: Pick<ShapeRow, 'id' | 'op' | 'shape' | 'ns'>;
}

/** The shape's text, which opens its page. */
export function ShapeLink({ captureId, shape }: ShapeLinkProps) {
  return (
    <Anchor
      href={`#${paths.queryShape(captureId, shape.id)}`}
      className="mono"
      title={shape.shape}
      aria-label={`${shape.op} ${shape.shape} on ${shape.ns}`}
    >
      {shape.op} {shape.shape}
    </Anchor>
  );
}

const hidden = { hidden: true };

function time(id: string, header: string, value: (row: ShapeRow) => number): Column<ShapeRow> {
  return {
    id,
    header,
    width: 160,
    hidden: true,
    value: (row) => new Date(value(row)).toISOString(),
    cell: (row) => <Timestamp value={new Date(value(row))} seconds />,
  };
}

/** Every metric of a shape; those of the sketch are shown, the others can be chosen. */
export function shapeColumns(captureId: string): readonly Column<ShapeRow>[] {
  return [
    millisecondsColumn('totalMs', 'Total', (row) => row.totalMs, { width: 98 }),
    countColumn('count', 'Count', (row) => row.count),
    millisecondsColumn('meanMs', 'Mean', (row) => row.meanMs, { width: 76, hidden: true }),
    millisecondsColumn('p50Ms', 'p50', (row) => row.p50Ms, { width: 68 }),
    millisecondsColumn('p95Ms', 'p95', (row) => row.p95Ms, { width: 68 }),
    millisecondsColumn('p99Ms', 'p99', (row) => row.p99Ms, { width: 72, hidden: true }),
    millisecondsColumn('maxMs', 'Max', (row) => row.maxMs, { width: 68 }),
    ratioColumn(),
    {
      id: 'plan',
      header: 'Plan',
      width: 110,
      grow: 1,
      value: (row) => plansText(row.plans),
      cell: (row) => (
        <span className="mono" title={plansText(row.plans) ?? undefined}>
          {row.collscanCount > 0 ? (
            <strong className={row.collscanKind === 'index-may-help' ? 'bad' : ''}>COLLSCAN</strong>
          ) : null}
          {row.sortStageCount > 0 ? (
            <strong className="warning" title="Sorts in memory">
              {row.collscanCount > 0 ? ' ' : ''}SORT
            </strong>
          ) : null}
          {row.collscanCount + row.sortStageCount > 0 && row.plans.some(({ name }) => name !== 'COLLSCAN') ? ' ' : ''}
          {row.plans
            .filter(({ name }) => name !== 'COLLSCAN')
            .map(({ name }) => name)
            .join('; ')}
        </span>
      ),
    },
    { id: 'ns', header: 'Namespace', width: 100, grow: 0.8, mono: true, value: (row) => row.ns },
    {
      id: 'shape',
      header: 'Shape',
      width: 150,
      grow: 2,
      value: (row) => `${row.op} ${row.shape}`,
      cell: (row) => <ShapeLink captureId={captureId} shape={row} />,
    },
    {
      id: 'trend',
      header: 'Trend',
      width: 88,
      value: (row) => row.sparkline.slice(-6).reduce((sum, value) => sum + value, 0),
      cell: (row) => <Sparkline bars={row.sparkline} />,
    },
    { id: 'op', header: 'Operation', width: 100, hidden: true, value: (row) => row.op },
    {
      id: 'apps',
      header: 'Apps',
      width: 120,
      hidden: true,
      value: (row) => row.apps.map(({ name }) => name).join(', ') || null,
    },
    countColumn('docsExamined', 'Documents read', (row) => row.docsExamined, hidden),
    countColumn('keysExamined', 'Keys read', (row) => row.keysExamined, hidden),
    countColumn('returned', 'Returned', (row) => row.returned, hidden),
    countColumn('written', 'Written', (row) => row.written, hidden),
    countColumn('collscanCount', 'COLLSCANs', (row) => row.collscanCount, hidden),
    countColumn('sortStageCount', 'Sorts in memory', (row) => row.sortStageCount, hidden),
    countColumn('usedDiskCount', 'Used disk', (row) => row.usedDiskCount, hidden),
    countColumn('errors', 'Errors', (row) => row.errors, hidden),
    countColumn('getMores', 'Later batches', (row) => row.getMores, hidden),
    countColumn('yields', 'Yields', (row) => row.yields, hidden),
    {
      id: 'responseBytes',
      header: 'Response',
      align: 'right',
      width: 92,
      hidden: true,
      value: (row) => row.responseBytes,
      cell: (row) => formatBytes(row.responseBytes),
    },
    time('firstSeen', 'First seen', (row) => row.firstSeen),
    time('lastSeen', 'Last seen', (row) => row.lastSeen),
    { id: 'id', header: 'Shape id', width: 140, hidden: true, mono: true, value: (row) => row.id },
  ];
}
