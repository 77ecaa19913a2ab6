import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../../shared/settings';
import { emptyBackupDraft, queryProblem, requestOf, scopeProblem, scopeText } from './backup-draft';

const settings: Settings = {
  formatVersion: 1,
  theme: 'system',
  stores: [{ id: 's', name: 'S', path: '/s' }],
  defaultStoreId: 's',
  toolPaths: {},
  parallelCollections: 4,
  compressionLevel: 6,
  diffMemoryBytes: 64 * 1024 * 1024,
  healthIntervalSeconds: 5,
  watchInBackground: false,
};

describe('the backup wizard', () => {
  it('asks for a connection and a scope first', () => {
    expect(requestOf(emptyBackupDraft, settings)).toBeNull();
    expect(scopeProblem({ ...emptyBackupDraft, scopeKind: 'databases' })).toContain('database');
    expect(scopeProblem({ ...emptyBackupDraft, scopeKind: 'collections' })).toContain('collection');
  });

  it('takes what was not chosen from the settings', () => {
    const request = requestOf({ ...emptyBackupDraft, connectionId: 'c' }, settings);
    expect(request).toMatchObject({
      scope: { kind: 'deployment' },
      oplog: null,
      compressionLevel: 6,
      parallelCollections: 4,
    });
  });

  it('asks for no oplog and no users where the scope has none', () => {
    const draft = { ...emptyBackupDraft, connectionId: 'c', oplog: 'yes' as const, usersAndRoles: true };
    expect(requestOf({ ...draft, scopeKind: 'databases', databases: ['shop'] }, settings)).toMatchObject({
      oplog: null,
      usersAndRoles: true,
    });
    expect(requestOf(draft, settings)).toMatchObject({ oplog: true, usersAndRoles: false });
  });

  it('sends queries only for chosen collections', () => {
    const draft = {
      ...emptyBackupDraft,
      connectionId: 'c',
      scopeKind: 'collections' as const,
      namespaces: ['shop.orders'],
      queries: { 'shop.orders': ' {"status":"paid"} ', 'shop.gone': '{}' },
    };
    expect(requestOf(draft, settings)?.scope).toEqual({
      kind: 'collections',
      namespaces: ['shop.orders'],
      queries: { 'shop.orders': '{"status":"paid"}' },
    });
    expect(scopeText(draft)).toBe('shop.orders');
  });

  it('refuses a query that is no object', () => {
    expect(queryProblem('{status: 1}')).toContain('double quotes');
    expect(queryProblem('[1]')).toContain('object');
    expect(queryProblem('{"a": 1}')).toBeNull();
  });
});
