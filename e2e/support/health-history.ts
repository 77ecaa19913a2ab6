/** A month of the health of three members, written by the product's own history store: made up, but in the product's own file. */
import { HistoryStore } from '../../electron/health/history/history-store';
import { packMetrics } from '../../electron/health/history/packing';
import { healthStates, noMetrics, type HealthEvent, type Metrics } from '../../shared/health';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const historyHosts = ['db1.example.net:27017', 'db2.example.net:27017', 'db3.example.net:27017'] as const;

export interface WrittenHistory {
  from: number;
  to: number;
  /** Nobody looked. */
  gap: { from: number; to: number };
  /** The last member did not answer. */
  outage: { from: number; to: number };
  /** When the second member became primary in place of the first. */
  election: number;
}

const wave = (at: number, period: number, shift: number) => (1 + Math.sin((at / period + shift) * 2 * Math.PI)) / 2;

/** A day's rhythm with some noise that is the same in every run. */
function metricsOf(at: number, member: number, isPrimary: boolean): Metrics {
  const busy = 0.2 + 0.8 * wave(at, day, 0.7) + 0.15 * wave(at, 47 * minute, member / 3);
  const noise = wave(at, 7 * minute + member * 13_000, member / 2);
  const share = isPrimary ? 1 : 0.35;
  return {
    ...noMetrics,
    state: healthStates.indexOf(isPrimary ? 'PRIMARY' : 'SECONDARY'),
    lagSeconds: isPrimary ? null : 0.05 + 0.4 * busy * noise + (at % (9 * hour) < 6 * minute ? 6 * member : 0),
    majorityLagSeconds: isPrimary ? 0.004 + 0.02 * busy : null,
    oplogWindowHours: 28 + 8 * wave(at, 7 * day, 0),
    oplogReachHours: 30 + 8 * wave(at, 7 * day, 0),
    oplogBytesPerHour: 180 * 2 ** 20 * busy,
    connections: Math.round(40 + 160 * busy * share),
    connectionsAvailable: 800,
    connectionsUsedPercent: (100 * (40 + 160 * busy * share)) / 840,
    activeOperations: Math.round(12 * busy * share * noise),
    queuedOperations: Math.round(3 * busy * noise * noise),
    insertsPerSecond: isPrimary ? 220 * busy : 0,
    queriesPerSecond: 900 * busy * share,
    updatesPerSecond: isPrimary ? 130 * busy : 0,
    deletesPerSecond: isPrimary ? 12 * busy : 0,
    getMoresPerSecond: isPrimary ? 40 : 2,
    commandsPerSecond: 300 * busy,
    replicatedPerSecond: isPrimary ? 0 : 360 * busy,
    requestsPerSecond: 1500 * busy * share,
    readLatencyMs: 0.8 + 3 * busy * noise,
    writeLatencyMs: 1.5 + 6 * busy * noise,
    commandLatencyMs: 0.4 + busy,
    p95LatencyMs: 6 + 30 * busy * noise,
    cacheUsedPercent: 72 + 8 * busy,
    cacheDirtyPercent: 1 + 5 * busy * noise,
    cacheHitPercent: 99 - 3 * busy * noise,
    residentBytes: (6 + busy) * 2 ** 30,
    virtualBytes: 9 * 2 ** 30,
    indexBytes: 2.5 * 2 ** 30,
    memoryBytes: 16 * 2 ** 30,
    indexOfMemoryPercent: 15.6,
    networkInBytesPerSecond: 3 * 2 ** 20 * busy * share,
    networkOutBytesPerSecond: 11 * 2 ** 20 * busy * share,
    diskUsedPercent: 41 + ((at / day) % 30) * 0.6,
    diskUsedBytes: (410 + ((at / day) % 30) * 6) * 2 ** 30,
    diskTotalBytes: 1000 * 2 ** 30,
    assertsPerSecond: 0,
    userAssertsPerSecond: 0.2 * busy * noise,
    readTicketsUsedPercent: 6 * busy,
    writeTicketsUsedPercent: 9 * busy * noise,
    flowControlPercent: 0,
    lockWaitPercent: 2 * busy * noise,
    roundTripMs: 1 + noise,
  };
}

/** Writes 30 days that end at `to`, a sample every twenty minutes, every five on the last day. */
export async function writeHistory(path: string, deployment: string, to: number): Promise<WrittenHistory> {
  const store = await HistoryStore.open(path, { largestBytes: 2 ** 31 });
  // Nothing is lost by a machine that stops in the middle of a test.
  store.database.execute('PRAGMA synchronous = OFF');
  const from = to - 30 * day;
  const gap = { from: to - 12 * day, to: to - 10 * day };
  const outage = { from: to - 3 * hour, to: to - 2 * hour };
  const election = to - 5 * hour;
  const [first, second, third] = historyHosts;
  const event = (at: number, kind: HealthEvent['kind'], host: string | null, text: string): HealthEvent => ({
    at,
    kind,
    host,
    set: 'rs0',
    text,
  });
  const events = [
    event(from, 'sampling-started', null, 'Lifeboat began to watch'),
    event(gap.to, 'sampling-started', null, 'Lifeboat began to watch'),
    event(to - 6 * day, 'restarted', second, `${second} was restarted`),
    event(election - minute, 'stopped-answering', first, `${first} stopped answering: timed out`),
    event(election, 'election', second, `${second} became primary of rs0 in term 7`),
    event(election + minute, 'answers-again', first, `${first} answers again, as SECONDARY`),
    event(outage.from, 'stopped-answering', third, `${third} stopped answering: timed out`),
    event(outage.from + minute, 'alert-fired', third, `Member down: ${third} does not answer`),
    event(outage.to, 'answers-again', third, `${third} answers again, as SECONDARY`),
    event(outage.to + minute, 'alert-cleared', third, 'Member down: over'),
  ];
  try {
    for (let at = from; at <= to; at += at < to - day ? 20 * minute : 5 * minute) {
      if (at >= gap.from && at < gap.to) continue;
      const members = historyHosts.map((host, index) => {
        const isDown = index === 2 && at >= outage.from && at < outage.to;
        const isPrimary = index === (at < election ? 0 : 1);
        return { host, set: 'rs0', values: packMetrics(isDown ? noMetrics : metricsOf(at, index, isPrimary)) };
      });
      store.append({ deployment, at, members, events: events.splice(0, events.filter((one) => one.at <= at).length) });
    }
  } finally {
    store.close();
  }
  return { from, to, gap, outage, election };
}
