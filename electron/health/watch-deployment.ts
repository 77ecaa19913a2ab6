/** Watches one deployment for as long as it is asked to: samples, history, alerts. */
import { randomBytes } from 'node:crypto';
import type { AlertFacts, AlertNotice, Incident } from '../../shared/alerts';
import type { Connection } from '../../shared/connections';
import type { DeploymentSample, HealthEvent } from '../../shared/health';
import type { Logger } from '../platform/logger';
import type { JsonStore } from '../platform/json-file';
import { rulesOf, withIncidents, type AlertsFile } from './alerts/alert-store';
import { noFacts } from './alerts/backup-facts';
import { evaluate, resumeState, type EngineState } from './alerts/engine';
import type { History } from './history/service';
import type { DeploymentSampler } from './sampler/deployment-sampler';

/** What a watch tells with every sample. */
export interface WatchUpdate {
  sample: DeploymentSample;
  events: HealthEvent[];
  /** Open incidents of this deployment. */
  alerts: Incident[];
  notices: AlertNotice[];
}

export interface HealthWatch {
  /** Settles when the sample under way is over. */
  stop(): Promise<void>;
}

export interface WatchOptions {
  connection: Connection;
  sampler: DeploymentSampler;
  intervalMs: number;
  alertStore: JsonStore<AlertsFile>;
  /** Null: nothing is kept of this watch, and incidents are its own. */
  history: History | null;
  facts: (sample: DeploymentSample) => Promise<AlertFacts>;
  logger: Logger;
  listener: (update: WatchUpdate) => void;
}

const makeId = (): string => randomBytes(8).toString('hex');
const factsMs = 60_000;

/** What of the incidents is worth writing down: the newest value alone is not. */
function outline(incidents: readonly Incident[]): string {
  return incidents
    .map(({ id, severity, silenced, toldSeverity }) => `${id} ${severity} ${silenced} ${toldSeverity ?? ''}`)
    .join();
}

function alertEvents(notices: readonly AlertNotice[], at: number): HealthEvent[] {
  return notices.map(({ kind, incident }) => ({
    at,
    kind: kind === 'cleared' ? 'alert-cleared' : 'alert-fired',
    host: incident.host,
    set: incident.set,
    text: kind === 'cleared' ? `${incident.name}: over` : `${incident.name}: ${incident.text}`,
  }));
}

export function watchDeployment(options: WatchOptions): HealthWatch {
  const { connection, sampler, intervalMs, alertStore, history, logger, listener } = options;
  const now = Date.now();
  const sampling = (kind: HealthEvent['kind'], text: string): HealthEvent => ({
    at: Date.now(),
    kind,
    host: null,
    set: null,
    text,
  });
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;
  let file: AlertsFile | null = null;
  let state: EngineState = { trackers: new Map(), incidents: [] };
  let facts: { value: AlertFacts; dueAt: number } = { value: noFacts, dueAt: 0 };
  let pendingEvents: HealthEvent[] = [sampling('sampling-started', `Lifeboat began to watch ${connection.name}`)];
  let historyFailed = false;
  const unsubscribe = alertStore.onChange((changed) => (file = changed));

  async function readAlerts(): Promise<AlertsFile> {
    if (file) return file;
    const read = await alertStore.read();
    file = read;
    if (history) {
      const own = read.open.filter(({ connectionId }) => connectionId === connection.id);
      state = resumeState(own, rulesOf(read));
    }
    return read;
  }

  async function keep(sample: DeploymentSample, events: readonly HealthEvent[]): Promise<void> {
    if (!history) return;
    try {
      await history.append(sample, events);
      historyFailed = false;
    } catch (error) {
      // Watching goes on without; said once until it works again.
      if (!historyFailed) logger.warn({ error }, 'The history of health could not be written');
      historyFailed = true;
    }
  }

  async function tick(): Promise<void> {
    const { sample, events } = await sampler.sample();
    const { rules, silences } = await readAlerts().then((read) => ({ rules: rulesOf(read), silences: read.silences }));
    if (Date.now() >= facts.dueAt)
      facts = { value: await options.facts(sample).catch(() => noFacts), dueAt: Date.now() + factsMs };
    const before = outline(state.incidents);
    const observed = { sample, environment: connection.environment, facts: facts.value };
    const { state: next, cleared, notices } = evaluate(state, rules, silences, observed, makeId);
    state = next;
    if (history && (outline(next.incidents) !== before || cleared.length > 0)) {
      const keepIncidents = (old: AlertsFile) => withIncidents(old, connection.id, next.incidents, cleared, Date.now());
      await alertStore
        .update(keepIncidents)
        .catch((error: unknown) => logger.warn({ error }, 'Alerts could not be written'));
    }
    const told = [...pendingEvents, ...events, ...alertEvents(notices, sample.at)];
    pendingEvents = [];
    await keep(sample, told);
    if (!stopped) listener({ sample, events: told, alerts: [...next.incidents], notices });
  }

  async function run(): Promise<void> {
    for (let due = now; !stopped;) {
      try {
        await tick();
      } catch (error) {
        logger.error({ error }, 'A sample failed');
      }
      // Samples that took too long or a machine that slept leave out what is past.
      due = Math.max(due + intervalMs, Date.now());
      await new Promise<void>((resolve) => {
        if (stopped) return resolve();
        wake = resolve;
        timer = setTimeout(resolve, due - Date.now());
      });
    }
    unsubscribe();
    sampler.close();
  }
  const running = run();

  return {
    stop: async () => {
      stopped = true;
      if (timer) clearTimeout(timer);
      wake?.();
      await running;
    },
  };
}
