/** The modes that write only what differs: all but clone and drop. */
import type { NamespaceDiff } from '../../shared/diff';
import { parseNamespace } from '../../shared/namespaces';
import { currentClusterTime } from '../diff/live-metadata';
import type { JobContext } from '../jobs/runner';
import type { RestoreDependencies } from './dependencies';
import type { DriverRestore } from './driver-restore';
import { MetadataWriter } from './writing/metadata-writer';
import { countsToWrite, isSkipped, planWrites, type ChosenNamespace, type WriteChoice } from './writing/plan-writes';
import type { RestoreTally } from './writing/tally';
import { restoreUsersAndRoles } from './writing/users-and-roles';
import { sourcesFirst } from './writing/view-order';
import { noteLateWrites, type DroppedCollection } from './undo/late-writes';
import { rebuildCollections } from './undo/rebuild';
import type { WriteEvent } from './writing/write-event';
import type { WriteTaskInput } from './writing/write-task';

/**
 * insert-missing goes this way too, not through mongorestore: the diff knows which documents are missing, so that only
 * those are sent, and a duplicate key told by the server is a document that came since the preview, never one among
 * thousands of expected ones.
 *
 * Order: collections are made and indexes that must go dropped, documents deleted, replaced, inserted, then options
 * changed, indexes built, what is extra dropped and views made. What the server refuses is noted; the rest goes on.
 */
export async function applyByDriver(
  dependencies: Pick<RestoreDependencies, 'tasks'>,
  restore: DriverRestore,
  tally: RestoreTally,
  context: JobContext,
): Promise<MetadataWriter> {
  const { choice, replicated } = restore;
  const { signal } = context;
  const metadata = new MetadataWriter(restore.client, {
    replicated,
    resumed: restore.resumed,
    signal,
    log: (line) => context.log(line),
  });
  const rebuilt = restore.namespaces.filter(({ plan }) => plan.rebuild !== null);
  const worked = restore.namespaces.filter((namespace) => {
    if (namespace.plan.rebuild !== null) return false;
    if (!isSkipped(namespace)) return true;
    const { diff, plan } = namespace;
    tally.fail(
      diff.ns,
      null,
      `It is a ${plan.target?.type} in the target and a ${plan.type} in the backup: left as it is.`,
    );
    return false;
  });
  const collections = worked.map(({ diff }) => diff).filter(({ type }) => type !== 'view');
  const views = worked.map(({ diff }) => diff).filter(({ type }) => type === 'view');

  context.report({ phase: 'Preparing collections' });
  await rebuildCollections({ dependencies, restore, metadata, tally, context }, rebuilt);
  for (const diff of collections) {
    if (diff.status === 'onlyInBackup') {
      if (isMade(choice, diff)) await metadata.create(diff);
    } else if (diff.status === 'differs') await metadata.dropIndexes(diff.targetNs, indexesToDrop(choice, diff));
  }
  await writeDocuments(dependencies, restore, worked, tally, context);
  for (const diff of collections) {
    if (signal.aborted) break;
    if (diff.status === 'onlyInTarget' || (diff.status === 'onlyInBackup' && !isMade(choice, diff))) continue;
    if (choice.metadata.options) await metadata.changeOptions(diff);
    await metadata.buildIndexes(diff.targetNs, indexesToBuild(choice, diff), (name) =>
      context.report({ phase: `Building index ${name} of ${diff.targetNs}` }),
    );
  }
  if (!signal.aborted) await restoreViews(choice, views, metadata);
  if (!signal.aborted && choice.metadata.extraNamespaces) {
    await dropExtras(restore, worked, metadata, tally, context);
  }
  if (!signal.aborted && choice.metadata.usersAndRoles) {
    context.report({ phase: 'Restoring users and roles' });
    const outcome = await restoreUsersAndRoles({
      client: restore.client,
      archive: restore.archive,
      blockIndex: restore.blockIndex,
      databases: restore.userDatabases ?? null,
      replicated,
      signal,
      log: (line) => context.log(line),
    });
    context.log(`${outcome.users} users and ${outcome.roles} roles of the backup were merged into the target's.`);
    for (const message of outcome.failures) tally.fail('', null, message);
  }
  for (const { ns, message } of metadata.tally.failures) tally.fail(ns, null, message);
  return metadata;
}

async function dropExtras(
  { restoreId, choice, client, replicated }: DriverRestore,
  worked: readonly ChosenNamespace[],
  metadata: MetadataWriter,
  tally: RestoreTally,
  context: JobContext,
): Promise<void> {
  const extras = worked.filter(
    ({ diff }) => diff.type !== 'view' && diff.status === 'onlyInTarget' && isEmptied(choice, diff),
  );
  if (extras.length === 0) return;
  // Between the look that finds a collection empty and its drop someone may write to it, where it keeps its name.
  const since = replicated ? await currentClusterTime(client) : null;
  const dropped: DroppedCollection[] = [];
  for (const { diff, plan } of extras) {
    const outcome = await metadata.dropExtra(diff.targetNs, diff.type, restoreId);
    if (outcome === 'unwatched' && plan.target?.uuid) dropped.push({ ns: diff.targetNs, uuid: plan.target.uuid });
  }
  await noteLateWrites(client, since, dropped, tally, context);
}

/** Databases that are restored under their own names. */
export function sameNamedDatabases(worked: readonly ChosenNamespace[]): string[] {
  const databaseOf = (ns: string): string => parseNamespace(ns)?.database ?? '';
  const same = worked.filter(({ diff }) => databaseOf(diff.ns) === databaseOf(diff.targetNs));
  return [...new Set(same.map(({ diff }) => databaseOf(diff.ns)))];
}

/** A collection that the target lacks: `pick` makes it only for documents that go there. */
function isMade(choice: WriteChoice, diff: NamespaceDiff): boolean {
  return choice.mode !== 'pick' || countsToWrite(choice, diff).onlyInBackup > 0;
}

/** A collection that only the target has: `pick` leaves what was not picked, and then the collection too. */
function isEmptied(choice: WriteChoice, diff: NamespaceDiff): boolean {
  return choice.mode !== 'pick' || countsToWrite(choice, diff).onlyInTarget === diff.documents.onlyInTarget;
}

/** What differs goes before documents come: a unique index may refuse them. */
function indexesToDrop({ metadata }: WriteChoice, { indexes }: NamespaceDiff): NamespaceDiff['indexes']['add'] {
  return [...(metadata.extraIndexes ? indexes.remove : []), ...(metadata.changedIndexes ? indexes.change : [])];
}

function indexesToBuild({ metadata }: WriteChoice, { indexes }: NamespaceDiff): NamespaceDiff['indexes']['add'] {
  return [...(metadata.missingIndexes ? indexes.add : []), ...(metadata.changedIndexes ? indexes.change : [])];
}

/** Extra views go before their sources do, those of the backup come after their sources. */
async function restoreViews(
  choice: WriteChoice,
  views: readonly NamespaceDiff[],
  metadata: MetadataWriter,
): Promise<void> {
  if (choice.metadata.extraNamespaces) {
    const extra = views.filter(({ status }) => status === 'onlyInTarget');
    for (const { targetNs } of sourcesFirst(extra, 'target').reverse()) await metadata.dropView(targetNs);
  }
  const wanted = views.filter(
    ({ status }) =>
      (status === 'onlyInBackup' && choice.mode !== 'pick') || (status === 'differs' && choice.metadata.options),
  );
  await metadata.restoreViews(sourcesFirst(wanted, 'backup'));
}

async function writeDocuments(
  dependencies: Pick<RestoreDependencies, 'tasks'>,
  restore: DriverRestore,
  worked: readonly ChosenNamespace[],
  tally: RestoreTally,
  context: JobContext,
): Promise<void> {
  const byIndex = new Map(worked.map(({ diff, plan }) => [plan.index, diff.ns]));
  const namespaces = planWrites(restore.choice, worked).map((namespace) => ({
    ...namespace,
    heldBack: restore.heldBack.get(namespace.index) ?? [],
  }));
  const documents = namespaces.reduce((sum, namespace) => sum + namespace.documents, 0);
  if (namespaces.length === 0) return;
  const input: WriteTaskInput = {
    restoreId: restore.restoreId,
    uri: restore.uri,
    previewFolder: restore.previewFolder,
    archive: restore.archive,
    blockIndex: restore.blockIndex,
    replicated: restore.replicated,
    clusterTime: restore.clusterTime,
    resumed: restore.resumed,
    namespaces,
    documents,
  };
  await dependencies.tasks.run<WriteTaskInput, null>('restore.write', input, {
    signal: context.signal,
    report: (update) => context.report(update),
    log: (line) => context.log(line),
    onEvent: (event) => {
      const written = event as WriteEvent;
      tally.add(byIndex.get(written.index) ?? '', written);
    },
  });
}
