/** Names of backups and of the folders that hold them: safe in every file system, sorted by time. */
import { randomBytes } from 'node:crypto';
import type { BackupScope, BackupType } from '../../shared/backups';
import { parseNamespace } from '../../shared/namespaces';

// Windows refuses these names whatever their extension.
const reservedNames = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** Longest part of a name that comes from the user, in bytes: file systems allow 255 for the whole name. */
const longestPart = 120;

/**
 * Makes text usable as one path segment on every operating system: letters, digits, `.`, `_` and `-` stay, everything else becomes
 * one `-`. Never empty, never hidden, never `.` or `..`, at most 120 bytes of UTF-8.
 */
export function sanitiseName(text: string, otherwise = 'unnamed'): string {
  const name = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+/, '');
  const cut = cutToBytes(name, longestPart).replace(/[.-]+$/, '');
  if (cut === '') return otherwise;
  return reservedNames.test(cut) ? `${cut}_` : cut;
}

function cutToBytes(text: string, bytes: number): string {
  let length = 0;
  let cut = '';
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    cut += character;
  }
  return cut;
}

/** The scope as people say it: `whole deployment`, `shop`, `shop and crm`, `shop.orders`, `3 collections of shop`. */
export function describeScope(scope: BackupScope): string {
  switch (scope.kind) {
    case 'deployment':
      return 'whole deployment';
    case 'databases':
      return describeSeveral(scope.databases, 'databases');
    case 'collections': {
      if (scope.namespaces.length <= 2) return describeSeveral(scope.namespaces, 'collections');
      const databases = new Set(scope.namespaces.map((namespace) => parseNamespace(namespace)?.database ?? namespace));
      const [only] = databases;
      const count = `${scope.namespaces.length} collections`;
      return databases.size === 1 && only !== undefined ? `${count} of ${only}` : count;
    }
  }
}

function describeSeveral(names: readonly string[], plural: string): string {
  if (names.length <= 2) return names.join(' and ');
  return `${names.length} ${plural}`;
}

/** `full`, `database` or `collections`: what a backup of this scope is called in the catalogue. */
export function typeOfScope(scope: BackupScope): BackupType {
  switch (scope.kind) {
    case 'deployment':
      return 'full';
    case 'databases':
      return 'database';
    case 'collections':
      return 'collections';
  }
}

function scopePart(scope: BackupScope): string {
  switch (scope.kind) {
    case 'deployment':
      return 'all';
    case 'databases':
      return scope.databases.length === 1 ? (scope.databases[0] ?? 'all') : `${scope.databases.length}-databases`;
    case 'collections':
      return scope.namespaces.length === 1 ? (scope.namespaces[0] ?? 'all') : `${scope.namespaces.length}-collections`;
  }
}

/** `20261120T233000Z-shop-database-7k2p`: sorts by time, says what it holds, is a path segment everywhere. */
export function newBackupId(scope: BackupScope, at: Date): string {
  return composeId(scopePart(scope), typeOfScope(scope), at);
}

/** The same for an import; `name` is that of the file or folder it came from. */
export function newImportId(name: string, at: Date): string {
  return composeId(name.replace(/\.(archive|tar|gz|tgz|bson|dump)\b/gi, ''), 'imported', at);
}

/** The same for what undoes a restore; `scope` is what it wrote to. */
export function newUndoId(scope: string, at: Date): string {
  return composeId(scope, 'undo', at);
}

function composeId(part: string, type: BackupType, at: Date): string {
  const time = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
  return `${time}-${sanitiseName(part, 'dump')}-${type}-${randomPart()}`;
}

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

function randomPart(): string {
  return Array.from(randomBytes(4), (byte) => letters.charAt(byte % letters.length)).join('');
}

const idPattern = /^\d{8}T\d{6}Z-[\p{L}\p{N}._-]+-(full|database|collections|imported|undo)-[0-9a-z]{4}$/u;

/** Whether text is an id as made here; ids are also folder names, so nothing else may reach a path. */
export function isBackupId(text: string): boolean {
  return idPattern.test(text) && !text.includes('..');
}
