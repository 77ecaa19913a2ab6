import type { DocumentChange, RestoreMode } from '../../../../shared/diff';
import type { TickState } from './pick-state';

/** What a mode would do with a document of this kind of difference, in a word. `tick` counts in mode `pick`. */
export function changeEffect(mode: RestoreMode, change: DocumentChange, tick: TickState | null): string {
  switch (mode) {
    case 'clone':
      return 'kept';
    case 'pick':
      if (tick === 'some') return 'some fields';
      return tick === 'whole' ? changeEffect('exact', change, null) : 'kept';
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
