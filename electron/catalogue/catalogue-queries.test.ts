import { describe, expect, it } from 'vitest';
import type { CatalogueEntry, Manifest, Verification } from '../../shared/backups';
import { AppFailure } from '../../shared/result';
import { locationOf } from './backup-location';
import { toCatalogueEntry, type BackupFiles } from './catalogue-entry';
import { deletionGuard, findLatest, sortBackups, type KnownBackup } from './catalogue-queries';
import { parseManifest } from './manifest-file';

const good: Verification = { level: 2, ok: true, at: '2026-11-20T23:31:00.000Z', elapsedMs: 5, problems: [] };
const bad: Verification = {
  ...good,
  ok: false,
  problems: [{ message: 'Block 3 is gone.', block: 3, namespaces: [], documentsLost: 1, documentsSaved: 2 }],
};

function manifestOf(id: string, more: Partial<Manifest> = {}): Manifest {
  return {
    formatVersion: 1,
    id,
    type: 'database',
    parent: null,
    plan: null,
    category: 'operational',
    status: 'complete',
    pinned: false,
    note: '',
    createdAt: `2026-11-${id.slice(6, 8)}T00:00:00.000Z`,
    completedAt: `2026-11-${id.slice(6, 8)}T00:01:00.000Z`,
    clusterTimeStart: null,
    clusterTimeEnd: null,
    source: {
      name: 'Shop',
      connectionId: 'c1',
      topology: 'standalone',
      setName: null,
      setId: null,
      hosts: ['h:1'],
      serverVersion: '6.0.5',
      featureCompatibilityVersion: '6.0',
      memberReadFrom: null,
      importedFrom: null,
    },
    tools: { lifeboat: '0.1.0', mongodump: '100.7.0' },
    command: [],
    oplog: null,
    file: {
      name: 'archive.gz',
      bytes: 10,
      sha256: 'aa',
      compression: 'gzip-blocks',
      blocks: 1,
      uncompressedBytes: 20,
    },
    digest: null,
    blockIndex: null,
    namespaces: [],
    usersAndRoles: false,
    warnings: [],
    ...more,
  };
}

function known(day: string, more: Partial<BackupFiles> = {}, storeId = 'default'): KnownBackup {
  const id = `202611${day}T000000Z-shop-database-aaaa`;
  const files: BackupFiles = {
    id,
    location: locationOf(`/store/Shop/${id}`),
    manifest: manifestOf(id),
    mismatch: null,
    archiveBytes: 10,
    verifications: [good],
    modifiedAt: new Date(0),
    ...more,
  };
  return { files, entry: toCatalogueEntry(files, { id: storeId, name: 'Store', path: '/store' }) };
}

function entryOf(more: Partial<BackupFiles>): CatalogueEntry {
  return known('01', more).entry;
}

describe('the state of a backup', () => {
  it('follows manifest, archive and newest verification', () => {
    const missing = new AppFailure({ code: 'manifest-missing', message: 'No manifest.' });
    const newer = new AppFailure({ code: 'manifest-unsupported', message: 'Version 9.' });
    expect(entryOf({}).status).toBe('complete');
    expect(entryOf({ manifest: missing })).toMatchObject({ status: 'incomplete', problem: 'No manifest.', type: null });
    expect(entryOf({ manifest: newer })).toMatchObject({ status: 'unreadable', problem: 'Version 9.' });
    expect(entryOf({ mismatch: 'The archive is missing.' })).toMatchObject({ status: 'damaged' });
    expect(entryOf({ verifications: [bad, good] })).toMatchObject({ status: 'damaged', problem: 'Block 3 is gone.' });
    expect(entryOf({ verifications: [good, bad] }).status).toBe('complete');
  });

  it('stays damaged when only its file was looked at since its contents were found bad', () => {
    const fileGood = { ...good, level: 1 as const };
    const fileBad = { ...bad, level: 1 as const };
    expect(entryOf({ verifications: [fileGood, bad] })).toMatchObject({
      status: 'damaged',
      problem: 'Block 3 is gone.',
    });
    expect(entryOf({ verifications: [fileGood, fileBad, bad] }).status).toBe('damaged');
    expect(entryOf({ verifications: [fileGood, fileBad] }).status).toBe('complete');
    expect(entryOf({ verifications: [fileGood, good, bad] }).status).toBe('complete');
  });
});

describe('the latest backup', () => {
  it('is the newest complete one of the lasting stores', () => {
    const all = sortBackups([
      known('01'),
      known('03', { verifications: [bad] }),
      known('02'),
      known('04', {}, 'opened-files'),
    ]);
    expect(findLatest(all)?.entry.id).toContain('20261102');
    expect(findLatest([])).toBeNull();
  });
});

describe('the guard of a deletion', () => {
  it('holds for pinned backups and for the last verified one of a source', () => {
    const newest = known('03', { verifications: [] });
    const verified = known('02');
    const older = known('01');
    const all = sortBackups([newest, verified, older]);
    expect(deletionGuard(all, newest.entry)).toBeNull();
    expect(deletionGuard(all, verified.entry)).toContain('last verified backup of Shop');
    expect(deletionGuard(all, older.entry)).toBeNull();
    expect(deletionGuard(all, { ...older.entry, pinned: true })).toContain('pinned');
    expect(deletionGuard([known('01', {}, 'opened-files')], known('01', {}, 'opened-files').entry)).toBeNull();
  });
});

describe('a manifest on disk', () => {
  it('is read through its schema, and refused by version or place', () => {
    const manifest = manifestOf('20261101T000000Z-shop-database-aaaa');
    expect(parseManifest(JSON.stringify(manifest), 'm')).toEqual(manifest);
    const codeOf = (text: string): string => {
      try {
        parseManifest(text, 'm');
        return 'none';
      } catch (error) {
        return error instanceof AppFailure ? `${error.error.code}: ${error.error.message}` : 'other';
      }
    };
    expect(codeOf('{')).toMatch(/^stored-file-damaged/);
    expect(codeOf(JSON.stringify({ ...manifest, formatVersion: 2 }))).toMatch(/^manifest-unsupported.*version 2/);
    expect(codeOf(JSON.stringify({ ...manifest, file: null }))).toMatch(/^stored-file-damaged.*file/);
    expect(codeOf(JSON.stringify({ ...manifest, createdAt: 'tomorrow' }))).toMatch(/createdAt/);
    expect(codeOf('[]')).toMatch(/^stored-file-damaged/);
  });
});
