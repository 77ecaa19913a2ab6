/** Differing documents by their `_id`s: where they stand in the preview's list. */
import { EJSON, serialize } from 'bson';
import { OpenArchive } from '../../archive/open-archive';
import { DifferingReader } from '../../diff/differing-files';
import { findId, packValue } from '../../diff/bson-reader';
import { changeOrder } from '../../../shared/picks';
import type { DocumentChange } from '../../../shared/diff';
import type { DocumentSource } from './documents';
import { idKey } from './raw-documents';

export interface FoundDocument {
  position: number;
  change: DocumentChange;
}

const entriesAtOnce = 4096;

/** The key of an `_id` given as Extended JSON; null for what is none. Numbers are told apart by value, not by type. */
function keyOf(text: string): string | null {
  try {
    const parsed: unknown = EJSON.parse(`{"_id":${text}}`, { relaxed: false });
    const id = findId(Buffer.from(serialize(parsed as object, { ignoreUndefined: false })));
    return id ? idKey(packValue(id)) : null;
  } catch {
    return null;
  }
}

/**
 * The places of the documents with these `_id`s (Extended JSON), in their order; null for those that do not differ, and
 * undefined for what is no Extended JSON. Reads the whole list once.
 */
export async function findDifferingDocuments(
  source: Pick<DocumentSource, 'previewFolder' | 'archive' | 'blockIndex' | 'namespace'>,
  ids: readonly string[],
): Promise<(FoundDocument | null | undefined)[]> {
  const keys = ids.map(keyOf);
  const wanted = new Map<string, FoundDocument | null>();
  for (const key of keys) if (key !== null) wanted.set(key, null);
  const note = (id: Buffer | null, position: number, change: DocumentChange): void => {
    const key = id && idKey(id);
    if (key !== null && wanted.has(key)) wanted.set(key, { position, change });
  };
  const { previewFolder, namespace } = source;
  const reader = await DifferingReader.open(previewFolder, namespace.index);
  try {
    const archive = await OpenArchive.open({ archivePath: source.archive, blocksPath: source.blockIndex });
    try {
      for (const change of changeOrder) {
        const start = reader.firstIndex(change);
        for (let first = 0; first < reader.counts[change]; first += entriesAtOnce) {
          const entries = await reader.read(change, first, Math.min(entriesAtOnce, reader.counts[change] - first));
          if (change !== 'onlyInBackup') {
            entries.forEach(({ id }, at) => note(id, start + first + at, change));
            continue;
          }
          const places = new Map(entries.map(({ ordinal }, at) => [ordinal ?? -1, start + first + at]));
          const name = namespace.backupNamespace ?? '';
          for await (const { ordinal, document } of archive.readDocuments(name, places.keys())) {
            const id = findId(document);
            if (id) note(packValue(id), places.get(ordinal) ?? -1, change);
          }
        }
      }
    } finally {
      await archive.close();
    }
  } finally {
    await reader.close();
  }
  return keys.map((key) => (key === null ? undefined : (wanted.get(key) ?? null)));
}
