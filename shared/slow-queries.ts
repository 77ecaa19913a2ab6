/**
 * What is asked of a capture. Times in requests and answers are milliseconds since 1970, durations milliseconds.
 */
import { z } from 'zod';
import type { Capture } from './captures';
import { operationKindSchema, type CollscanKind, type LogFileReport, type OperationKind } from './profiler';
import type { SetApartReason, UnreadableKind, UnreadableLine } from './profiler';

/** One filter for everything asked of a capture. Empty lists and null leave a limit out. */
export const captureFilterSchema = z.object({
  /** `database.collection`, or a database alone. */
  ns: z.array(z.string()),
  kinds: z.array(operationKindSchema),
  /** '' stands for operations that named no app. */
  apps: z.array(z.string()),
  hosts: z.array(z.string()),
  /** Contained in the plan summary, upper and lower case alike; '' for all. */
  plan: z.string(),
  /** Contained in the namespace, the shape or the shape's id, upper and lower case alike; '' for all. */
  text: z.string(),
  collscan: z.boolean().nullable(),
  sortStage: z.boolean().nullable(),
  /** Inclusive. */
  from: z.number().nullable(),
  to: z.number().nullable(),
  minMs: z.number().nullable(),
  maxMs: z.number().nullable(),
  shapeId: z.string().nullable(),
  setApart: z.enum(['counted', 'internal', 'outer', 'all']),
});
export type CaptureFilter = z.infer<typeof captureFilterSchema>;

export const everyOperation: CaptureFilter = {
  ns: [],
  kinds: [],
  apps: [],
  hosts: [],
  plan: '',
  text: '',
  collscan: null,
  sortStage: null,
  from: null,
  to: null,
  minMs: null,
  maxMs: null,
  shapeId: null,
  setApart: 'counted',
};

const filtered = z.object({ captureId: z.string().min(1), filter: captureFilterSchema });
const page = { offset: z.number().int().min(0), limit: z.number().int().min(1).max(1000) };

/** How often something was seen among the operations of the filter. */
export interface Facet {
  name: string;
  count: number;
  totalMs: number;
}

export const captureSummaryRequestSchema = filtered;
export interface CaptureSummary {
  capture: Capture;
  /** Of the filter. */
  matched: {
    operations: number;
    shapes: number;
    totalMs: number;
    maxMs: number;
    collscans: number;
    sortStages: number;
    errors: number;
    from: number | null;
    to: number | null;
  };
  /** Of the filter, by total time, at most 200 each. */
  facets: { ns: Facet[]; kinds: Facet[]; apps: Facet[]; hosts: Facet[]; plans: Facet[] };
  /** Of the whole capture. */
  internal: { operations: number; totalMs: number };
  outer: { operations: number; totalMs: number };
  /** Null when the source is no log. */
  log: {
    lines: number;
    unreadable: number;
    unreadableByKind: { kind: UnreadableKind; count: number }[];
    unreadableLines: UnreadableLine[];
    files: LogFileReport[];
    ignoredFiles: string[];
  } | null;
  /** What a reader would otherwise not notice, a sentence each. */
  notes: string[];
}

export const shapeMetrics = [
  'count',
  'totalMs',
  'meanMs',
  'p50Ms',
  'p95Ms',
  'p99Ms',
  'maxMs',
  'docsExamined',
  'keysExamined',
  'returned',
  'written',
  'examinedPerReturned',
  'collscanCount',
  'sortStageCount',
  'errors',
  'yields',
  'responseBytes',
  'firstSeen',
  'lastSeen',
] as const;
export const shapeSortSchema = z.enum([...shapeMetrics, 'ns', 'op']);
export type ShapeSort = z.infer<typeof shapeSortSchema>;

/** What is known of the operations of one shape that are in the filter. */
export interface ShapeRow {
  id: string;
  ns: string;
  op: OperationKind;
  /** Canonical text. */
  shape: string;
  setApart: SetApartReason | null;
  count: number;
  /** Of `count`: later batches of a cursor. */
  getMores: number;
  errors: number;
  totalMs: number;
  meanMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  docsExamined: number;
  keysExamined: number;
  returned: number;
  written: number;
  /** Documents examined per document returned or written; null when nothing was. */
  examinedPerReturned: number | null;
  /** The three that took most of the time. */
  plans: Facet[];
  apps: Facet[];
  collscanCount: number;
  collscanMs: number;
  /** Null without a COLLSCAN. */
  collscanKind: CollscanKind | null;
  sortStageCount: number;
  usedDiskCount: number;
  truncatedCount: number;
  yields: number;
  responseBytes: number;
  firstSeen: number;
  lastSeen: number;
  /** Total milliseconds per bucket of the page's time span. */
  sparkline: number[];
}

export const shapesRequestSchema = filtered.extend({
  sort: shapeSortSchema,
  descending: z.boolean(),
  ...page,
  /** Buckets of the sparklines. */
  buckets: z.number().int().min(1).max(200),
});
export type ShapesRequest = z.input<typeof shapesRequestSchema>;
export interface ShapesPage {
  /** Shapes of the filter. */
  total: number;
  /** The time span of the sparklines. */
  from: number | null;
  to: number | null;
  bucketMs: number;
  shapes: ShapeRow[];
}

export const pointsRequestSchema = filtered.extend({ limit: z.number().int().min(1).max(5000) });
export type PointsRequest = z.input<typeof pointsRequestSchema>;
export interface ScatterPoint {
  /** Number of the operation in its capture. */
  operation: number;
  time: number;
  durationMs: number;
  /** Place in `shapes`. */
  shape: number;
  collscan: boolean;
}
export interface ScatterPoints {
  /** Operations of the filter; more than `points` when these are a sample, in which the slowest always are. */
  matched: number;
  points: ScatterPoint[];
  shapes: { id: string; ns: string; op: OperationKind; shape: string }[];
}

export const heatMapRequestSchema = filtered.extend({
  columns: z.number().int().min(1).max(1000),
  rows: z.number().int().min(1).max(100),
});
export type HeatMapRequest = z.input<typeof heatMapRequestSchema>;
export interface HeatMap {
  matched: number;
  /** The left edge of the first column; null without operations. */
  from: number | null;
  bucketMs: number;
  columns: number;
  rows: number;
  /** `rows` + 1 durations, growing by a constant factor: row r holds durations from the r-th (inclusive) to the next. */
  bounds: number[];
  /** `columns` × `rows`, row after row from the quickest. */
  counts: number[];
  largest: number;
}

export interface CollscanLists {
  /** With a condition, by their time in COLLSCANs. */
  indexMayHelp: ShapeRow[];
  /** Without any condition: no index is missing there. */
  fullReads: ShapeRow[];
  /** The server's own; filled when the filter takes internal operations in. */
  internal: ShapeRow[];
}

/** One operation. What its source did not tell is null. */
export interface OperationRow {
  /** Number of the operation in its capture. */
  operation: number;
  time: number;
  host: string | null;
  ns: string;
  op: OperationKind;
  getMore: boolean;
  setApart: SetApartReason | null;
  shapeId: string;
  shape: string;
  durationMs: number;
  docsExamined: number | null;
  keysExamined: number | null;
  returned: number | null;
  written: number | null;
  planSummary: string | null;
  collscan: boolean;
  sortStage: boolean;
  yields: number | null;
  responseBytes: number | null;
  app: string | null;
  /** Null when masked. */
  client: string | null;
  errorName: string | null;
  /** Extended JSON, cut at 4,096 characters, masked when asked; null where it was not kept (see the capture's notes). */
  command: string | null;
}

export const operationSortSchema = z.enum(['durationMs', 'time', 'docsExamined', 'keysExamined', 'responseBytes']);
export type OperationSort = z.infer<typeof operationSortSchema>;
export const operationsRequestSchema = filtered.extend({
  sort: operationSortSchema,
  descending: z.boolean(),
  ...page,
  /** Values replaced by their types, addresses left out. */
  masked: z.boolean(),
});
export type OperationsRequest = z.input<typeof operationsRequestSchema>;
export interface OperationsPage {
  total: number;
  operations: OperationRow[];
}

export const shapeRequestSchema = filtered.extend({
  shapeId: z.string().min(1),
  buckets: z.number().int().min(1).max(500),
  masked: z.boolean(),
});
export type ShapeRequest = z.input<typeof shapeRequestSchema>;
/** Columns of `buckets` numbers each. */
export interface ShapeSeries {
  from: number;
  bucketMs: number;
  count: number[];
  totalMs: number[];
  /** Null where the bucket is empty. */
  p50Ms: (number | null)[];
  p95Ms: (number | null)[];
  maxMs: (number | null)[];
  docsExamined: number[];
  returned: number[];
}
export interface ShapeDetails {
  row: ShapeRow;
  plans: Facet[];
  apps: Facet[];
  hosts: Facet[];
  /** The server's own: queryHash (planCacheShapeHash since 8.0), queryShapeHash. */
  queryHashes: string[];
  queryShapeHashes: string[];
  series: ShapeSeries;
  /** The slowest few, the slowest first. */
  slowest: OperationRow[];
  /** The newest few, the newest first. */
  newest: OperationRow[];
}

export const compareRequestSchema = z.object({ before: filtered, after: filtered });
export type CompareRequest = z.input<typeof compareRequestSchema>;
/** `slower` and `faster`: the median or the 95th percentile differs by a fifth and 5 ms, both sides having 5 operations. */
export type ShapeChange = 'new' | 'gone' | 'slower' | 'faster' | 'same';
export type ComparedMetrics = Pick<
  ShapeRow,
  'count' | 'totalMs' | 'meanMs' | 'p50Ms' | 'p95Ms' | 'maxMs' | 'docsExamined' | 'returned' | 'collscanCount' | 'plans'
>;
export interface ComparedShape {
  id: string;
  ns: string;
  op: OperationKind;
  shape: string;
  change: ShapeChange;
  before: ComparedMetrics | null;
  after: ComparedMetrics | null;
  /** Total milliseconds per hour after, less those before: periods of different length compare. */
  totalMsPerHourChange: number;
}
export interface ComparedSide {
  capture: Capture;
  operations: number;
  totalMs: number;
  from: number | null;
  to: number | null;
}
export interface Comparison {
  before: ComparedSide;
  after: ComparedSide;
  counts: Record<ShapeChange, number>;
  /** By the size of the change, at most 1,000. */
  shapes: ComparedShape[];
}

export const captureReportRequestSchema = filtered.extend({
  format: z.enum(['html', 'md', 'json']),
  masked: z.boolean(),
  /** Null: asks where to write it. */
  path: z.string().nullable(),
});
export type CaptureReportRequest = z.input<typeof captureReportRequestSchema>;

export const captureFilteredSchema = filtered;
