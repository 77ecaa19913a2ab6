/** An alert's page: what, since when, why, what to do. Times are milliseconds since 1970. */
import { z } from 'zod';
import { alertRuleSchema, silenceSchema, type AlertRule, type Incident } from './alerts';
import type { HealthEvent, MetricName } from './health';

/** One likely cause, looked into when the page was opened. */
export interface LikelyCause {
  /** 'yes': found; 'no': looked for and not found; 'unknown': could not be looked for. */
  found: 'yes' | 'no' | 'unknown';
  /** One sentence that names the member and the event. */
  text: string;
  /** What a server said of it, in its own words. */
  details?: string;
  /** When it began, where that is known. */
  since: number | null;
}

export interface IncidentPage {
  incident: Incident;
  /** Null when the rule was deleted since. */
  rule: AlertRule | null;
  /** The chart around it: of the rule's number, or of what shows best what happened; null where nothing does. */
  chart: { metric: MetricName; hosts: string[] | null; threshold: number | null; from: number; to: number } | null;
  /** The most likely first. */
  causes: LikelyCause[];
  /** The steps to take, in their order. */
  steps: string[];
  /** What happened to the deployment from a while before it until its end, oldest first. */
  events: HealthEvent[];
}

export interface IncidentLists {
  /** Gravest first. */
  open: Incident[];
  /** Newest first. */
  past: Incident[];
}

export const acknowledgeSchema = z.object({ incidentId: z.string().min(1), note: z.string().max(500) });
export const newSilenceSchema = silenceSchema.pick({
  group: true,
  connectionId: true,
  host: true,
  until: true,
  reason: true,
});
export const trialRequestSchema = z.object({
  rule: alertRuleSchema,
  connectionId: z.string().min(1),
  from: z.number(),
  to: z.number(),
});

/** A rule beside what Lifeboat began with. */
export interface RuleEntry {
  rule: AlertRule;
  /** Null for rules of the user's own. */
  original: AlertRule | null;
}
