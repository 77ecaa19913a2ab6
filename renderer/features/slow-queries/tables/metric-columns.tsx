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

/** `1,842 : 1`, `0.4 : 1` where more is returned than examined, `5,000 : 0` where all reading found nothing. */
export function ratioText({
  examinedPerReturned: ratio,
  docsExamined,
}: Pick<ShapeRow, 'examinedPerReturned' | 'docsExamined'>): string {
  if (ratio === null) return docsExamined === 0 ? '–' : `${formatCount(docsExamined)} : 0`;
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
    cell: ratioText,
  };
}
