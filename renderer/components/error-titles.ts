import type { ErrorCode } from '../../shared/result';

const titles: Record<ErrorCode, string> = {
  usage: 'Something is missing or not valid',
  'not-found': 'Not found',
  refused: 'Refused by a guard',
  busy: 'Someone else is at work there',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  dns: 'The host name is not known',
  unreachable: 'The server cannot be reached',
  timeout: 'No answer in time',
  tls: 'The encrypted connection failed',
  authentication: 'User name or password not accepted',
  'not-authorized': 'Privileges are missing',
  topology: 'Not the kind of deployment this needs',
  'secret-unavailable': 'The password is needed',
  'tool-missing': 'A program is missing',
  'tool-unusable': 'A program cannot be started',
  'tool-too-old': 'A program is too old',
  'tool-failed': 'A program failed',
  'disk-full': 'The disk is full',
  'store-unavailable': 'The store cannot be used',
  'archive-damaged': 'The archive is damaged',
  'archive-truncated': 'The archive ends too early',
  'manifest-missing': 'The backup has no manifest',
  'manifest-unsupported': 'The manifest is of a newer version',
  'manifest-mismatch': 'Manifest and archive do not match',
  'not-a-dump': 'This is not a MongoDB dump',
  'preview-stale': 'The target changed since the preview',
  partial: 'Only a part was done',
  'verification-failed': 'Verification found problems',
  unsupported: 'Not supported',
  'server-error': 'The server refused',
  'stored-file-damaged': 'A file of Lifeboat is damaged',
  internal: 'Something went wrong inside Lifeboat',
};

/** The kind of a failure in a few words. */
export function errorTitle(code: ErrorCode): string {
  return titles[code];
}
