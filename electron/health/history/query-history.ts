/** Series out of the history, decimated to what a chart can show. */
import type { HistorySeries, HistoryQuery } from '../../../shared/health-history';
import { bytesOf, integerOf } from './database';
import { decimate } from './decimate';
import { metricNumber, timesColumn, type HistoryStore, type StoredMember } from './history-store';
import { openColumn, openTimes, type Column, type PackedRow } from './packing';
import { chooseTier, tiers, type Tier } from './tiers';

function columnOf(rows: readonly PackedRow[], metric: number): Column {
  const pick = (kind: 'min' | 'max' | 'mean') => Float32Array.from(rows, (row) => row[kind][metric] ?? Number.NaN);
  return { at: Float64Array.from(rows, ({ at }) => at), min: pick('min'), max: pick('max'), mean: pick('mean') };
}

function sealedBytes(store: HistoryStore, tier: Tier, member: number, metric: number, from: number, to: number) {
  const rows = store.database.all(
    'SELECT start, data FROM sealed WHERE tier = ? AND member = ? AND metric = ? AND start BETWEEN ? AND ? ORDER BY start',
    [tier.number, member, metric, Math.floor(from - tier.chunkMs), Math.ceil(to)],
  );
  return rows.map((row) => ({ start: integerOf(row['start']), bytes: bytesOf(row['data']) }));
}

/** All asked metrics of one member in one tier, in time order. */
function columnsOf(
  store: HistoryStore,
  tier: Tier,
  member: StoredMember,
  metrics: readonly number[],
  from: number,
  to: number,
) {
  const times = sealedBytes(store, tier, member.id, timesColumn, from, to).map(({ start, bytes }) => ({
    start,
    at: openTimes(bytes),
  }));
  const columns = new Map<number, Column[]>();
  for (const metric of metrics) {
    const chunks = new Map(
      sealedBytes(store, tier, member.id, metric, from, to).map(({ start, bytes }) => [start, bytes]),
    );
    columns.set(
      metric,
      times.map(({ start, at }) => openColumn(at, chunks.get(start) ?? null, tier.isAggregate)),
    );
  }
  const hot = store.hotRows(tier, member.id, from, to);
  // The buckets still open are in the finer tier only.
  const lastSealed = times.at(-1)?.at.at(-1);
  const last = hot.at(-1)?.at ?? lastSealed;
  const finer = tier.number === 0 ? null : tiers[tier.number - 1];
  const tailFrom = last === undefined ? from : last + tier.stepMs;
  const tail = finer && tailFrom <= to ? columnsOf(store, finer, member, metrics, Math.max(from, tailFrom), to) : null;
  for (const metric of metrics) {
    const list = columns.get(metric);
    if (hot.length > 0) list?.push(columnOf(hot, metric));
    list?.push(...(tail?.get(metric) ?? []));
  }
  return columns;
}

/** Milliseconds between the samples of raw columns: the middle one of all distances. */
function usualStep(columns: readonly Column[]): number | null {
  const distances = columns.flatMap(({ at }) => Array.from(at.slice(1), (time, index) => time - (at[index] ?? time)));
  return distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? null;
}

export function queryHistory(store: HistoryStore, query: HistoryQuery, now: number): HistorySeries {
  const { from, to, points } = query;
  const tier = chooseTier(from, to, points, now);
  const members = store
    .members(query.deployment)
    .filter(({ host }) => query.hosts === null || query.hosts.includes(host));
  const metrics = query.metrics.map(metricNumber);
  const found = members.map((member) => ({ member, columns: columnsOf(store, tier, member, metrics, from, to) }));
  const raw = found.flatMap(({ columns }) => [...columns.values()].slice(0, 1).flat());
  const leastStep = tier.isAggregate ? tier.stepMs : (usualStep(raw) ?? tier.stepMs);
  // A bucket that is no multiple of the samples' distance would show some of them empty.
  const stepMs = Math.max(1, Math.ceil((to - from) / points / leastStep)) * leastStep;
  return {
    from,
    to,
    stepMs,
    tier: tier.number === 0 ? 'raw' : tier.number === 1 ? '1 min' : '10 min',
    series: found.flatMap(({ member, columns }) =>
      query.metrics.map((metric) => ({
        host: member.host,
        set: member.set,
        metric,
        ...decimate(columns.get(metricNumber(metric)) ?? [], from, to, stepMs),
      })),
    ),
  };
}
