import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeScope, isBackupId, newBackupId, newImportId, sanitiseName } from './backup-id';

describe('names of backups', () => {
  const at = new Date('2026-11-20T23:30:00.123Z');

  it('sort by time and say scope and type', () => {
    expect(newBackupId({ kind: 'deployment' }, at)).toMatch(/^20261120T233000Z-all-full-[0-9a-z]{4}$/);
    expect(newBackupId({ kind: 'databases', databases: ['shop'] }, at)).toMatch(
      /^20261120T233000Z-shop-database-[0-9a-z]{4}$/,
    );
    expect(newBackupId({ kind: 'collections', namespaces: ['shop.a', 'shop.b'] }, at)).toMatch(
      /^20261120T233000Z-2-collections-collections-[0-9a-z]{4}$/,
    );
    expect(newImportId('dump-w-oplog.archive.gz', at)).toMatch(/^20261120T233000Z-dump-w-oplog-imported-[0-9a-z]{4}$/);
  });

  it('are one harmless path segment whatever the database is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const id = newBackupId({ kind: 'databases', databases: [name] }, at);
        expect(id).not.toMatch(/[/\\:*?"<>|\0\s]/);
        expect(id.startsWith('20261120T233000Z-')).toBe(true);
        expect(Buffer.byteLength(id)).toBeLessThan(200);
        expect(isBackupId(id)).toBe(true);
      }),
    );
  });

  it('never hide, climb or meet a reserved name', () => {
    expect(sanitiseName('..')).toBe('unnamed');
    expect(sanitiseName('.hidden')).toBe('hidden');
    expect(sanitiseName('../../etc/passwd')).toBe('etc-passwd');
    expect(sanitiseName('NUL')).toBe('NUL_');
    expect(sanitiseName('-rf /')).toBe('rf');
    expect(sanitiseName('Büro 東京')).toBe('Büro-東京');
  });

  it('are told from anything else before they reach a path', () => {
    expect(isBackupId('20261120T233000Z-shop-database-7k2p')).toBe(true);
    expect(isBackupId('../20261120T233000Z-shop-database-7k2p')).toBe(false);
    expect(isBackupId('latest')).toBe(false);
  });

  it('describe the scope as people say it', () => {
    expect(describeScope({ kind: 'deployment' })).toBe('whole deployment');
    expect(describeScope({ kind: 'databases', databases: ['shop', 'crm'] })).toBe('shop and crm');
    expect(describeScope({ kind: 'collections', namespaces: ['s.a', 's.b', 's.c'] })).toBe('3 collections of s');
    expect(describeScope({ kind: 'collections', namespaces: ['s.a', 't.b', 's.c'] })).toBe('3 collections');
  });
});
