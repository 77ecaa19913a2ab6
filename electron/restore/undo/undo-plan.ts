/** What a restore will touch, as its undo has to know it: pure. */
import type { NamespaceDiff, RestoreMode } from '../../../shared/diff';
import { parseNamespace } from '../../../shared/namespaces';
import type { MetadataChoice } from '../../../shared/restore';
import { dataCollection } from '../../diff/live-metadata';
import type { PlanNamespace } from '../preview/preview-store';
import type { UndoNamespace } from './undo-record';

export interface TouchedNamespace {
  /** Number of its folder in the preview. */
  index: number;
  undo: UndoNamespace;
}

interface Chosen {
  diff: NamespaceDiff;
  plan: PlanNamespace;
}

function archivedName(targetNs: string, type: UndoNamespace['type']): string | null {
  const parsed = parseNamespace(targetNs);
  if (!parsed || type === 'view') return null;
  return `${parsed.database}.${dataCollection(type, parsed.collection)}`;
}

function indexNames({ add, change, remove, same }: NamespaceDiff['indexes'], all: boolean): string[] {
  return [...add, ...change, ...remove, ...(all ? same : [])].map(({ name }) => name);
}

/** For the modes that go through the driver. `written`: numbers of the namespaces that documents are written to. */
export function touchedByDriver(
  chosen: readonly Chosen[],
  written: ReadonlySet<number>,
  metadata: MetadataChoice,
): TouchedNamespace[] {
  return chosen.flatMap(({ diff, plan }): TouchedNamespace[] => {
    const existed = plan.target !== null;
    if (diff.status === 'differs' && existed && plan.target?.type !== plan.type) return [];
    if (plan.rebuild === 'refused') return [];
    const isWritten = written.has(plan.index) || plan.rebuild !== null;
    const isDropped = diff.status === 'onlyInTarget' && metadata.extraNamespaces;
    const isExtra = diff.status === 'onlyInTarget' && !isDropped;
    const indexes = isExtra ? [] : indexNames(diff.indexes, false);
    const options = !isExtra && !diff.options.same;
    if (!isWritten && !isDropped && indexes.length === 0 && !options) return [];
    const undo: UndoNamespace = {
      ns: diff.targetNs,
      type: plan.type,
      existed,
      dropped: isDropped,
      indexes,
      options,
      documents: plan.type === 'view' || !isWritten ? null : existed ? 'entries' : 'digest',
      archivedAs: existed ? archivedName(diff.targetNs, plan.type) : null,
      restoredAs: existed || plan.type === 'view' ? null : plan.backupNamespace,
      firstEntry: 0,
      entries: 0,
    };
    return [{ index: plan.index, undo }];
  });
}

/**
 * For an undo that builds collections anew: with them everything it touches is saved whole. `restoredAs`: what was saved
 * is what they hold afterwards.
 */
export function touchedByRebuild(touched: readonly TouchedNamespace[], chosen: readonly Chosen[]): TouchedNamespace[] {
  const byIndex = new Map(chosen.map((one) => [one.plan.index, one]));
  return touched.map(({ index, undo }) => {
    const one = byIndex.get(index);
    const whole: UndoNamespace = {
      ...undo,
      documents: undo.type === 'view' || undo.documents === null ? undo.documents : 'digest',
      restoredAs: undo.type === 'view' ? null : (one?.plan.backupNamespace ?? null),
    };
    if (!one || one.plan.rebuild === null) return { index, undo: whole };
    const indexes = indexNames(one.diff.indexes, true);
    return { index, undo: { ...whole, dropped: true, indexes, options: true, documents: 'digest' } };
  });
}

/** For clone and drop, which restore whole collections under the names that `targetOf` gives. */
export function touchedByTool(
  mode: Extract<RestoreMode, 'clone' | 'drop'>,
  chosen: readonly Chosen[],
  targetOf: (ns: string) => string,
): TouchedNamespace[] {
  return chosen.flatMap(({ diff, plan }): TouchedNamespace[] => {
    if (diff.status === 'onlyInTarget') return [];
    const ns = mode === 'clone' ? targetOf(diff.ns) : diff.targetNs;
    const existed = mode === 'drop' && plan.target !== null;
    const type = existed ? (plan.target?.type ?? plan.type) : plan.type;
    const undo: UndoNamespace = {
      ns,
      type,
      existed,
      dropped: existed,
      indexes: indexNames(diff.indexes, true),
      options: true,
      documents: type === 'view' ? null : 'digest',
      archivedAs: existed ? archivedName(ns, type) : null,
      restoredAs: plan.type === 'view' ? null : plan.backupNamespace,
      firstEntry: 0,
      entries: 0,
    };
    return [{ index: plan.index, undo }];
  });
}
