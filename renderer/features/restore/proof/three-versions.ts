/** The three versions of a document in conflict, side by side, field by field. Pure. */
import type { Conflict } from '../../../../shared/restore';
import { typedIdText } from '../id-text';

export type VersionName = 'backup' | 'preview' | 'now';
export const versionNames: readonly VersionName[] = ['backup', 'preview', 'now'];

/**
 * `someone`: changed between preview and write. `restore`: only the restore would have changed it. `known`: it differs
 * from whatever else is known.
 */
export type VersionKind = 'same' | 'someone' | 'restore' | 'known';

/** One field; null: the version has no such field, or is not there. */
export interface VersionRow {
  path: string;
  kind: VersionKind;
  backup: string | null;
  preview: string | null;
  now: string | null;
}

/** Names joined by dots, elements of arrays by their position, to the value with its type. */
function flatten(value: unknown, path: string, into: Map<string, string>): void {
  const isWhole = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  // Names with a dollar are Extended JSON's: the value is no sub-document.
  if (isWhole || Object.keys(value).some((name) => name.startsWith('$'))) {
    into.set(path, typedIdText(JSON.stringify(value)));
    return;
  }
  for (const [name, child] of Object.entries(value)) flatten(child, path === '' ? name : `${path}.${name}`, into);
}

function fieldsOf(text: string | null | undefined): Map<string, string> {
  const fields = new Map<string, string>();
  if (text === null || text === undefined) return fields;
  try {
    flatten(JSON.parse(text), '', fields);
  } catch {
    fields.set('', text);
  }
  return fields;
}

/** Fields in the order of the backup's document, then those that only the later versions have. */
export function versionRows(versions: NonNullable<Conflict['versions']>): VersionRow[] {
  const [backup, preview, now] = versionNames.map((name) => fieldsOf(versions[name]));
  if (!backup || !preview || !now) return [];
  const knowsPreview = versions.preview !== undefined;
  const knowsBackup = versions.backup !== undefined;
  const paths = new Set([...backup.keys(), ...preview.keys(), ...now.keys()]);
  return [...paths].map((path) => {
    const row = {
      path,
      backup: backup.get(path) ?? null,
      preview: preview.get(path) ?? null,
      now: now.get(path) ?? null,
    };
    return { ...row, kind: kindOf(row, knowsBackup, knowsPreview) };
  });
}

function kindOf(row: Omit<VersionRow, 'kind'>, knowsBackup: boolean, knowsPreview: boolean): VersionKind {
  if (knowsPreview && row.preview !== row.now) return 'someone';
  if (!knowsBackup) return knowsPreview ? 'same' : 'known';
  if (row.backup === row.now) return 'same';
  return knowsPreview ? 'restore' : 'known';
}
