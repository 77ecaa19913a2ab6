/** What the settings of a set's configuration do, by MongoDB's names. */
export const settingWords: Readonly<Record<string, string>> = {
  chainingAllowed: 'Whether a secondary may sync from another secondary.',
  heartbeatIntervalMillis: 'How often members ask each other whether they are there.',
  heartbeatTimeoutSecs: 'How long a member waits for the answer to such a question.',
  electionTimeoutMillis: 'How long secondaries hear nothing of the primary before they elect another one.',
  catchUpTimeoutMillis:
    'How long a new primary fetches writes that others have before it takes new ones; -1: as long as it takes.',
  catchUpTakeoverDelayMillis: 'How long a member that is ahead of a new primary waits before it takes over.',
  getLastErrorModes: 'Write concerns of your own, by tags of members.',
  getLastErrorDefaults: 'The write concern of clients that name none, in old versions.',
  replicaSetId: 'The identity of the set; made with it, never changed.',
  writeConcernMajorityJournalDefault: 'Whether a write of a majority has to be in the journal of each of them.',
};
