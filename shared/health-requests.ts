/** The contract's part on health: deployments, alerts, operations on replica sets. */
import { z } from 'zod';
import { alertRuleSchema, type RuleTrial, type Silence } from './alerts';
import {
  eventsRequestSchema,
  setRequestSchema,
  type DeploymentHealth,
  type ReplicaSetConfiguration,
} from './deployment-health';
import type { HealthEvent } from './health';
import { historyQuerySchema, type HistorySeries } from './health-history';
import {
  acknowledgeSchema,
  newSilenceSchema,
  trialRequestSchema,
  type IncidentLists,
  type IncidentPage,
  type RuleEntry,
} from './incidents';
import {
  operationReportSchema,
  operationRequestSchema,
  startOperationSchema,
  type OperationOutcome,
  type OperationPreview,
  type ResyncGuide,
} from './operations';
import { request, type Started } from './request';

const nothing = z.undefined();
const id = z.object({ id: z.string().min(1) });
const connection = z.object({ connectionId: z.string().min(1) });

export const healthRequests = {
  /** Every saved connection's, worst first. */
  'health.deployments': request(nothing).answers<DeploymentHealth[]>(),
  'health.deployment': request(connection).answers<DeploymentHealth>(),
  'health.series': request(historyQuerySchema).answers<HistorySeries>(),
  /** Oldest first. */
  'health.events': request(eventsRequestSchema).answers<HealthEvent[]>(),
  'health.configuration': request(setRequestSchema).answers<ReplicaSetConfiguration>(),
  /** A chart as PNG (a data URL) or text (CSV), into a file that the user chooses; null when dismissed. */
  'health.export-chart': request(
    z.object({ name: z.string().min(1).max(120), format: z.enum(['png', 'csv']), content: z.string().max(50_000_000) }),
  ).answers<{ path: string } | null>(),

  'alerts.incidents': request(nothing).answers<IncidentLists>(),
  /** Looks into the causes while it answers. */
  'alerts.incident': request(id).answers<IncidentPage>(),
  'alerts.acknowledge': request(acknowledgeSchema).answers<null>(),
  'alerts.silences': request(nothing).answers<Silence[]>(),
  'alerts.silence': request(newSilenceSchema).answers<Silence>(),
  'alerts.end-silence': request(id).answers<null>(),
  'alerts.rules': request(nothing).answers<RuleEntry[]>(),
  'alerts.save-rule': request(alertRuleSchema).answers<RuleEntry>(),
  /** A default goes back to what it was; a rule of the user's own is deleted. */
  'alerts.reset-rule': request(id).answers<null>(),
  'alerts.try-rule': request(trialRequestSchema).answers<RuleTrial>(),

  'operations.preview': request(operationRequestSchema).answers<OperationPreview>(),
  /** A job whose result is the outcome's id, also when it failed. */
  'operations.start': request(startOperationSchema).answers<Started>(),
  'operations.outcome': request(id).answers<OperationOutcome>(),
  /** Newest first, of all connections. */
  'operations.list': request(nothing).answers<OperationOutcome[]>(),
  /** What became of it, into a file that the user chooses; null when dismissed. */
  'operation-reports.save': request(operationReportSchema).answers<{ path: string } | null>(),
  'operations.resync-guide': request(
    connection.extend({ set: z.string().nullable(), host: z.string().min(1) }),
  ).answers<ResyncGuide>(),
} as const;

export interface HealthEvents {
  /** With every sample of a deployment, and when its incidents changed. */
  'health.changed': DeploymentHealth;
  /** Events of one deployment as they happen. */
  'health.events': { connectionId: string; events: HealthEvent[] };
  /** Incidents, acknowledgements, silences or rules changed. */
  'alerts.changed': null;
}
