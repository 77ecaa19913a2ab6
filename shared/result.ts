/**
 * What crosses a boundary: a value or a described failure, never an exception (an Error loses everything but its
 * message on the way through Electron's IPC).
 */
import { z } from 'zod';

/** Every way Lifeboat knows to fail. Adding one means deciding its exit code in {@link exitCodeOf}. */
export const errorCodes = [
  'usage',
  'not-found',
  'refused',
  'busy',
  'cancelled',
  'interrupted',
  'dns',
  'unreachable',
  'timeout',
  'tls',
  'authentication',
  'not-authorized',
  'topology',
  'secret-unavailable',
  'tool-missing',
  'tool-unusable',
  'tool-too-old',
  'tool-failed',
  'disk-full',
  'store-unavailable',
  'archive-damaged',
  'archive-truncated',
  'manifest-missing',
  'manifest-unsupported',
  'manifest-mismatch',
  'not-a-dump',
  'preview-stale',
  'partial',
  'verification-failed',
  'unsupported',
  'server-error',
  'stored-file-damaged',
  'internal',
] as const;

export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

export const appErrorSchema = z.object({
  code: errorCodeSchema,
  /** What happened and where, one sentence, no secrets. */
  message: z.string(),
  /** What to do next, one sentence. */
  hint: z.string().optional(),
  /** Longer text worth copying into a ticket: tool output, a server's own words. */
  details: z.string().optional(),
  /** For `internal`: the id under which the log holds the stack. */
  logReference: z.string().optional(),
});
export type AppError = z.infer<typeof appErrorSchema>;

export type Result<T, E = AppError> = { ok: true; value: T } | { ok: false; error: E };

export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function err<E>(error: E): Result<never, E> {
  return { ok: false, error };
}

/**
 * An {@link AppError} on its way up inside one process. Services throw it; the boundary (IPC, CLI, job runner) turns
 * it into a result.
 */
export class AppFailure extends Error {
  override readonly name = 'AppFailure';
  readonly error: AppError;

  constructor(error: AppError) {
    super(error.message);
    this.error = error;
  }
}

/** Throws an {@link AppFailure}; `hint` says what to do, `details` holds what a ticket needs. */
export function fail(code: ErrorCode, message: string, hint?: string, details?: string): never {
  throw new AppFailure({ code, message, ...(hint ? { hint } : {}), ...(details ? { details } : {}) });
}

/** Exit codes of the command line; part of its contract. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  differs: 3,
  refused: 4,
  busy: 5,
  warnings: 6,
  unreachable: 7,
  cancelled: 130,
} as const;

/** The command line's exit code for a failure. */
export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'usage':
      return exitCodes.usage;
    case 'refused':
    case 'preview-stale':
      return exitCodes.refused;
    case 'busy':
      return exitCodes.busy;
    case 'partial':
      return exitCodes.warnings;
    case 'verification-failed':
    case 'archive-damaged':
    case 'archive-truncated':
    case 'manifest-mismatch':
      return exitCodes.differs;
    case 'dns':
    case 'unreachable':
    case 'timeout':
    case 'tls':
    case 'authentication':
      return exitCodes.unreachable;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'not-found':
    case 'interrupted':
    case 'not-authorized':
    case 'topology':
    case 'secret-unavailable':
    case 'tool-missing':
    case 'tool-unusable':
    case 'tool-too-old':
    case 'tool-failed':
    case 'disk-full':
    case 'store-unavailable':
    case 'manifest-missing':
    case 'manifest-unsupported':
    case 'not-a-dump':
    case 'unsupported':
    case 'server-error':
    case 'stored-file-damaged':
    case 'internal':
      return exitCodes.failed;
  }
}
