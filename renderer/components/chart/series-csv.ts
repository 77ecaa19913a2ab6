/** Series as CSV: a row a time, a column a line, raw numbers in the units of `shared/health`. Pure. */
import type { HistoryLine, HistorySeries } from '../../../shared/health-history';
import { metricUnits } from '../../../shared/health';
import { toCsv, type CellValue, type Column } from '../table-model';
import { hasBand } from './series-model';
import type { TimeRange } from './time-view';

function columnsOf(line: HistoryLine): Column<number>[] {
  const places = new Map(line.at.map((at, index) => [at, index]));
  const name = `${line.host} ${line.metric} (${metricUnits[line.metric]})`;
  const column = (header: string, values: readonly (number | null)[]): Column<number> => ({
    id: header,
    header,
    width: 0,
    value: (at): CellValue => values[places.get(at) ?? -1] ?? null,
  });
  if (!hasBand(line)) return [column(name, line.mean)];
  return [column(`${name} mean`, line.mean), column(`${name} min`, line.min), column(`${name} max`, line.max)];
}

/** Times in ISO 8601, of the range only. An empty cell: unknown, or not sampled. */
export function seriesCsv(series: readonly HistorySeries[], range: TimeRange): string {
  const lines = series.flatMap((one) => one.series);
  const times = new Set(lines.flatMap(({ at }) => at.filter((time) => time >= range.from && time <= range.to)));
  const time: Column<number> = { id: 'time', header: 'time', width: 0, value: (at) => new Date(at).toISOString() };
  return toCsv(
    [...times].sort((a, b) => a - b),
    [time, ...lines.flatMap(columnsOf)],
  );
}
