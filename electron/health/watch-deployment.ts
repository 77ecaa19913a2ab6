/** Watches one deployment for as long as it is asked to: samples, history, alerts. */
import { randomBytes } from 'node:crypto';
import type { AlertFacts, AlertNotice, Incident } from '../../shared/alerts';
import type { Connection } from '../../shared/connections';
import type { DeploymentSample, HealthEvent } from '../../shared/health';
import type { Logger } from '../platform/logger';
import type { FileLock } from '../platform/file-lock';
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
  /** None where another process records, which tells them. */
  notices: AlertNotice[];
  recordedHere: boolean;
}

export interface HealthWatch {
  /** What `replSetGetConfig` answers, as {@link DeploymentSampler.configurationFrom}. */
  configurationFrom(hosts: readonly string[]): Promise<unknown>;
  /** Settles soon, also in the middle of a sample. */
  stop(): Promise<void>;
}

/** History and incidents that processes share; one of them writes those of a deployment. */
export interface Recording {
  history: Pick<History, 'append'>;
  /** Null while another process records. `onLost`: another one took it away. */
  lock(onLost: () => void): Promise<FileLock | null>;
}

export interface WatchOptions {
  connection: Pick<Connection, 'id' | 'name' | 'environment'>;
  sampler: DeploymentSampler;
  intervalMs: number;
  /** Before the first sample; 0 by default. */
  delayMs?: number;
  alertStore: JsonStore<AlertsFile>;
  /** Null: nothing is kept of this watch, and incidents are its own. */
  recording: Recording | null;
  facts: (sample: DeploymentSample) => Promise<AlertFacts>;
  logger: Logger;
  listener: (update: WatchUpdate) => void;
}

/**
 * 'here': written by this process. 'elsewhere': by another, whose incidents are told. 'nowhere': not wanted, or impossible for now;
 * incidents are this watch's own.
 */
type Recorded = 'here' | 'elsewhere' | 'nowhere';

const makeId = (): string => randomBytes(8).toString('hex');
const factsMs = 60_000;
/** Between looks whether the process that records has ended. */
const lookAgainMs = 5000;

/** What of the incidents is worth writing down: the newest value alone is not. */
function outline(incidents: readonly Incident[]): string {
  return incidents
    .map(
      ({ id, severity, silenced, toldSeverity, followsFrom }) =>
        `${id} ${severity} ${silenced} ${toldSeverity ?? ''} ${followsFrom ?? ''}`,
    )
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
  const { connection, sampler, intervalMs, alertStore, recording, logger, listener } = options;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;
  let file: Pick<AlertsFile, 'rules' | 'silences' | 'open'> | null = null;
  let state: EngineState = { trackers: new Map(), incidents: [] };
  let facts: { value: AlertFacts; dueAt: number } = { value: noFacts, dueAt: 0 };
  const began = (): HealthEvent => {
    const text = `Lifeboat began to watch ${connection.name}`;
    return { at: Date.now(), kind: 'sampling-started', host: null, set: null, text };
  };
  let pendingEvents: HealthEvent[] = recording ? [] : [began()];
  let recorded: Recorded = 'nowhere';
  let lock: FileLock | null = null;
  let lockDueAt = 0;
  /** What is said once until it works again. */
  const failing = new Set<string>();
  const unsubscribe = alertStore.onChange((changed) => (file = changed));

  function noteFailure(what: string, error: unknown): void {
    if (!failing.has(what)) logger.warn({ error, connection: connection.name }, what);
    failing.add(what);
  }

  /** Takes the recording over when nobody else has it, and goes on with the incidents that are open. */
  async function tryToRecord(): Promise<void> {
    if (!recording || lock || Date.now() < lockDueAt) return;
    const cannot = 'A deployment could not be recorded';
    lockDueAt = Date.now() + lookAgainMs;
    try {
      lock = await recording.lock(() => {
        lock = null;
        recorded = 'elsewhere';
      });
      recorded = lock ? 'here' : 'elsewhere';
      if (!lock) return;
      file = await alertStore.read();
      const own = file.open.filter(({ connectionId }) => connectionId === connection.id);
      state = resumeState(own, rulesOf(file));
      pendingEvents.push(began());
      failing.delete(cannot);
    } catch (error) {
      recorded = 'nowhere';
      await lock?.release();
      lock = null;
      noteFailure(cannot, error);
    }
  }

  async function keep(sample: DeploymentSample, events: readonly HealthEvent[]): Promise<void> {
    if (recorded !== 'here' || !recording) return;
    const cannot = 'The history of health could not be written';
    try {
      await recording.history.append(sample, events);
      failing.delete(cannot);
    } catch (error) {
      // Watching goes on without.
      noteFailure(cannot, error);
    }
  }

  /** A damaged file is no reason to be blind: the rules that Lifeboat began with are judged by. */
  async function readAlerts(): Promise<NonNullable<typeof file>> {
    if (file) return file;
    const cannot = 'Alerts could not be read';
    try {
      file = await alertStore.read();
      failing.delete(cannot);
      return file;
    } catch (error) {
      noteFailure(cannot, error);
      return { rules: [], silences: [], open: [] };
    }
  }

  async function judge(sample: DeploymentSample, from: NonNullable<typeof file>): Promise<AlertNotice[]> {
    if (Date.now() >= facts.dueAt)
      facts = { value: await options.facts(sample).catch(() => noFacts), dueAt: Date.now() + factsMs };
    const before = outline(state.incidents);
    const observed = { sample, environment: connection.environment, facts: facts.value };
    const { state: next, cleared, notices } = evaluate(state, rulesOf(from), from.silences, observed, makeId);
    state = next;
    if (recorded === 'here' && (outline(next.incidents) !== before || cleared.length > 0)) {
      const keepIncidents = (old: AlertsFile) => withIncidents(old, connection.id, next.incidents, cleared, Date.now());
      await alertStore
        .update(keepIncidents)
        .catch((error: unknown) => logger.warn({ error }, 'Alerts could not be written'));
    }
    return notices;
  }

  async function tick(): Promise<void> {
    await tryToRecord();
    const { sample, events } = await sampler.sample();
    // Cut off by the end of the watch: members that were not waited for are not down.
    if (stopped) return;
    const read = await readAlerts();
    const isFollowing = recorded === 'elsewhere';
    const notices = isFollowing ? [] : await judge(sample, read);
    const told = [...pendingEvents, ...events, ...alertEvents(notices, sample.at)];
    pendingEvents = [];
    await keep(sample, told);
    if (stopped) return;
    const alerts = isFollowing
      ? read.open.filter(({ connectionId }) => connectionId === connection.id)
      : [...state.incidents];
    listener({ sample, events: told, alerts, notices, recordedHere: recorded === 'here' });
  }

  function pauseUntil(due: number): Promise<void> {
    return new Promise((resolve) => {
      if (stopped) return resolve();
      wake = resolve;
      timer = setTimeout(resolve, due - Date.now());
    });
  }

  async function run(): Promise<void> {
    let due = Date.now() + (options.delayMs ?? 0);
    if (options.delayMs) await pauseUntil(due);
    while (!stopped) {
      try {
        await tick();
      } catch (error) {
        logger.error({ error }, 'A sample failed');
      }
      // Samples that took too long or a machine that slept leave out what is past.
      due = Math.max(due + intervalMs, Date.now());
      await pauseUntil(due);
    }
    unsubscribe();
    await lock?.release();
  }
  const running = run();

  return {
    configurationFrom: (hosts) => sampler.configurationFrom(hosts),
    stop: async () => {
      stopped = true;
      if (timer) clearTimeout(timer);
      wake?.();
      sampler.close();
      await running;
    },
  };
}
