/** Looks at picked fields before anything is written: whether each can be put back by itself, and what it changes. */
import { MongoClient } from 'mongodb';
import { BsonKernel } from '../../archive/kernel/bson-kernel';
import { OpenArchive } from '../../archive/open-archive';
import { DifferingReader } from '../../diff/differing-files';
import type { Task } from '../../jobs/task';
import { PickedPositions, type PickedDocuments } from '../../../shared/picks';
import { fetchInParts, idKey } from '../documents/raw-documents';
import { documentAfter, selectWrites, type SelectedNamespace } from '../writing/write-selection';

export interface CheckPicksInput {
  /** Connection string with secrets. */
  uri: string;
  previewFolder: string;
  archive: string;
  blockIndex: string;
  namespaces: (SelectedNamespace & { database: string; collection: string })[];
}

export interface CheckPicksOutput {
  /** Documents whose picked fields are already as in the backup. */
  unchanged: number;
}

/** Those of the picks that put back fields of a document, and not the whole of it. */
async function fieldPicksOf(previewFolder: string, namespace: SelectedNamespace): Promise<PickedDocuments | null> {
  if (!namespace.picks?.some(({ fields }) => fields.length > 0)) return null;
  const reader = await DifferingReader.open(previewFolder, namespace.index);
  await reader.close();
  const ns = namespace.picks[0]?.ns ?? '';
  const first = reader.firstIndex('changed');
  const fields = new PickedPositions(ns, namespace.picks, reader.counts).byFields.map(({ at, paths }) => ({
    document: first + at,
    paths: paths.map((path) => [...path]),
  }));
  return fields.length === 0 ? null : { ns, changes: [], except: [], documents: [], fields };
}

/**
 * Throws 'usage' for a path that cannot be put back by itself, in whatever document. Documents that were changed since
 * the preview are passed over: they will be conflicts.
 */
export const checkPicksTask: Task<CheckPicksInput, CheckPicksOutput> = async (input, context) => {
  const client = new MongoClient(input.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  const archive = await OpenArchive.open({ archivePath: input.archive, blocksPath: input.blockIndex });
  const kernel = new BsonKernel();
  let unchanged = 0;
  try {
    for (const namespace of input.namespaces) {
      const picks = await fieldPicksOf(input.previewFolder, namespace);
      if (!picks) continue;
      const { database, collection } = namespace;
      const selected = { ...namespace, picks: [picks] };
      for await (const items of selectWrites(input.previewFolder, archive, selected, 'changed', context.signal)) {
        const ids = items.map(({ id }) => id);
        const live = await fetchInParts({ client, database, collection, readPreference: 'primary' }, ids);
        for (const item of items) {
          const now = live.get(idKey(item.id));
          if (!now || !item.expectedHash || !kernel.hash128(now).equals(item.expectedHash)) continue;
          if (documentAfter(item, now)?.equals(now)) unchanged++;
        }
      }
    }
    return { unchanged };
  } finally {
    await archive.close();
    await client.close();
  }
};
