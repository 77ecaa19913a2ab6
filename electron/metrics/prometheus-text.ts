/** Figures as Prometheus reads them: seconds, bytes, ratios from 0 to 1; what is not known is left out, never 0. */
import { Gauge, Registry } from 'prom-client';
import { backupCategories, categoryObjectives } from '../../shared/backups';
import { membersOf, type MemberSample, type MetricName } from '../../shared/health';
import type { DeploymentFigures, Figures } from './gather';

type Labels = Readonly<Record<string, string>>;

interface MemberGauge {
  name: string;
  help: string;
  metric: MetricName;
  /** What the number is multiplied by to be in Prometheus' unit; 1 by default. */
  factor?: number;
}

const percent = 0.01;

const memberGauges: readonly MemberGauge[] = [
  {
    name: 'lag_seconds',
    help: 'How long the oldest write has been waiting that the member lacks.',
    metric: 'lagSeconds',
  },
  {
    name: 'majority_lag_seconds',
    help: 'Of a primary: how long the oldest write has been waiting that no majority has yet.',
    metric: 'majorityLagSeconds',
  },
  {
    name: 'oplog_window_seconds',
    help: 'From the first to the last entry of the oplog.',
    metric: 'oplogWindowHours',
    factor: 3600,
  },
  {
    name: 'oplog_reach_seconds',
    help: 'The oplog window as it will be once the oplog is full.',
    metric: 'oplogReachHours',
    factor: 3600,
  },
  { name: 'connections', help: 'Open connections.', metric: 'connections' },
  { name: 'connections_available', help: 'Connections that could be opened yet.', metric: 'connectionsAvailable' },
  { name: 'active_operations', help: 'Clients at work.', metric: 'activeOperations' },
  { name: 'queued_operations', help: 'Operations that wait for a lock or ticket.', metric: 'queuedOperations' },
  {
    name: 'latency_p95_seconds',
    help: '95th percentile of reads and writes between the two looks, from the histogram of the server.',
    metric: 'p95LatencyMs',
    factor: 0.001,
  },
  { name: 'cache_used_ratio', help: 'Of the cache of WiredTiger.', metric: 'cacheUsedPercent', factor: percent },
  { name: 'cache_dirty_ratio', help: 'Of the cache of WiredTiger.', metric: 'cacheDirtyPercent', factor: percent },
  {
    name: 'cache_hit_ratio',
    help: 'Pages found in the cache between the two looks.',
    metric: 'cacheHitPercent',
    factor: percent,
  },
  { name: 'resident_memory_bytes', help: 'Resident memory of the server.', metric: 'residentBytes' },
  { name: 'disk_used_bytes', help: 'Used on the file system of the data.', metric: 'diskUsedBytes' },
  { name: 'disk_size_bytes', help: 'Size of the file system of the data.', metric: 'diskTotalBytes' },
  { name: 'index_size_bytes', help: 'Size of all indexes.', metric: 'indexBytes' },
  { name: 'machine_memory_bytes', help: 'Memory of the machine of the member.', metric: 'memoryBytes' },
];

/** The format is text; a registry of its own, so that nothing of this process gets in. */
export function createFiguresRegistry(figures: Figures): Registry {
  const registry = new Registry();
  const gauge = <Name extends string>(name: string, help: string, labelNames: readonly Name[] = []): Gauge<Name> =>
    new Gauge({ name: `lifeboat_${name}`, help, labelNames: [...labelNames], registers: [registry] });

  gauge('info', 'The version of Lifeboat that wrote this.', ['version']).set({ version: figures.version }, 1);
  gauge('collected_timestamp_seconds', 'When this was written.').set(figures.at / 1000);
  addHealth(gauge, figures.deployments);
  addBackups(gauge, figures);
  addStores(gauge, figures);
  return registry;
}

type MakeGauge = <Name extends string>(name: string, help: string, labelNames?: readonly Name[]) => Gauge<Name>;

function addHealth(gauge: MakeGauge, deployments: readonly DeploymentFigures[]): void {
  const up = gauge('deployment_up', '1 when any member answers Lifeboat.', ['connection', 'environment']);
  const hasPrimary = gauge('set_has_primary', '1 when a member says that it is primary.', ['connection', 'set']);
  const memberLabels = ['connection', 'set', 'member'] as const;
  const memberUp = gauge('member_up', '1 when the member answers Lifeboat.', memberLabels);
  const memberState = gauge('member_state', '1 for the state that the member is in.', [...memberLabels, 'state']);
  const alerts = gauge('alerts_open', 'Open alerts of Lifeboat that are not silenced.', ['connection', 'severity']);
  const measured = memberGauges.map((each) => ({
    ...each,
    gauge: gauge(`member_${each.name}`, each.help, memberLabels),
  }));
  for (const { name: connection, environment, sample, alerts: open } of deployments) {
    const answers = membersOf(sample).some(({ answered }) => answered);
    up.set({ connection, environment }, Number(answers));
    for (const { severity, count } of open) alerts.set({ connection, severity }, count);
    for (const { name, primary } of sample.sets) hasPrimary.set({ connection, set: name }, Number(primary !== null));
    for (const { labels, member } of labelled(connection, sample)) {
      memberUp.set(labels, Number(member.answered));
      if (member.answered) memberState.set({ ...labels, state: member.state }, 1);
      for (const { gauge: target, metric, factor } of measured) {
        const value = member.metrics[metric];
        if (value !== null) target.set(labels, value * (factor ?? 1));
      }
    }
  }
}

function labelled(
  connection: string,
  { sets, singles }: DeploymentFigures['sample'],
): { labels: { connection: string; set: string; member: string }; member: MemberSample }[] {
  return [
    ...sets.flatMap(({ name, members }) => members.map((member) => ({ set: name, member }))),
    ...singles.map((member) => ({ set: '', member })),
  ].map(({ set, member }) => ({ labels: { connection, set, member: member.host }, member }));
}

function addBackups(gauge: MakeGauge, { deployments, at }: Figures): void {
  const connection = ['connection'] as const;
  const completed = gauge(
    'backup_completed_timestamp_seconds',
    'When the newest good backup was completed.',
    connection,
  );
  const age = gauge(
    'backup_age_seconds',
    'Since the newest good backup was completed, when this was written.',
    connection,
  );
  const duration = gauge('backup_duration_seconds', 'What the newest good backup took.', connection);
  const bytes = gauge('backup_size_bytes', 'Size of the newest good backup.', connection);
  const documents = gauge('backup_documents', 'Documents in the newest good backup.', connection);
  const verified = gauge('backup_verified_timestamp_seconds', 'When the newest verified backup was completed.', [
    'connection',
    'category',
  ]);
  const objective = gauge('backup_rpo_seconds', 'Recovery point objective of a category.', ['category']);
  const counts = gauge('backups', 'Backups in the stores, by what they are worth.', ['connection', 'status']);
  const failed = gauge('backup_last_attempt_failed', '1 when the newest attempt of a backup failed.', connection);
  const ratio = gauge('backup_success_ratio', 'Of the attempts of the last seven days.', connection);
  for (const category of backupCategories) objective.set({ category }, categoryObjectives[category].rpoMinutes * 60);
  for (const { name, backups } of deployments) {
    const labels: Labels & { connection: string } = { connection: name };
    const { newest } = backups;
    if (newest) {
      completed.set(labels, newest.completedAt / 1000);
      age.set(labels, Math.max(0, at - newest.completedAt) / 1000);
      duration.set(labels, newest.durationMs / 1000);
      if (newest.bytes !== null) bytes.set(labels, newest.bytes);
      if (newest.documents !== null) documents.set(labels, newest.documents);
    }
    for (const { category, completedAt } of backups.verified)
      verified.set({ connection: name, category }, completedAt / 1000);
    for (const { status, count } of backups.byStatus) counts.set({ connection: name, status }, count);
    if (backups.lastAttemptFailed !== null) failed.set(labels, Number(backups.lastAttemptFailed));
    if (backups.successRatio !== null) ratio.set(labels, backups.successRatio);
  }
}

function addStores(gauge: MakeGauge, { stores }: Figures): void {
  const available = gauge('store_available', '1 when the store of backups can be read and written.', ['store']);
  const free = gauge('store_free_bytes', 'Free on the file system of the store.', ['store']);
  for (const { name, writable, freeBytes } of stores) {
    available.set({ store: name }, Number(writable));
    if (freeBytes !== null) free.set({ store: name }, freeBytes);
  }
}
