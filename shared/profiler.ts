/**
 * Slow operations, whatever recorded them (server log, `system.profile`, `currentOp`), and the report made of them.
 * Times are milliseconds since 1970 in records and ISO 8601 in UTC in reports; durations are milliseconds.
 */
import { z } from 'zod';

export const operationKinds = [
  'find',
  'aggregate',
  'count',
  'distinct',
  'update',
  'delete',
  'findAndModify',
  'insert',
  /** Only where the query that opened the cursor is unknown; otherwise a getMore is of that query's kind. */
  'getMore',
  'command',
] as const;
export const operationKindSchema = z.enum(operationKinds);
export type OperationKind = z.infer<typeof operationKindSchema>;

/** Extended JSON (relaxed) as parsed. Its keys come from databases: never assign them to an object by `[key] =`. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonDocument;
export interface JsonDocument {
  [key: string]: JsonValue | undefined;
}

/**
 * Why an operation is not counted with the others: `internal` is the server's or a driver's own traffic, `outer` a write
 * command on `<database>.$cmd` whose inner operations are recorded by themselves.
 */
export const setApartReasons = ['internal', 'outer'] as const;
export type SetApartReason = (typeof setApartReasons)[number];

/** What a server counts and says of an operation that ran; null where a source does not tell it. */
export interface OperationFigures {
  durationMs: number;
  docsExamined: number | null;
  keysExamined: number | null;
  returned: number | null;
  /** Inserted, modified or upserted, and deleted documents. */
  written: number | null;
  planSummary: string | null;
  sortStage: boolean;
  usedDisk: boolean;
  yields: number | null;
  responseBytes: number | null;
  app: string | null;
  /** Address and port. */
  client: string | null;
  /** Thread or connection, e.g. `conn42`. */
  context: string | null;
  /** As the server calls it before 8.0; {@link Operation.planCacheShapeHash} since. */
  queryHash: string | null;
  planCacheShapeHash: string | null;
  queryShapeHash: string | null;
  planCacheKey: string | null;
  errorCode: number | null;
  errorName: string | null;
}

/** One operation. What its source did not tell is null. */
export interface Operation extends OperationFigures {
  source: 'log' | 'profile' | 'currentOp';
  /** Milliseconds since 1970 when it was recorded, which is when it ended (for `currentOp`: when it was seen). */
  time: number;
  /** `database.collection`, or what the server wrote in its place. */
  ns: string;
  database: string;
  kind: OperationKind;
  /** A later batch of the cursor that `kind` and the shape are about. */
  getMore: boolean;
  setApart: SetApartReason | null;
  shapeId: string;
  shape: string;
  /** No condition at all: an index cannot spare the reading. */
  fullRead: boolean;
  collscan: boolean;
  /** The server cut the command. */
  truncated: boolean;
  /** Extended JSON of the command that decides the shape (of a getMore: the one that opened the cursor). */
  commandText: string | null;
}

/** What became of a line that is no readable log line. */
export const unreadableKinds = [
  /** Begins like a log line of 4.4 or newer but its JSON is broken. */
  'broken-json',
  /** A slow operation without a namespace, a duration or a command that can be read. */
  'incomplete-operation',
  /** Neither JSON nor a text line as mongod and mongos write them. */
  'unknown-format',
  /** Longer than any line a server writes. */
  'too-long',
] as const;
export const unreadableKindSchema = z.enum(unreadableKinds);
export type UnreadableKind = z.infer<typeof unreadableKindSchema>;

const count = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative();
const timestamp = z.string();

export const unreadableLineSchema = z.object({
  kind: unreadableKindSchema,
  file: z.string(),
  /** From 1. */
  line: count,
  /** Its beginning, control characters shown as U+FFFD. */
  text: z.string(),
});
export type UnreadableLine = z.infer<typeof unreadableLineSchema>;

export const logFileReportSchema = z.object({
  path: z.string(),
  lines: count,
  slowOperations: count,
  unreadable: count,
  /** Why it was not read to its end, e.g. damaged gzip. */
  problem: z.string().nullable(),
});
export type LogFileReport = z.infer<typeof logFileReportSchema>;

export const operationExampleSchema = z.object({
  time: timestamp,
  durationMs: milliseconds,
  docsExamined: z.number().nullable(),
  keysExamined: z.number().nullable(),
  returned: z.number().nullable(),
  planSummary: z.string().nullable(),
  app: z.string().nullable(),
  client: z.string().nullable(),
  errorName: z.string().nullable(),
  getMore: z.boolean(),
  /** Extended JSON, cut at 4,096 characters; with masked values when that was asked for. */
  command: z.string().nullable(),
});
export type OperationExample = z.infer<typeof operationExampleSchema>;

/** A plan summary, an app or a server hash, with how often it was seen. */
const tallied = z.object({ count, totalMs: milliseconds });
const planTallySchema = tallied.extend({ planSummary: z.string() });
const appTallySchema = tallied.extend({ app: z.string() });

export const timeBucketSchema = z.object({
  /** Its beginning. */
  time: timestamp,
  count,
  totalMs: milliseconds,
  maxMs: milliseconds,
});
export type TimeBucket = z.infer<typeof timeBucketSchema>;

export const timeSeriesSchema = z.object({
  /** Minutes per bucket: 1 unless the time span is too long for that. */
  minutes: count,
  /** In order; minutes without an operation are left out. */
  buckets: z.array(timeBucketSchema),
});
export type TimeSeriesReport = z.infer<typeof timeSeriesSchema>;

/**
 * Whether an index could have spared a COLLSCAN: `index-may-help`; `full-read` has no condition an index could serve;
 * `internal` is the server's own.
 */
export const collscanKindSchema = z.enum(['index-may-help', 'full-read', 'internal']);
export type CollscanKind = z.infer<typeof collscanKindSchema>;

export const shapeReportSchema = z.object({
  id: z.string(),
  ns: z.string(),
  op: operationKindSchema,
  /** Canonical text, see docs/query-shapes.md. */
  shape: z.string(),
  count,
  /** Of `count`: later batches of a cursor. */
  getMores: count,
  errors: count,
  totalMs: milliseconds,
  meanMs: milliseconds,
  p50Ms: milliseconds,
  p95Ms: milliseconds,
  p99Ms: milliseconds,
  maxMs: milliseconds,
  docsExamined: count,
  keysExamined: count,
  returned: count,
  written: count,
  /** Documents examined per document returned or written; null when nothing was. */
  examinedPerReturned: z.number().nullable(),
  /** By count, the most frequent first. */
  planSummaries: z.array(planTallySchema),
  /** Any of its operations read the whole collection. */
  collscan: z.boolean(),
  collscanCount: count,
  collscanMs: milliseconds,
  /** Null without a COLLSCAN. */
  collscanKind: collscanKindSchema.nullable(),
  /** Any of its operations sorted in memory. */
  sortStage: z.boolean(),
  sortStageCount: count,
  usedDiskCount: count,
  yields: count,
  responseBytes: count,
  apps: z.array(appTallySchema),
  /** The server's own hashes: queryHash (planCacheShapeHash since 8.0), queryShapeHash. */
  queryHashes: z.array(z.string()),
  queryShapeHashes: z.array(z.string()),
  truncatedCount: count,
  firstSeen: timestamp,
  lastSeen: timestamp,
  /** The slowest. */
  example: operationExampleSchema,
  /** The slowest few, the slowest first. */
  examples: z.array(operationExampleSchema),
  series: timeSeriesSchema,
});
export type ShapeReport = z.infer<typeof shapeReportSchema>;

const setApartSchema = z.object({
  operations: count,
  totalMs: milliseconds,
  /** By total time, the greatest first; at most 50. */
  shapes: z.array(shapeReportSchema),
});
export type SetApartReport = z.infer<typeof setApartSchema>;

export const profileReportSchema = z.object({
  /** The files or the connection, as a person would name them. */
  source: z.string(),
  /** First and last time of an operation; null without one. */
  from: timestamp.nullable(),
  to: timestamp.nullable(),
  /** Slow operations of the period and databases asked for: `counted` and those set apart. */
  operations: count,
  /** Those in `shapes`. */
  counted: count,
  totalMs: milliseconds,
  internal: setApartSchema,
  /** Write commands whose inner operations are counted by themselves. */
  outer: setApartSchema,
  /** By total time, the greatest first. */
  shapes: z.array(shapeReportSchema),
  /** The rarest and quickest shapes, let go because there were more than are kept. */
  shapesLetGo: z.object({ shapes: count, operations: count, totalMs: milliseconds }),
  series: timeSeriesSchema,
  /** Null when the source is no log. */
  log: z
    .object({
      lines: count,
      slowOperations: count,
      unreadable: count,
      unreadableByKind: z.array(z.object({ kind: unreadableKindSchema, count })),
      /** The first few of each kind. */
      unreadableLines: z.array(unreadableLineSchema),
      files: z.array(logFileReportSchema),
      /** Files of the folders that are no logs. */
      ignoredFiles: z.array(z.string()),
    })
    .nullable(),
  obfuscated: z.boolean(),
  notes: z.array(z.string()),
});
export type ProfileReport = z.infer<typeof profileReportSchema>;

/** What to report on; null leaves a limit out. */
export const operationFilterSchema = z.object({
  database: z.string().nullable(),
  /** Milliseconds since 1970, inclusive. */
  since: z.number().nullable(),
  until: z.number().nullable(),
});
export type OperationFilter = z.infer<typeof operationFilterSchema>;
