/** What modes write: inserted documents, the backup's in the place of changed ones, both merged, or what was picked. */
export type Stream = 'insert' | 'replace' | 'merge' | 'pick';

/** Modes that write into collections as they are; `pick` with its selection is known only when it is applied. */
export const foreseenModes = ['insert-missing', 'overwrite', 'merge', 'exact', 'pick'] as const;
export type ForeseenMode = (typeof foreseenModes)[number];

export const streamsOf: Readonly<Record<ForeseenMode, readonly Stream[]>> = {
  'insert-missing': ['insert'],
  overwrite: ['insert', 'replace'],
  merge: ['insert', 'merge'],
  exact: ['insert', 'replace'],
  pick: ['pick'],
};

/** A document that a restore would write; versions it would not write are left out. */
export interface Candidate {
  /** Packed `_id`. */
  id: Buffer;
  /** What the target has in its place; null for what is inserted. */
  live: Buffer | null;
  versions: Partial<Record<Stream, Buffer>>;
}

/** A document that would not be written, or would stand in the way. */
export interface Named {
  /** Packed `_id`. */
  id: Buffer;
  detail: string;
}
