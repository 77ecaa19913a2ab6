/**
 * Operations on replica sets: each is previewed, guarded, runs as a job and leaves an outcome. Times are milliseconds since
 * 1970, durations seconds unless their name says otherwise.
 */
import { z } from 'zod';
import type { AppError } from './result';

const host = z.string().min(1).max(300);
const seconds = z.number().int().min(0).max(86_400);
const memberSettings = {
  priority: z.number().min(0).max(1000),
  votes: z.union([z.literal(0), z.literal(1)]),
  hidden: z.boolean(),
  delaySeconds: seconds,
  tags: z.record(z.string(), z.string()),
};

export const operationSchema = z.discriminatedUnion('kind', [
  /** The primary steps down for `seconds`; waits at most `catchUpSeconds` for an electable secondary to catch up. */
  z.object({ kind: z.literal('step-down'), seconds: seconds.min(1), catchUpSeconds: seconds, force: z.boolean() }),
  /** Keeps a secondary from being elected; 0 seconds ends that. */
  z.object({ kind: z.literal('freeze'), host, seconds }),
  /**
   * A step-down watched by a client that writes and reads all the time. `returnToFormer`: the former primary is elected again
   * at the end, which is a second election; left away, it is not asked to come back.
   */
  z.object({ kind: z.literal('failover-test'), returnToFormer: z.boolean().optional() }),
  /**
   * What is left away of a member stays as it is; `tags` replaces all its tags. Hidden, delayed and votes 0 bring priority 0
   * along, unless another priority is asked for, which is refused.
   */
  z.object({
    kind: z.literal('reconfigure'),
    changes: z.array(z.object({ host, ...z.object(memberSettings).partial().shape })).min(1),
  }),
  /** An arbiter always votes and has priority 0, whatever is said here. */
  z.object({
    kind: z.literal('add-member'),
    host,
    arbiterOnly: z.boolean(),
    ...memberSettings,
  }),
  z.object({ kind: z.literal('remove-member'), host }),
  /** Adds `newHost` without vote, waits until it is a secondary, then gives it `host`'s place. */
  z.object({ kind: z.literal('replace-member'), host, newHost: host }),
  /** One collection after the other, on one member; `force`: on the primary, too. */
  z.object({ kind: z.literal('compact'), host, namespaces: z.array(z.string().min(3)).min(1), force: z.boolean() }),
]);
export type Operation = z.output<typeof operationSchema>;
export type OperationKind = Operation['kind'];

/** `set` null: the only set of the deployment. */
export const operationRequestSchema = z.object({
  connectionId: z.string().min(1),
  set: z.string().nullable(),
  operation: operationSchema,
});
export type OperationRequest = z.output<typeof operationRequestSchema>;

/**
 * What the preview was made from; an operation fails with 'preview-stale' when the set has changed since. `term`: of the
 * election, so that a step-down in between is noticed, even if the same member is primary again.
 */
export const operationPinSchema = z.object({
  configurationVersion: z.number().int(),
  term: z.number().int().nullable(),
  primary: z.string().nullable(),
});
export type OperationPin = z.output<typeof operationPinSchema>;

export const startOperationSchema = operationRequestSchema.extend({
  pin: operationPinSchema,
  /** The connection's name, where the preview asks for it. */
  typedName: z.string().nullable(),
});

export interface OperationPreview {
  request: OperationRequest;
  /** "Step down db1.example:27017, primary of rs0". */
  title: string;
  /** What will happen, in order, one sentence each. */
  steps: string[];
  /** What could go wrong or should be known; 'refused' ones keep it from being started. */
  remarks: { kind: 'note' | 'warning' | 'refused'; text: string }[];
  /** Each change of the configuration by its path (`members[2].priority`), as texts. */
  changes: { path: string; before: string | null; after: string | null }[];
  /** Secondaries that could become primary, the likeliest first. */
  electable: { host: string; priority: number; lagSeconds: number | null }[];
  pin: OperationPin;
  typedNameNeeded: boolean;
  /** Why it cannot be started: read-only, no privilege, an unsafe change; null when it can. */
  refusal: AppError | null;
  /** The commands it amounts to, as `mongosh` would take them. */
  commands: string[];
}

/** What an application saw whose driver retries once by itself (`retryWrites`, `retryReads`: the defaults of drivers). */
export interface RetryingClientReport {
  writesAcknowledged: number;
  writesFailed: number;
  reads: number;
  readsFailed: number;
  /** The longest it had to wait for one answer. */
  longestWriteMs: number;
  longestReadMs: number;
  errors: { name: string; count: number }[];
}

/**
 * What the clients of a failover test saw. The numbers here are those of a client without retries, which writes with
 * `w: majority` and reads from the primary about every 20 ms: the bare outage.
 */
export interface FailoverReport {
  formerPrimary: string;
  newPrimary: string | null;
  /** From the step-down to the first moment another member said that it is primary. */
  electionMs: number | null;
  /** Longest time without an acknowledged write, without a read from the primary. */
  writeOutageMs: number;
  readOutageMs: number;
  /** When these began, from the step-down on (negative: before it); null where there was none. */
  writeOutageFromMs: number | null;
  readOutageFromMs: number | null;
  /** From the step-down until every member was primary or secondary again. */
  allHealthyMs: number | null;
  writesAcknowledged: number;
  writesFailed: number;
  /** Acknowledged writes of both clients that were not there afterwards: must be 0. Null when that could not be looked up. */
  writesLost: number | null;
  reads: number;
  readsFailed: number;
  /** Errors the client saw, by their name, with counts. */
  errors: { name: string; count: number }[];
  /** Of a second client beside it; its acknowledged writes are verified, too. */
  withRetries: RetryingClientReport;
  /** What happened when, from the step-down on. */
  events: { atMs: number; text: string }[];
  limitMs: number;
  /** A new primary, no acknowledged write lost, and outage of writes and of reads both under the limit. */
  passed: boolean;
}

/** Kept on disk. Of an operation that is still running there is none yet: its job tells. */
export interface OperationOutcome {
  id: string;
  connectionId: string;
  connectionName: string;
  set: string;
  kind: OperationKind;
  title: string;
  startedAt: number;
  /** Of an interrupted one: when it was last heard of. */
  finishedAt: number;
  /** Who did it, as the audit names them. */
  user: string;
  origin: 'window' | 'cli';
  /**
   * 'failed' also for a failover test that did not pass (error 'verification-failed', with its report). 'interrupted':
   * Lifeboat ended in the middle; the step that was being done may or may not have been carried out.
   */
  status: 'succeeded' | 'failed' | 'cancelled' | 'interrupted';
  /** One sentence: what is so now. */
  text: string;
  /** What was done, in order, with what came of it. */
  steps: { text: string; status: 'done' | 'failed' | 'skipped'; tookMs: number | null }[];
  error: AppError | null;
  failover: FailoverReport | null;
}

export const reportFormats = ['html', 'md', 'json'] as const;
export type OperationReportFormat = (typeof reportFormats)[number];
export const operationReportSchema = z.object({ id: z.string().min(1), format: z.enum(reportFormats) });

/** How to bring a member back that fell off the oplog: judged for this set, to be carried out by hand. */
export interface ResyncGuide {
  host: string;
  /** Whether it can still catch up by itself, needs an initial sync, or could not be judged. */
  verdict: 'catches up' | 'initial sync' | 'unknown';
  why: string;
  steps: string[];
  dataBytes: number | null;
}
