/** Which charts there are, in the order of the eye, and what each shows. */
import { metricUnits, type MetricName, type MetricUnit } from '../../../../shared/health';

export interface ChartDefinition {
  id: string;
  title: string;
  /** Of one unit. */
  metrics: readonly [MetricName, ...MetricName[]];
  /** Shown at first, of several members and of one. */
  ofSeveral: readonly MetricName[];
  ofOne: readonly MetricName[];
}

type Shown = Partial<Pick<ChartDefinition, 'ofSeveral' | 'ofOne'>>;

function define(
  id: string,
  title: string,
  metrics: readonly [MetricName, ...MetricName[]],
  shown: Shown = {},
): ChartDefinition {
  return { id, title, metrics, ofSeveral: shown.ofSeveral ?? metrics, ofOne: shown.ofOne ?? metrics };
}

export const chartDefinitions: readonly ChartDefinition[] = [
  define('lag', 'Replication lag', ['lagSeconds', 'majorityLagSeconds']),
  define(
    'operations',
    'Operations',
    [
      'insertsPerSecond',
      'queriesPerSecond',
      'updatesPerSecond',
      'deletesPerSecond',
      'getMoresPerSecond',
      'commandsPerSecond',
      'replicatedPerSecond',
      'requestsPerSecond',
    ],
    {
      ofSeveral: ['insertsPerSecond', 'queriesPerSecond', 'updatesPerSecond'],
      ofOne: [
        'insertsPerSecond',
        'queriesPerSecond',
        'updatesPerSecond',
        'deletesPerSecond',
        'getMoresPerSecond',
        'commandsPerSecond',
        'replicatedPerSecond',
      ],
    },
  ),
  define('latency', 'Latency', ['readLatencyMs', 'writeLatencyMs', 'commandLatencyMs', 'p95LatencyMs', 'roundTripMs'], {
    ofSeveral: ['readLatencyMs', 'writeLatencyMs'],
    ofOne: ['readLatencyMs', 'writeLatencyMs', 'commandLatencyMs', 'p95LatencyMs'],
  }),
  define('connections', 'Connections', ['connections', 'connectionsAvailable'], {
    ofSeveral: ['connections'],
    ofOne: ['connections'],
  }),
  define('cache', 'Cache', ['cacheUsedPercent', 'cacheDirtyPercent', 'cacheHitPercent']),
  define('memory', 'Memory', ['residentBytes', 'virtualBytes', 'indexBytes', 'memoryBytes'], {
    ofSeveral: ['residentBytes'],
    ofOne: ['residentBytes', 'indexBytes'],
  }),
  define('disk', 'Disk', ['diskUsedPercent']),
  define('disk-bytes', 'Space on disk', ['diskUsedBytes', 'diskTotalBytes']),
  define('network', 'Network', ['networkInBytesPerSecond', 'networkOutBytesPerSecond']),
  define('queues', 'Operations at once', ['activeOperations', 'queuedOperations']),
  define(
    'waiting',
    'Tickets, locks, flow control',
    [
      'readTicketsUsedPercent',
      'writeTicketsUsedPercent',
      'lockWaitPercent',
      'flowControlPercent',
      'connectionsUsedPercent',
      'indexOfMemoryPercent',
    ],
    {
      ofSeveral: ['readTicketsUsedPercent', 'writeTicketsUsedPercent', 'lockWaitPercent'],
      ofOne: ['readTicketsUsedPercent', 'writeTicketsUsedPercent', 'lockWaitPercent', 'flowControlPercent'],
    },
  ),
  // The window of an idle set will be years once its oplog is full: beside it the present one could not be read.
  define('oplog', 'Oplog window', ['oplogWindowHours', 'oplogReachHours'], {
    ofSeveral: ['oplogWindowHours'],
    ofOne: ['oplogWindowHours'],
  }),
  define('oplog-growth', 'Oplog growth', ['oplogBytesPerHour']),
  define('asserts', 'Asserts', ['assertsPerSecond', 'userAssertsPerSecond']),
];

export function unitOf({ metrics }: ChartDefinition): MetricUnit {
  return metricUnits[metrics[0]];
}
