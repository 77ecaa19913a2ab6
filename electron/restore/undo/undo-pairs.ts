/** Collections as they were before a restore against those that live now: pure. */
import type { Manifest, ManifestNamespace } from '../../../shared/backups';
import { formatNamespace, parseNamespace } from '../../../shared/namespaces';
import type { ComparedNamespace, LiveNamespace } from '../../diff/metadata-diff';
import type { UndoNamespace, UndoRecord } from './undo-record';

export interface UndoPair extends ComparedNamespace {
  undo: UndoNamespace;
}

export interface UndoPairs {
  pairs: UndoPair[];
  /** Namespaces that are neither as before nor as the restore left them, with the reason: nothing is done to them. */
  strange: { undo: UndoNamespace; reason: string }[];
}

export function databasesOf(record: UndoRecord): string[] {
  return [...new Set(record.namespaces.flatMap(({ ns }) => parseNamespace(ns)?.database ?? []))];
}

function nameOf(specification: Record<string, unknown>): string {
  const { name } = specification;
  return typeof name === 'string' ? name : JSON.stringify(specification['key']);
}

/** The state before, but for what the restore did not touch: that is taken as it is now, whoever changed it. */
function wanted(before: ManifestNamespace, live: LiveNamespace | null, undo: UndoNamespace): ManifestNamespace {
  if (!live || undo.dropped) return before;
  const touched = new Set(undo.indexes);
  const own = before.indexes.filter((index) => touched.has(nameOf(index)));
  const others = live.indexes.filter((index) => !touched.has(nameOf(index)));
  return { ...before, indexes: [...others, ...own], options: undo.options ? before.options : live.options };
}

/** The pairs to be compared and, where they differ, put back. What is as before by being absent is left out. */
export function pairUndo(record: UndoRecord, manifest: Manifest, live: readonly LiveNamespace[]): UndoPairs {
  const before = new Map(manifest.namespaces.map((namespace) => [formatNamespace(namespace), namespace]));
  const now = new Map(live.map((namespace) => [formatNamespace(namespace), namespace]));
  const pairs: UndoPair[] = [];
  const strange: UndoPairs['strange'] = [];
  for (const undo of record.namespaces) {
    const { ns } = undo;
    const target = now.get(ns) ?? null;
    const was = undo.existed ? (before.get(ns) ?? null) : null;
    if (!was && !target) continue;
    if (was && !target && !undo.dropped) {
      strange.push({ undo, reason: `${ns} was dropped since the restore.` });
    } else if (target && target.type !== undo.type) {
      strange.push({ undo, reason: `${ns} is a ${target.type} now: it was made anew since the restore.` });
    } else {
      pairs.push({ ns, targetNs: ns, backup: was && wanted(was, target, undo), target, undo });
    }
  }
  return { pairs, strange };
}
