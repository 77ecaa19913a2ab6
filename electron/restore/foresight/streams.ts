/** What modes write: inserted documents, the backup's in the place of changed ones, or both merged. */
export type Stream = 'insert' | 'replace' | 'merge';

/** Modes that leave the target's validator and indexes as they are; a pick is at most an overwrite. */
export const foreseenModes = ['insert-missing', 'overwrite', 'merge'] as const;
export type ForeseenMode = (typeof foreseenModes)[number];

export const streamsOf: Readonly<Record<ForeseenMode, readonly Stream[]>> = {
  'insert-missing': ['insert'],
  overwrite: ['insert', 'replace'],
  merge: ['insert', 'merge'],
};
