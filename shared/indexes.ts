/** Indexes of a deployment as Lifeboat shows, plans and changes them. */
import { z } from 'zod';

/** `1`, `-1`, or a kind: `text`, `2d`, `2dsphere`, `hashed`. */
export const indexDirectionSchema = z.union([
  z.literal(1),
  z.literal(-1),
  z.enum(['text', '2d', '2dsphere', 'hashed', 'geoHaystack']),
]);
export type IndexDirection = z.infer<typeof indexDirectionSchema>;

export const indexFieldSchema = z.object({ field: z.string().min(1), direction: indexDirectionSchema });
export type IndexField = z.infer<typeof indexFieldSchema>;

/** What an index is besides its fields; Extended JSON (canonical) where values may be of any type. */
export const indexOptionsSchema = z.object({
  unique: z.boolean().optional(),
  sparse: z.boolean().optional(),
  hidden: z.boolean().optional(),
  expireAfterSeconds: z.number().int().min(0).optional(),
  /** Extended JSON text. */
  partialFilterExpression: z.string().optional(),
  /** Extended JSON text. */
  collation: z.string().optional(),
  /** Extended JSON text of everything else: weights, wildcardProjection, 2dsphereIndexVersion… */
  other: z.string().optional(),
});
export type IndexOptions = z.infer<typeof indexOptionsSchema>;

export const indexDefinitionSchema = z.object({
  name: z.string().min(1),
  key: z.array(indexFieldSchema).min(1),
  options: indexOptionsSchema,
});
export type IndexDefinition = z.infer<typeof indexDefinitionSchema>;

/** Uses of an index on one member, since that member counts: its start, or the index's build. */
export interface IndexUse {
  host: string;
  operations: number;
  /** ISO 8601. */
  since: string;
  /** Seconds the member is up; null where it does not tell. */
  uptimeSeconds: number | null;
}

export interface IndexInfo extends IndexDefinition {
  ns: string;
  /** `{ status: 1, at: -1 }` */
  keyText: string;
  bytes: number | null;
  /** Of every member that answered. */
  uses: IndexUse[];
  /** Being built now. */
  building: boolean;
}

// ----------------------------------------------------------------------------------------------------------- review

export const indexFindingCodes = [
  /** Another index begins with it and serves all it serves. */
  'redundant',
  /** Not used on any member since each began to count. */
  'unused',
  /** Dates that look like an expiry, and nothing expires. */
  'missing-ttl',
  'write-heavy',
  'many-indexes',
  'hidden',
  'building',
  /** A member did not answer: what it uses is unknown. */
  'member-silent',
  /** The user may not read something that a review goes by. */
  'not-permitted',
] as const;
export type IndexFindingCode = (typeof indexFindingCodes)[number];

export interface IndexFinding {
  code: IndexFindingCode;
  severity: 'info' | 'warning';
  ns: string | null;
  /** Name of the index it is about. */
  index: string | null;
  /** One sentence. */
  message: string;
  hint: string | null;
  /** What serves instead of a redundant one. */
  servedBy: string | null;
  /** What to build. */
  suggestion: IndexDefinition | null;
  /** What going without the index would free. */
  bytes: number | null;
}

/** An index that was hidden here and is being watched before it is dropped. */
export interface WatchedIndex {
  hiddenAt: string;
  /** Days after which it may be dropped without further ado. */
  watchDays: number;
  /** Mean milliseconds of a read of the collection, before it was hidden and since; null where it cannot be told. */
  readMsBefore: number | null;
  readMsSince: number | null;
  readyToDrop: boolean;
}

export interface ReviewedIndex extends IndexInfo {
  /** `unknown` while a member is silent. */
  used: 'everywhere' | 'somewhere' | 'nowhere' | 'unknown';
  /** Days all members have counted; null when unknown. */
  observedDays: number | null;
  watched: WatchedIndex | null;
  /** Why it must stay, whatever its uses: `_id`, unique, expiry, shard key; null otherwise. */
  keptBecause: string | null;
}

export interface ReviewedCollection {
  ns: string;
  type: 'collection' | 'timeseries' | 'view';
  documents: number | null;
  dataBytes: number | null;
  indexBytes: number | null;
  readsPerSecond: number | null;
  writesPerSecond: number | null;
  indexes: ReviewedIndex[];
}

export interface IndexReview {
  connectionId: string;
  database: string;
  at: string;
  members: { host: string; state: string; uptimeSeconds: number | null; problem: string | null }[];
  collections: ReviewedCollection[];
  findings: IndexFinding[];
}

// ------------------------------------------------------------------------------------------------------------- plan

export const indexPlanFormatVersion = 1;

const plannedIndexSchema = z
  .object({
    name: z.string().min(1).optional(),
    /** `{ "status": 1, "at": -1 }`, or pairs where the order of names that are numbers matters. */
    key: z.union([
      z.record(z.string(), z.union([z.number(), z.string()])),
      z.array(z.tuple([z.string(), z.union([z.number(), z.string()])])),
    ]),
  })
  .catchall(z.unknown());

/** The file of a plan. Everything beside name and key is an option as createIndexes takes it, Extended JSON. */
export const indexPlanSchema = z.object({
  kind: z.literal('lifeboat-index-plan'),
  formatVersion: z.literal(indexPlanFormatVersion),
  database: z.string().min(1),
  collections: z
    .array(
      z.object({
        collection: z.string().min(1),
        indexes: z.array(plannedIndexSchema).default([]),
        /** Names of indexes that are to go. */
        drop: z.array(z.string().min(1)).default([]),
        /** Whether indexes that the plan does not name are to go as well. */
        exact: z.boolean().default(false),
      }),
    )
    .min(1),
});
export type IndexPlan = z.infer<typeof indexPlanSchema>;

export const planActions = ['create', 'hide', 'unhide', 'set-expiry', 'drop', 'keep', 'conflict'] as const;

export interface PlanStep {
  action: (typeof planActions)[number];
  ns: string;
  name: string;
  keyText: string;
  /** As planned; null for what is dropped. */
  planned: IndexDefinition | null;
  existing: IndexDefinition | null;
  /** One sentence: why, or what is to be minded. */
  note: string | null;
  documents: number | null;
  bytes: number | null;
  shellCommand: string | null;
}

export interface PlanPreview {
  connectionId: string;
  database: string;
  /** Of the steps: applying refuses when they are others by then. */
  fingerprint: string;
  /** In the order they are done: what is built first, what is dropped last. */
  steps: PlanStep[];
  /** Applying asks for the connection's name to be typed. */
  typedNameNeeded: boolean;
}

export const planRequestSchema = z.object({
  connectionId: z.string().min(1),
  /** The file's text. */
  plan: z.string().min(2).max(5_000_000),
});
export type PlanRequest = z.infer<typeof planRequestSchema>;

export const applyPlanRequestSchema = planRequestSchema.extend({
  fingerprint: z.string(),
  typedName: z.string().nullable(),
});
export type ApplyPlanRequest = z.infer<typeof applyPlanRequestSchema>;

export interface PlanResult {
  id: string;
  steps: (PlanStep & { outcome: 'done' | 'failed' | 'not-reached'; ms: number; error: string | null })[];
}

export const indexChangeSchema = z.object({
  connectionId: z.string().min(1),
  ns: z.string().min(3),
  name: z.string().min(1),
  /** The connection's name, where it is a production one. */
  typedName: z.string().nullable(),
});
export type IndexChange = z.infer<typeof indexChangeSchema>;

export const dropIndexSchema = indexChangeSchema.extend({
  /** Also one that was not hidden and watched before. */
  unwatched: z.boolean().default(false),
});

export const validateCollectionSchema = indexChangeSchema.omit({ name: true });
export type ValidateCollection = z.infer<typeof validateCollectionSchema>;
