/** What a writer of documents is given, and what it tells of each. */

/** One document to be written. */
export interface WriteItem {
  kind: 'insert' | 'replace' | 'delete';
  /** Packed `_id` of the live document; for inserts that of the backup's. */
  id: Buffer;
  /** XXH3-128 of the live document in the preview; null for inserts. */
  expectedHash: Buffer | null;
  /** The backup's document; null for deletes. */
  document: Buffer | null;
  /** For replacements that keep something of the live document: what becomes of it. Null: the backup's takes its place. */
  compose: ((live: Buffer) => Buffer) | null;
  /** The backup's `_id` has other bytes than the live one (Int32 1 and Double 1): delete and insert, not replace. */
  rekey: boolean;
  /** In the preview's list of differing documents; null: it is no entry of its own. */
  position: number | null;
}

export interface ItemOutcome {
  item: WriteItem;
  /** `kept`: it was already as in the backup. `deferred`: another document holds its unique key for now. */
  result: 'done' | 'kept' | 'conflict' | 'deferred' | 'failed';
  reason: string;
  /** Of a conflict: the document as it is now, null where it is gone; undefined where nobody looked. */
  now?: Buffer | null;
}
