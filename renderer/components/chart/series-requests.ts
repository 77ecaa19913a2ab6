/** Series for all charts of a page by as few questions as possible: what is asked in one go is read in one go. */
import type { MetricName } from '../../../shared/health';
import type { HistoryQuery, HistorySeries } from '../../../shared/health-history';

export type AskHistory = (query: HistoryQuery) => Promise<HistorySeries>;

/** So many the history answers at once. */
const usualMost = 50;

interface Asker {
  metrics: readonly MetricName[];
  resolve: (series: HistorySeries) => void;
  reject: (reason: unknown) => void;
}

interface Gathered {
  query: Omit<HistoryQuery, 'metrics'>;
  askers: Asker[];
}

/** Fewer and fuller questions: askers together as long as their metrics fit into one. */
function batchesOf(askers: readonly Asker[], mostMetrics: number): { metrics: MetricName[]; askers: Asker[] }[] {
  const batches: { metrics: Set<MetricName>; askers: Asker[] }[] = [];
  for (const asker of askers) {
    const last = batches.at(-1);
    const together = new Set([...(last?.metrics ?? []), ...asker.metrics]);
    if (last && together.size <= mostMetrics) {
      last.metrics = together;
      last.askers.push(asker);
    } else batches.push({ metrics: new Set(asker.metrics), askers: [asker] });
  }
  return batches.map(({ metrics, askers: its }) => ({ metrics: [...metrics], askers: its }));
}

/**
 * Asks on behalf of many: queries of the same deployment, members and time that are made before the page comes to rest are one
 * question of up to `mostMetrics` metrics, and each asker gets the series of its own. Rejects as `ask` does.
 */
export function createSeriesRequests(ask: AskHistory, mostMetrics = usualMost): AskHistory {
  const waiting = new Map<string, Gathered>();
  const send = ({ query, askers }: Gathered) => {
    for (const batch of batchesOf(askers, mostMetrics))
      ask({ ...query, metrics: batch.metrics }).then(
        (answer) => {
          for (const { metrics, resolve } of batch.askers)
            resolve({ ...answer, series: answer.series.filter(({ metric }) => metrics.includes(metric)) });
        },
        (reason: unknown) => {
          for (const { reject } of batch.askers) reject(reason);
        },
      );
  };
  return ({ metrics, ...query }) =>
    new Promise((resolve, reject) => {
      const { deployment, hosts, from, to, points } = query;
      const key = JSON.stringify([deployment, hosts, from, to, points]);
      const gathered = waiting.get(key) ?? { query, askers: [] };
      gathered.askers.push({ metrics, resolve, reject });
      if (waiting.has(key)) return;
      waiting.set(key, gathered);
      queueMicrotask(() => {
        waiting.delete(key);
        send(gathered);
      });
    });
}
