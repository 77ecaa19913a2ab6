import { useMemo } from 'react';
import type { MetricName } from '../../../shared/health';
import type { HistoryLine, HistorySeries } from '../../../shared/health-history';
import { metricWords } from '../metric-text';
import { lineStyle, shortHosts, useMemberSlots } from './line-style';
import type { StyledLine } from './plot-lines';
import type { TimeRange } from './time-view';

const noHosts: readonly string[] = [];

function isKnown({ at, mean }: HistoryLine, { from, to }: TimeRange): boolean {
  return mean.some((value, index) => value !== null && (at[index] ?? 0) >= from && (at[index] ?? 0) <= to);
}

function isSampled({ at }: HistoryLine, { from, to }: TimeRange): boolean {
  return at.some((time) => time >= from && time <= to);
}

/** The lines of a chart that say something in a range, each with its name and style. Null until the series is known. */
export function useStyledLines(
  connectionId: string,
  series: HistorySeries | null,
  /** All of the chart: the place among them makes the style. */
  metrics: readonly MetricName[],
  shown: readonly MetricName[],
  range: TimeRange,
): readonly StyledLine[] | null {
  const all = useMemo(() => (series ? [...new Set(series.series.map(({ host }) => host))] : noHosts), [series]);
  const slots = useMemberSlots(connectionId, all);
  return useMemo(() => {
    if (!series) return null;
    const sampled = series.series.filter((line) => isSampled(line, range));
    const knowing = new Set(sampled.filter((line) => isKnown(line, range)).map(({ host }) => host));
    const hosts = [...new Set(sampled.map(({ host }) => host))];
    const names = shortHosts(hosts);
    return (
      sampled
        .filter(({ metric }) => shown.includes(metric))
        // What a member never tells (the majority, a secondary) is no line of it; of one that tells nothing, that is to be seen.
        .filter((line) => isKnown(line, range) || !knowing.has(line.host))
        .map((line) => ({
          key: `${line.host} ${line.metric}`,
          member: names.get(line.host) ?? line.host,
          metric: metricWords[line.metric],
          metricPlace: metrics.indexOf(line.metric),
          line,
          style: lineStyle(slots.get(line.host) ?? 0, metrics.indexOf(line.metric), hosts.length === 1),
        }))
    );
  }, [series, range, shown, metrics, slots]);
}
