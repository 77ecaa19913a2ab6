/** The page of an incident: what, since when, why, what to do. */
import type { AlertRule, Incident } from '../../../shared/alerts';
import { membersOf, type DeploymentSample, type HealthEvent } from '../../../shared/health';
import type { IncidentPage } from '../../../shared/incidents';
import type { Job } from '../../../shared/jobs';
import type { Catalogue } from '../../catalogue/service';
import type { Connections } from '../../connections/service';
import type { Logger } from '../../platform/logger';
import { operationsNow } from '../../profiler/live/current-operations';
import { liveOperation } from '../../profiler/live/live-operation';
import type { Captures } from '../../profiler/sessions/service';
import type { Alerts } from '../alerts/alerts';
import type { History } from '../history/service';
import { withinLimit } from '../sampler/member-reader';
import { chartedMetric, subjectOf, type Subject } from './about';
import { backupCausesOf, type BackupCauses } from './backup-causes';
import { connectionCauses, diskCauses, indexSizes, oplogSizeCauses } from './capacity-causes';
import { lookIntoAll, type Check } from './checks';
import { downCauses } from './down-causes';
import { lagCauses } from './lag-causes';
import { backupReads, moreWrites } from './load-causes';
import { MemberDoors } from './member-doors';
import { cacheCauses, latencyCauses, loadCauses, lockCauses, operationCauses, scanCauses } from './operation-causes';
import { hourMs, type Scene } from './scene';
import { watchServer } from './server-reading';
import { noPrimaryCauses, stateCauses } from './set-causes';
import { stepsOf } from './steps';

export interface IncidentPagesDependencies {
  alerts: Pick<Alerts, 'incident' | 'rules'>;
  connections: Pick<Connections, 'list' | 'memberAddresses'>;
  history: Pick<History, 'series' | 'events'>;
  jobs: { list(): Promise<Job[]> };
  catalogue: Pick<Catalogue, 'list'>;
  captures: Pick<Captures, 'list' | 'ask'>;
  /** The newest sample of a deployment; null when nobody samples it. */
  latest: (connectionId: string) => Promise<DeploymentSample | null>;
  logger: Logger;
}

export interface IncidentPages {
  /** Settles within about four seconds, whoever does not answer. Throws 'not-found'. */
  open(id: string): Promise<IncidentPage>;
}

/** A question to one member, and a whole check, which may ask twice. */
const askMs = 2500;
const checkMs = 4000;
const minute = 60_000;
const mostEvents = 500;

function checksOf(subject: Subject, { backups, store }: BackupCauses): readonly Check[] {
  switch (subject) {
    case 'member-down':
      return downCauses;
    case 'member-state':
      return stateCauses;
    case 'no-primary':
      return noPrimaryCauses;
    case 'lag':
    case 'flow-control':
      return lagCauses;
    case 'connections':
      return [...connectionCauses, ...operationCauses.slice(0, 2)];
    case 'operations':
      return operationCauses;
    case 'locks':
      return lockCauses;
    case 'latency':
      return latencyCauses;
    case 'cache':
      return cacheCauses;
    case 'scans':
      return scanCauses;
    case 'disk':
      return [...diskCauses, moreWrites, backupReads];
    case 'index-size':
      return [indexSizes];
    case 'oplog':
      return [...oplogSizeCauses, moreWrites];
    case 'store':
      return store;
    case 'backup':
      return backups;
    case 'load':
      return loadCauses;
  }
}

/** The member to look at: where a primary waits, or backups are read from one that lags, it is the one that lags most. */
function memberOf(incident: Incident, subject: Subject, sample: DeploymentSample | null): string | null {
  const isOfOther = subject === 'flow-control' || (subject === 'lag' && incident.host === null);
  if (!isOfOther || !sample) return incident.host;
  const lagging = membersOf(sample).filter(({ metrics }) => metrics.lagSeconds !== null);
  return lagging.sort((a, b) => (b.metrics.lagSeconds ?? 0) - (a.metrics.lagSeconds ?? 0))[0]?.host ?? incident.host;
}

function chartOf(incident: Incident, rule: AlertRule | null, subject: Subject, until: number): IncidentPage['chart'] {
  const metric = chartedMetric(subject, rule);
  if (metric === null) return null;
  const condition = rule?.condition;
  const isOwn = condition?.kind === 'metric' && condition.metric === metric;
  const isLag = condition?.kind === 'fact' && condition.fact === 'backupSourceLagSeconds';
  const lasted = until - incident.since;
  const around = Math.min(6 * hourMs, Math.max(15 * minute, lasted / 2));
  return {
    metric,
    hosts: incident.host === null ? null : [incident.host],
    threshold: condition && 'threshold' in condition && (isOwn || isLag) ? condition.threshold : null,
    from: incident.since - around,
    to: incident.clearedAt === null ? until : Math.min(Date.now(), incident.clearedAt + around),
  };
}

export function createIncidentPages(dependencies: IncidentPagesDependencies): IncidentPages {
  const { alerts, connections, history, jobs, captures, latest } = dependencies;
  const logger = dependencies.logger.child({ part: 'incidents' });
  const backupCauses = backupCausesOf(dependencies.catalogue);

  async function eventsAround({ connectionId, since }: Incident, until: number): Promise<HealthEvent[]> {
    try {
      const asked = history.events(connectionId, since - hourMs, until + minute, mostEvents);
      return await withinLimit(asked, askMs, 'The history');
    } catch (error) {
      logger.warn({ error }, 'The events around an incident could not be read');
      return [];
    }
  }

  function sceneOf(
    incident: Incident,
    rule: AlertRule | null,
    subject: Subject,
    connectionName: string,
    sample: DeploymentSample | null,
    events: HealthEvent[],
    members: MemberDoors,
  ): Scene {
    const host = memberOf(incident, subject, sample);
    const sets = sample?.sets ?? [];
    // What is about a whole deployment is about its only set; a mongos is in none of several.
    const set = sets.find(({ name }) => name === incident.set) ?? (sets.length === 1 ? sets[0] : null) ?? null;
    const all = sample ? membersOf(sample) : [];
    const member = all.find((each) => each.host === host) ?? sample?.singles[0] ?? null;
    const once = <T>(ask: (asked: string) => Promise<T>): ((asked: string) => Promise<T>) => {
      const answers = new Map<string, Promise<T>>();
      return (asked) => {
        const answer = answers.get(asked) ?? ask(asked);
        answers.set(asked, answer);
        return answer;
      };
    };
    return {
      incident: { ...incident, host },
      rule,
      connectionName,
      isOpen: incident.clearedAt === null,
      until: incident.clearedAt ?? Date.now(),
      sample,
      set,
      member,
      primary: set?.members.find((each) => each.host === set.primary) ?? (set ? null : member),
      events,
      members,
      operations: once(async (asked) => {
        const entries = await members.ask(asked, (client) => operationsNow(client, false));
        const seenAt = Date.now();
        return entries.map((entry) => liveOperation(entry, asked, seenAt));
      }),
      movement: once((asked) => watchServer(members, asked)),
      history,
      jobs,
      captures,
    };
  }

  return {
    async open(id) {
      const incident = await alerts.incident(id);
      const rule = (await alerts.rules()).find((entry) => entry.rule.id === incident.ruleId)?.rule ?? null;
      const until = incident.clearedAt ?? Date.now();
      const connection = (await connections.list()).find((each) => each.id === incident.connectionId);
      const subject = subjectOf(incident, rule);
      const isOpen = incident.clearedAt === null;
      const [events, sample] = await Promise.all([
        eventsAround(incident, until),
        isOpen && connection ? latest(connection.id).catch(() => null) : null,
      ]);
      const members = new MemberDoors(() => connections.memberAddresses(incident.connectionId), askMs);
      try {
        const scene = sceneOf(incident, rule, subject, connection?.name ?? '', sample, events, members);
        return {
          incident,
          rule,
          chart: chartOf(incident, rule, subject, until),
          causes: await lookIntoAll(checksOf(subject, backupCauses), scene, checkMs),
          steps: stepsOf(subject, incident),
          events,
        };
      } finally {
        members.close();
      }
    },
  };
}
