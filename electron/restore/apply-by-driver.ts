/** The modes that write only what differs: exact and insert-missing. */
import type { MongoClient } from 'mongodb';
import { dataCollection } from '../diff/live-metadata';
import type { JobContext } from '../jobs/runner';
import type { DocumentChange, NamespaceDiff, RestoreMode } from '../../shared/diff';
import { parseNamespace } from '../../shared/namespaces';
import type { RestoreDependencies } from './dependencies';
import { MetadataWriter } from './metadata-writer';
import type { PlanNamespace } from './preview-store';
import type { RestoreTally } from './tally';
import type { WriteEvent, WriteTaskInput, WriteTaskNamespace } from './write-task';

export interface DriverRestore {
  mode: Extract<RestoreMode, 'exact' | 'insert-missing'>;
  namespaces: readonly { diff: NamespaceDiff; plan: PlanNamespace }[];
  previewFolder: string;
  archive: string;
  blockIndex: string;
  client: MongoClient;
  uri: string;
  replicated: boolean;
  /** By {@link PlanNamespace.index}: what could not be saved to be undone and is not written. */
  heldBack: ReadonlyMap<number, readonly string[]>;
  /** It goes on with a run that was cut off. */
  resumed: boolean;
}

/**
 * insert-missing goes this way too, not through mongorestore: the diff knows which documents are missing, so that only
 * those are sent, and a duplicate key told by the server is a document that came since the preview, never one among
 * thousands of expected ones.
 */
const changesOf: Record<DriverRestore['mode'], readonly DocumentChange[]> = {
  exact: ['onlyInTarget', 'changed', 'onlyInBackup'],
  'insert-missing': ['onlyInBackup'],
};

function isSkipped({ diff, plan }: DriverRestore['namespaces'][number]): boolean {
  return diff.status === 'differs' && plan.target !== null && plan.target.type !== plan.type;
}

function hasValidator({ options }: NamespaceDiff): boolean {
  return options.target?.['validator'] !== undefined || options.backup?.['validator'] !== undefined;
}

/**
 * Order: collections are made and indexes that differ dropped, documents deleted, replaced, inserted, then options
 * changed, indexes built and what is extra dropped. What the server refuses is noted; the rest goes on.
 */
export async function applyByDriver(
  dependencies: Pick<RestoreDependencies, 'tasks'>,
  restore: DriverRestore,
  tally: RestoreTally,
  context: JobContext,
): Promise<MetadataWriter> {
  const metadata = new MetadataWriter(restore.client, restore.replicated);
  const exact = restore.mode === 'exact';
  const worked = restore.namespaces.filter((namespace) => {
    if (!isSkipped(namespace)) return true;
    const { diff, plan } = namespace;
    tally.fail(
      diff.ns,
      null,
      `It is a ${plan.target?.type} in the target and a ${plan.type} in the backup: left as it is.`,
    );
    return false;
  });

  context.report({ phase: 'Preparing collections' });
  for (const { diff } of worked) {
    if (diff.type === 'view') continue;
    if (diff.status === 'onlyInBackup') await metadata.create(diff);
    else if (diff.status === 'differs' && exact) {
      await metadata.dropIndexes(diff.targetNs, [...diff.indexes.remove, ...diff.indexes.change]);
    }
  }
  await writeDocuments(dependencies, restore, worked, tally, context);
  for (const { diff } of worked) {
    if (exact && diff.type !== 'view') await metadata.changeOptions(diff);
    const indexes = exact ? [...diff.indexes.add, ...diff.indexes.change] : diff.indexes.add;
    if (diff.type !== 'view' && diff.status !== 'onlyInTarget') {
      await metadata.buildIndexes(diff.targetNs, indexes, (name) =>
        context.report({ phase: `Building index ${name} of ${diff.targetNs}` }),
      );
    }
    if (context.signal.aborted) break;
  }
  for (const { diff } of worked) {
    if (diff.type === 'view' && diff.status === 'onlyInBackup') await metadata.create(diff);
    else if (diff.type === 'view' && diff.status === 'differs' && exact) await metadata.changeOptions(diff);
    else if (diff.status === 'onlyInTarget' && exact && !(await metadata.dropExtra(diff.targetNs, diff.type))) {
      tally.fail(diff.targetNs, null, 'It still holds documents that were not in the preview: it was not dropped.');
    }
  }
  for (const { ns, message } of metadata.tally.failures) tally.fail(ns, null, message);
  return metadata;
}

/** The documents to be written, by namespace: what is saved to be undone, and what the writer then does. */
export function planWrites(
  mode: DriverRestore['mode'],
  namespaces: DriverRestore['namespaces'],
): (WriteTaskNamespace & { documents: number })[] {
  const changes = changesOf[mode];
  return namespaces.flatMap((namespace) => {
    const { diff, plan } = namespace;
    const documents = changes.reduce((sum, change) => sum + diff.documents[change], 0);
    const target = parseNamespace(diff.targetNs);
    if (isSkipped(namespace) || diff.type === 'view' || documents === 0 || !target) return [];
    return [
      {
        index: plan.index,
        database: target.database,
        collection: dataCollection(diff.type, target.collection),
        backupNamespace: plan.backupNamespace,
        changes,
        documents,
        // What was saved is put back as it was, also where the validator came later; insert-missing respects the target's.
        bypassValidation: mode === 'exact' && hasValidator(diff),
      },
    ];
  });
}

async function writeDocuments(
  dependencies: Pick<RestoreDependencies, 'tasks'>,
  restore: DriverRestore,
  worked: DriverRestore['namespaces'],
  tally: RestoreTally,
  context: JobContext,
): Promise<void> {
  const byIndex = new Map(worked.map(({ diff, plan }) => [plan.index, diff.ns]));
  const namespaces = planWrites(restore.mode, worked).map((namespace) => ({
    ...namespace,
    heldBack: restore.heldBack.get(namespace.index) ?? [],
  }));
  const documents = namespaces.reduce((sum, namespace) => sum + namespace.documents, 0);
  if (namespaces.length === 0) return;
  const input: WriteTaskInput = {
    uri: restore.uri,
    previewFolder: restore.previewFolder,
    archive: restore.archive,
    blockIndex: restore.blockIndex,
    replicated: restore.replicated,
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
