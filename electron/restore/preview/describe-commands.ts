/** What applying a preview would run, a line each, secrets masked. */
import { formatQuantity } from '../../../shared/format';
import { formatNamespace } from '../../../shared/namespaces';
import { effectOf, type ApplyRequest } from '../../../shared/restore';
import { selectNamespaces } from '../../diff/metadata-diff';
import { chooseNamespaces } from '../chosen-namespaces';
import { cloneRenames } from './clone-names';
import type { RestoreDependencies } from '../dependencies';
import { maskedMongorestore } from '../writing/mongorestore';
import {
  countsToWrite,
  isSkipped,
  writeChoiceOf,
  type ChosenNamespace,
  type WriteChoice,
} from '../writing/plan-writes';
import type { RebuildWay, StoredPreview } from './preview-store';

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
  const people = preview.result.problems
    .filter(({ code, severity }) => code === 'users-and-roles' && severity === 'info')
    .flatMap(({ objects }) => objects.map(({ ns, name, detail }) => `${name ?? ''} of ${ns} ${detail}`));
  return [...describeSteps(writeChoiceOf(request.mode, request, chosen), chosen), ...people];
}

/** In the order in which they are done in each namespace. */
function describeSteps(choice: WriteChoice, chosen: readonly ChosenNamespace[]): string[] {
  const { mode, metadata } = choice;
  const steps = chosen
    .filter((namespace) => !isSkipped(namespace))
    .flatMap(({ diff, plan }) => {
      const { targetNs: ns, indexes } = diff;
      const counts = countsToWrite(choice, diff);
      const replaced = mode === 'merge' ? effectOf(mode, diff).replace : counts.changed;
      const namespaceSteps: string[] = [];
      const add = (isDone: boolean, step: string): void => {
        if (isDone) namespaceSteps.push(step);
      };
      if (plan.rebuild !== null) return rebuildSteps(diff, plan.rebuild);
      const isThere = diff.status === 'differs';
      const isMade = diff.status === 'onlyInBackup' && (mode !== 'pick' || counts.onlyInBackup > 0);
      const dropped = [
        ...(metadata.extraIndexes ? indexes.remove : []),
        ...(metadata.changedIndexes ? indexes.change : []),
      ];
      const built = [
        ...(metadata.missingIndexes ? indexes.add : []),
        ...(metadata.changedIndexes ? indexes.change : []),
      ];
      add(isMade, `create ${ns} with the backup's options`);
      for (const { name } of dropped) add(isThere, `dropIndexes ${ns} ${name}`);
      const asPreviewed = 'each only if it is as in the preview';
      const { onlyInTarget, onlyInBackup } = counts;
      add(onlyInTarget > 0, `delete ${formatQuantity(onlyInTarget, 'document')} of ${ns}, ${asPreviewed}`);
      add(replaced > 0, `update ${formatQuantity(replaced, 'document')} of ${ns}, ${asPreviewed}`);
      add(onlyInBackup > 0, `insert ${formatQuantity(onlyInBackup, 'document')} into ${ns}`);
      add(isThere && metadata.options && !diff.options.same, `collMod ${ns}`);
      for (const { name } of built) add(isThere || isMade, `createIndexes ${ns} ${name}`);
      add(diff.status === 'onlyInTarget' && metadata.extraNamespaces, `drop ${ns}`);
      return namespaceSteps;
    });
  return metadata.usersAndRoles ? [...steps, 'merge the users and roles of the backup into the target'] : steps;
}

/** Of an undo that builds the collection anew. */
function rebuildSteps({ targetNs: ns, indexes, effect }: ChosenNamespace['diff'], way: RebuildWay): string[] {
  if (way === 'refused') return [];
  const beside = way === 'swap' ? `beside ${ns}` : ns;
  const built = [...indexes.same, ...indexes.add, ...indexes.change].filter(
    ({ name, backup }) => backup !== null && name !== '_id_' && backup['clustered'] !== true,
  );
  const steps = [
    `create ${beside} with the options from before the restore`,
    `insert ${formatQuantity(effect.insert, 'document')} there, in their order`,
    ...(effect.keep > 0 ? [`insert ${formatQuantity(effect.keep, 'document')} there that others wrote since`] : []),
    ...built.map(({ name }) => `createIndexes ${beside} ${name}`),
  ];
  return way === 'swap'
    ? [...steps, `renameCollection ${ns}, then of what is beside to ${ns}`, `drop what was ${ns}`]
    : [`drop ${ns}`, ...steps];
}
