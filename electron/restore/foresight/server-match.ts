/** Questions to a server about documents that are not in it: nothing is written. */
import { deserialize, EJSON, serialize } from 'bson';
import type { CollationOptions, Document, MongoClient } from 'mongodb';
import { findId, packValue } from '../../diff/bson-reader';
import { idKey } from '../raw-documents';

/** BSON types stay as they are. */
const typed = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const;

/** A value or document of canonical Extended JSON as the driver takes it. */
export function fromExtendedJson(value: unknown): unknown {
  return EJSON.deserialize({ value } as Document, { relaxed: false })['value'] as unknown;
}

/** The document as the driver takes it; null when it would come out of the driver as another one. */
export function driverDocument(document: Buffer): Document | null {
  try {
    const decoded = deserialize(document, typed);
    return Buffer.from(serialize(decoded, { ignoreUndefined: false })).equals(document) ? decoded : null;
  } catch {
    return null;
  }
}

export interface MatchQuestion {
  client: MongoClient;
  database: string;
  /** As for `$match`. */
  filter: Document;
  collation: CollationOptions | null;
}

const batchDocuments = 500;
const batchBytes = 4 * 1024 * 1024;

/**
 * Which of the documents (with distinct `_id`s) do not match the filter, by {@link idKey}; `unchecked` counts those that
 * could not be asked about. Needs a server of 5.1 or newer.
 */
export async function notMatching(
  question: MatchQuestion,
  documents: readonly Buffer[],
): Promise<{ ids: Map<string, Buffer>; unchecked: number }> {
  const { client, database, filter, collation } = question;
  const ids = new Map<string, Buffer>();
  let unchecked = 0;
  let batch: Document[] = [];
  let bytes = 0;
  const ask = async (): Promise<void> => {
    const asked = batch;
    batch = [];
    bytes = 0;
    if (asked.length === 0) return;
    const pipeline = [{ $documents: { $literal: asked } }, { $match: { $nor: [filter] } }, { $project: { _id: 1 } }];
    const cursor = client.db(database).aggregate(pipeline, { raw: true, ...(collation ? { collation } : {}) });
    for await (const answer of cursor) {
      const view = answer as unknown as Uint8Array;
      const element = findId(Buffer.from(view.buffer, view.byteOffset, view.length));
      if (!element) continue;
      const id = packValue(element);
      ids.set(idKey(id), id);
    }
  };
  for (const document of documents) {
    const decoded = document.length > batchBytes * 2 ? null : driverDocument(document);
    if (!decoded) {
      unchecked++;
      continue;
    }
    if (batch.length >= batchDocuments || bytes + document.length > batchBytes) await ask();
    batch.push(decoded);
    bytes += document.length;
  }
  await ask();
  return { ids, unchecked };
}
