/** The main process: one window over the services. */
import path from 'node:path';
import { app, dialog, nativeTheme, type BrowserWindow } from 'electron';
import { version } from '../../package.json';
import type { Job } from '../../shared/jobs';
import { createServices, type Services } from '../app';
import { resolveDataFolder } from '../platform/data-folder';
import { toAppError } from '../platform/failures';
import type { Logger } from '../platform/logger';
import { registerAppScheme, serveApp } from './app-protocol';
import { createAttention } from './attention';
import { createBackground, type Background } from './background';
import { commandLineArguments, runCommandLine } from './command-line-mode';
import { createDesktopNotifier } from './desktop-notifier';
import { createHandlers, quitWhenClosed } from './handlers';
import { sendEvent, serveRequests } from './ipc';
import { createKeychain } from './keychain';
import { installMenu } from './menu';
import { askBeforeClosing, mayQuit } from './quit-question';
import { closeSession, openWindow } from './window';

/** The folder of the bundles; what runs as a worker or is read by other programs lies unpacked beside an asar. */
const buildFolder = __dirname;
const unpackedFolder = buildFolder.replace(/app\.asar(?=$|[\\/])/, 'app.asar.unpacked');

const commandLine = commandLineArguments(process.argv);
if (commandLine === null) startWindow();
else void runCommandLine(path.join(unpackedFolder, 'cli.cjs'), commandLine);

function startWindow(): void {
  const dataFolder = resolveDataFolder(argumentOf('--data-dir'));
  app.setPath('userData', path.join(dataFolder.root, 'window'));
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  const development = !app.isPackaged;
  let window: BrowserWindow | null = null;
  let services: Promise<Services> | null = null;
  let logger: Logger | undefined;
  /** Null until the services are there. */
  let background: Background | null = null;
  const icon = (size: string): string => path.join(unpackedFolder, 'resources', 'icons', `${size}x${size}.png`);

  const giveUp = (error: unknown): void => {
    const { message, hint } = toAppError(error, logger);
    process.stderr.write(`${message}\n`);
    if (app.isReady() && !process.env['CI'])
      dialog.showErrorBox('Lifeboat cannot go on', hint ? `${message}\n\n${hint}` : message);
    app.exit(1);
  };
  // An uncaught exception would leave a window that no longer answers.
  process.on('uncaughtException', giveUp);
  process.on('unhandledRejection', giveUp);

  const listJobs = async (): Promise<Job[]> => (await services)?.jobs.list() ?? [];

  const open = (): void => {
    const opened = openWindow({ buildFolder, icon: icon('256') });
    window = opened;
    askBeforeClosing(opened, { listJobs, outlivesWindow: () => background?.outlivesWindow() === true });
    opened.webContents.on('render-process-gone', (_event, { reason }) => {
      // A page that crashed is loaded anew: the services, and with them every job, live here.
      if (reason !== 'clean-exit' && !opened.isDestroyed()) opened.reload();
    });
    opened.on('closed', () => {
      window = null;
    });
  };

  const show = (): void => {
    if (window === null) {
      if (background !== null) open();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.focus();
  };

  const quit = (): void => {
    void mayQuit(window, listJobs).then((agreed) => {
      if (agreed) app.quit();
    }, giveUp);
  };

  registerAppScheme();
  quitWhenClosed(() => services ?? Promise.resolve(null), giveUp);
  app.on('second-instance', show);
  app.on('window-all-closed', () => {
    if (background?.outlivesWindow() !== true) app.quit();
  });
  app.on('activate', show);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());

  services = app.whenReady().then(() =>
    createServices({
      dataFolder,
      origin: 'window',
      workerFile: path.join(unpackedFolder, 'worker.cjs'),
      secrets: createKeychain(dataFolder.secretsFile),
      version,
      desktop: createDesktopNotifier(() => {
        if (window === null) show();
        return window;
      }),
    }),
  );
  services
    .then(async (made) => {
      logger = made.logger;
      // Before the window opens, so that it has the colour of its page from the first moment.
      nativeTheme.themeSource = (await made.settings.get()).theme;
      const handlers = createHandlers({
        services: made,
        window: () => window,
        version,
        dataFolder: dataFolder.root,
        development,
      });
      serveRequests(handlers, (error) => toAppError(error, made.logger));
      forwardEvents(made, () => window);
      made.health.fleet.start();
      closeSession();
      serveApp(path.join(buildFolder, 'renderer'));
      installMenu({ development, quit });
      const goesOn = createBackground({ icon: icon('32'), show, quit, logger: made.logger });
      background = goesOn;
      goesOn.apply(await made.settings.get(), true);
      made.settings.onChange((settings) => goesOn.apply(settings, window !== null));
      open();
    })
    .catch(giveUp);
}

function forwardEvents(services: Services, window: () => BrowserWindow | null): void {
  const attend = createAttention(window);
  services.jobs.onChange((job) => {
    sendEvent('job.changed', job);
    attend(job);
  });
  services.jobs.onLog((jobId, lines) => sendEvent('job.log', { jobId, lines }));
  services.catalogue.onChange(() => sendEvent('catalogue.changed', null));
  services.connections.onChange(() => sendEvent('connections.changed', null));
  services.profilers.onChange(() => sendEvent('profiling.changed', null));
  services.captures.onChange((capture) => sendEvent('capture.changed', capture));
  services.captures.onRemoved((id) => sendEvent('capture.removed', { id }));
  services.demo.onChange((status) => sendEvent('demo.changed', status));
  services.health.fleet.onChanged((health) => sendEvent('health.changed', health));
  services.health.fleet.onEvents((connectionId, events) => sendEvent('health.events', { connectionId, events }));
  services.health.alerts.onChange(() => sendEvent('alerts.changed', null));
  services.channels.onChange(() => sendEvent('channels.changed', null));
  services.settings.onChange((settings) => {
    nativeTheme.themeSource = settings.theme;
    sendEvent('settings.changed', settings);
  });
}

/** `--name value` or `--name=value` of this process. */
function argumentOf(name: string): string | undefined {
  const at = process.argv.findIndex((argument) => argument === name || argument.startsWith(`${name}=`));
  if (at === -1) return undefined;
  const given = process.argv[at] ?? '';
  return given === name ? process.argv[at + 1] : given.slice(name.length + 1);
}
