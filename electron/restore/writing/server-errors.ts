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

/** A commit of which nobody said whether it was carried out: what it wrote has to be looked at again. */
class UnknownCommitFailure extends Error {}

/**
 * What a failed commit is to be taken for. The driver may stumble over a connection that an election cuts while it commits,
 * and then throws something that no server said and that has no labels.
 */
export function commitFailureOf(error: unknown): unknown {
  const saidByServer = typeof error === 'object' && error !== null && 'hasErrorLabel' in error;
  return saidByServer ? error : new UnknownCommitFailure(messageOf(error));
}

/** True for what passes by itself: an election, a cut connection, a write conflict inside a transaction. */
export function isPassing(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof UnknownCommitFailure) return true;
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

/** A write that was carried out, but not known to be on a majority: it may still be rolled back. */
class WriteConcernFailure extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Throws when the answer says that the write concern was not met; commands do not throw that by themselves. */
export function requireWriteConcern(answer: Readonly<Record<string, unknown>>): void {
  const failure = answer['writeConcernError'];
  if (typeof failure !== 'object' || failure === null) return;
  const { code, errmsg } = failure as { code?: unknown; errmsg?: unknown };
  throw new WriteConcernFailure(
    typeof code === 'number' ? code : 0,
    typeof errmsg === 'string' ? errmsg : 'The write is not on a majority of members.',
  );
}

/** Waits a little longer at each attempt, from 0.1 s to 10 s; not at all once the signal fires. */
export function pause(attempt: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(100 * 2 ** attempt, 10_000));
    signal.addEventListener('abort', end);
  });
}
