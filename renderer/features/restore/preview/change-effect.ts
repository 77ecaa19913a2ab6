import type { DocumentChange, RestoreMode } from '../../../../shared/diff';

/** What a mode would do with a document of this kind of difference, in a word. */
export function changeEffect(mode: RestoreMode, change: DocumentChange): string {
  switch (mode) {
    case 'clone':
    case 'pick':
      return 'kept';
    case 'insert-missing':
      return change === 'onlyInBackup' ? 'inserted' : 'kept';
    case 'merge':
    case 'overwrite':
      return change === 'onlyInBackup' ? 'inserted' : change === 'changed' ? 'replaced' : 'kept';
    case 'exact':
      return change === 'onlyInBackup' ? 'inserted' : change === 'changed' ? 'replaced' : 'deleted';
    case 'drop':
      return change === 'onlyInTarget' ? 'dropped' : 'restored';
  }
}
