/** What an error of the driver means for a write that may be tried again. */

interface MaybeServerError {
  code?: unknown;
  name?: unknown;
  message?: unknown;
  hasErrorLabel?: (label: string) => boolean;
}

/** Codes of a member that stopped being primary, shuts down, or lost its way to the others. */
const passingCodes = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
const passingNames = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'PoolClearedOnNetworkError',
  'MongoPoolClearedError',
  'MongoTopologyClosedError',
]);

/** True for what passes by itself: an election, a cut connection, a write conflict inside a transaction. */
export function isPassing(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, name, hasErrorLabel } = error as MaybeServerError;
  if (typeof code === 'number' && passingCodes.has(code)) return true;
  if (typeof name === 'string' && passingNames.has(name)) return true;
  if (typeof hasErrorLabel !== 'function') return false;
  return ['RetryableWriteError', 'TransientTransactionError', 'UnknownTransactionCommitResult'].some((label) =>
    hasErrorLabel.call(error, label),
  );
}

export function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null ? (error as MaybeServerError).message : undefined;
  return typeof message === 'string' ? message : String(error);
}

export function codeOf(error: unknown): number | null {
  const code = typeof error === 'object' && error !== null ? (error as MaybeServerError).code : undefined;
  return typeof code === 'number' ? code : null;
}
