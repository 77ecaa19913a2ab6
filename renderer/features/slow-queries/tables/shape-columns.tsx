import { Anchor } from '@mantine/core';
import { formatBytes, formatCount } from '../../../../shared/format';
import type { Facet, ShapeRow } from '../../../../shared/slow-queries';
import type { Column } from '../../../components/table-model';
import { Timestamp } from '../../../components/timestamp';
import { paths } from '../../../navigation';
import { formatMilliseconds } from '../chart/axis';
import { Sparkline } from '../chart/sparkline';

/** `1,842 : 1`, and `0.4 : 1` where more is returned than examined. */
export function ratioText(ratio: number | null): string {
  if (ratio === null) return '–';
  return `${ratio >= 10 || Number.isInteger(ratio) ? formatCount(ratio) : ratio.toFixed(1)} : 1`;
}

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

function ms(
  id: string,
  header: string,
  value: (row: ShapeRow) => number,
  width: number,
  hidden = false,
): Column<ShapeRow> {
  return { id, header, align: 'right', width, value, cell: (row) => formatMilliseconds(value(row)), hidden };
}

function number(id: string, header: string, value: (row: ShapeRow) => number, hidden = true): Column<ShapeRow> {
  return { id, header, align: 'right', width: 76, value, cell: (row) => formatCount(value(row)), hidden };
}

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
    ms('totalMs', 'Total', (row) => row.totalMs, 98),
    number('count', 'Count', (row) => row.count, false),
    ms('meanMs', 'Mean', (row) => row.meanMs, 76, true),
    ms('p50Ms', 'p50', (row) => row.p50Ms, 68),
    ms('p95Ms', 'p95', (row) => row.p95Ms, 68),
    ms('p99Ms', 'p99', (row) => row.p99Ms, 72, true),
    ms('maxMs', 'Max', (row) => row.maxMs, 68),
    {
      id: 'ratio',
      header: 'Read : found',
      align: 'right',
      width: 92,
      value: (row) => row.examinedPerReturned,
      cell: (row) => ratioText(row.examinedPerReturned),
    },
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
    number('docsExamined', 'Documents read', (row) => row.docsExamined),
    number('keysExamined', 'Keys read', (row) => row.keysExamined),
    number('returned', 'Returned', (row) => row.returned),
    number('written', 'Written', (row) => row.written),
    number('collscanCount', 'COLLSCANs', (row) => row.collscanCount),
    number('sortStageCount', 'Sorts in memory', (row) => row.sortStageCount),
    number('usedDiskCount', 'Used disk', (row) => row.usedDiskCount),
    number('errors', 'Errors', (row) => row.errors),
    number('getMores', 'Later batches', (row) => row.getMores),
    number('yields', 'Yields', (row) => row.yields),
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
