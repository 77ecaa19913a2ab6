/** Metadata differences in a few characters. Pure. */
import type { NamespaceDiff } from '../../../../shared/diff';

/** `+1 ≠2 −1`: indexes to add, to change, only in the target; `=` where all are the same. */
export function indexMarks({ indexes }: Pick<NamespaceDiff, 'indexes'>): string {
  const parts: string[] = [];
  if (indexes.add.length > 0) parts.push(`+${indexes.add.length}`);
  if (indexes.change.length > 0) parts.push(`≠${indexes.change.length}`);
  if (indexes.remove.length > 0) parts.push(`−${indexes.remove.length}`);
  return parts.length === 0 ? '=' : parts.join(' ');
}

/** The names of the options that differ; none where they are the same, or differ only in their order. */
export function differingOptions({ options }: Pick<NamespaceDiff, 'options'>): string[] {
  if (options.same) return [];
  const backup = new Map(Object.entries(options.backup ?? {}));
  const target = new Map(Object.entries(options.target ?? {}));
  return [...new Set([...backup.keys(), ...target.keys()])].filter(
    (name) => JSON.stringify(backup.get(name)) !== JSON.stringify(target.get(name)),
  );
}

/** `validator ≠`, `validator +2 ≠`: the first option that differs, and how many more; `=` where all are the same. */
export function optionMarks(diff: Pick<NamespaceDiff, 'options'>): string {
  if (diff.options.same) return '=';
  const [first, ...more] = differingOptions(diff);
  if (first === undefined) return '≠';
  return more.length === 0 ? `${first} ≠` : `${first} +${more.length} ≠`;
}
