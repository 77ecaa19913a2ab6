import type { DocumentChange, RestoreMode } from '../../shared/diff';

export const modeWords: Record<RestoreMode, { name: string; does: string }> = {
  clone: {
    name: 'Clone',
    does: 'restores beside the original, under a new database name; the original is not touched',
  },
  'insert-missing': { name: 'Insert missing', does: 'adds documents whose _id is absent; leaves everything else' },
  merge: { name: 'Merge', does: "adds missing documents and sets the backup's fields on changed ones" },
  overwrite: { name: 'Overwrite', does: 'adds missing documents and replaces changed ones' },
  exact: { name: 'Exact', does: 'makes the target equal to the backup by writing only what differs, deletes included' },
  drop: { name: 'Drop', does: 'drops the collections and restores them whole' },
  pick: { name: 'Pick', does: 'writes only the documents and fields that are ticked' },
};

export const changeWords: Record<DocumentChange, { name: string; sign: string; className: string }> = {
  onlyInBackup: { name: 'only in backup', sign: '+', className: 'effect-insert' },
  changed: { name: 'changed', sign: '≠', className: 'effect-replace' },
  onlyInTarget: { name: 'only in target', sign: '−', className: 'effect-delete' },
};
