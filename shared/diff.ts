/** The difference between a backup and a live target. Field names are part of the command line's contract. */
import { z } from 'zod';
import { clusterTimeSchema, extendedJsonDocumentSchema } from './backups';

export const namespaceStatuses = ['same', 'differs', 'onlyInBackup', 'onlyInTarget'] as const;

export const documentCountsSchema = z.object({
  inBackup: z.number(),
  inTarget: z.number(),
  same: z.number(),
  changed: z.number(),
  onlyInBackup: z.number(),
  onlyInTarget: z.number(),
});
export type DocumentCounts = z.infer<typeof documentCountsSchema>;

/** An index by name with its specification(s) as canonical Extended JSON. */
export const indexChangeSchema = z.object({
  name: z.string(),
  backup: extendedJsonDocumentSchema.nullable(),
  target: extendedJsonDocumentSchema.nullable(),
});
export type IndexChange = z.infer<typeof indexChangeSchema>;

export const effectSchema = z.object({
  insert: z.number(),
  replace: z.number(),
  delete: z.number(),
  keep: z.number(),
  conflict: z.number(),
});
export type Effect = z.infer<typeof effectSchema>;

/** A path that differs in changed documents: names joined by dots, `*` for the elements of arrays. */
export const changedPathSchema = z.object({
  path: z.string(),
  /** Changed documents it differs in. */
  documents: z.number(),
});
export type ChangedPath = z.infer<typeof changedPathSchema>;

/** What only reading the changed documents of both sides tells; made with the preview where it was asked for. */
export const changeDetailsSchema = z.object({
  /** Changed documents that were read: all of them, except where documents changed again meanwhile. */
  documents: z.number(),
  /** Those of them that `merge` leaves as they are: all that the backup holds, the target holds too. */
  mergeKeeps: z.number(),
  /** By number of documents, most first. */
  paths: z.array(changedPathSchema),
  /** Further paths, beyond those listed. */
  pathsOmitted: z.number(),
});
export type ChangeDetails = z.infer<typeof changeDetailsSchema>;

export const namespaceDiffSchema = z.object({
  /** Namespace in the backup. */
  ns: z.string(),
  /** Namespace in the target: another one when renamed. */
  targetNs: z.string(),
  type: z.enum(['collection', 'view', 'timeseries']),
  status: z.enum(namespaceStatuses),
  /** Which way the documents were compared. */
  comparedBy: z.enum(['digest', 'archive', 'oplog', 'none']),
  /** Why they were not compared by the oplog; null where they were, or where there was nothing to read. */
  comparedReason: z.string().nullable().default(null),
  documents: documentCountsSchema,
  indexes: z.object({
    same: z.array(indexChangeSchema),
    add: z.array(indexChangeSchema),
    change: z.array(indexChangeSchema),
    remove: z.array(indexChangeSchema),
  }),
  options: z.object({
    same: z.boolean(),
    backup: extendedJsonDocumentSchema.nullable(),
    target: extendedJsonDocumentSchema.nullable(),
  }),
  /** Null where nothing changed or nobody asked. */
  details: changeDetailsSchema.nullable().default(null),
  /** Under the mode of the enclosing result. */
  effect: effectSchema,
});
export type NamespaceDiff = z.infer<typeof namespaceDiffSchema>;

export const problemCodes = [
  'unique-index-conflict',
  'index-specification-conflict',
  'validator-rejects',
  'capped-collection',
  'version-mismatch',
  'feature-compatibility-mismatch',
  'missing-privilege',
  'disk-space',
  'time-series-exists',
  'view-without-source',
  'read-only-connection',
  'not-primary',
  'server-too-old',
  'expires-by-itself',
  'target-missing',
  'oplog-not-applied',
  'changed-since-restore',
  'rebuilt-whole',
  'other-uuid',
  'users-and-roles',
  'read-behind',
] as const;

export const restoreModes = ['clone', 'insert-missing', 'merge', 'overwrite', 'exact', 'drop', 'pick'] as const;
export const restoreModeSchema = z.enum(restoreModes);
export type RestoreMode = z.infer<typeof restoreModeSchema>;

/** A document, index, option or privilege that a problem is about. */
export const problemObjectSchema = z.object({
  /** Namespace in the target. */
  ns: z.string(),
  /** `_id` of a document as canonical Extended JSON, clipped; null for what is no document. */
  id: z.string().nullable(),
  /** Name of an index, option, action or namespace; null for documents. */
  name: z.string().nullable(),
  /** One line: why, or by which value. */
  detail: z.string(),
});
export type ProblemObject = z.infer<typeof problemObjectSchema>;

/** What a restore may change beside the documents: the names of MetadataChoice. */
export const metadataParts = [
  'options',
  'missingIndexes',
  'changedIndexes',
  'extraIndexes',
  'extraNamespaces',
  'usersAndRoles',
] as const;

/** `blocking`: applying is refused until it is solved. */
export const problemSchema = z.object({
  code: z.enum(problemCodes),
  severity: z.enum(['info', 'warning', 'blocking']),
  ns: z.string().nullable(),
  message: z.string(),
  hint: z.string().nullable(),
  /** The modes it would be met in; null: every mode. */
  modes: z.array(restoreModeSchema).nullable(),
  /** Met only where this part of the metadata is chosen, or only where it is not; null: in any case. */
  when: z
    .object({ part: z.enum(metadataParts), chosen: z.boolean() })
    .nullable()
    .default(null),
  /** What it is about: the first hundred. */
  objects: z.array(problemObjectSchema).default([]),
  /** How many there are in all. */
  objectsTotal: z.number().default(0),
});
export type Problem = z.infer<typeof problemSchema>;

export const diffResultSchema = z.object({
  backupId: z.string(),
  target: z.string(),
  mode: restoreModeSchema,
  clusterTime: clusterTimeSchema.nullable(),
  elapsedMs: z.number(),
  totals: z.object({ documents: documentCountsSchema, effect: effectSchema, namespaces: z.number() }),
  namespaces: z.array(namespaceDiffSchema),
  /** Of every mode: the mode may still be switched. */
  problems: z.array(problemSchema),
});
export type DiffResult = z.infer<typeof diffResultSchema>;

export const documentChanges = ['changed', 'onlyInBackup', 'onlyInTarget'] as const;
export const documentChangeSchema = z.enum(documentChanges);
export type DocumentChange = z.infer<typeof documentChangeSchema>;

/** A row of the list of differing documents. Texts are for reading; they are clipped and never HTML. */
export const differingDocumentSchema = z.object({
  /** Position within the namespace's list; opens the document. */
  index: z.number(),
  /** `_id` as canonical Extended JSON text. */
  id: z.string(),
  idType: z.string(),
  change: documentChangeSchema,
  /** One line: the changed paths with both values, or the document's first fields. */
  summary: z.string(),
});
export type DifferingDocument = z.infer<typeof differingDocumentSchema>;

/** A BSON value as the two-column view shows it. `children` for objects and arrays. */
export interface TypedValue {
  type: string;
  text: string;
  /** Characters left out of `text`. */
  clipped: number;
}

/**
 * A line of the two-column typed diff, in display order. `kind`: `type` is the same value with another BSON type,
 * `order` the same fields in another order, `move` an array element that stands elsewhere.
 */
export interface FieldDiffRow {
  path: string;
  /** The names that lead to it, from the document down: what a pick of single fields takes. */
  names: string[];
  name: string;
  depth: number;
  kind: 'same' | 'changed' | 'type' | 'order' | 'move' | 'onlyInBackup' | 'onlyInTarget';
  backup: TypedValue | null;
  target: TypedValue | null;
}

export interface DocumentDiff {
  id: string;
  change: DocumentChange;
  rows: FieldDiffRow[];
  /** Rows left out because the document is huge; the first ones are shown. */
  rowsOmitted: number;
}
