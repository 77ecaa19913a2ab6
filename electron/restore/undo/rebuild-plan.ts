/** Which collections an undo has to build anew, and how: pure. */
import type { Problem } from '../../../shared/diff';
import { formatBytes, formatQuantity } from '../../../shared/format';
import { normaliseOptions } from '../../diff/normalise-metadata';
import type { RebuildWay } from '../preview/preview-store';
import { unchangeableOptions } from '../writing/unchangeable-options';
import type { ComparedUndo } from './compare-task';
import type { UndoPair } from './undo-pairs';

function isCapped({ backup }: UndoPair): boolean {
  return backup !== null && normaliseOptions(backup.options)['capped'] === true;
}

/** Whether the comparison has to tell what a rebuilt collection would hold. */
export function mayBeRebuilt(pair: UndoPair): boolean {
  const { backup, target, undo } = pair;
  if (!backup || !target || !undo.dropped || undo.documents !== 'digest') return false;
  return unchangeableOptions(pair).length > 0 || isCapped(pair);
}

/**
 * Null: what differs is put back in place. A capped collection is rebuilt for its documents too, which have an order.
 * `sharded`: it would lose its shard key.
 */
export function rebuildWayOf(pair: UndoPair, compared: ComparedUndo | undefined, sharded: boolean): RebuildWay | null {
  if (!compared || sharded || !mayBeRebuilt(pair)) return null;
  const { changed, onlyInBackup, onlyInTarget, conflicts } = compared;
  if (unchangeableOptions(pair).length === 0 && changed + onlyInBackup + onlyInTarget === 0) return null;
  if (pair.target?.type !== 'timeseries') return 'swap';
  return conflicts > 0 ? 'refused' : 'anew';
}

/** What the user is told of it. */
export function rebuildProblem(pair: UndoPair, way: RebuildWay, conflicts: number): Problem {
  const { ns, backup } = pair;
  const names = unchangeableOptions(pair);
  const objects = names.map((name) => ({ ns, id: null, name, detail: 'option' }));
  const why =
    names.length > 0
      ? `Servers take ${names.join(', ')} only when a collection is made`
      : 'A capped collection keeps its documents in their order only when it is filled from its first one';
  const common: Omit<Problem, 'message' | 'hint'> = {
    code: 'rebuilt-whole',
    severity: 'warning',
    ns,
    modes: null,
    when: null,
    objects,
    objectsTotal: objects.length,
  };
  if (way === 'refused') {
    return {
      ...common,
      message: `${why}, and ${ns} holds ${formatQuantity(conflicts, 'document')} that others wrote since the restore: it stays as it is.`,
      hint: 'Servers rename no time series, so that it could only be dropped. Restore this backup as a clone, and bring over what you need.',
    };
  }
  const size = backup ? ` About ${formatBytes(backup.bytes)} are needed while both are there.` : '';
  return {
    ...common,
    message:
      way === 'swap'
        ? `${why}: ${ns} is built beside, with its indexes, and takes the name at the end; nothing bears the name for that moment.${size}`
        : `${why}, and servers rename no time series: ${ns} is dropped and made again.`,
    hint: 'It has another UUID then: change streams on it end with an invalidate event.',
  };
}

/** Collections that live under another UUID than before the restore, and will. */
export function uuidProblems(pairs: readonly UndoPair[]): Problem[] {
  const others = pairs.filter(({ backup, target, undo }) => {
    if (!backup || backup.type === 'view' || !undo.dropped) return false;
    return target === null || (backup.uuid !== null && target.uuid !== null && backup.uuid !== target.uuid);
  });
  if (others.length === 0) return [];
  return [
    {
      code: 'other-uuid',
      severity: 'info',
      ns: null,
      message: `${formatQuantity(others.length, 'collection')} that the restore dropped keep another UUID than before it.`,
      hint: 'No server takes a UUID back. Change streams opened before the restore have ended; open them anew.',
      modes: null,
      when: null,
      objects: others.slice(0, 100).map(({ ns }) => ({ ns, id: null, name: ns, detail: 'another UUID' })),
      objectsTotal: others.length,
    },
  ];
}
