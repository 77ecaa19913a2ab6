/** What the user changed of the rules, silences, and incidents, in one file that window and command line share. */
import { z } from 'zod';
import { alertRuleSchema, incidentSchema, silenceSchema, type AlertRule, type Incident } from '../../../shared/alerts';
import { JsonStore } from '../../platform/json-file';
import { defaultRules } from './default-rules';

const mostPast = 500;

const alertsFileSchema = z.object({
  formatVersion: z.literal(1),
  /** Rules that differ from the defaults, and rules of the user's own. */
  rules: z.array(alertRuleSchema),
  silences: z.array(silenceSchema),
  open: z.array(incidentSchema),
  /** Newest first. */
  past: z.array(incidentSchema),
});
export type AlertsFile = z.infer<typeof alertsFileSchema>;

export function createAlertStore(path: string): JsonStore<AlertsFile> {
  return new JsonStore({
    path,
    schema: alertsFileSchema,
    absent: () => ({ formatVersion: 1, rules: [], silences: [], open: [], past: [] }),
  });
}

/** The defaults as changed by the user, then the user's own. */
export function rulesOf(file: Pick<AlertsFile, 'rules'>): AlertRule[] {
  const changed = new Map(file.rules.map((rule) => [rule.id, rule]));
  const defaults = defaultRules.map((rule) => changed.get(rule.id) ?? rule);
  const ids = new Set(defaultRules.map(({ id }) => id));
  return [...defaults, ...file.rules.filter(({ id }) => !ids.has(id))];
}

/**
 * The file after one evaluation of one deployment. What others acknowledged meanwhile stays acknowledged; silences that are over
 * are forgotten after a day.
 */
export function withIncidents(
  file: AlertsFile,
  connectionId: string,
  open: readonly Incident[],
  cleared: readonly Incident[],
  now: number,
): AlertsFile {
  const stored = new Map(file.open.map((incident) => [incident.id, incident]));
  const withAcknowledgement = (incident: Incident): Incident => ({
    ...incident,
    acknowledged: stored.get(incident.id)?.acknowledged ?? incident.acknowledged,
  });
  return {
    ...file,
    silences: file.silences.filter(({ until }) => until > now - 86_400_000),
    open: [
      ...file.open.filter((incident) => incident.connectionId !== connectionId),
      ...open.filter((incident) => incident.connectionId === connectionId).map(withAcknowledgement),
    ],
    past: [...cleared.map(withAcknowledgement), ...file.past].slice(0, mostPast),
  };
}

export function withAcknowledgement(
  open: readonly Incident[],
  incidentId: string,
  acknowledged: Incident['acknowledged'],
): Incident[] {
  return open.map((incident) => (incident.id === incidentId ? { ...incident, acknowledged } : incident));
}
