/** Which options a server changes in a collection that is there: pure. */
import type { ComparedNamespace } from '../../diff/metadata-diff';
import { comparableText, normaliseOptions } from '../../diff/normalise-metadata';

/** Options that collMod can change. */
export const changeableOptions = new Set([
  'validator',
  'validationLevel',
  'validationAction',
  'expireAfterSeconds',
  'changeStreamPreAndPostImages',
  'viewOn',
  'pipeline',
]);

/** Names of the options that differ and stay so, because servers only take them when a collection is created. */
export function unchangeableOptions({ backup, target }: Pick<ComparedNamespace, 'backup' | 'target'>): string[] {
  if (!backup || !target || backup.type !== target.type || backup.type === 'view') return [];
  const [left, right] = [normaliseOptions(backup.options), normaliseOptions(target.options)];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].filter(
    (name) => !changeableOptions.has(name) && comparableText(left[name], 'all') !== comparableText(right[name], 'all'),
  );
}
