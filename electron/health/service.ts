/** Health of deployments: one look, or a watch that keeps a history and judges by rules. */
import { hostname } from 'node:os';
import type { AlertRule, Incident, RuleTrial } from '../../shared/alerts';
import type { AuditRecord } from '../../shared/audit';
import type { Connection } from '../../shared/connections';
import type { ReplicaSetConfiguration } from '../../shared/deployment-health';
import type { DeploymentSample } from '../../shared/health';
import type { IncidentPage } from '../../shared/incidents';
import type { Job } from '../../shared/jobs';
import { AppFailure, fail } from '../../shared/result';
import type { Catalogue } from '../catalogue/service';
import type { Connections } from '../connections/service';
import type { TaskRunner } from '../jobs/run-in-worker';
import { acquireFileLock, type FileLock } from '../platform/file-lock';
import type { Logger } from '../platform/logger';
import type { Captures } from '../profiler/sessions/service';
import type { SettingsService } from '../settings/service';
import { createAlertStore, rulesOf } from './alerts/alert-store';
import { createAlerts, type Alerts } from './alerts/alerts';
import { evaluate } from './alerts/engine';
import { createNoticeBoard, type NoticeBoard } from './alerts/notices';
import { tryRuleOn } from './alerts/trial';
import { createDeploymentFacts } from './deployment-facts';
import { createFleet, type Fleet } from './fleet/fleet';
import { createHistory, type History } from './history/service';
import { createIncidentPages } from './incidents/incident-pages';
import { DeploymentSampler, type OpenReader } from './sampler/deployment-sampler';
import { watchDeployment, type HealthWatch, type WatchUpdate } from './watch-deployment';

export interface HealthDependencies {
  connections: Pick<Connections, 'get' | 'list' | 'memberAddresses' | 'onChange'>;
  settings: Pick<SettingsService, 'get' | 'onChange'>;
  catalogue: Pick<Catalogue, 'history' | 'list'>;
  jobs: { list(): Promise<Job[]> };
  captures: Pick<Captures, 'list' | 'ask'>;
  audit: { record(record: AuditRecord): Promise<unknown> };
  tasks: Pick<TaskRunner, 'run'>;
  logger: Logger;
  origin: 'window' | 'cli';
  historyFile: string;
  alertsFile: string;
  locksFolder: string;
  /** Another edge of the sampler, for simulations; the members themselves by default. */
  openReader?: OpenReader;
}

export interface HealthSnapshot {
  sample: DeploymentSample;
  /** Rules that are broken at this moment, however long each would have to last to fire; incidents are told with their ids. */
  alerts: Incident[];
}

export interface Health {
  /** Looks twice, `betweenMs` (1,000) apart, so that there are rates. Throws only when the connection is not known. */
  snapshot(connectionId: string, options?: { betweenMs?: number }): Promise<HealthSnapshot>;
  /**
   * Samples every `intervalMs` (1,000 to 60,000) until stopped. `record`: into the history and the incidents that window and
   * command line share, unless another process does so already; when that one ends, this one goes on with it.
   */
  watch(
    connectionId: string,
    options: { intervalMs: number; record: boolean; delayMs?: number },
    listener: (update: WatchUpdate) => void,
  ): Promise<HealthWatch>;
  /** Open incidents of a deployment that some process records now; null when none does. */
  recordedIncidents(connectionId: string): Promise<Incident[] | null>;
  /** All connections in the background, from `fleet.start()` on. */
  readonly fleet: Pick<Fleet, 'start' | 'deployments' | 'deployment' | 'onChanged' | 'onEvents'>;
  /** `set` null: the only one. Throws 'not-found', 'not-authorized', or why nobody answers. */
  configuration(connectionId: string, set: string | null): Promise<ReplicaSetConfiguration>;
  readonly alerts: Alerts;
  /** What an incident is, and what may have caused it: looked into while it answers. Throws 'not-found'. */
  incidentPage(id: string): Promise<IncidentPage>;
  /**
   * What incidents make known, once each, of every watch of this process that records; returns how to stop listening.
   */
  readonly onNotice: NoticeBoard['onNotice'];
  readonly history: Pick<History, 'series' | 'events'>;
  rules(): Promise<AlertRule[]>;
  /** Throws 'unsupported' for a rule whose past is not kept. */
  tryRule(rule: AlertRule, connectionId: string, from: number, to: number): Promise<RuleTrial>;
  close(): Promise<void>;
}

export function createHealth(dependencies: HealthDependencies): Health {
  const { connections, settings, catalogue, jobs, captures, audit, tasks, origin } = dependencies;
  const logger = dependencies.logger.child({ part: 'health' });
  const history = createHistory({ path: dependencies.historyFile, tasks, logger });
  const alertStore = createAlertStore(dependencies.alertsFile);
  const watches = new Set<HealthWatch>();

  const notices = createNoticeBoard(logger);
  const factsOf = createDeploymentFacts({ catalogue, jobs });

  function samplerOf(connectionId: string, intervalMs: number): DeploymentSampler {
    return new DeploymentSampler({
      connectionId,
      intervalMs,
      addresses: () => connections.memberAddresses(connectionId),
      openReader: dependencies.openReader,
    });
  }

  /** Null when another process records this deployment already. */
  async function lockRecording({ id, name }: Connection, onLost: () => void): Promise<FileLock | null> {
    const holder = { title: `Watching ${name}`, origin, processId: process.pid, hostname: hostname() };
    try {
      return await acquireFileLock(`${dependencies.locksFolder}/health-${id}`, holder, { onLost });
    } catch (error) {
      if (error instanceof AppFailure && error.error.code === 'busy') return null;
      throw error;
    }
  }

  const watch: Health['watch'] = async (connectionId, { intervalMs, record, delayMs }, listener) => {
    if (intervalMs < 1000 || intervalMs > 60_000) fail('usage', 'A deployment is sampled every 1 to 60 seconds.');
    const connection = await connections.get(connectionId);
    const watching = watchDeployment({
      connection,
      sampler: samplerOf(connection.id, intervalMs),
      intervalMs,
      delayMs,
      alertStore,
      recording: record ? { history, lock: (onLost) => lockRecording(connection, onLost) } : null,
      facts: (sample) => factsOf(connection.id, sample),
      logger,
      listener: (update) => {
        if (update.recordedHere) notices.tell(connection, update.notices, update.sample.at);
        listener(update);
      },
    });
    const own: HealthWatch = {
      ...watching,
      stop: async () => {
        watches.delete(own);
        await watching.stop();
      },
    };
    watches.add(own);
    return own;
  };

  const fleet = createFleet({
    connections,
    settings,
    alertStore,
    watch,
    tell: (...told) => notices.tell(...told),
    logger,
  });
  const alerts = createAlerts({
    store: alertStore,
    live: async () => (await fleet.deployments()).flatMap(({ incidents }) => incidents),
    connections,
    history,
    audit,
    onAcknowledged: (incident, connection) =>
      notices.tell(connection, [{ kind: 'acknowledged', incident }], Date.now()),
  });
  const incidentPages = createIncidentPages({
    alerts,
    connections,
    history,
    jobs,
    catalogue,
    captures,
    latest: async (connectionId) => (await fleet.deployment(connectionId)).sample,
    logger,
  });

  return {
    async snapshot(connectionId, { betweenMs = 1000 } = {}) {
      const connection = await connections.get(connectionId);
      const sampler = samplerOf(connection.id, 5000);
      try {
        await sampler.sample();
        await new Promise((resolve) => setTimeout(resolve, betweenMs));
        const { sample } = await sampler.sample();
        const facts = await factsOf(connection.id, sample);
        const { silences, ...file } = await alertStore.read();
        const rules = rulesOf(file).map((rule) => ({ ...rule, forSeconds: 0 }));
        const nothing = { trackers: new Map(), incidents: [] };
        let number = 0;
        const { state } = evaluate(
          nothing,
          rules,
          silences,
          { sample, environment: connection.environment, facts },
          () => String(++number),
        );
        return { sample, alerts: [...state.incidents] };
      } finally {
        sampler.close();
      }
    },
    watch,
    async recordedIncidents(connectionId) {
      const connection = await connections.get(connectionId);
      const lock = await lockRecording(connection, () => undefined);
      await lock?.release();
      if (lock) return null;
      return (await alertStore.read()).open.filter((incident) => incident.connectionId === connection.id);
    },
    fleet,
    configuration: async (connectionId, set) => {
      const { id } = await connections.get(connectionId);
      return fleet.configuration(id, set);
    },
    alerts,
    incidentPage: (id) => incidentPages.open(id),
    onNotice: notices.onNotice,
    history: { series: (query) => history.series(query), events: (...asked) => history.events(...asked) },
    rules: async () => rulesOf(await alertStore.read()),
    tryRule: (rule, connectionId, from, to) => tryRuleOn(history, rule, connectionId, from, to),
    async close() {
      await fleet.close();
      await Promise.all([...watches].map((each) => each.stop()));
      await history.close();
      alertStore.close();
    },
  };
}
