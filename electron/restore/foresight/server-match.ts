/** Questions to a server about documents that are not in it: nothing is written. */
import { deserialize, EJSON, serialize } from 'bson';
import type { AggregationCursor, CollationOptions, Document, MongoClient } from 'mongodb';
import { findId, packValue } from '../../diff/bson-reader';
import { idKey } from '../documents/raw-documents';

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

/** How a server is shown documents: it has a stage for that (5.1 and newer), or an own session's line stands in. */
export type Showing = 'documents' | 'session';

export function showingOf(serverVersion: string | null): Showing {
  const [major = 0, minor = 0] = (serverVersion ?? '').split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 1) ? 'documents' : 'session';
}

function shown(documents: readonly unknown[], showing: Showing): Document[] {
  if (showing === 'documents') return [{ $documents: { $literal: documents } }];
  // Every server lists the session of the one who asks, without a privilege.
  return [
    { $listLocalSessions: {} },
    { $limit: 1 },
    { $project: { _id: 0, shown: { $literal: documents } } },
    { $unwind: '$shown' },
    { $replaceRoot: { newRoot: '$shown' } },
  ];
}

export interface ShownTo {
  client: MongoClient;
  database: string;
  showing: Showing;
  collation: CollationOptions | null;
}

/** Runs the stages over documents that the server is only shown. `raw`: answers come as bytes. */
export function askAbout(
  { client, database, showing, collation }: ShownTo,
  documents: readonly unknown[],
  stages: readonly Document[],
  raw: boolean,
): AggregationCursor {
  const options = { raw, readPreference: 'primaryPreferred', ...(collation ? { collation } : {}) } as const;
  return client.db(database).aggregate([...shown(documents, showing), ...stages], options);
}

export interface MatchQuestion extends ShownTo {
  /** As for `$match`. */
  filter: Document;
}

const batchDocuments = 500;
const batchBytes = 4 * 1024 * 1024;

/**
 * Which of the documents (with distinct `_id`s) do not match the filter, by {@link idKey}; `unchecked` counts those that
 * could not be asked about.
 */
export async function notMatching(
  question: MatchQuestion,
  documents: readonly Buffer[],
): Promise<{ ids: Map<string, Buffer>; unchecked: number }> {
  const ids = new Map<string, Buffer>();
  let unchecked = 0;
  let batch: Document[] = [];
  let bytes = 0;
  const ask = async (): Promise<void> => {
    const asked = batch;
    batch = [];
    bytes = 0;
    if (asked.length === 0) return;
    const stages = [{ $match: { $nor: [question.filter] } }, { $project: { _id: 1 } }];
    for await (const answer of askAbout(question, asked, stages, true)) {
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
