/** What applying a preview would run, a line each, secrets masked. */
import { formatQuantity } from '../../shared/format';
import { formatNamespace } from '../../shared/namespaces';
import { effectOf, type ApplyRequest } from '../../shared/restore';
import { selectNamespaces } from '../diff/metadata-diff';
import { chooseNamespaces } from './chosen-namespaces';
import { cloneRenames } from './clone-names';
import type { RestoreDependencies } from './dependencies';
import { maskedMongorestore } from './mongorestore';
import type { StoredPreview } from './preview-store';

export async function describeCommands(
  stored: StoredPreview,
  request: ApplyRequest,
  { catalogue, settings }: RestoreDependencies,
): Promise<string[]> {
  const { preview } = stored;
  const chosen = chooseNamespaces(stored, request.namespaces);
  if (request.mode === 'clone' || request.mode === 'drop') {
    const manifest = await catalogue.manifest(preview.request.backupId);
    const wanted = request.namespaces.length === 0 ? preview.request.namespaces : request.namespaces;
    const names = chosen.filter(({ diff }) => diff.status !== 'onlyInTarget').map(({ diff }) => diff.ns);
    const selected = selectNamespaces(manifest, wanted.length === 0 ? [] : names);
    const renames =
      request.mode === 'clone' ? cloneRenames(preview.cloneNames, preview.request.renames) : preview.request.renames;
    const line = maskedMongorestore({
      archive: '',
      namespaces: selected.map(({ database, collection, type }) => ({
        database,
        collection,
        timeseries: type === 'timeseries',
      })),
      renames: renames.filter(({ from }) =>
        selected.some((namespace) => namespace.database === from || formatNamespace(namespace) === from),
      ),
      drop: request.mode === 'drop',
      parallelCollections: (await settings.get()).parallelCollections,
    });
    return [line];
  }
  return chosen.flatMap(({ diff }) => {
    const { insert, replace, delete: remove } = effectOf(request.mode, diff);
    const steps: string[] = [];
    const exact = request.mode === 'exact';
    if (diff.status === 'onlyInBackup') steps.push(`create ${diff.targetNs} with the backup's options`);
    if (exact)
      for (const { name } of [...diff.indexes.remove, ...diff.indexes.change])
        steps.push(`dropIndexes ${diff.targetNs} ${name}`);
    if (remove > 0)
      steps.push(
        `delete ${formatQuantity(remove, 'document')} of ${diff.targetNs}, each only if it is as in the preview`,
      );
    if (replace > 0)
      steps.push(
        `update ${formatQuantity(replace, 'document')} of ${diff.targetNs}, each only if it is as in the preview`,
      );
    if (insert > 0) steps.push(`insert ${formatQuantity(insert, 'document')} into ${diff.targetNs}`);
    if (exact && !diff.options.same && diff.status === 'differs') steps.push(`collMod ${diff.targetNs}`);
    const built = exact ? [...diff.indexes.add, ...diff.indexes.change] : diff.indexes.add;
    for (const { name } of built) steps.push(`createIndexes ${diff.targetNs} ${name}`);
    if (exact && diff.status === 'onlyInTarget') steps.push(`drop ${diff.targetNs}`);
    return steps;
  });
}
