/** What the backup wizard has been told so far; kept when the wizard is left. */
import type { BackupCategory, BackupRequest } from '../../../../shared/backups';
import type { Settings } from '../../../../shared/settings';

export type ScopeKind = 'deployment' | 'databases' | 'collections';

export interface BackupDraft {
  connectionId: string | null;
  scopeKind: ScopeKind;
  databases: readonly string[];
  namespaces: readonly string[];
  /** Extended JSON text per namespace; empty text is no query. */
  queries: Readonly<Record<string, string>>;
  storeId: string | null;
  oplog: 'auto' | 'yes' | 'no';
  readPreference: BackupRequest['readPreference'];
  /** Null: as set in Settings. */
  compressionLevel: number | null;
  parallelCollections: number | null;
  usersAndRoles: boolean;
  digest: boolean;
  category: BackupCategory;
  pinned: boolean;
  note: string;
}

export const emptyBackupDraft: BackupDraft = {
  connectionId: null,
  scopeKind: 'deployment',
  databases: [],
  namespaces: [],
  queries: {},
  storeId: null,
  oplog: 'auto',
  readPreference: 'secondaryPreferred',
  compressionLevel: null,
  parallelCollections: null,
  usersAndRoles: false,
  digest: true,
  category: 'operational',
  pinned: false,
  note: '',
};

/** What keeps the scope from being used, or null. */
export function scopeProblem(draft: BackupDraft): string | null {
  if (draft.scopeKind === 'databases' && draft.databases.length === 0) return 'Choose at least one database.';
  if (draft.scopeKind !== 'collections') return null;
  if (draft.namespaces.length === 0) return 'Choose at least one collection.';
  for (const namespace of draft.namespaces) {
    const query = draft.queries[namespace]?.trim() ?? '';
    if (query === '') continue;
    const problem = queryProblem(query);
    if (problem) return `The query for ${namespace} ${problem}`;
  }
  return null;
}

/** A query is a JSON object: Extended JSON for what JSON has no word for. */
export function queryProblem(query: string): string | null {
  try {
    const value: unknown = JSON.parse(query);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return null;
    return 'must be an object, such as {"status": "paid"}.';
  } catch {
    return 'is no JSON: write names and text in double quotes, such as {"status": "paid"}.';
  }
}

/** Null until connection and scope are chosen. */
export function requestOf(draft: BackupDraft, settings: Settings): BackupRequest | null {
  if (draft.connectionId === null || scopeProblem(draft) !== null) return null;
  const queries = Object.fromEntries(
    draft.namespaces.flatMap((namespace) => {
      const query = draft.queries[namespace]?.trim() ?? '';
      return query === '' ? [] : [[namespace, query] as const];
    }),
  );
  const scope: BackupRequest['scope'] =
    draft.scopeKind === 'deployment'
      ? { kind: 'deployment' }
      : draft.scopeKind === 'databases'
        ? { kind: 'databases', databases: [...draft.databases] }
        : {
            kind: 'collections',
            namespaces: [...draft.namespaces],
            ...(Object.keys(queries).length > 0 ? { queries } : {}),
          };
  const wholeDeployment = draft.scopeKind === 'deployment';
  return {
    connectionId: draft.connectionId,
    scope,
    storeId: draft.storeId,
    oplog: wholeDeployment ? (draft.oplog === 'auto' ? null : draft.oplog === 'yes') : null,
    readPreference: draft.readPreference,
    compressionLevel: draft.compressionLevel ?? settings.compressionLevel,
    parallelCollections: draft.parallelCollections ?? settings.parallelCollections,
    usersAndRoles: draft.scopeKind === 'databases' && draft.usersAndRoles,
    digest: draft.digest,
    category: draft.category,
    pinned: draft.pinned,
    note: draft.note.trim(),
    plan: null,
  };
}

/** "the whole deployment", "shop", "3 databases", "shop.orders", "2 collections". */
export function scopeText(draft: BackupDraft): string {
  switch (draft.scopeKind) {
    case 'deployment':
      return 'the whole deployment';
    case 'databases':
      return draft.databases.length === 1 ? (draft.databases[0] ?? '') : `${draft.databases.length} databases`;
    case 'collections':
      return draft.namespaces.length === 1 ? (draft.namespaces[0] ?? '') : `${draft.namespaces.length} collections`;
  }
}
