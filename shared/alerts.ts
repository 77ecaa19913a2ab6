/** Alert rules, what fires, what is silenced. Times are milliseconds since 1970. */
import { z } from 'zod';
import { environmentSchema } from './connections';
import { metricNameSchema, type MetricUnit } from './health';

export const severities = ['info', 'warning', 'high', 'critical'] as const;
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

/** What is known of a deployment besides its members' numbers; the oplog and lag facts are for the sake of its backups. */
export const alertFacts = [
  /** 1 when the newest attempt of a backup failed. */
  'backupFailed',
  'hoursSinceVerifiedBackup',
  'backupMinutes',
  /** The newest backup's time and size, of the median of those before it. */
  'backupTimeOfBaselinePercent',
  'backupSizeOfBaselinePercent',
  /** Of the attempts of the last seven days. */
  'backupSuccessPercent',
  /** How many hours the oplog falls short of a backup's duration and the gap between two. */
  'oplogShortOfBackupHours',
  /** Lag of the member that the newest backup was read from. */
  'backupSourceLagSeconds',
  /** Of the disk that the newest backup is on. */
  'storeUsedPercent',
  /** The newest backup's size, of the one made a week before. */
  'backupSizeOfLastWeekPercent',
] as const;
export type AlertFact = (typeof alertFacts)[number];
export type AlertFacts = Record<AlertFact, number | null>;

export const alertFactUnits: Readonly<Record<AlertFact, MetricUnit | 'minutes'>> = {
  backupFailed: 'count',
  hoursSinceVerifiedBackup: 'hours',
  backupMinutes: 'minutes',
  backupTimeOfBaselinePercent: 'percent',
  backupSizeOfBaselinePercent: 'percent',
  backupSuccessPercent: 'percent',
  oplogShortOfBackupHours: 'hours',
  backupSourceLagSeconds: 'seconds',
  storeUsedPercent: 'percent',
  backupSizeOfLastWeekPercent: 'percent',
};

const limits = {
  /** The side on which it breaks the rule. */
  when: z.enum(['above', 'below']),
  threshold: z.number(),
  /** It is over only beyond this value, on the other side of the threshold or at it. */
  clearAt: z.number(),
};

export const alertConditionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('metric'), metric: metricNameSchema, ...limits }),
  z.object({ kind: z.literal('fact'), fact: z.enum(alertFacts), ...limits }),
  /** A member does not answer. */
  z.object({ kind: z.literal('member-down') }),
  /** A member is neither primary nor secondary nor arbiter; one that does not answer is down instead. */
  z.object({ kind: z.literal('member-state') }),
  z.object({ kind: z.literal('no-primary') }),
]);
export type AlertCondition = z.infer<typeof alertConditionSchema>;

export const alertRuleSchema = z.object({
  id: z.string().min(1).max(80),
  name: z.string().min(1).max(120),
  enabled: z.boolean(),
  severity: severitySchema,
  condition: alertConditionSchema,
  /** Seconds it must last before it fires. */
  forSeconds: z.number().min(0).max(86_400),
  /** Seconds it must be well before it is over. */
  clearSeconds: z.number().min(0).max(86_400),
  /** Rules of one group make one incident of a subject, with the gravest severity that fires. */
  group: z.string().min(1),
  /** Null: everything. */
  scope: z.object({
    connectionIds: z.array(z.string()).nullable(),
    environments: z.array(environmentSchema).nullable(),
    hosts: z.array(z.string()).nullable(),
  }),
  /** Where the steps to take are written down. */
  runbook: z.string().nullable(),
});
export type AlertRule = z.infer<typeof alertRuleSchema>;

export const silenceSchema = z.object({
  id: z.string(),
  /** Null: every group, connection, member. */
  group: z.string().nullable(),
  connectionId: z.string().nullable(),
  host: z.string().nullable(),
  until: z.number(),
  reason: z.string().min(1),
  by: z.string(),
  at: z.number(),
});
export type Silence = z.infer<typeof silenceSchema>;

export const incidentSchema = z.object({
  id: z.string(),
  group: z.string(),
  /** The gravest rule that fires. */
  ruleId: z.string(),
  name: z.string(),
  severity: severitySchema,
  connectionId: z.string(),
  set: z.string().nullable(),
  /** The member it names; null when it is about the whole set or deployment. */
  host: z.string().nullable(),
  /** When the condition began, when it had lasted long enough, when it was over. */
  since: z.number(),
  firedAt: z.number(),
  clearedAt: z.number().nullable(),
  /** The newest known value. */
  value: z.number().nullable(),
  text: z.string(),
  acknowledged: z.object({ at: z.number(), by: z.string(), note: z.string() }).nullable(),
  silenced: z.boolean(),
  /** The severity that was last told; null when nobody was told yet. */
  toldSeverity: severitySchema.nullable(),
  /** Id of the incident that it is a consequence of; absent: of its own. */
  followsFrom: z.string().optional(),
});
export type Incident = z.infer<typeof incidentSchema>;

/** What channels get: 'fired' once for an incident, 'escalated' when it became graver, 'acknowledged' by somebody, 'cleared' once. */
export interface AlertNotice {
  kind: 'fired' | 'escalated' | 'acknowledged' | 'cleared';
  incident: Incident;
}

/** "Would have fired 3 times last week". */
export interface RuleTrial {
  from: number;
  to: number;
  /** `host`: the member, or the name of the set that had no primary. */
  firings: { host: string; firedAt: number; clearedAt: number | null; worst: number | null }[];
}
