/** The numbers of health in words: what each is called, and how its values are written with their units. Pure. */
import { metricUnits, type MetricName, type MetricUnit } from '../../shared/health';
import { formatBytes, formatCount, formatDuration } from '../../shared/format';

export const metricWords: Readonly<Record<MetricName, string>> = {
  state: 'State',
  lagSeconds: 'Replication lag',
  oplogWindowHours: 'Oplog window',
  oplogReachHours: 'Oplog window when full',
  oplogBytesPerHour: 'Oplog growth',
  majorityLagSeconds: 'Majority behind',
  connections: 'Connections',
  connectionsAvailable: 'Connections left',
  connectionsUsedPercent: 'Connections used',
  activeOperations: 'Active operations',
  queuedOperations: 'Queued operations',
  insertsPerSecond: 'Inserts',
  queriesPerSecond: 'Queries',
  updatesPerSecond: 'Updates',
  deletesPerSecond: 'Deletes',
  getMoresPerSecond: 'Get mores',
  commandsPerSecond: 'Commands',
  replicatedPerSecond: 'Replicated',
  readLatencyMs: 'Reads, mean',
  writeLatencyMs: 'Writes, mean',
  commandLatencyMs: 'Commands, mean',
  p95LatencyMs: 'Reads and writes, P95',
  cacheUsedPercent: 'Cache used',
  cacheDirtyPercent: 'Cache dirty',
  cacheHitPercent: 'Cache hits',
  residentBytes: 'Resident memory',
  virtualBytes: 'Virtual memory',
  networkInBytesPerSecond: 'Network in',
  networkOutBytesPerSecond: 'Network out',
  requestsPerSecond: 'Requests',
  diskUsedPercent: 'Disk used',
  diskUsedBytes: 'Disk used',
  diskTotalBytes: 'Disk size',
  assertsPerSecond: 'Asserts',
  userAssertsPerSecond: 'Asserts of users',
  readTicketsUsedPercent: 'Read tickets used',
  writeTicketsUsedPercent: 'Write tickets used',
  flowControlPercent: 'Flow control',
  lockWaitPercent: 'Waiting for locks',
  indexBytes: 'Size of indexes',
  memoryBytes: 'Memory of the machine',
  indexOfMemoryPercent: 'Indexes of memory',
  roundTripMs: 'Time to answer Lifeboat',
  collectionScansPerSecond: 'Collection scans',
};

/** Two to three digits: `0`, `0.42`, `3.1`, `48`, `1,204`. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || size >= 10) return formatCount(value);
  return size >= 1 ? value.toFixed(1) : value.toFixed(2);
}

/** Seconds of lag: milliseconds where it is that little. */
export function formatLag(seconds: number): string {
  return seconds < 0.0995 ? `${Math.round(seconds * 1000)} ms` : formatDuration(seconds);
}

/** A value with its unit, as it stands in texts and tables. */
export function formatMetricValue(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'count':
      return formatCount(value);
    case 'percent':
      return `${value >= 10 || value === 0 ? Math.round(value) : value.toFixed(1)} %`;
    case 'seconds':
      return formatLag(value);
    case 'milliseconds':
      return `${shortNumber(value)} ms`;
    case 'hours':
      return formatDuration(value * 3600);
    case 'bytes':
      return formatBytes(value);
    case 'per second':
      return `${shortNumber(value)} /s`;
    case 'bytes per second':
      return `${formatBytes(value)}/s`;
    case 'bytes per hour':
      return `${formatBytes(value)}/h`;
  }
}

/** `unknown` where nothing is known: never a last value, never a zero. */
export function formatMetric(name: MetricName, value: number | null): string {
  return value === null ? 'unknown' : formatMetricValue(value, metricUnits[name]);
}
