/** Turns whatever was thrown into an AppError that may cross a boundary. */
import { randomBytes } from 'node:crypto';
import { AppFailure, type AppError } from '../../shared/result';
import type { Logger } from './logger';
import { redactText } from './redact';

interface SystemError extends Error {
  code: string;
  path?: string;
  syscall?: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string' && 'syscall' in error;
}

/** True for what AbortController-aware functions of Node throw when they are aborted. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || (error as { code?: unknown }).code === 'ABORT_ERR');
}

const fullDisk = new Set(['ENOSPC', 'EDQUOT']);

function diskFull(error: SystemError, place?: string): AppError {
  const where = place ?? error.path;
  return {
    code: 'disk-full',
    message: where ? `No space is left on the disk that holds ${where}.` : 'No space is left on the disk.',
    hint: 'Free some space or choose a store on another disk, then try again.',
    details: redactText(error.message),
  };
}

/**
 * An AppFailure for the boundary; everything else by its kind: a full disk → 'disk-full', an aborted call →
 * 'cancelled', else 'internal' with the reference under which `logger` holds the stack. Driver errors are mapped in
 * connections/diagnose.ts, failures of a store by {@link toStoreFailure}.
 */
export function toAppError(error: unknown, logger?: Logger): AppError {
  if (error instanceof AppFailure) return error.error;
  if (isAbortError(error)) return { code: 'cancelled', message: 'Cancelled.' };
  if (isSystemError(error) && fullDisk.has(error.code)) return diskFull(error);
  const logReference = randomBytes(4).toString('hex');
  logger?.error({ logReference, error }, 'Unexpected failure');
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `Something went wrong inside Lifeboat: ${redactText(message)}`,
    hint: `Look for ${logReference} in the log.`,
    logReference,
  };
}

const unavailable: Record<string, string> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'a folder is in its place',
  EEXIST: 'something else is in its place',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'it is on a read-only disk',
  EIO: 'the disk reports an input/output error',
  ENXIO: 'its disk is gone',
  ENODEV: 'its disk is gone',
  ESTALE: 'its network share is gone',
  EHOSTDOWN: 'its network share is gone',
  ENOTCONN: 'its network share is gone',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its path is too long',
};

/**
 * For failures while reading or writing in a store: 'store-unavailable' naming `place` and why, or 'disk-full';
 * anything else is returned as it is, to be thrown on.
 */
export function toStoreFailure(error: unknown, place: string): unknown {
  if (error instanceof AppFailure || !isSystemError(error)) return error;
  if (fullDisk.has(error.code)) return new AppFailure(diskFull(error, place));
  const reason = unavailable[error.code];
  if (reason === undefined) return error;
  return new AppFailure({
    code: 'store-unavailable',
    message: `${place} cannot be used: ${reason}.`,
    hint: 'Check that the disk is connected and that you may write to the folder, or choose another store in Settings.',
    details: redactText(error.message),
  });
}
