/** Restores: what each mode would do, what was done, and the proof. */
import { z } from 'zod';
import {
  diffResultSchema,
  documentChangeSchema,
  effectSchema,
  problemSchema,
  restoreModeSchema,
  type Effect,
  type NamespaceDiff,
  type Problem,
  type RestoreMode,
} from './diff';
import { pickSchema, PickedPositions, picksByNamespace, type PickedDocuments } from './picks';

/** Modes of this version, in the order in which they are offered: what takes least away first. */
export const availableModes: readonly RestoreMode[] = [
  'clone',
  'insert-missing',
  'merge',
  'overwrite',
  'exact',
  'drop',
  'pick',
];

/** Modes that overwrite or delete what the target has: guarded on production, refused on read-only connections. */
export function isDestructive(mode: RestoreMode): boolean {
  return mode === 'overwrite' || mode === 'merge' || mode === 'exact' || mode === 'drop' || mode === 'pick';
}

/** Modes whose metadata can be chosen: `clone` and `drop` restore whole collections, as mongorestore makes them. */
export function choosesMetadata(mode: RestoreMode): boolean {
  return mode !== 'clone' && mode !== 'drop';
}

/** True when applying takes something away that the target has: by the mode, or by the metadata chosen. */
export function takesAway(mode: RestoreMode, metadata: MetadataChoice | null = null): boolean {
  if (isDestructive(mode) || !metadata || !choosesMetadata(mode)) return isDestructive(mode);
  const { options, changedIndexes, extraIndexes, extraNamespaces, usersAndRoles } = metadata;
  return options || changedIndexes || extraIndexes || extraNamespaces || usersAndRoles;
}

/**
 * What `mode` would do to one namespace's documents, by the counts of the diff alone, so that switching modes needs
 * no new read. `metadata` decides about collections that only the target has; null: as the mode does by itself.
 */
export function effectOf(
  mode: RestoreMode,
  diff: Pick<NamespaceDiff, 'type' | 'documents'> & Partial<Pick<NamespaceDiff, 'status' | 'details'>>,
  metadata: MetadataChoice | null = null,
): Effect {
  const { inBackup, inTarget, same, changed, onlyInBackup, onlyInTarget } = diff.documents;
  if (diff.type === 'view') return { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0 };
  if (diff.status === 'onlyInTarget' && choosesMetadata(mode) && mode !== 'pick') {
    const dropped = (metadata ?? defaultMetadata(mode)).extraNamespaces ? inTarget : 0;
    return { insert: 0, replace: 0, delete: dropped, keep: inTarget - dropped, conflict: 0 };
  }
  switch (mode) {
    case 'clone':
      return { insert: inBackup, replace: 0, delete: 0, keep: inTarget, conflict: 0 };
    case 'insert-missing':
      return { insert: onlyInBackup, replace: 0, delete: 0, keep: same + changed + onlyInTarget, conflict: 0 };
    case 'merge': {
      const kept = diff.details?.mergeKeeps ?? 0;
      const keep = same + onlyInTarget + kept;
      return { insert: onlyInBackup, replace: changed - kept, delete: 0, keep, conflict: 0 };
    }
    case 'overwrite':
      return { insert: onlyInBackup, replace: changed, delete: 0, keep: same + onlyInTarget, conflict: 0 };
    case 'exact':
      return { insert: onlyInBackup, replace: changed, delete: onlyInTarget, keep: same, conflict: 0 };
    case 'drop':
      // What the backup does not hold, mongorestore --drop leaves alone.
      if (diff.status === 'onlyInTarget') return { insert: 0, replace: 0, delete: 0, keep: inTarget, conflict: 0 };
      return { insert: inBackup, replace: 0, delete: inTarget, keep: 0, conflict: 0 };
    case 'pick':
      return { insert: 0, replace: 0, delete: 0, keep: inTarget, conflict: 0 };
  }
}

/**
 * What `pick` would do with these picks, over all of `diffs`: the namespaces of the preview. Throws 'not-found' for a
 * namespace, 'usage' for a position that the preview does not hold. A picked field that does not differ counts as a
 * replacement here; a restore finds out, and says so in its own prediction.
 */
export function effectOfPicks(
  picks: readonly PickedDocuments[],
  diffs: readonly Pick<NamespaceDiff, 'ns' | 'type' | 'documents'>[],
): Effect {
  const byNamespace = picksByNamespace(
    picks,
    diffs.map(({ ns }) => ns),
  );
  return sumEffects(
    diffs.map((diff) => {
      const kept = effectOf('pick', diff);
      const own = byNamespace.get(diff.ns);
      if (!own || diff.type === 'view') return kept;
      const { onlyInBackup, changed, onlyInTarget } = new PickedPositions(diff.ns, own, diff.documents).counts;
      const keep = kept.keep - changed - onlyInTarget;
      return { ...kept, insert: onlyInBackup, replace: changed, delete: onlyInTarget, keep };
    }),
  );
}

/** Those of the problems that `mode` would meet with the metadata chosen; null: as the mode does by itself. */
export function problemsOf(
  mode: RestoreMode,
  problems: readonly Problem[],
  metadata: MetadataChoice | null = null,
): Problem[] {
  const chosen = metadata ?? defaultMetadata(mode);
  return problems.filter(({ modes, when }) => {
    if (modes !== null && !modes.includes(mode)) return false;
    return when === null || !choosesMetadata(mode) || chosen[when.part] === when.chosen;
  });
}

export function sumEffects(effects: readonly Effect[]): Effect {
  const sum: Effect = { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0 };
  for (const effect of effects) {
    sum.insert += effect.insert;
    sum.replace += effect.replace;
    sum.delete += effect.delete;
    sum.keep += effect.keep;
    sum.conflict += effect.conflict;
  }
  return sum;
}

/** `from` and `to` are `database` or `database.collection`. */
export const renameSchema = z.object({ from: z.string().min(1), to: z.string().min(1) });
export type Rename = z.infer<typeof renameSchema>;

export const previewRequestSchema = z.object({
  backupId: z.string(),
  connectionId: z.string(),
  /** Namespaces of the backup; empty: all. */
  namespaces: z.array(z.string()),
  renames: z.array(renameSchema),
  mode: restoreModeSchema,
  readPreference: z.enum(['primary', 'secondaryPreferred']),
  /** `host:port` of the one member whose documents are read; null: as the read preference says. */
  member: z.string().nullable().default(null),
  /** Every document is read and compared, also where the oplog tells which ones changed. */
  full: z.boolean().default(false),
  /** Whether changed documents are read for {@link ChangeDetails}: where merge needs them, or in any case. */
  details: z.enum(['where-needed', 'always']).default('where-needed'),
});
export type PreviewRequest = z.infer<typeof previewRequestSchema>;
/** As it is asked: what has a default may be left out. */
export type PreviewRequestInput = z.input<typeof previewRequestSchema>;

/** `position` is the order of picks, and the one that is there at once; the others are made when first asked for. */
export const documentSorts = ['position', 'id', 'change'] as const;

/** A page of a namespace's differing documents. */
export const documentsRequestSchema = z.object({
  previewId: z.string(),
  /** Namespace in the backup. */
  ns: z.string(),
  change: documentChangeSchema.nullable(),
  /** Only changed documents that differ in this path of {@link ChangeDetails}. */
  path: z.string().nullable().default(null),
  /**
   * Only documents with this `_id`: Extended JSON, or plain text: a number, a date, the digits of an ObjectId or UUID, or
   * the beginning of a string.
   */
  search: z.string().nullable().default(null),
  sort: z.enum(documentSorts).default('position'),
  direction: z.enum(['ascending', 'descending']).default('ascending'),
  offset: z.number().int().min(0),
  limit: z.number().int().min(1).max(500),
});
export type DocumentsRequest = z.infer<typeof documentsRequestSchema>;
/** As it is asked: what has a default may be left out. */
export type DocumentsRequestInput = z.input<typeof documentsRequestSchema>;

export const exportFormats = ['ndjson', 'csv', 'html'] as const;
/** A preview's diff as a file; the window may not name it: there the user chooses it in a dialog. */
export const exportRequestSchema = z.object({
  previewId: z.string(),
  format: z.enum(exportFormats),
  path: z.string().min(1),
});
export type ExportRequest = z.infer<typeof exportRequestSchema>;

/** Which metadata a restore changes beside the documents. */
export const metadataChoiceSchema = z.object({
  /** Validators, expiry and whatever else a server lets change in place. */
  options: z.boolean(),
  /** Indexes that the target lacks. */
  missingIndexes: z.boolean(),
  /** Indexes of the same name with another specification: dropped and built anew. */
  changedIndexes: z.boolean(),
  /** Indexes that only the target has: dropped. */
  extraIndexes: z.boolean(),
  /** Collections and views that only the target has: dropped. */
  extraNamespaces: z.boolean(),
  /** Users and roles of the restored databases; never those that this connection is signed in with. */
  usersAndRoles: z.boolean(),
});
export type MetadataChoice = z.infer<typeof metadataChoiceSchema>;

/** Days that a finished restore can be undone for; after them the next start removes what was saved. */
export const undoDays = 7;

/** What a mode does to metadata unless told otherwise. */
export function defaultMetadata(mode: RestoreMode): MetadataChoice {
  const exact = mode === 'exact';
  return {
    options: exact,
    missingIndexes: mode !== 'pick',
    changedIndexes: exact,
    extraIndexes: exact,
    extraNamespaces: exact,
    usersAndRoles: false,
  };
}

/** How long a restore takes, in seconds, from what earlier ones to this target took; null without history. */
export const estimateSchema = z.object({
  seconds: z.number().nullable(),
  byBytes: z.number().nullable(),
  byDocuments: z.number().nullable(),
  /** Restores of this target that it rests on. */
  restores: z.number(),
});
export type Estimate = z.infer<typeof estimateSchema>;

/** A finished preview; its differing documents stay on disk under its id until it is closed. */
export const previewSchema = z.object({
  id: z.string(),
  request: previewRequestSchema,
  result: diffResultSchema,
  createdAt: z.string(),
  /** Where `clone` would restore to, by database. */
  cloneNames: z.record(z.string(), z.string()),
  /** The restore that applying this preview would undo; null for an ordinary preview. */
  undoOf: z.string().nullable().default(null),
  /** By mode. */
  estimates: z.partialRecord(restoreModeSchema, estimateSchema).default({}),
});
export type Preview = z.infer<typeof previewSchema>;

export const applyRequestSchema = z.object({
  previewId: z.string(),
  mode: restoreModeSchema,
  /** Namespaces of the backup to apply; empty: all of the preview. */
  namespaces: z.array(z.string()),
  /** The target connection's name as typed by the user: asked for destructive modes on production. */
  typedName: z.string().nullable(),
  /** For `pick`: what was ticked. */
  picks: z.array(pickSchema).default([]),
  /** Null: as the mode does by itself. */
  metadata: metadataChoiceSchema.nullable().default(null),
  /** False: nothing is saved to undo it with; only ever by the user's explicit choice. */
  undo: z.boolean().default(true),
});
export type ApplyRequest = z.infer<typeof applyRequestSchema>;
/** As it is asked: what has a default may be left out. */
export type ApplyRequestInput = z.input<typeof applyRequestSchema>;

/** Ticks of the preview `from`, for the preview `to` that it was refreshed to. */
export const carryPicksSchema = z.object({ from: z.string(), to: z.string(), picks: z.array(pickSchema) });
export type CarryPicks = z.infer<typeof carryPicksSchema>;

/**
 * A document that somebody else changed between preview and write. The versions are canonical Extended JSON; null where
 * the document is not there, absent where it is not known any more.
 */
export const conflictSchema = z.object({
  ns: z.string(),
  id: z.string(),
  reason: z.string(),
  versions: z
    .object({
      backup: z.string().nullable().optional(),
      preview: z.string().nullable().optional(),
      now: z.string().nullable().optional(),
    })
    .nullable()
    .default(null),
});
export type Conflict = z.infer<typeof conflictSchema>;

/** Documents of a namespace that were written since a preview was read. */
export const writtenNamespaceSchema = z.object({
  /** In the target. */
  ns: z.string(),
  /** Null: more than could be counted, or something else happened to the collection: `reason` says what. */
  documents: z.number().nullable(),
  reason: z.string().nullable(),
});

/** What the target's oplog tells about the time since a preview; `unknown` says why it does not. */
export const writtenSinceSchema = z.object({
  namespaces: z.array(writtenNamespaceSchema),
  unknown: z.string().nullable(),
});
export type WrittenSince = z.infer<typeof writtenSinceSchema>;

/** What one restore did. `remaining` is the diff after it: the proof when it is empty. */
export const restoreResultSchema = z.object({
  restoreId: z.string(),
  /** The backup that undoes it; null where nothing was overwritten or deleted, or undo was declined. */
  undoId: z.string().nullable(),
  previewId: z.string(),
  backupId: z.string(),
  target: z.string(),
  mode: restoreModeSchema,
  startedAt: z.string(),
  elapsedMs: z.number(),
  /** What was predicted and what was done. */
  predicted: effectSchema,
  effect: effectSchema,
  indexesBuilt: z.number(),
  indexesDropped: z.number(),
  optionsChanged: z.number(),
  collectionsCreated: z.number(),
  collectionsDropped: z.number(),
  remaining: diffResultSchema.nullable(),
  /** Documents that were changed by someone else between preview and write, and were left alone. */
  conflicts: z.array(conflictSchema),
  /** What was predicted for its mode. */
  problems: z.array(problemSchema),
  failures: z.array(z.object({ ns: z.string(), id: z.string().nullable(), message: z.string() })),
  /** What was said beforehand, in seconds. */
  estimatedSeconds: z.number().nullable().default(null),
  /** The restore that this one undid. */
  undoOf: z.string().nullable().default(null),
  /**
   * Namespaces of `remaining` (in the target) that hold something the mode and its choices were to settle: none when it
   * is proven. Null: there is no `remaining`, or it is of a version that did not say.
   */
  leftOver: z.array(z.string()).nullable().default(null),
});
export type RestoreResult = z.infer<typeof restoreResultSchema>;

/**
 * `interrupted`: its process ended before it did: it waits for *continue*, *undo* or *leave*. `left`: the user chose to
 * leave an interrupted one as it was.
 */
export const restoreStates = ['running', 'interrupted', 'failed', 'cancelled', 'finished', 'left'] as const;

/** `differs`: the diff after it shows something that was to be settled. `none`: there was no diff after it. */
export const proofStates = ['proven', 'differs', 'none'] as const;

/** How a restore that came to an end came out. */
export const restoreOutcomeSchema = z.object({
  proof: z.enum(proofStates),
  elapsedMs: z.number(),
  failures: z.number(),
});
export type RestoreOutcome = z.infer<typeof restoreOutcomeSchema>;

/** A restore in the history of a target. */
export const restoreSummarySchema = z.object({
  restoreId: z.string(),
  state: z.enum(restoreStates),
  connectionId: z.string(),
  backupId: z.string(),
  target: z.string(),
  mode: restoreModeSchema,
  scope: z.string(),
  startedAt: z.string(),
  /** As far as known; an interrupted one's is counted from what it wrote down. */
  effect: effectSchema,
  /** Null: it ended before that was known. */
  predicted: effectSchema.nullable(),
  /** It did not reach its end, and what it was to write is still kept. */
  canContinue: z.boolean(),
  /** Null: it runs, was cut off, or is of a version that did not note it. */
  outcome: restoreOutcomeSchema.nullable(),
  /** Nothing was saved to undo it with, by the user's choice. */
  undoDeclined: z.boolean(),
  /** The backup that undoes it; null where there is nothing to undo or undo was declined. */
  undoId: z.string().nullable(),
  /** ISO 8601; after it the undo may be removed. */
  undoUntil: z.string().nullable(),
  undoOf: z.string().nullable(),
  /** The restore that undid this one. */
  undoneBy: z.string().nullable(),
});
export type RestoreSummary = z.infer<typeof restoreSummarySchema>;
