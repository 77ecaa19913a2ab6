/** Watches every connection there is for as long as the window's process lives, each for itself. */
import type { AlertNotice, Incident } from '../../../shared/alerts';
import type { Connection } from '../../../shared/connections';
import type { DeploymentHealth, ReplicaSetConfiguration } from '../../../shared/deployment-health';
import type { HealthEvent, MemberProblem } from '../../../shared/health';
import { AppFailure, errorCodeSchema, fail } from '../../../shared/result';
import type { Connections } from '../../connections/service';
import type { JsonStore } from '../../platform/json-file';
import type { Logger } from '../../platform/logger';
import type { SettingsService } from '../../settings/service';
import { withIncidents, type AlertsFile } from '../alerts/alert-store';
import { MemberUnreachable } from '../sampler/member-reader';
import type { HealthWatch, WatchUpdate } from '../watch-deployment';
import { describeConfiguration } from './configuration';
import { byGravity, judge, worstFirst } from './verdict';

export interface FleetDependencies {
  connections: Pick<Connections, 'list' | 'get' | 'onChange'>;
  settings: Pick<SettingsService, 'get' | 'onChange'>;
  alertStore: Pick<JsonStore<AlertsFile>, 'read' | 'update' | 'onChange'>;
  watch(
    connectionId: string,
    options: { intervalMs: number; record: boolean; delayMs?: number },
    listener: (update: WatchUpdate) => void,
  ): Promise<HealthWatch>;
  /** For incidents that are over because their connection is gone. */
  tell(connection: Pick<Connection, 'name' | 'environment'>, notices: readonly AlertNotice[], at: number): void;
  logger: Logger;
}

export interface Fleet {
  /** Begins with the connections there are and follows the list from then on; a second call does nothing. */
  start(): void;
  /** Every connection's, worst first. */
  deployments(): Promise<DeploymentHealth[]>;
  /** Throws 'not-found'. */
  deployment(connectionId: string): Promise<DeploymentHealth>;
  /** By its id, from a member as it was seen last; asks anew when it is not watched. Errors as of `Health.configuration`. */
  configuration(connectionId: string, set: string | null): Promise<ReplicaSetConfiguration>;
  /** With every sample, and when incidents changed; returns how to stop listening. */
  onChanged(listener: (health: DeploymentHealth) => void): () => void;
  /** Never empty ones. */
  onEvents(listener: (connectionId: string, events: HealthEvent[]) => void): () => void;
  close(): Promise<void>;
}

/** One deployment that is watched. */
interface Watched {
  /** What leads to it: another one is watched anew. */
  key: string;
  watch: HealthWatch;
  health: DeploymentHealth;
}

const removedConnection = { name: 'a connection that was removed', environment: 'development' } as const;

/** A pause in which several changes of the list become one. */
const settleMs = 50;
/** Between the first samples of two deployments, at most. */
const staggerMs = 100;

function keyOf({ uri, username, secretPlace, environment, name }: Connection, intervalMs: number): string {
  return JSON.stringify([uri, username, secretPlace, environment, name, intervalMs]);
}

function unknownHealth(connectionId: string, intervalMs: number): DeploymentHealth {
  return {
    connectionId,
    verdict: 'unknown',
    since: null,
    problem: null,
    sample: null,
    incidents: [],
    intervalMs,
    recordedHere: false,
  };
}

function unreachable({ code, message }: MemberProblem): AppFailure {
  const known = errorCodeSchema.safeParse(code);
  return new AppFailure({ code: known.success ? known.data : 'unreachable', message });
}

export function createFleet(dependencies: FleetDependencies): Fleet {
  const { connections, settings, alertStore, logger } = dependencies;
  const watched = new Map<string, Watched>();
  /** Given another password since they were watched. */
  const outdated = new Set<string>();
  let acknowledged: ReadonlyMap<string, Incident['acknowledged']> = new Map();
  const changedListeners = new Set<(health: DeploymentHealth) => void>();
  const eventListeners = new Set<(connectionId: string, events: HealthEvent[]) => void>();
  const unsubscribe: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let following: Promise<void> = Promise.resolve();
  let state: 'idle' | 'started' | 'closed' = 'idle';

  const intervalMs = async (): Promise<number> => (await settings.get()).healthIntervalSeconds * 1000;

  function put(entry: Watched, change: Partial<DeploymentHealth>, at: number): void {
    const merged = { ...entry.health, ...change };
    const { verdict, problem, since } = judge(merged.sample, merged.incidents);
    const holds = entry.health.verdict === verdict && entry.health.since !== null;
    entry.health = {
      ...merged,
      verdict,
      problem,
      since: since ?? (holds ? entry.health.since : merged.sample && at),
      incidents: [...merged.incidents].sort(byGravity),
    };
    for (const listener of [...changedListeners]) listener(entry.health);
  }

  function take(id: string, { sample, events, alerts, recordedHere }: WatchUpdate): void {
    const entry = watched.get(id);
    if (!entry) return;
    put(entry, { sample, incidents: withAcknowledgements(alerts), recordedHere }, sample.at);
    if (events.length > 0) for (const listener of [...eventListeners]) listener(id, events);
  }

  /** They are written by whoever gives them, not by the watch. */
  function withAcknowledgements(incidents: readonly Incident[]): Incident[] {
    return incidents.map((incident) => ({
      ...incident,
      acknowledged: acknowledged.get(incident.id) ?? incident.acknowledged,
    }));
  }

  function takeAlerts({ open }: AlertsFile): void {
    acknowledged = new Map(open.map((incident) => [incident.id, incident.acknowledged]));
    for (const entry of watched.values()) {
      const { incidents } = entry.health;
      const next = withAcknowledgements(incidents);
      if (JSON.stringify(next) !== JSON.stringify(incidents)) put(entry, { incidents: next }, Date.now());
    }
  }

  async function end(id: string): Promise<void> {
    const entry = watched.get(id);
    watched.delete(id);
    await entry?.watch.stop();
  }

  async function begin(connection: Connection, every: number, delayMs: number): Promise<void> {
    const { id } = connection;
    const options = { intervalMs: every, record: true, delayMs };
    const watch = await dependencies.watch(id, options, (update) => take(id, update));
    watched.set(id, { key: keyOf(connection, every), watch, health: unknownHealth(id, every) });
  }

  /** What is open of connections that are no more would stay open for ever: nobody watches them. */
  async function clearLost(known: ReadonlySet<string>): Promise<void> {
    const stored = await alertStore.read();
    takeAlerts(stored);
    if (stored.open.every(({ connectionId }) => known.has(connectionId))) return;
    const now = Date.now();
    let cleared: Incident[] = [];
    await alertStore.update((file) => {
      const lost = file.open.filter(({ connectionId }) => !known.has(connectionId));
      cleared = lost.map((incident) => ({ ...incident, clearedAt: now }));
      return [...new Set(lost.map(({ connectionId }) => connectionId))].reduce((changed, connectionId) => {
        const own = cleared.filter((incident) => incident.connectionId === connectionId);
        return withIncidents(changed, connectionId, [], own, now);
      }, file);
    });
    const told = cleared.filter(({ toldSeverity }) => toldSeverity !== null);
    dependencies.tell(
      removedConnection,
      told.map((incident) => ({ kind: 'cleared', incident })),
      now,
    );
  }

  async function follow(): Promise<void> {
    if (state !== 'started') return;
    const [list, every] = await Promise.all([connections.list(), intervalMs()]);
    const wanted = new Map(list.map((connection) => [connection.id, connection]));
    const isStale = (id: string, key: string): boolean => {
      const connection = wanted.get(id);
      return !connection || keyOf(connection, every) !== key || outdated.has(id);
    };
    const stale = [...watched].filter(([id, { key }]) => isStale(id, key)).map(([id]) => id);
    outdated.clear();
    await Promise.all(stale.map(end));
    const missing = list.filter(({ id }) => !watched.has(id));
    const apart = Math.min(staggerMs, every / Math.max(1, missing.length));
    for (const [index, connection] of missing.entries()) {
      if (state !== 'started') return;
      await begin(connection, every, index * apart).catch((error: unknown) =>
        logger.error({ error, connection: connection.name }, 'A deployment cannot be watched'),
      );
    }
    await clearLost(new Set(wanted.keys()));
  }

  function followNow(): void {
    following = following
      .then(follow)
      .catch((error: unknown) => logger.error({ error }, 'The list of connections could not be followed'));
  }

  function followSoon(): void {
    if (state !== 'started') return;
    if (timer) clearTimeout(timer);
    timer = setTimeout(followNow, settleMs);
  }

  async function deployment(connectionId: string): Promise<DeploymentHealth> {
    const { id } = await connections.get(connectionId);
    return watched.get(id)?.health ?? unknownHealth(id, await intervalMs());
  }

  return {
    start() {
      if (state !== 'idle') return;
      state = 'started';
      unsubscribe.push(
        connections.onChange((id) => {
          if (id !== null) outdated.add(id);
          followSoon();
        }),
        settings.onChange(followSoon),
        alertStore.onChange(takeAlerts),
      );
      followNow();
    },
    deployments: async () => {
      const [list, every] = await Promise.all([connections.list(), intervalMs()]);
      return list.map(({ id }) => watched.get(id)?.health ?? unknownHealth(id, every)).sort(worstFirst);
    },
    deployment,
    configuration: async (connectionId, set) => {
      const entry = watched.get(connectionId);
      const sample = entry?.health.sample;
      if (!entry || !sample) fail('not-found', 'The deployment was not sampled yet.', 'Try again in a moment.');
      const { sets } = sample;
      if (set === null && sets.length > 1) fail('usage', 'This deployment has several sets.', 'Name one of them.');
      const found = set === null ? sets[0] : sets.find(({ name }) => name === set);
      if (!found && sample.problem) throw unreachable(sample.problem);
      if (!found)
        fail('not-found', set === null ? 'This deployment is no replica set.' : `There is no set ${set} here.`);
      const hosts = [...found.members]
        .sort((a, b) => Number(b.state === 'PRIMARY') - Number(a.state === 'PRIMARY'))
        .map(({ host }) => host);
      const answer = await entry.watch.configurationFrom(hosts).catch((error: unknown) => {
        throw error instanceof MemberUnreachable ? unreachable(error.problem) : error;
      });
      if (answer === null)
        fail(
          'not-authorized',
          `The configuration of ${found.name} may not be read.`,
          'Give the user the role clusterMonitor on admin.',
        );
      return describeConfiguration(answer);
    },
    onChanged: (listener) => {
      changedListeners.add(listener);
      return () => changedListeners.delete(listener);
    },
    onEvents: (listener) => {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    async close() {
      state = 'closed';
      if (timer) clearTimeout(timer);
      for (const stop of unsubscribe) stop();
      await following;
      await Promise.all([...watched.keys()].map(end));
    },
  };
}
