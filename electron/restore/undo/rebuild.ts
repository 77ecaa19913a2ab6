/**
 * Builds collections anew where servers do not change in place what an undo has to put back. Each is built beside under a
 * name of ours, with its options, documents and indexes; then the old one gets a name of ours, what was written to it
 * meanwhile is brought over, and the new one gets the name. Every step can be repeated: a run that goes on finds by the
 * names and UUIDs how far the one before came.
 */
import { currentClusterTime, dataCollection } from '../../diff/live-metadata';
import type { JobContext } from '../../jobs/runner';
import { DifferingReader } from '../../diff/differing-files';
import type { ClusterTime } from '../../../shared/backups';
import type { IndexChange } from '../../../shared/diff';
import { formatQuantity } from '../../../shared/format';
import { parseNamespace } from '../../../shared/namespaces';
import type { DriverRestore } from '../driver-restore';
import { namespaceExists, namespaceNotFound } from '../writing/command-steps';
import type { RestoreDependencies } from '../dependencies';
import type { MetadataWriter } from '../writing/metadata-writer';
import type { ChosenNamespace } from '../writing/plan-writes';
import { codeOf } from '../writing/server-errors';
import { listed, type RestoreTally } from '../writing/tally';
import type { WriteEvent } from '../writing/write-event';
import type { WriteTaskInput } from '../writing/write-task';
import { asideOf, uuidUnder } from './aside';
import { carryTaskName, type CarryInput, type CarryOutput } from './carry-task';
import { noteLateWrites, touchedSince } from './late-writes';
import { othersFolder, readRebuildCounts, rebuiltFolder, type RebuildCounts } from './rebuild-lists';

interface Rebuild {
  dependencies: Pick<RestoreDependencies, 'tasks'>;
  restore: DriverRestore;
  metadata: MetadataWriter;
  tally: RestoreTally;
  context: JobContext;
}

/** What the server refuses is noted in `metadata`, and the collection stays as it is. */
export async function rebuildCollections(rebuild: Rebuild, namespaces: readonly ChosenNamespace[]): Promise<void> {
  for (const namespace of namespaces) {
    if (rebuild.context.signal.aborted) return;
    const { diff, plan } = namespace;
    if (plan.rebuild === 'refused') {
      rebuild.tally.fail(diff.targetNs, null, 'It holds what others wrote since the restore: it was not made anew.');
      continue;
    }
    const counts = await readRebuildCounts(rebuild.restore.previewFolder, plan.index);
    if (plan.rebuild === 'swap') await swap(rebuild, namespace, counts);
    else await makeAnew(rebuild, namespace, counts);
  }
}

/** All but that of the `_id`, which comes with the collection. */
function indexesOf({ diff }: ChosenNamespace): IndexChange[] {
  const { same, add, change } = diff.indexes;
  return [...same, ...add, ...change].filter(
    ({ name, backup }) => backup !== null && name !== '_id_' && backup['clustered'] !== true,
  );
}

/** Writes what was saved into `ns`; returns how many of its documents are there. */
async function fill({ dependencies, restore, tally, context }: Rebuild, namespace: ChosenNamespace, ns: string) {
  const { diff, plan } = namespace;
  const parsed = parseNamespace(ns);
  if (!parsed) return 0;
  const previewFolder = rebuiltFolder(restore.previewFolder);
  const reader = await DifferingReader.open(previewFolder, plan.index);
  const documents = reader.counts.onlyInBackup;
  await reader.close();
  if (documents === 0) return 0;
  const input: WriteTaskInput = {
    restoreId: restore.restoreId,
    uri: restore.uri,
    previewFolder,
    archive: restore.archive,
    blockIndex: restore.blockIndex,
    replicated: restore.replicated,
    clusterTime: null,
    resumed: restore.resumed,
    namespaces: [
      {
        index: plan.index,
        database: parsed.database,
        collection: dataCollection(plan.type, parsed.collection),
        backupNamespace: plan.backupNamespace,
        changes: ['onlyInBackup'],
        picks: null,
        merge: false,
        bypassValidation: true,
        inOrder: true,
      },
    ],
    documents,
  };
  let there = 0;
  await dependencies.tasks.run<WriteTaskInput, null>('restore.write', input, {
    signal: context.signal,
    report: (update) => context.report({ ...update, phase: `Writing ${diff.targetNs}` }),
    log: (line) => context.log(line),
    onEvent: (event) => {
      const written = event as WriteEvent;
      there += written.inserted + written.kept;
      tally.add(diff.targetNs, { ...written, inserted: written.inserted + written.kept, kept: 0 });
    },
  });
  return there;
}

async function carry(
  { dependencies, restore, context }: Rebuild,
  names: { from: string; to: string },
  which: CarryInput['which'],
): Promise<CarryOutput> {
  const [from, to] = [parseNamespace(names.from), parseNamespace(names.to)];
  if (!from || !to) return { carried: [], count: 0 };
  const input: CarryInput = {
    uri: restore.uri,
    database: from.database,
    from: from.collection,
    to: to.collection,
    majority: restore.replicated,
    which,
  };
  return dependencies.tasks.run<CarryInput, CarryOutput>(carryTaskName, input, {
    signal: context.signal,
    report: (update) => context.report(update),
    log: (line) => context.log(line),
  });
}

/** Brings over what was written to the collection after `since`; false: nobody can tell what was. */
async function carryLate(
  rebuild: Rebuild,
  ns: string,
  uuid: string,
  names: { from: string; to: string },
  since: ClusterTime | null,
): Promise<boolean> {
  const { tally, restore } = rebuild;
  const ids = since && (await touchedSince(restore.client, since, { ns, uuid }));
  if (!ids) return false;
  if (ids.length === 0) return true;
  noteOthers(tally, ns, await carry(rebuild, names, { kind: 'ids', ids }));
  return true;
}

function noteOthers(tally: RestoreTally, ns: string, { carried, count }: CarryOutput): void {
  tally.effect.conflict += count;
  for (const id of carried) {
    if (tally.conflicts.length >= listed) return;
    const reason = 'It was written by someone else while its collection was built anew, and stays.';
    tally.conflicts.push({ ns, id, reason, versions: null });
  }
}

async function swap(rebuild: Rebuild, namespace: ChosenNamespace, counts: RebuildCounts): Promise<void> {
  const { restore, metadata, tally, context } = rebuild;
  const { client, restoreId } = restore;
  const { steps } = metadata;
  const { targetNs: ns } = namespace.diff;
  const was = namespace.plan.target?.uuid ?? '';
  const built = asideOf(ns, restoreId, 'built');
  const before = asideOf(ns, restoreId, 'before');
  const builtThere = restore.resumed && (await uuidUnder(client, built)) !== null;
  const movedAway = restore.resumed && (await uuidUnder(client, before)) !== null;
  const lives = restore.resumed ? await uuidUnder(client, ns) : was;
  const isSwapped = lives !== null && lives !== was && !builtThere;
  const drop = (name: string): Promise<boolean> =>
    steps.run(
      ns,
      `What was in the place of ${ns} could not be dropped, and is in ${name}`,
      () => steps.command(name, (collection) => ({ drop: collection })),
      [namespaceNotFound],
    );
  if (!isSwapped) {
    if (movedAway) tally.effect.insert += counts.saved;
    else {
      const moved = await build(rebuild, namespace, counts, { built, before, was });
      if (!moved) {
        await drop(built);
        return;
      }
    }
    if (!(await takeName(rebuild, ns, built))) return;
  } else tally.effect.insert += counts.saved;
  tally.effect.delete += Math.max(namespace.diff.documents.inTarget - counts.others, 0);
  metadata.tally.optionsChanged++;
  metadata.tally.collectionsDropped++;
  await drop(before);
  context.log(`${ns} was built anew and took the place of the one before.`);
}

/** Makes, fills and moves the old one away; false: it stays as it is, and why is noted. */
async function build(
  rebuild: Rebuild,
  namespace: ChosenNamespace,
  counts: RebuildCounts,
  names: { built: string; before: string; was: string },
): Promise<boolean> {
  const { restore, metadata, context } = rebuild;
  const { client, previewFolder, clusterTime, replicated } = restore;
  const { diff, plan } = namespace;
  const { targetNs: ns } = diff;
  const { built, before, was } = names;
  const failures = metadata.tally.failures.length;
  const stays = (reason: string): false => {
    metadata.tally.failures.push({ ns, message: `${reason}: it stays as it is.` });
    return false;
  };
  const insertedBefore = rebuild.tally.effect.insert;
  const takeBack = (reason: string): false => {
    rebuild.tally.effect.insert = insertedBefore;
    return stays(reason);
  };
  await metadata.create({ ...diff, targetNs: built });
  const there = await fill(rebuild, namespace, built);
  if (context.signal.aborted) return false;
  if (there !== counts.saved) return takeBack(`Only ${there} of ${counts.saved} documents could be written beside it`);
  if (counts.others > 0) {
    const which = { kind: 'listed', folder: othersFolder(previewFolder), index: plan.index } as const;
    await carry(rebuild, { from: ns, to: built }, which);
  }
  await metadata.buildIndexes(built, indexesOf(namespace), (name) =>
    context.report({ phase: `Building index ${name} of ${ns}` }),
  );
  if (metadata.tally.failures.length > failures) return takeBack('It could not be built anew');
  const since = replicated ? await currentClusterTime(client) : null;
  const known = await carryLate(rebuild, ns, was, { from: ns, to: built }, replicated ? clusterTime : null);
  if (!known) {
    const parsed = parseNamespace(ns);
    const count = parsed ? await client.db(parsed.database).collection(parsed.collection).estimatedDocumentCount() : 0;
    if (count !== diff.documents.inTarget) {
      const now = formatQuantity(count, 'document');
      return takeBack(`It holds ${now} by now, and no oplog tells what was written since the preview`);
    }
  }
  const moved = await metadata.steps.run(ns, 'It could not give up its name', () => metadata.steps.rename(ns, before), [
    namespaceNotFound,
  ]);
  if (!moved) return takeBack('It could not be exchanged');
  if (known) await carryLate(rebuild, ns, was, { from: before, to: built }, since);
  return true;
}

const mostNames = 20;

/** Gives what was built the name; what somebody's write made under it meanwhile is brought over first. */
async function takeName(rebuild: Rebuild, ns: string, built: string): Promise<boolean> {
  const { restore, metadata, tally } = rebuild;
  const { steps } = metadata;
  for (let attempt = 0; attempt < mostNames; attempt++) {
    const aside = asideOf(ns, `${restore.restoreId} ${attempt}`, 'before');
    if (restore.resumed && (await uuidUnder(restore.client, aside)) !== null)
      await bringOver(rebuild, ns, aside, built);
    let isTaken = false;
    const named = await steps.run(
      ns,
      `It could not get its name: it is in ${built}`,
      async () => {
        try {
          await steps.rename(built, ns);
        } catch (error) {
          if (codeOf(error) !== namespaceExists) throw error;
          isTaken = true;
        }
      },
      [namespaceNotFound],
    );
    if (!named) return false;
    if (!isTaken) return true;
    await steps.run(ns, '', () => steps.rename(ns, aside), [namespaceNotFound], false);
    await bringOver(rebuild, ns, aside, built);
  }
  tally.fail(ns, null, `Others make it anew again and again: what it was before the restore is in ${built}.`);
  return false;
}

async function bringOver(rebuild: Rebuild, ns: string, from: string, to: string): Promise<void> {
  const { steps } = rebuild.metadata;
  noteOthers(rebuild.tally, ns, await carry(rebuild, { from, to }, { kind: 'all' }));
  await steps.run(ns, `${from} could not be dropped`, () => steps.command(from, (name) => ({ drop: name })), [
    namespaceNotFound,
  ]);
}

/** A time series, which bears its name to the end. Nobody wrote to it since the preview: that was asked before. */
async function makeAnew(rebuild: Rebuild, namespace: ChosenNamespace, counts: RebuildCounts): Promise<void> {
  const { restore, metadata, tally, context } = rebuild;
  const { client, replicated, resumed } = restore;
  const { diff, plan } = namespace;
  const { targetNs: ns } = diff;
  const parsed = parseNamespace(ns);
  const was = plan.target?.uuid ?? null;
  if (!parsed) return;
  const lives = await uuidUnder(client, `${parsed.database}.${dataCollection(plan.type, parsed.collection)}`);
  const since = replicated ? await currentClusterTime(client) : null;
  if (!resumed || lives === was) {
    const gone = await metadata.steps.run(
      ns,
      'The time series could not be dropped',
      () => metadata.steps.command(ns, (collection) => ({ drop: collection })),
      [namespaceNotFound],
    );
    if (!gone && !resumed) return;
    if (was !== null) await noteLateWrites(client, since, [{ ns, uuid: was }], tally, context);
  }
  tally.effect.delete += diff.documents.inTarget;
  metadata.tally.collectionsDropped++;
  await metadata.create(diff);
  const there = await fill(rebuild, namespace, ns);
  if (there !== counts.saved) tally.fail(ns, null, `${there} of ${counts.saved} buckets could be written.`);
  await metadata.buildIndexes(ns, indexesOf(namespace), (name) =>
    context.report({ phase: `Building index ${name} of ${ns}` }),
  );
}
