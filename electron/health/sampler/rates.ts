/** Numbers that only two readings of the same process tell: rates, latencies, hit ratio. Pure. */
import type { MetricName } from '../../../shared/health';
import type { Counters, Reading } from './member-reading';

type Derived = Partial<Record<MetricName, number | null>>;

/**
 * Seconds between two readings of one and the same process; null across a restart, for readings in the wrong order, and
 * for a clock that was set.
 */
export function secondsBetween(before: Reading | null, after: Reading): number | null {
  if (!before || before.uptimeMs === null || after.uptimeMs === null) return null;
  if (before.pid !== after.pid || after.uptimeMs <= before.uptimeMs) return null;
  // By the server's own clock, which neither sleeps nor waits for the network with us.
  return (after.uptimeMs - before.uptimeMs) / 1000;
}

/** How much a counter grew; null when it is missing or fell, as a counter of a new process would. */
function growth(before: number | null, after: number | null): number | null {
  return before === null || after === null || after < before ? null : after - before;
}

function meanLatencyMs(before: Counters['latencies']['reads'], after: Counters['latencies']['reads']): number | null {
  if (!before || !after) return null;
  const operations = growth(before.operations, after.operations);
  const micros = growth(before.micros, after.micros);
  return operations === null || micros === null || operations === 0 ? null : micros / operations / 1000;
}

/**
 * The latency in milliseconds that a share of the operations between two histograms stayed under; null without any. Within a
 * bucket operations count as spread evenly.
 */
export function latencyQuantile(
  before: ReadonlyMap<number, number> | null,
  after: ReadonlyMap<number, number> | null,
  share: number,
): number | null {
  if (!before || !after) return null;
  const bounds = [...after.keys()].sort((a, b) => a - b);
  const grown = bounds.map((bound) => Math.max(0, (after.get(bound) ?? 0) - (before.get(bound) ?? 0)));
  const total = grown.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = total * share;
  for (const [at, bound] of bounds.entries()) {
    const count = grown[at] ?? 0;
    // Buckets are powers of two, and half of them from 2048 on; the next told bound may be far above an empty one.
    const upper = Math.min(bounds[at + 1] ?? Infinity, Math.max(2, bound * 2));
    if (count > 0 && left <= count) return (bound + ((upper - bound) * left) / count) / 1000;
    left -= count;
  }
  return null;
}

/** Rates of the time between two readings; empty across restarts, so that a gap shows and no number below zero. */
export function deriveRates(before: Reading | null, after: Reading): Derived {
  const seconds = secondsBetween(before, after);
  if (seconds === null || !before?.counters || !after.counters) return {};
  const old = before.counters;
  const now = after.counters;
  const rate = (from: number | null, to: number | null): number | null => {
    const grown = growth(from, to);
    return grown === null ? null : grown / seconds;
  };
  const shareOfTime = (from: number | null, to: number | null): number | null => {
    const perSecond = rate(from, to);
    return perSecond === null ? null : perSecond / 1e4;
  };
  const scanned = growth(old.collectionScans, now.collectionScans);
  const foreign = scanned === null ? null : Math.max(0, scanned - (now.ownScans - old.ownScans));
  const requested = growth(old.pagesRequested, now.pagesRequested);
  const read = growth(old.pagesRead, now.pagesRead);
  return {
    insertsPerSecond: rate(old.opcounters.insert, now.opcounters.insert),
    queriesPerSecond: rate(old.opcounters.query, now.opcounters.query),
    updatesPerSecond: rate(old.opcounters.update, now.opcounters.update),
    deletesPerSecond: rate(old.opcounters.delete, now.opcounters.delete),
    getMoresPerSecond: rate(old.opcounters.getmore, now.opcounters.getmore),
    commandsPerSecond: rate(old.opcounters.command, now.opcounters.command),
    replicatedPerSecond: rate(old.replicated, now.replicated),
    readLatencyMs: meanLatencyMs(old.latencies.reads, now.latencies.reads),
    writeLatencyMs: meanLatencyMs(old.latencies.writes, now.latencies.writes),
    commandLatencyMs: meanLatencyMs(old.latencies.commands, now.latencies.commands),
    p95LatencyMs: latencyQuantile(old.histogram, now.histogram, 0.95),
    cacheHitPercent:
      requested === null || read === null || requested === 0 ? null : Math.max(0, 1 - read / requested) * 100,
    networkInBytesPerSecond: rate(old.networkIn, now.networkIn),
    networkOutBytesPerSecond: rate(old.networkOut, now.networkOut),
    requestsPerSecond: rate(old.requests, now.requests),
    assertsPerSecond: rate(old.asserts, now.asserts),
    userAssertsPerSecond: rate(old.userAsserts, now.userAsserts),
    flowControlPercent: shareOfTime(old.flowControlMicros, now.flowControlMicros),
    lockWaitPercent: shareOfTime(old.lockWaitMicros, now.lockWaitMicros),
    collectionScansPerSecond: foreign === null ? null : foreign / seconds,
  };
}
