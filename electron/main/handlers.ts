/** Each request of the contract, answered by a service. Nothing is decided here. */
import { app, dialog, shell, type BrowserWindow } from 'electron';
import type { RequestHandlers } from '../../shared/contract';
import { fail } from '../../shared/result';
import type { Services } from '../app';
import { createAlertHandlers } from './alert-handlers';
import { createChannelHandlers } from './channel-handlers';
import { createHealthHandlers } from './health-handlers';
import { createIndexHandlers } from './index-handlers';
import { createOperationHandlers } from './operation-handlers';
import { createOperationReportHandlers } from './operation-report-handlers';
import { announceReady } from './readiness';
import { createSlowQueryHandlers } from './slow-query-handlers';

export interface HandlerDependencies {
  services: Services;
  window: () => BrowserWindow | null;
  version: string;
  dataFolder: string;
  development: boolean;
}

export function createHandlers({
  services,
  window,
  version,
  dataFolder,
  development,
}: HandlerDependencies): RequestHandlers {
  const { settings, toolchain, connections, demo, jobs, catalogue, backups, restores, audit, doctor } = services;

  async function chooseMany(options: Electron.OpenDialogOptions): Promise<string[] | null> {
    const parent = window();
    const chosen = parent ? await dialog.showOpenDialog(parent, options) : await dialog.showOpenDialog(options);
    return chosen.canceled ? null : chosen.filePaths;
  }

  async function choose(options: Electron.OpenDialogOptions): Promise<string | null> {
    return (await chooseMany(options))?.[0] ?? null;
  }

  async function chooseNew(defaultPath: string): Promise<string | null> {
    const parent = window();
    const chosen = parent
      ? await dialog.showSaveDialog(parent, { defaultPath })
      : await dialog.showSaveDialog({ defaultPath });
    return chosen.canceled ? null : (chosen.filePath ?? null);
  }

  return {
    'app.info': () =>
      Promise.resolve({
        version,
        dataFolder,
        platform: process.platform,
        electron: process.versions.electron ?? '',
        development,
      }),
    'app.ready': async ({ page }) => {
      const shown = window();
      if (shown) await announceReady(shown, page);
      return null;
    },
    'app.doctor': () => doctor.report(),

    'settings.get': () => settings.get(),
    'settings.update': (patch) => settings.update(patch),
    'stores.list': () => settings.stores(),
    'stores.add': (store) => settings.addStore(store),
    'stores.remove': async ({ id }) => {
      await settings.removeStore(id);
      return null;
    },

    'tools.list': () => toolchain.list(),
    'tools.set-path': async ({ name, path }) => {
      const toolPaths = { ...(await settings.get()).toolPaths };
      if (path === null) delete toolPaths[name];
      else toolPaths[name] = path;
      await settings.update({ toolPaths });
      return toolchain.list();
    },

    'dialogs.choose-file': ({ title, extensions }) =>
      choose({
        title,
        properties: ['openFile', 'showHiddenFiles'],
        ...(extensions ? { filters: [{ name: title, extensions }] } : {}),
      }),
    'dialogs.choose-folder': ({ title }) => choose({ title, properties: ['openDirectory', 'createDirectory'] }),
    'dialogs.choose-backup': ({ folder }) =>
      choose({ title: 'Open a backup', properties: [folder ? 'openDirectory' : 'openFile'] }),

    'connections.list': () => connections.list(),
    'connections.secret-store': () => Promise.resolve(connections.secretStore()),
    'connections.add': (input) => connections.add(input),
    'connections.update': ({ id, input }) => connections.update(id, input),
    'connections.remove': async ({ id }) => {
      await connections.remove(id);
      return null;
    },
    'connections.test': ({ id }) => connections.test(id),
    'connections.test-input': ({ input, existingId }) => connections.testInput(input, existingId),
    'connections.unlock': async ({ id, password }) => {
      await connections.unlock(id, password);
      return null;
    },
    'connections.collections': ({ id }) => connections.collections(id),

    'demo.status': () => Promise.resolve(demo.status()),
    'demo.start': async () => ({ jobId: (await demo.start()).id }),
    'demo.stop': async () => {
      await demo.stop();
      return null;
    },
    'demo.set-workload': async ({ running }) => {
      await demo.setWorkload(running);
      return demo.status();
    },

    'jobs.list': () => jobs.list(),
    'jobs.cancel': async ({ id }) => {
      await jobs.cancel(id);
      return null;
    },
    'jobs.log': ({ id }) => jobs.readLog(id),
    'jobs.clear-finished': async () => {
      await jobs.clearFinished();
      return null;
    },

    'backups.list': () => catalogue.list(),
    'backups.show': ({ id }) => catalogue.show(id),
    'backups.estimate': (request) => backups.estimate(request),
    'backups.run': async (request) => ({ jobId: (await backups.run(request)).id }),
    'backups.verify': async ({ id, level }) => ({ jobId: (await catalogue.verify(id, level)).id }),
    'backups.import': async ({ path, storeId }) => ({ jobId: (await catalogue.import(path, storeId)).id }),
    'backups.set-pinned': ({ id, pinned }) => catalogue.setPinned(id, pinned),
    'backups.delete': async ({ id, typedId }) => {
      await catalogue.delete(id, typedId);
      return null;
    },
    'backups.reveal': async ({ id }) => {
      const { entry } = await catalogue.show(id);
      const problem = await shell.openPath(entry.path);
      if (problem !== '') fail('store-unavailable', `${entry.path} cannot be opened: ${problem}`);
      return null;
    },

    'restore.preview': async (request) => ({ jobId: (await restores.preview(request)).id }),
    'restore.refresh-preview': async ({ previewId }) => ({ jobId: (await restores.refresh(previewId)).id }),
    'restore.preview-result': ({ previewId }) => restores.getPreview(previewId),
    'restore.documents': (request) => restores.documents(request),
    'restore.document-positions': (request) => restores.positions(request),
    'restore.document': (request) => restores.document(request),
    'restore.export': async ({ previewId, format }) => {
      const path = await chooseNew(`lifeboat-diff.${format}`);
      return path === null ? null : { jobId: (await restores.exportDiff({ previewId, format, path })).id };
    },
    'restore.carry-picks': (request) => restores.carryPicks(request),
    'restore.commands': (request) => restores.commands(request),
    'restore.estimate': (request) => restores.estimate(request),
    'restore.apply': async (request) => ({ jobId: (await restores.apply(request)).id }),
    'restore.result': ({ restoreId }) => restores.result(restoreId),
    'restore.list': () => restores.list(),
    'restore.written-since': ({ previewId }) => restores.writtenSince(previewId),
    'restore.undo-preview': async ({ restoreId, connectionId }) => ({
      jobId: (await restores.undoPreview(restoreId, connectionId)).id,
    }),
    'restore.continue': async ({ restoreId, connectionId, typedName }) => ({
      jobId: (await restores.continueRestore(restoreId, connectionId, typedName)).id,
    }),
    'restore.leave': ({ restoreId }) => restores.leave(restoreId),
    'restore.close-preview': async ({ previewId }) => {
      await restores.closePreview(previewId);
      return null;
    },

    ...createSlowQueryHandlers({ services, chooseMany, chooseNew }),

    ...createIndexHandlers(services),

    ...createHealthHandlers({ services, chooseNew }),

    ...createChannelHandlers(services),

    ...createAlertHandlers(services),

    ...createOperationHandlers(services),
    ...createOperationReportHandlers({ services, chooseNew }),

    'audit.list': (range) => audit.list(range),
    'audit.verify': () => audit.verify(),
  };
}

/** Ends the application once its services are closed; a second call does nothing. */
export function quitWhenClosed(services: () => Promise<Services | null>, onFailure: (error: unknown) => void): void {
  let state: 'open' | 'closing' | 'closed' = 'open';
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    void services()
      .then((made) => made?.close())
      .catch(onFailure)
      .finally(() => {
        state = 'closed';
        app.quit();
      });
  });
}
