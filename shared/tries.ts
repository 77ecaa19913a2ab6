/** Indexes tried in a sandbox: what is asked, and what came of it. */
import { z } from 'zod';
import { readFromSchema, type PlanNode } from './advice';
import { indexDefinitionSchema } from './indexes';
import { operationKindSchema } from './profiler';

export const tryRequestSchema = z.object({
  /** Whose shapes these are; with source `live` also where the documents come from. */
  connectionId: z.string().min(1),
  /** The capture the shapes are of: there the result is kept. */
  captureId: z.string().min(1).nullable().default(null),
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('backup'), backupId: z.string().min(1) }),
    z.object({
      kind: z.literal('live'),
      /** Documents taken at random; null: the whole collection. */
      sampleDocuments: z.number().int().min(1).max(10_000_000).nullable(),
      readFrom: readFromSchema.default({ kind: 'connection' }),
    }),
  ]),
  ns: z.string().min(3),
  /** To be built; those the collection has are there before and after. */
  indexes: z.array(indexDefinitionSchema).min(1).max(8),
  shapes: z
    .array(
      z.object({
        id: z.string(),
        /** Where it is of another collection, which is joined with this one; that of the try by default. */
        ns: z.string().min(3).optional(),
        op: operationKindSchema,
        command: z.string().min(2),
      }),
    )
    .min(1)
    .max(50),
  /** Times each command is run; the median is told. */
  runs: z.number().int().min(1).max(20).default(3),
  maxTimeMs: z.number().int().min(1).max(600_000).default(60_000),
});
export type TryRequest = z.input<typeof tryRequestSchema>;
export type ParsedTryRequest = z.output<typeof tryRequestSchema>;

/** Before trying: how large what would be copied is. */
export interface TrySize {
  documents: number | null;
  bytes: number | null;
  freeBytes: number | null;
  /** A sample that is quick to copy and still tells; null when the whole collection is. */
  suggestedSample: number | null;
  /** Complete backups that hold the collection, the newest first. */
  backups: { backupId: string; createdAt: string; documents: number; bytes: number; sourceName: string }[];
}

export interface TryMeasure {
  /** Median of the runs. */
  ms: number;
  docsExamined: number;
  keysExamined: number;
  returned: number;
  planSummary: string;
  collectionScan: boolean;
  inMemorySort: boolean;
  covered: boolean;
  indexes: string[];
  plan: PlanNode;
}

export interface TriedShape {
  id: string;
  /** Null when it failed: `problem`. */
  before: TryMeasure | null;
  after: TryMeasure | null;
  problem: string | null;
  /** The new indexes that its plan uses. */
  uses: string[];
  verdict: 'better' | 'same' | 'worse' | 'failed';
}

export interface TryResult {
  id: string;
  connectionId: string;
  captureId: string | null;
  ns: string;
  madeAt: string;
  elapsedMs: number;
  /** "backup 20261120T…", "2,000 of 180,000 documents of shop-prod". */
  source: string;
  documents: number;
  bytes: number;
  /** Null when everything was taken. */
  sampledOf: number | null;
  serverVersion: string;
  indexes: {
    name: string;
    keyText: string;
    /** In the sandbox; `wholeBytes` is what that makes for the whole collection. */
    bytes: number;
    wholeBytes: number | null;
    buildMs: number;
    used: boolean;
  }[];
  shapes: TriedShape[];
  notes: string[];
}

export const triesRequestSchema = z.object({ captureId: z.string().min(1), shapeId: z.string().min(1) });
export type TriesRequest = z.input<typeof triesRequestSchema>;
