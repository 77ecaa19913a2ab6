/** Restores: what each mode would do, what was done, and the proof. */
import { z } from 'zod';
import {
  diffResultSchema,
  effectSchema,
  problemSchema,
  restoreModeSchema,
  type Effect,
  type NamespaceDiff,
  type Problem,
  type RestoreMode,
} from './diff';

/** Modes of this version; the others arrive with picking and undo. */
export const availableModes: readonly RestoreMode[] = ['clone', 'insert-missing', 'exact', 'drop'];

/** Modes that overwrite or delete what the target has: guarded on production, refused on read-only connections. */
export function isDestructive(mode: RestoreMode): boolean {
  return mode === 'overwrite' || mode === 'merge' || mode === 'exact' || mode === 'drop' || mode === 'pick';
}

/**
 * What `mode` would do to one namespace's documents, by the counts of the diff alone, so that switching modes needs
 * no new read.
 */
export function effectOf(
  mode: RestoreMode,
  diff: Pick<NamespaceDiff, 'type' | 'documents'> & Partial<Pick<NamespaceDiff, 'status'>>,
): Effect {
  const { inBackup, inTarget, same, changed, onlyInBackup, onlyInTarget } = diff.documents;
  if (diff.type === 'view') return { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0 };
  switch (mode) {
    case 'clone':
      return { insert: inBackup, replace: 0, delete: 0, keep: inTarget, conflict: 0 };
    case 'insert-missing':
      return { insert: onlyInBackup, replace: 0, delete: 0, keep: same + changed + onlyInTarget, conflict: 0 };
    case 'merge':
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

/** Those of the problems that `mode` would meet. */
export function problemsOf(mode: RestoreMode, problems: readonly Problem[]): Problem[] {
  return problems.filter(({ modes }) => modes === null || modes.includes(mode));
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
});
export type PreviewRequest = z.infer<typeof previewRequestSchema>;

/** A finished preview; its differing documents stay on disk under its id until it is closed. */
export const previewSchema = z.object({
  id: z.string(),
  request: previewRequestSchema,
  result: diffResultSchema,
  createdAt: z.string(),
  /** Where `clone` would restore to, by database. */
  cloneNames: z.record(z.string(), z.string()),
});
export type Preview = z.infer<typeof previewSchema>;

export const applyRequestSchema = z.object({
  previewId: z.string(),
  mode: restoreModeSchema,
  /** Namespaces of the backup to apply; empty: all of the preview. */
  namespaces: z.array(z.string()),
  /** The target connection's name as typed by the user: asked for destructive modes on production. */
  typedName: z.string().nullable(),
});
export type ApplyRequest = z.infer<typeof applyRequestSchema>;

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
  conflicts: z.array(z.object({ ns: z.string(), id: z.string(), reason: z.string() })),
  /** What was predicted for its mode. */
  problems: z.array(problemSchema),
  failures: z.array(z.object({ ns: z.string(), id: z.string().nullable(), message: z.string() })),
});
export type RestoreResult = z.infer<typeof restoreResultSchema>;
