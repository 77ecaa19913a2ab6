/** The numbers of a member in the order in which they are asked for. */
import type { MetricName } from '../../../../shared/health';

export const metricGroups: readonly { title: string; metrics: readonly MetricName[] }[] = [
  {
    title: 'Replication',
    metrics: ['lagSeconds', 'majorityLagSeconds', 'replicatedPerSecond', 'flowControlPercent'],
  },
  { title: 'Oplog', metrics: ['oplogWindowHours', 'oplogReachHours', 'oplogBytesPerHour'] },
  {
    title: 'Connections',
    metrics: ['connections', 'connectionsAvailable', 'connectionsUsedPercent', 'roundTripMs'],
  },
  {
    title: 'Operations',
    metrics: [
      'queriesPerSecond',
      'getMoresPerSecond',
      'insertsPerSecond',
      'updatesPerSecond',
      'deletesPerSecond',
      'commandsPerSecond',
      'collectionScansPerSecond',
    ],
  },
  { title: 'Latency', metrics: ['readLatencyMs', 'writeLatencyMs', 'commandLatencyMs', 'p95LatencyMs'] },
  {
    title: 'Queues and locks',
    metrics: [
      'activeOperations',
      'queuedOperations',
      'readTicketsUsedPercent',
      'writeTicketsUsedPercent',
      'lockWaitPercent',
    ],
  },
  { title: 'Cache', metrics: ['cacheUsedPercent', 'cacheDirtyPercent', 'cacheHitPercent'] },
  {
    title: 'Memory and indexes',
    metrics: ['residentBytes', 'virtualBytes', 'memoryBytes', 'indexBytes', 'indexOfMemoryPercent'],
  },
  { title: 'Disk', metrics: ['diskUsedPercent', 'diskUsedBytes', 'diskTotalBytes'] },
  { title: 'Network', metrics: ['requestsPerSecond', 'networkInBytesPerSecond', 'networkOutBytesPerSecond'] },
  { title: 'Asserts', metrics: ['assertsPerSecond', 'userAssertsPerSecond'] },
];
