/** Charts into files: what is seen as a picture, what was read as numbers. */
import type { HistorySeries } from '../../../shared/health-history';
import { api } from '../../api';
import { announce } from '../announcer';
import { paintCharts, type PictureEntry, type PictureHead } from './chart-picture';
import { seriesCsv } from './series-csv';

export type ChartFormat = 'png' | 'csv';

/** A chart that can be exported. */
export interface ChartSource {
  title: string;
  section: HTMLElement;
  /** Null until it was read. */
  series: HistorySeries | null;
  legend: readonly PictureEntry[];
}

/** Asks where to, and writes. Resolves also when the user thought better of it. */
export async function exportCharts(
  format: ChartFormat,
  { heading, range, kinds }: PictureHead,
  sources: readonly ChartSource[],
): Promise<void> {
  const content =
    format === 'csv'
      ? seriesCsv(
          sources.flatMap(({ series }) => (series ? [series] : [])),
          range,
        )
      : paintCharts(
          { heading, range, kinds },
          sources.flatMap(({ title, section, legend }) => {
            const plot = section.querySelector('[role="application"]');
            return plot ? [{ title, plot, legend }] : [];
          }),
        );
  const written = await api('health.export-chart', { name: heading.slice(0, 120), format, content });
  if (written) announce(`Written to ${written.path}`);
}
