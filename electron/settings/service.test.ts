import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareDataFolder, resolveDataFolder, type DataFolder } from '../platform/data-folder';
import { temporaryFolder } from '../test-support/temporary-folder';
import { freeBytes, parseDf, parseUsedPercent, usedPercent } from './disk-space';
import { createSettings, type SettingsService } from './service';

async function newSettings(): Promise<{ settings: SettingsService; folder: DataFolder; root: string }> {
  const root = temporaryFolder();
  const folder = resolveDataFolder(join(root, 'data'));
  await prepareDataFolder(folder);
  return { settings: createSettings({ file: folder.settingsFile, folder }), folder, root };
}

describe('settings', () => {
  it('begin with a store on this computer', async () => {
    const { settings, folder } = await newSettings();
    expect(await settings.get()).toMatchObject({
      theme: 'system',
      stores: [{ id: 'default', name: 'Backups on this computer', path: folder.defaultStoreFolder }],
      defaultStoreId: 'default',
    });
    expect(existsSync(folder.settingsFile)).toBe(false);
  });

  it('are kept, told of, and refused where they do not fit', async () => {
    const { settings, folder } = await newSettings();
    const themes: string[] = [];
    settings.onChange(({ theme }) => themes.push(theme));
    await settings.update({ theme: 'dark', toolPaths: { mongodump: '/opt/mongodump' } });
    expect(themes).toEqual(['dark']);
    const other = createSettings({ file: folder.settingsFile, folder });
    expect(await other.get()).toMatchObject({ theme: 'dark', toolPaths: { mongodump: '/opt/mongodump' } });
    await other.update({ theme: 'light' });
    await expect.poll(() => themes).toEqual(['dark', 'light']);
    await expect(settings.update({ compressionLevel: 99 })).rejects.toMatchObject({
      error: { code: 'usage', message: expect.stringContaining('compressionLevel') as string },
    });
    await expect(settings.update({ defaultStoreId: 'none' })).rejects.toMatchObject({ error: { code: 'usage' } });
    settings.close();
  });

  it('that are damaged say which file', async () => {
    const { settings, folder } = await newSettings();
    writeFileSync(folder.settingsFile, '{"formatVersion":1,');
    await expect(settings.get()).rejects.toMatchObject({ error: { code: 'stored-file-damaged' } });
  });
});

describe('stores', () => {
  it('are looked at, the temporary one last', async () => {
    const { settings, folder } = await newSettings();
    const stores = await settings.stores();
    expect(stores).toMatchObject([
      { id: 'default', available: true, writable: true, problem: null, temporary: false },
      { id: 'opened-files', path: folder.openedFilesFolder, available: true, writable: true, temporary: true },
    ]);
    expect(stores[0]?.freeBytes).toBeGreaterThan(0);
    expect(readdirSync(folder.defaultStoreFolder)).toEqual([]);
  });

  it('are added, made default, and forgotten without touching their files', async () => {
    const { settings, root } = await newSettings();
    const path = join(root, 'backups of mine');
    const added = await settings.addStore({ name: ' Mine ', path });
    expect(added).toMatchObject({ name: 'Mine', path, available: true, writable: true });
    writeFileSync(join(path, 'file'), '');
    expect(await settings.storeById(null)).toMatchObject({ id: 'default' });
    await settings.update({ defaultStoreId: added.id });
    expect(await settings.storeById(null, { write: true })).toMatchObject({ id: added.id });
    await expect(settings.removeStore(added.id)).rejects.toMatchObject({ error: { code: 'refused' } });
    await settings.update({ defaultStoreId: 'default' });
    await settings.removeStore(added.id);
    expect(existsSync(join(path, 'file'))).toBe(true);
    await expect(settings.storeById(added.id)).rejects.toMatchObject({ error: { code: 'not-found' } });
    await expect(settings.removeStore(added.id)).rejects.toMatchObject({ error: { code: 'not-found' } });
    await expect(settings.removeStore('opened-files')).rejects.toMatchObject({ error: { code: 'refused' } });
  });

  it('may not lie in each other, also not through links', async () => {
    const { settings, folder, root } = await newSettings();
    const add = (path: string): Promise<unknown> => settings.addStore({ name: 'x', path });
    symlinkSync(folder.defaultStoreFolder, join(root, 'link'));
    for (const path of [
      folder.defaultStoreFolder,
      join(folder.defaultStoreFolder, 'deeper'),
      folder.root,
      join(root, 'link'),
    ]) {
      await expect(add(path)).rejects.toMatchObject({ error: { code: 'refused' } });
    }
    await expect(add('relative')).rejects.toMatchObject({ error: { code: 'usage' } });
    expect(readdirSync(folder.defaultStoreFolder)).toEqual([]);
    await add(`${folder.defaultStoreFolder}-2`);
  });

  it('that are gone or are files are not available, with the path and the reason', async () => {
    const { settings, root } = await newSettings();
    const path = join(root, 'usb');
    const { id } = await settings.addStore({ name: 'USB disk', path });
    rmSync(path, { recursive: true });
    expect((await settings.stores())[1]).toMatchObject({
      available: false,
      writable: false,
      problem: `${path} cannot be used: it does not exist.`,
    });
    expect(existsSync(path)).toBe(false);
    await expect(settings.storeById(id)).rejects.toMatchObject({
      error: { code: 'store-unavailable', message: expect.stringContaining(path) as string },
    });
    writeFileSync(path, '');
    await expect(settings.storeById(id)).rejects.toMatchObject({ error: { code: 'store-unavailable' } });
    await expect(settings.addStore({ name: 'y', path: join(root, 'no', 'parent') })).rejects.toMatchObject({
      error: { code: 'store-unavailable' },
    });
  });

  it('that cannot be written can be read but not written', async () => {
    // /proc refuses new files even from root, as a read-only disk does.
    const { settings } = await newSettings();
    if (process.platform !== 'linux') return;
    await expect(settings.addStore({ name: 'proc', path: '/proc' })).rejects.toMatchObject({
      error: { code: 'store-unavailable', message: expect.stringContaining('/proc cannot be written') as string },
    });
    await settings.update({
      stores: [...(await settings.get()).stores, { id: 'ro', name: 'Read-only', path: '/proc' }],
    });
    expect(await settings.storeById('ro')).toMatchObject({ available: true, writable: false });
    await expect(settings.storeById('ro', { write: true })).rejects.toMatchObject({
      error: { code: 'store-unavailable' },
    });
  });

  it('that are our own are made anew when someone removed them', async () => {
    const { settings, folder } = await newSettings();
    rmSync(folder.defaultStoreFolder, { recursive: true });
    expect(await settings.storeById(null, { write: true })).toMatchObject({ writable: true });
    mkdirSync(join(folder.defaultStoreFolder, 'kept'));
  });
});

describe('free space', () => {
  it('is told for a folder, and unknown for none', async () => {
    expect(await freeBytes(temporaryFolder())).toBeGreaterThan(0);
    expect(await freeBytes('/nowhere/at/all')).toBeNull();
    expect(await usedPercent(temporaryFolder())).toBeGreaterThan(0);
    expect(await usedPercent('/nowhere/at/all')).toBeNull();
  });

  it('is read from df whatever the names hold', () => {
    const head = 'Filesystem     1024-blocks      Used Available Capacity Mounted on\n';
    expect(parseDf(`${head}/dev/vda  263174212 13598504 83114904      15% /\n`)).toBe(83114904 * 1024);
    expect(parseDf(`${head}//nas/my share 1 (x)  100 90 10  90% /Volumes/my share\n`)).toBe(10 * 1024);
    expect(parseDf(`${head}tmpfs 100 101 -1 100% /x\n`)).toBe(0);
    expect(parseDf('df: no')).toBeNull();
    expect(parseUsedPercent(`${head}/dev/vda  200 60 40  60% /\n`)).toBe(60);
    expect(parseUsedPercent(`${head}tmpfs 100 101 -1 100% /x\n`)).toBe(100);
    expect(parseUsedPercent('df: no')).toBeNull();
  });
});
