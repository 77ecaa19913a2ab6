import { Stack } from '@mantine/core';
import type { ShapeSeries } from '../../../../shared/slow-queries';
import { formatCount, formatMilliseconds } from '../../../../shared/format';
import { formatLocal } from '../../../components/dates';
import { Section } from '../../../components/page';
import { TimeChart, TimeLegend, useTimeCursor, type TimeLine } from '../chart/time-chart';

interface ChartDefinition {
  title: string;
  lines: readonly TimeLine[];
  format: (value: number) => string;
}

/** How often, how long and how much is read over time: one time axis, one cursor. */
export function MetricsSection({ series }: { series: ShapeSeries }) {
  const [cursor, setCursor] = useTimeCursor();
  const charts: ChartDefinition[] = [
    {
      title: 'Duration',
      format: formatMilliseconds,
      lines: [
        { name: 'p50', values: series.p50Ms, draw: 'line' },
        { name: 'p95', values: series.p95Ms, draw: 'line' },
        { name: 'longest', values: series.maxMs, draw: 'line' },
      ],
    },
    {
      title: 'Operations',
      format: formatCount,
      lines: [{ name: 'operations', values: series.count, draw: 'bars' }],
    },
    {
      title: 'Documents',
      format: formatCount,
      lines: [
        { name: 'read', values: series.docsExamined, draw: 'bars' },
        { name: 'returned or written', values: gaps(series.returned, series.count), draw: 'line' },
      ],
    },
  ];
  const at = cursor === null ? null : series.from + cursor * series.bucketMs;
  return (
    <Section
      title="Since when"
      aside={
        <span className="dimmed numbers">
          {at === null ? `${bucketText(series.bucketMs)} a bar` : formatLocal(new Date(at), true)}
        </span>
      }
    >
      <Stack gap={8}>
        {charts.map(({ title, lines, format }) => (
          <div key={title}>
            <TimeLegend lines={lines} cursor={cursor} format={format} />
            <TimeChart
              label={`${title} over time`}
              from={series.from}
              bucketMs={series.bucketMs}
              lines={lines}
              format={format}
              height={title === 'Duration' ? 120 : 84}
              cursor={cursor}
              onCursor={setCursor}
            />
          </div>
        ))}
      </Stack>
    </Section>
  );
}

/** Nothing ran: that is a gap, not a zero. */
function gaps(values: readonly number[], counts: readonly number[]): (number | null)[] {
  return values.map((value, index) => (counts[index] ? value : null));
}

function bucketText(ms: number): string {
  if (ms < 60_000) return formatMilliseconds(ms);
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
