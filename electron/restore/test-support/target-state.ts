/** Everything a restore and its undo may change of a database, to be held against itself later. */
import { createHash } from 'node:crypto';
import { serialize } from 'bson';
import type { Db, Document } from 'mongodb';

export interface CollectionState {
  type: string;
  options: string;
  indexes: string[];
  documents: number;
  /** Of all documents' bytes, whatever order they are stored in. */
  bytes: string;
}

/** `collMod` can write these defaults down, but never take them away again: they say nothing. */
function withoutDefaults(options: Document): Document {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) =>
        !(name === 'validationLevel' && value === 'strict') && !(name === 'validationAction' && value === 'error'),
    ),
  );
}

const text = (value: object): string => Buffer.from(serialize(value, { ignoreUndefined: false })).toString('hex');

async function readDocuments(db: Db, name: string): Promise<{ documents: number; bytes: string }> {
  const hashes: string[] = [];
  for await (const document of db.collection(name).find({}, { raw: true })) {
    hashes.push(
      createHash('sha256')
        .update(document as unknown as Buffer)
        .digest('hex'),
    );
  }
  const bytes = createHash('sha256').update(hashes.sort().join()).digest('hex');
  return { documents: hashes.length, bytes };
}

/** By name of collection; the documents of a time series are those of its buckets. */
export async function readState(db: Db): Promise<Record<string, CollectionState>> {
  const state: Record<string, CollectionState> = {};
  const infos = await db.listCollections({}, { promoteValues: false }).toArray();
  for (const info of infos as unknown as { name: string; type: string; options: Document }[]) {
    if (info.name.startsWith('system.') && !info.name.startsWith('system.buckets.')) continue;
    const isView = info.type === 'view';
    const hasIndexes = !isView && !info.name.startsWith('system.');
    const indexes = hasIndexes ? await db.collection(info.name).listIndexes({ promoteValues: false }).toArray() : [];
    const documents =
      isView || info.type === 'timeseries' ? { documents: 0, bytes: '' } : await readDocuments(db, info.name);
    state[info.name] = {
      type: info.type,
      options: text(withoutDefaults(info.options)),
      indexes: indexes.map((index) => text(index as object)).sort(),
      ...documents,
    };
  }
  return state;
}
