/** The namespaces of a preview that are applied, and what they are called together: pure. */
import type { Manifest } from '../../shared/backups';
import { formatNamespace } from '../../shared/namespaces';
import { fail } from '../../shared/result';
import type { ChosenNamespace } from './writing/plan-writes';
import type { StoredPreview } from './preview/preview-store';

/** Throws 'not-found' for one that the preview does not hold. */
export function chooseNamespaces(stored: StoredPreview, wanted: readonly string[]): ChosenNamespace[] {
  const all = stored.preview.result.namespaces.flatMap((diff, index) => {
    const plan = stored.plan[index];
    return plan ? [{ diff, plan }] : [];
  });
  for (const name of wanted) {
    if (!all.some(({ diff }) => diff.ns === name)) fail('not-found', `The preview does not hold ${name}.`);
  }
  return wanted.length === 0 ? all : all.filter(({ diff }) => wanted.includes(diff.ns));
}

/** `shop.orders`, `shop`, `3 collections`. */
export function describeScope(chosen: readonly ChosenNamespace[], manifest: Manifest): string {
  if (chosen.length === 1 && chosen[0]) return chosen[0].diff.ns;
  const databases = new Set(chosen.map(({ diff }) => diff.ns.split('.')[0]));
  const whole = manifest.namespaces.every((namespace) =>
    chosen.some(({ diff }) => diff.ns === formatNamespace(namespace)),
  );
  return databases.size === 1 && whole ? ([...databases][0] ?? '') : `${chosen.length} collections`;
}
