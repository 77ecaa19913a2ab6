import { formatCount, formatMilliseconds } from '../../../../shared/format';
import type { ShapeRow } from '../../../../shared/slow-queries';
import type { Column } from '../../../components/table-model';

interface MetricColumnOptions {
  width?: number;
  hidden?: boolean;
}

type Metric = (row: ShapeRow) => number;

export function millisecondsColumn(
  id: string,
  header: string,
  value: Metric,
  { width = 68, hidden = false }: MetricColumnOptions = {},
): Column<ShapeRow> {
  return { id, header, align: 'right', width, value, cell: (row) => formatMilliseconds(value(row)), hidden };
}

export function countColumn(
  id: string,
  header: string,
  value: Metric,
  { width = 76, hidden = false }: MetricColumnOptions = {},
): Column<ShapeRow> {
  return { id, header, align: 'right', width, value, cell: (row) => formatCount(value(row)), hidden };
}

/** `1,842 : 1`, and `0.4 : 1` where more is returned than examined. */
export function ratioText(ratio: number | null): string {
  if (ratio === null) return '–';
  return `${ratio >= 10 || Number.isInteger(ratio) ? formatCount(ratio) : ratio.toFixed(1)} : 1`;
}

/** Documents read for each one returned. */
export function ratioColumn(width = 92): Column<ShapeRow> {
  return {
    id: 'ratio',
    header: 'Read : found',
    align: 'right',
    width,
    value: (row) => row.examinedPerReturned,
    cell: (row) => ratioText(row.examinedPerReturned),
  };
}
