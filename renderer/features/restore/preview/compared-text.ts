/** How the documents of a namespace were compared, in words. Pure. */
import type { NamespaceDiff } from '../../../../shared/diff';

export const comparedWords: Record<NamespaceDiff['comparedBy'], string> = {
  digest: 'digest',
  archive: 'archive',
  oplog: 'oplog',
  none: 'not compared',
};

type Compared = Pick<NamespaceDiff, 'comparedBy' | 'comparedReason'>;

/** "compared by the oplog", "compared in full: it was dropped and created again since the backup". */
export function comparedSentence({ comparedBy, comparedReason }: Compared): string {
  if (comparedBy === 'none') return comparedReason ?? '';
  if (comparedBy === 'oplog') return 'compared by the oplog: only what was written since';
  return comparedReason === null ? 'compared in full' : `compared in full: ${comparedReason}`;
}
