/** What members are doing right now (`$currentOp`), and ending one of it. */
import { z } from 'zod';
import type { AppError } from './result';
import { operationKindSchema } from './profiler';
import type { memberStates } from './connections';

export const liveOperationsRequestSchema = z.object({
  connectionId: z.string().min(1),
  /** Null: every member that holds data. */
  hosts: z.array(z.string()).min(1).nullable(),
  /** The server's own and drivers' idle traffic as well. */
  internal: z.boolean(),
  /** Idle connections and cursors as well. */
  idle: z.boolean(),
});
export type LiveOperationsRequest = z.input<typeof liveOperationsRequestSchema>;

export const liveOperationSchema = z.object({
  host: z.string(),
  /** As the server tells it: a number, or `shard:number` of a mongos. */
  opid: z.string(),
  ns: z.string(),
  kind: operationKindSchema,
  shapeId: z.string(),
  shape: z.string(),
  active: z.boolean(),
  internal: z.boolean(),
  /** Null when it does not run. */
  runningMs: z.number().nullable(),
  planSummary: z.string().nullable(),
  collscan: z.boolean(),
  docsExamined: z.number().nullable(),
  keysExamined: z.number().nullable(),
  yields: z.number().nullable(),
  waitingForLock: z.boolean(),
  /** What it says of its progress, e.g. of an index build. */
  message: z.string().nullable(),
  app: z.string().nullable(),
  client: z.string().nullable(),
  user: z.string().nullable(),
  connection: z.string().nullable(),
  /** Extended JSON, cut at 4,096 characters. */
  command: z.string().nullable(),
  /** Told already to end. */
  killPending: z.boolean(),
  /** Why it must not be killed, e.g. replication; null when it may be. */
  protectedBecause: z.string().nullable(),
});
export type LiveOperation = z.infer<typeof liveOperationSchema>;

export interface LiveOperations {
  /** Milliseconds since 1970. */
  at: number;
  members: { host: string; state: (typeof memberStates)[number]; error: AppError | null }[];
  /** The longest running first. */
  operations: LiveOperation[];
}

export const killRequestSchema = z.object({
  connectionId: z.string().min(1),
  host: z.string(),
  opid: z.string(),
  /** Of the operation as it was seen: another one under the same opid is not killed. */
  shapeId: z.string(),
  connection: z.string().nullable(),
  /** The connection's name as typed, which production asks for. */
  typedName: z.string().nullable(),
});
export type KillRequest = z.input<typeof killRequestSchema>;

export interface KillResult {
  /** `killed`: told to end and gone; `told`: told to end, still there a second later; `gone`: had ended before. */
  outcome: 'killed' | 'told' | 'gone';
}
