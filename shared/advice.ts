/**
 * Explained plans, advice on indexes, and trying that advice in a sandbox. Durations are milliseconds, sizes bytes.
 * Commands are Extended JSON text as examples of shapes hold them (shared/profiler.ts).
 */
import { z } from 'zod';
import type { IndexDefinition, IndexDirection, IndexInfo } from './indexes';
import { operationKindSchema } from './profiler';

export const explainVerbosities = ['queryPlanner', 'executionStats'] as const;

/** Which member runs it: as the connection reads, any secondary, or one by its `host:port`. */
export const readFromSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('connection') }),
  z.object({ kind: z.literal('secondary') }),
  z.object({ kind: z.literal('member'), host: z.string().min(1) }),
]);
export type ReadFrom = z.infer<typeof readFromSchema>;

export const explainRequestSchema = z.object({
  connectionId: z.string().min(1),
  /** `database.collection`. */
  ns: z.string().min(3),
  op: operationKindSchema,
  /** Extended JSON of an example's command. */
  command: z.string().min(2),
  /**
   * `queryPlanner` runs nothing; `executionStats` runs the winning plan and tells the trial of the rejected ones. Writes
   * are never carried out.
   */
  verbosity: z.enum(explainVerbosities).default('executionStats'),
  maxTimeMs: z.number().int().min(1).max(600_000).default(10_000),
  readFrom: readFromSchema.default({ kind: 'connection' }),
});
export type ExplainRequest = z.input<typeof explainRequestSchema>;
export type ParsedExplainRequest = z.output<typeof explainRequestSchema>;

/** One field's bounds in an index scan, as the server writes them: `["paid", "paid"]`, `[MinKey, MaxKey]`. */
export interface IndexBounds {
  field: string;
  intervals: string[];
  /** One value (or a list of single ones); `full` reads every key of this field. */
  kind: 'points' | 'range' | 'full';
}

/** A stage of a plan; its inputs are `children`. What the server does not tell is null. */
export interface PlanNode {
  /** Unique in its tree, in the order of a walk from the root: '0', '0.0', '0.1'… */
  id: string;
  /** `IXSCAN`, `FETCH`, `SORT`, `COLLSCAN`, `$group`, `SHARD_MERGE`… */
  stage: string;
  /** Set where a sub-tree is of one shard; `ns` where it reads another collection (`$lookup`, `$unionWith`). */
  shard: string | null;
  ns: string | null;
  index: {
    name: string;
    /** `{ status: 1, at: -1 }`. */
    keyText: string;
    bounds: IndexBounds[];
    direction: 'forward' | 'backward' | null;
    unique: boolean;
    sparse: boolean;
    partial: boolean;
    multikey: boolean;
    /** Fields that hold arrays. */
    multikeyFields: string[];
  } | null;
  /** Condition checked in this stage, as shell text. */
  filter: string | null;
  /** Of a sort: `{ at: -1 }`; of a projection, a group…: its specification, cut at 2,000 characters. */
  specification: string | null;
  /** What the stages below handed in, and what this one handed on; null without `executionStats`. */
  documentsIn: number | null;
  documentsOut: number | null;
  docsExamined: number | null;
  keysExamined: number | null;
  works: number | null;
  /** Including its inputs, as the server estimates it; `ownMs` is without them. */
  ms: number | null;
  ownMs: number | null;
  /** Of sorts and groups. */
  memoryBytes: number | null;
  usedDisk: boolean;
  /** Whether this stage is where the time or the reading goes: for drawing attention to it. */
  notable: 'collection-scan' | 'in-memory-sort' | 'full-index-scan' | 'discards-most' | 'spills' | null;
  /** Everything else that the server tells of this stage, ready to show. */
  details: { name: string; value: string }[];
  children: PlanNode[];
}

export interface PlanCandidate {
  plan: PlanNode;
  chosen: boolean;
  /** `IXSCAN { a: 1 } → FETCH → SORT`. */
  summary: string;
  /** Work done and results found in the trial; null where the server does not tell. */
  works: number | null;
  returned: number | null;
  docsExamined: number | null;
  keysExamined: number | null;
  score: number | null;
}

/** Why the planner took this plan. */
export interface PlanChoice {
  /**
   * `single`: there was no other; `trial`: the candidates ran against each other; `cached`: the plan cache knew it; `hint`:
   * the query named it; `by-id`: an equality on `_id` needs no choice; `no-plan`: nothing has to be read.
   */
  kind: 'single' | 'trial' | 'cached' | 'hint' | 'by-id' | 'no-plan';
  /** One or two sentences. */
  explanation: string;
  queryHash: string | null;
  planCacheKey: string | null;
  /** What the plan cache of that member keeps for this shape; null when nothing, or it may not be read. */
  cache: { active: boolean; works: number | null; createdAt: string | null; indexes: string[] } | null;
  indexFilterSet: boolean;
  /** The winning plan first; of a sharded collection, of every shard. */
  candidates: (PlanCandidate & { shard: string | null })[];
}

export interface ExplainedPlan {
  ns: string;
  /** Where it ran: `host:port`, or the names of the shards. */
  host: string;
  serverVersion: string;
  engine: 'classic' | 'slot-based' | 'unknown';
  verbosity: (typeof explainVerbosities)[number];
  /** The command as it was explained, shell text. */
  commandText: string;
  /** What was changed before it was explained, e.g. "$out was left out". */
  changes: string[];
  root: PlanNode;
  /** Null for `queryPlanner`. */
  execution: {
    succeeded: boolean;
    /** The limit was reached, or the operation failed: why. */
    problem: string | null;
    ms: number;
    returned: number;
    keysExamined: number;
    docsExamined: number;
  } | null;
  collectionScan: boolean;
  inMemorySort: boolean;
  /** Answered from the index alone. */
  covered: boolean;
  indexes: string[];
  choice: PlanChoice;
  /** The answer of the server, Extended JSON. */
  raw: string;
}

/** What advice needs of a shape: parts of a ShapeReport; `command` is its example's, null where there is none. */
export const adviceShapeSchema = z.object({
  id: z.string(),
  ns: z.string().min(3),
  op: operationKindSchema,
  shape: z.string(),
  command: z.string().nullable(),
  count: z.number(),
  totalMs: z.number(),
  docsExamined: z.number(),
  keysExamined: z.number(),
  returned: z.number(),
  written: z.number(),
  sortStageCount: z.number(),
});
export type AdviceShape = z.infer<typeof adviceShapeSchema>;

export const adviceRequestSchema = z.object({
  connectionId: z.string().min(1),
  shapes: z.array(adviceShapeSchema).min(1).max(1000),
  /** Documents read of each collection to learn selectivity, arrays and key sizes; 0 reads none. */
  sampleSize: z.number().int().min(0).max(10_000).default(1000),
  /** Limit of each read. */
  maxTimeMs: z.number().int().min(100).max(60_000).default(5000),
  readFrom: readFromSchema.default({ kind: 'connection' }),
});
export type AdviceRequest = z.input<typeof adviceRequestSchema>;
export type ParsedAdviceRequest = z.output<typeof adviceRequestSchema>;

export const adviceWarningCodes = [
  /** No condition: everything is asked for. */
  'no-condition',
  /** The condition takes a large part of the collection. */
  'low-selectivity',
  'unanchored-regex',
  'case-insensitive-regex',
  /** `$ne`, `$nin`, `$not`: almost everything matches. */
  'negation',
  /** `$where`, `$expr` that no index serves. */
  'javascript',
  'expression',
  /** `$exists: false`, or `$gt` alone and the like, that bound nothing on the sampled data. */
  'unbounded',
  /** A clause of `$or` that no index can serve makes the whole `$or` a scan. */
  'or-clause',
  /** Two fields of the index hold arrays: the server refuses it. */
  'parallel-arrays',
  'multikey',
  /** A sort by a field that an earlier range keeps from using the index. */
  'sort-after-range',
  'collation',
  'text-or-geo',
  'many-indexes',
  'large-index',
  'write-heavy',
  'small-collection',
  /** An index that could serve it exists and the planner does not take it. */
  'not-chosen',
  'command-cut',
  'command-missing',
  'view',
  'time-series',
  'not-sampled',
] as const;
export type AdviceWarningCode = (typeof adviceWarningCodes)[number];

export interface AdviceWarning {
  code: AdviceWarningCode;
  severity: 'info' | 'warning';
  /** One sentence. */
  message: string;
  hint: string | null;
  field: string | null;
}

/** What is to be said of one shape. */
export interface ShapeAdvice {
  shapeId: string;
  ns: string;
  verdict:
    | 'suggested'
    /** An existing index is as good as any: `servedBy`. */
    | 'served'
    | 'would-not-help'
    | 'unknown';
  servedBy: string | null;
  /** One sentence. */
  summary: string;
  /** Ids of suggestions, the best first. */
  suggestions: string[];
  warnings: AdviceWarning[];
}

export interface SuggestedField {
  field: string;
  direction: IndexDirection;
  /** Why it is there: equality, sort, range, or `covered` (projected, so that documents need not be read). */
  role: 'equality' | 'sort' | 'range' | 'covered' | 'text' | 'geo';
  /** Share of the sampled documents that the condition on this field takes (0–1); null where not sampled. */
  selectivity: number | null;
  distinctValues: number | null;
  array: boolean;
}

export interface IndexSuggestion {
  id: string;
  ns: string;
  definition: IndexDefinition;
  /** `{ status: 1, at: -1 }`. */
  keyText: string;
  /** Ready for mongosh. */
  shellCommand: string;
  fields: SuggestedField[];
  /** How it came to be, sentence by sentence. */
  reasons: string[];
  /** The shapes it serves, the one that gains most first. */
  shapes: { shapeId: string; savedMs: number; savedDocsExamined: number; covered: boolean; sortFree: boolean }[];
  /** Of all shapes together: estimated, from documents examined now and then. Suggestions are ranked by it. */
  savedMs: number;
  savedShare: number;
  /** Existing indexes that begin it and would no longer be needed. */
  makesRedundant: string[];
  /** An existing index that it extends; null when it is new altogether. */
  extends: string | null;
  cost: {
    /** Estimated from sampled keys; null where not sampled. */
    bytes: number | null;
    bytesShareOfData: number | null;
    entries: number | null;
    /** Inserts, updates and deletes a second that have to keep it up to date, and on what that rests. */
    writesPerSecond: number | null;
    writesBasis: string;
    indexesNow: number;
  };
  /** A smaller one of only the documents that are asked for; null where none makes sense. */
  partial: { definition: IndexDefinition; share: number; bytes: number | null; note: string } | null;
  warnings: AdviceWarning[];
}

export interface Advice {
  id: string;
  connectionId: string;
  madeAt: string;
  /** By total time saved, the greatest first. */
  suggestions: IndexSuggestion[];
  shapes: ShapeAdvice[];
  /** The indexes of the collections concerned. */
  indexes: IndexInfo[];
  sampled: { ns: string; documents: number; of: number | null; ms: number; host: string }[];
  notes: string[];
}
