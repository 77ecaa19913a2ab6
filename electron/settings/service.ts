/** What the user set, and the stores that backups are kept in. */
import { randomBytes } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { AppFailure, fail } from '../../shared/result';
import {
  defaultCompressionLevel,
  settingsPatchSchema,
  settingsSchema,
  type Settings,
  type SettingsPatch,
  type Store,
  type StoreStatus,
} from '../../shared/settings';
import type { DataFolder } from '../platform/data-folder';
import { toStoreFailure } from '../platform/failures';
import { JsonStore } from '../platform/json-file';
import { statusOf } from './store-status';

export const defaultStoreId = 'default';
/** The temporary store of backup files that were opened without importing them. */
export const openedFilesStoreId = 'opened-files';

export interface SettingsService {
  get(): Promise<Settings>;
  /** Replaces the given fields, durably. Throws 'usage' naming what does not fit. */
  update(patch: SettingsPatch): Promise<Settings>;
  /** Called after each change, by this process or another; returns how to stop listening. */
  onChange(listener: (settings: Settings) => void): () => void;
  /** All stores, the temporary one last, each looked at now. */
  stores(): Promise<StoreStatus[]>;
  /** Adds a folder, making it when its parent exists. Throws 'store-unavailable' when it cannot be written, 'refused' for
   * a folder of another store or around or inside one. */
  addStore(store: { name: string; path: string }): Promise<StoreStatus>;
  /** Forgets the store; its files stay. Throws 'not-found', or 'refused' for the default and the temporary one. */
  removeStore(id: string): Promise<void>;
  /**
   * The store (null: the default one) if it can be read, and written where `write` is set. Throws 'not-found' or
   * 'store-unavailable' with its path and the reason.
   */
  storeById(id: string | null, need?: { write?: boolean }): Promise<StoreStatus>;
  close(): void;
}

export interface SettingsOptions {
  file: string;
  folder: DataFolder;
}

function defaults(folder: DataFolder): Settings {
  return {
    formatVersion: 1,
    theme: 'system',
    stores: [{ id: defaultStoreId, name: 'Backups on this computer', path: folder.defaultStoreFolder }],
    defaultStoreId,
    toolPaths: {},
    parallelCollections: 4,
    compressionLevel: defaultCompressionLevel,
    diffMemoryBytes: 128 * 1024 * 1024,
    healthIntervalSeconds: 5,
    watchInBackground: false,
  };
}

function contains(outer: string, inner: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (!path.startsWith(`..${sep}`) && path !== '..' && !isAbsolute(path));
}

async function realPathOr(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

export function createSettings({ file, folder }: SettingsOptions): SettingsService {
  const store = new JsonStore<Settings>({ path: file, schema: settingsSchema, absent: () => defaults(folder) });
  const openedFiles: Store = { id: openedFilesStoreId, name: 'Opened files', path: folder.openedFilesFolder };

  async function status(of: Store): Promise<StoreStatus> {
    // Our own folders are made when they are gone; those the user chose may be a disk that is not connected.
    if (of.path === folder.defaultStoreFolder || of.path === folder.openedFilesFolder) {
      await mkdir(of.path, { recursive: true, mode: 0o700 }).catch(() => undefined);
    }
    return statusOf(of, of.id === openedFilesStoreId);
  }

  async function checkDistinct(path: string, stores: readonly Store[]): Promise<void> {
    const real = await realPathOr(path);
    for (const other of [...stores, openedFiles]) {
      const otherReal = await realPathOr(other.path);
      if (contains(otherReal, real) || contains(real, otherReal)) {
        fail(
          'refused',
          real === otherReal
            ? `${path} is the folder of the store "${other.name}" already.`
            : `${path} and the folder of the store "${other.name}" (${other.path}) lie in each other.`,
          'Choose a folder of its own for each store.',
        );
      }
    }
  }

  async function addStore(given: { name: string; path: string }): Promise<StoreStatus> {
    const name = given.name.trim();
    if (name === '') fail('usage', 'A store needs a name.');
    if (!isAbsolute(given.path)) fail('usage', `${given.path} is not an absolute path.`);
    const path = resolve(given.path);
    await checkDistinct(path, (await store.read()).stores);
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw toStoreFailure(error, path);
    }
    const added: Store = { id: `store-${randomBytes(4).toString('hex')}`, name, path };
    const found = await status(added);
    if (!found.available || !found.writable) {
      fail('store-unavailable', found.problem ?? `${path} cannot be used.`, 'Choose a folder you may write to.');
    }
    await store.update(async (settings) => {
      await checkDistinct(path, settings.stores);
      return { ...settings, stores: [...settings.stores, added] };
    });
    return found;
  }

  return {
    get: async () => store.read(),
    update: async (patch) => {
      const parsed = settingsPatchSchema.safeParse(patch);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        fail('usage', `The setting ${issue?.path.join('.') ?? ''} does not fit: ${issue?.message ?? 'unknown value'}.`);
      }
      return store.update((settings) => {
        const next = { ...settings, ...parsed.data };
        if (!next.stores.some(({ id }) => id === next.defaultStoreId)) {
          fail('usage', 'The default store is not among the stores.');
        }
        return next;
      });
    },
    onChange: (listener) => store.onChange(listener),
    stores: async () => Promise.all([...(await store.read()).stores, openedFiles].map(status)),
    addStore,
    removeStore: async (id) => {
      if (id === openedFilesStoreId) fail('refused', 'The store of opened files belongs to Lifeboat.');
      await store.update((settings) => {
        if (!settings.stores.some((candidate) => candidate.id === id)) fail('not-found', `There is no store ${id}.`);
        if (settings.defaultStoreId === id) {
          fail('refused', 'This is the store that new backups go to.', 'Make another store the default one first.');
        }
        return { ...settings, stores: settings.stores.filter((candidate) => candidate.id !== id) };
      });
    },
    storeById: async (id, need = {}) => {
      const settings = await store.read();
      const wanted = id ?? settings.defaultStoreId;
      const found = [...settings.stores, openedFiles].find((candidate) => candidate.id === wanted);
      if (!found) fail('not-found', `There is no store ${wanted}.`, 'See the stores under Settings.');
      const now = await status(found);
      if (!now.available || (need.write && !now.writable)) {
        throw new AppFailure({
          code: 'store-unavailable',
          message: `The store "${now.name}" is not available: ${now.problem ?? now.path}`,
          hint: 'Connect its disk or check its permissions, or choose another store.',
        });
      }
      return now;
    },
    close: () => store.close(),
  };
}
