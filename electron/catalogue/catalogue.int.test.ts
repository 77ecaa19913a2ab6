import { createWriteStream, existsSync } from 'node:fs';
import {
  copyFile,
  cp,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createReadStream } from 'node:fs';
import { createGzip } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BackupDetails } from '../../shared/backups';
import { createHarness, type BackupHarness } from '../backup/test-support/backup-harness';
import { runTool } from '../platform/spawn-tool';
import { requireTestTools } from '../test-support/runtime';
import { temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const testData = join(repository, '..', 'shared', 'testdata', 'mongo-tools');

let server: TestMongod;
let harness: BackupHarness;
const scope = { kind: 'databases' as const, databases: ['shop'] };

beforeAll(async () => {
  server = await startTestMongod();
  const client = await server.connect();
  const orders = Array.from({ length: 30_000 }, (_, n) => ({ n, text: `${Math.sin(n)} ${'order '.repeat(20)}` }));
  await client.db('shop').collection('orders').insertMany(orders);
  await client
    .db('shop')
    .collection('items')
    .insertMany([{ n: 1 }, { n: 2 }]);
});

beforeEach(async () => {
  await harness?.close();
  harness = await createHarness({ uri: server.uri });
});

afterAll(async () => {
  await harness?.close();
  await server?.stop();
});

async function verifyAgain(details: BackupDetails, level: 1 | 2 = 2): Promise<BackupDetails> {
  const job = await harness.catalogue.verify(details.entry.id, level);
  await harness.jobs.wait(job.id);
  return harness.catalogue.show(details.entry.id);
}

async function importDump(path: string, storeId: string | null = 'default'): Promise<BackupDetails> {
  const job = await harness.catalogue.import(path, storeId);
  const finished = await harness.jobs.wait(job.id);
  if (finished.resultId === null) throw new Error(JSON.stringify(finished.error));
  return harness.catalogue.show(finished.resultId);
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8(0) ^ 0x10, 0);
  await file.write(byte, 0, 1, at);
  await file.close();
}

describe('the catalogue', () => {
  it('lists, filters and shows, the newest first', async () => {
    const first = await harness.makeBackup(scope, { plan: 'nightly' });
    const second = await harness.makeBackup({ kind: 'collections', namespaces: ['shop.items'] });
    const ids = async (filter?: Parameters<typeof harness.catalogue.list>[0]) =>
      (await harness.catalogue.list(filter)).map(({ id }) => id);
    expect(await ids()).toEqual([second.entry.id, first.entry.id]);
    expect(await ids({ type: 'database' })).toEqual([first.entry.id]);
    expect(await ids({ plan: 'nightly' })).toEqual([first.entry.id]);
    expect(await ids({ source: 'Test set', limit: 1 })).toEqual([second.entry.id]);
    expect(await ids({ status: 'damaged' })).toEqual([]);
    expect((await harness.catalogue.show('latest')).entry).toMatchObject({ id: second.entry.id, scope: 'shop.items' });
    await expect(harness.catalogue.show('no-such-backup')).rejects.toMatchObject({ error: { code: 'not-found' } });
  });

  it('tells of changes, also by another process', async () => {
    const details = await harness.makeBackup(scope);
    let changes = 0;
    const stop = harness.catalogue.onChange(() => (changes += 1));
    await harness.catalogue.setPinned(details.entry.id, true);
    await expect.poll(() => changes).toBeGreaterThan(0);
    changes = 0;
    await rename(details.entry.path, join(dirname(details.entry.path), '20200101T000000Z-shop-database-zzzz'));
    await expect.poll(() => changes, { timeout: 5000 }).toBeGreaterThan(0);
    stop();
  });

  it('tells which stores it could not look into', async () => {
    expect(await harness.catalogue.unreadableStores()).toEqual([]);
    const folder = temporaryFolder('lifeboat-disk');
    await harness.settings.addStore({ name: 'Disk', path: join(folder, 'store') });
    await rm(folder, { recursive: true });
    expect(await harness.catalogue.unreadableStores()).toMatchObject([
      { name: 'Disk', problem: expect.stringContaining('it does not exist') as string },
    ]);
  });

  it('pins, and guards what it deletes', async () => {
    const older = await harness.makeBackup(scope);
    const newer = await harness.makeBackup(scope);
    expect((await harness.catalogue.setPinned(older.entry.id, true)).pinned).toBe(true);
    await expect(harness.catalogue.delete(older.entry.id, null)).rejects.toThrow(/it is pinned/);
    await expect(harness.catalogue.delete(newer.entry.id, null)).rejects.toThrow(/last verified/);
    await expect(harness.catalogue.delete(newer.entry.id, 'wrong')).rejects.toMatchObject({
      error: { code: 'refused' },
    });
    await harness.catalogue.setPinned(older.entry.id, false);
    await harness.catalogue.delete(older.entry.id, null);
    await harness.catalogue.delete(newer.entry.id, newer.entry.id);
    expect(await harness.catalogue.list()).toEqual([]);
    const { entries } = await harness.audit.list({ offset: 0, limit: 3 });
    expect(entries.map(({ operation, result }) => `${operation} ${result}`)).toEqual([
      'backup.delete succeeded',
      'backup.delete started',
      'backup.delete succeeded',
    ]);
  });

  it('never follows a link out of the store', async () => {
    const { entry } = await harness.makeBackup(scope);
    const outside = temporaryFolder('lifeboat-outside');
    const moved = join(outside, basename(entry.path));
    await rename(entry.path, moved);
    await symlink(moved, entry.path);
    expect(await harness.catalogue.list()).toEqual([]);
    await rm(entry.path);
    // The folder around may be a link as well.
    await rm(dirname(entry.path), { recursive: true });
    await symlink(outside, dirname(entry.path));
    await expect(harness.catalogue.delete(entry.id, entry.id)).rejects.toThrow();
    expect(existsSync(moved)).toBe(true);
  });

  it('finishes a deletion that a crash interrupted', async () => {
    const { entry } = await harness.makeBackup(scope);
    await rename(entry.path, join(dirname(entry.path), `.${entry.id}.deleting`));
    await harness.catalogue.recover();
    expect(await readdir(dirname(entry.path))).toEqual([]);
  });
});

describe('a backup that is not whole', () => {
  it('names block, namespace and documents of a flipped byte', async () => {
    const details = await harness.makeBackup(scope);
    const location = await harness.catalogue.location(details.entry.id);
    await flipByte(location.archive, Math.floor((details.manifest?.file.bytes ?? 0) / 2));
    const { entry, verifications } = await verifyAgain(details);
    expect(entry.status).toBe('damaged');
    expect(verifications).toHaveLength(2);
    const [problem] = entry.verification?.problems ?? [];
    expect(problem?.block).toBeGreaterThan(0);
    expect(problem?.namespaces).toEqual(['shop.orders']);
    expect(problem?.documentsLost).toBeGreaterThan(0);
    expect((problem?.documentsLost ?? 0) + (problem?.documentsSaved ?? 0)).toBe(30_000);
    const [job] = await harness.jobs.list();
    expect(job?.error).toMatchObject({ code: 'verification-failed' });
    const level1 = await verifyAgain(details, 1);
    expect(level1.entry.verification?.problems[0]?.message).toContain('SHA-256');
  });

  it('is shown with its problem when truncated', async () => {
    const details = await harness.makeBackup(scope);
    const { archive } = await harness.catalogue.location(details.entry.id);
    await truncate(archive, 100_000);
    const [entry] = await harness.catalogue.list();
    expect(entry).toMatchObject({ status: 'damaged' });
    expect(entry?.problem).toContain('shorter than its manifest says');
    await expect(harness.catalogue.manifest(details.entry.id)).rejects.toMatchObject({
      error: { code: 'manifest-mismatch' },
    });
    const verified = await verifyAgain(details);
    expect(verified.entry.verification?.ok).toBe(false);
  });

  it('is incomplete without manifest, unreadable with a newer, broken or foreign one', async () => {
    const details = await harness.makeBackup(scope);
    const { manifest } = await harness.catalogue.location(details.entry.id);
    const text = await readFile(manifest, 'utf8');
    await rm(manifest);
    expect(await harness.catalogue.list()).toMatchObject([{ status: 'incomplete', type: null }]);
    await expect(harness.catalogue.manifest(details.entry.id)).rejects.toMatchObject({
      error: { code: 'manifest-missing' },
    });
    await expect(harness.catalogue.show('latest')).rejects.toMatchObject({ error: { code: 'not-found' } });
    await writeFile(manifest, text.replace('"formatVersion": 1', '"formatVersion": 7'));
    const [newer] = await harness.catalogue.list();
    expect(newer?.status).toBe('unreadable');
    expect(newer?.problem).toContain('version 7');
    await expect(harness.catalogue.manifest(details.entry.id)).rejects.toMatchObject({
      error: { code: 'manifest-unsupported' },
    });
    await writeFile(manifest, text.slice(0, 200));
    expect(await harness.catalogue.list()).toMatchObject([{ status: 'unreadable' }]);
    await writeFile(manifest, text.replaceAll(details.entry.id, '20200101T000000Z-shop-database-zzzz'));
    expect(await harness.catalogue.list()).toMatchObject([{ status: 'unreadable' }]);
  });

  it('is one row of the list, however broken it is', async () => {
    const whole = await harness.makeBackup(scope);
    const broken = await harness.makeBackup(scope);
    const { manifest, archive } = await harness.catalogue.location(broken.entry.id);
    const text = await readFile(manifest);
    await rm(manifest);
    await mkdir(manifest);
    const [entry] = await harness.catalogue.list();
    expect(entry).toMatchObject({ id: broken.entry.id, status: 'unreadable' });
    expect(entry?.problem).toContain('a folder is in its place');
    expect((await harness.catalogue.show('latest')).entry.id).toBe(whole.entry.id);
    await rm(manifest, { recursive: true });
    await writeFile(manifest, text);
    await rm(archive);
    await symlink(basename(archive), archive);
    const job = await harness.jobs.wait((await harness.catalogue.verify(broken.entry.id, 2)).id);
    expect(job.error).toMatchObject({ code: 'store-unavailable' });
    expect(job.error?.message).toContain('archive.gz');
  });

  it('is not guessed at when another has the same id', async () => {
    const { entry } = await harness.makeBackup(scope);
    const copy = join(dirname(dirname(entry.path)), 'Copy', entry.id);
    await cp(entry.path, copy, { recursive: true });
    await truncate(join(copy, 'archive.gz'), 10);
    await expect(harness.catalogue.delete(entry.id, entry.id)).rejects.toThrow(/There are 2 backups/);
    expect(existsSync(entry.path)).toBe(true);
    await rm(copy, { recursive: true });
    await harness.catalogue.delete(entry.id, entry.id);
    expect(existsSync(entry.path)).toBe(false);
  });

  it('fails verification when the manifest describes other contents', async () => {
    const details = await harness.makeBackup(scope);
    const { manifest } = await harness.catalogue.location(details.entry.id);
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('"documents": 30000', '"documents": 30001'));
    const { entry } = await verifyAgain(details);
    expect(entry.verification?.problems[0]?.message).toContain('shop.orders has 30,000 documents');
  });

  it('gets a lost digest and block index back from its archive', async () => {
    const details = await harness.makeBackup(scope);
    const { digest, blockIndex } = await harness.catalogue.location(details.entry.id);
    await rm(digest);
    await flipByte(blockIndex, 200);
    const { entry } = await verifyAgain(details);
    expect(entry.verification).toMatchObject({ ok: true });
    expect((await stat(digest)).size).toBe(details.manifest?.digest?.bytes);
  });
});

describe('an import', () => {
  async function foreignDump(kind: 'archive' | 'gzip' | 'folder' | 'folder-gzip'): Promise<string> {
    const folder = temporaryFolder('lifeboat-foreign');
    const path = join(folder, 'foreign');
    const target = kind.startsWith('folder') ? `--out=${path}` : `--archive=${path}`;
    const gzip = kind.includes('gzip') ? ['--gzip'] : [];
    await runTool({
      path: requireTestTools().mongodump,
      args: [`--uri=${server.uri}`, '--db=shop', target, ...gzip],
      okExitCodes: [0],
    });
    return path;
  }

  it.each(['archive', 'gzip', 'folder', 'folder-gzip'] as const)('takes a dump as %s', async (kind) => {
    const details = await importDump(await foreignDump(kind));
    expect(details.entry).toMatchObject({ type: 'imported', status: 'complete', documents: 30_002, scope: 'shop' });
    expect(details.entry.verification).toMatchObject({ ok: true, level: 2 });
    const { archive } = await harness.catalogue.location(details.entry.id);
    const exit = await runTool({
      path: requireTestTools().mongorestore,
      args: [`--uri=${server.uri}`, '--gzip', `--archive=${archive}`, '--nsFrom=shop.*', `--nsTo=${kind}.*`],
    });
    expect(exit.stderrTail).toContain('30002 document(s) restored successfully. 0 document(s) failed');
  });

  it('takes a tar.gz of a folder, and an opened file into the temporary store', async () => {
    const folder = await foreignDump('folder');
    const tar = `${folder}.tar.gz`;
    await runTool({ path: 'tar', args: ['-czf', tar, '-C', dirname(folder), basename(folder)], okExitCodes: [0] });
    const details = await importDump(tar, null);
    expect(details.entry).toMatchObject({ temporary: true, storeId: 'opened-files', documents: 30_002 });
    await expect(harness.catalogue.show('latest')).rejects.toMatchObject({ error: { code: 'not-found' } });
  });

  it('names what is complete of a truncated archive, and leaves nothing', async () => {
    for (const kind of ['archive', 'gzip'] as const) {
      const path = await foreignDump(kind);
      await truncate(path, Math.floor((await stat(path)).size / 2));
      const job = await harness.jobs.wait((await harness.catalogue.import(path, 'default')).id);
      expect(job.error).toMatchObject({ code: 'archive-truncated' });
      expect(job.error?.message).toContain('shop.orders');
      expect(await harness.leftInStore()).toEqual([]);
    }
  });

  it('says what is no dump', async () => {
    const folder = temporaryFolder('lifeboat-other');
    const file = join(folder, 'notes.txt');
    await writeFile(file, 'nothing of the kind');
    await expect(harness.catalogue.import(file, 'default')).rejects.toMatchObject({ error: { code: 'not-a-dump' } });
    await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz`));
    await expect(harness.catalogue.import(`${file}.gz`, 'default')).rejects.toThrow(/no dump/);
    await expect(harness.catalogue.import(join(folder, 'absent'), 'default')).rejects.toMatchObject({
      error: { code: 'not-found' },
    });
    expect(await harness.leftInStore()).toEqual([]);
  });

  it.skipIf(!existsSync(testData))('takes the dumps of the tools’ own tests', async () => {
    for (const name of ['dump-w-oplog.archive', 'indextestdump', 'specialcharacter', 'coll_with_ttl_index']) {
      const { entry, manifest } = await importDump(join(testData, name));
      expect(entry.verification, name).toMatchObject({ ok: true });
      expect(manifest?.namespaces.length, name).toBeGreaterThan(0);
      if (name === 'specialcharacter') expect(manifest?.namespaces[0]?.collection).toBe('cafés');
      if (name === 'coll_with_ttl_index') expect(JSON.stringify(manifest?.namespaces)).toContain('expireAfterSeconds');
      if (name === 'dump-w-oplog.archive') expect(manifest?.oplog?.entries).toBeGreaterThan(0);
    }
  });

  it.skipIf(!existsSync(testData))('finds the broken document of a broken dump', async () => {
    const folder = temporaryFolder('lifeboat-broken');
    const importFile = async (name: string) => {
      const database = join(folder, name, 'test');
      await mkdir(database, { recursive: true });
      await copyFile(join(testData, 'bsondump', `${name}.bson`), join(database, 'docs.bson'));
      return harness.jobs.wait((await harness.catalogue.import(join(folder, name), 'default')).id);
    };
    for (const name of ['bad_cstring', 'partial_file']) {
      const job = await importFile(name);
      expect(job.status, name).toBe('failed');
      expect(job.error?.message, name).toMatch(/docs|test/);
      expect(await harness.leftInStore()).toEqual([]);
    }
    // Servers do store such arrays: they are kept and told of.
    const odd = await importFile('broken_array');
    expect(odd.status).toBe('succeeded-with-warnings');
    expect(odd.warnings.join()).toMatch(/test\.docs: 1 document with an array/);
    expect((await importFile('all_types')).resultId).not.toBeNull();
  });
});
