/** The only composition root: window, command line and tests get their services here. */
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { createAudit, type Audit } from './audit/service';
import { createBackups, type Backups } from './backup/service';
import { createCatalogue, type Catalogue } from './catalogue/service';
import type { SecretStore } from './connections/secret-store';
import { createConnections, type Connections } from './connections/service';
import { createDoctor, type Doctor } from './doctor/service';
import type { DesktopNotifier } from './health/channels/desktop';
import { createChannels, type Channels } from './health/channels/service';
import { createHealth, type Health } from './health/service';
import { createIndexes, type Indexes } from './indexes/service';
import { createTaskRunner } from './jobs/run-in-worker';
import { JobRunner } from './jobs/runner';
import { createOperations, type Operations } from './operations/service';
import { prepareDataFolder, type DataFolder } from './platform/data-folder';
import { createLogger, type Logger } from './platform/logger';
import { removeLeftoverToolConfigs } from './platform/secret-config-file';
import { createAdvisor, type Advisor } from './profiler/advice/service';
import { createExplains, type Explains } from './profiler/explain/service';
import { createProfilerControl, type ProfilerControl } from './profiler/control/service';
import { createLiveOperations, type LiveOperationsService } from './profiler/live/service';
import { createProfiler, type Profiler } from './profiler/service';
import { createCaptures, type Captures } from './profiler/sessions/service';
import { createRestores, type Restores } from './restore/service';
import { createDemo, type Demo } from './sandbox/demo';
import { createSandboxes, type Sandboxes } from './sandbox/service';
import { auditSettings } from './settings/audited-settings';
import { createSettings, type SettingsService } from './settings/service';
import { createToolchain, type Toolchain } from './toolchain/service';

export interface ServiceDependencies {
  dataFolder: DataFolder;
  /** Who works: told in jobs, locks and the audit. */
  origin: 'window' | 'cli';
  /** The bundle of electron/worker/index.ts. */
  workerFile: string;
  secrets: SecretStore;
  /** Lifeboat's own, for manifests. */
  version: string;
  /** Shows alerts on the desktop; the window's process has one. */
  desktop?: DesktopNotifier;
}

export interface Services {
  readonly logger: Logger;
  readonly settings: SettingsService;
  readonly audit: Audit;
  readonly jobs: JobRunner;
  readonly toolchain: Toolchain;
  readonly connections: Connections;
  readonly sandboxes: Sandboxes;
  readonly demo: Demo;
  readonly catalogue: Catalogue;
  readonly backups: Backups;
  readonly restores: Restores;
  readonly profiler: Profiler;
  readonly profilers: ProfilerControl;
  readonly captures: Captures;
  readonly liveOperations: LiveOperationsService;
  readonly explains: Explains;
  readonly advisor: Advisor;
  readonly indexes: Indexes;
  readonly doctor: Doctor;
  readonly health: Health;
  readonly channels: Channels;
  readonly operations: Operations;
  /** Cancels what runs, stops the sandboxes of this process and closes everything. */
  close(): Promise<void>;
}

/**
 * Makes the services over a data folder and clears away what a killed predecessor left: its jobs, partial files,
 * sandboxes and tool configurations. Throws 'store-unavailable' when the data folder cannot be used.
 */
export async function createServices(dependencies: ServiceDependencies): Promise<Services> {
  const { dataFolder, origin, workerFile, secrets, version, desktop = null } = dependencies;
  await prepareDataFolder(dataFolder);
  const logger = createLogger({ folder: dataFolder.logsFolder, name: origin });
  const { temporaryFolder, previewsFolder, restoresFolder, openedFilesFolder } = dataFolder;
  const audit = createAudit({ file: dataFolder.auditFile, origin, logger });
  const settings = auditSettings(createSettings({ file: dataFolder.settingsFile, folder: dataFolder }), audit);
  const jobs = new JobRunner({
    jobsFolder: dataFolder.jobsFolder,
    locksFolder: dataFolder.locksFolder,
    origin,
    logger,
  });
  const tasks = createTaskRunner({ workerFile, maxWorkers: Math.max(2, cpus().length), logger });
  const toolchain = createToolchain({ settings });
  const connections = createConnections({ file: dataFolder.connectionsFile, secrets, logger, audit });
  const sandboxes = createSandboxes({ folder: dataFolder.sandboxesFolder, toolchain, logger, audit });
  const demo = createDemo({ sandboxes, connections, jobs, logger });
  const catalogue = createCatalogue({ settings, openedFilesFolder, jobs, tasks, audit, version });
  const backups = createBackups({
    connections,
    toolchain,
    settings,
    catalogue,
    jobs,
    tasks,
    audit,
    version,
    temporaryFolder,
  });
  const restores = createRestores({
    connections,
    toolchain,
    settings,
    catalogue,
    jobs,
    tasks,
    audit,
    previewsFolder,
    restoresFolder,
    temporaryFolder,
    version,
  });
  const profiler = createProfiler({ tasks, connections });
  const profilers = createProfilerControl({
    file: dataFolder.profilersFile,
    locksFolder: dataFolder.locksFolder,
    origin,
    connections,
    audit,
    logger,
  });
  const captures = createCaptures({
    folder: dataFolder.capturesFolder,
    connections,
    profilers,
    jobs,
    tasks,
    logger,
  });
  const liveOperations = createLiveOperations({ connections, audit });
  const explains = createExplains({ connections });
  const advisor = createAdvisor({
    connections,
    jobs,
    catalogue,
    tasks,
    toolchain,
    sandboxes,
    sandboxesFolder: dataFolder.sandboxesFolder,
    temporaryFolder,
    triesFolder: dataFolder.triesFolder,
    logger,
  });
  captures.onRemoved((id) => {
    advisor.forgetCapture(id).catch((error: unknown) => logger.warn({ error }, 'Tries of a capture are still there'));
  });
  const indexes = createIndexes({ connections, jobs, audit, watchFile: dataFolder.watchedIndexesFile });
  const doctor = createDoctor({ dataFolder, toolchain, settings, connections, sandboxes, secrets });
  const health = createHealth({
    connections,
    settings,
    catalogue,
    jobs,
    captures,
    audit,
    tasks,
    logger,
    origin,
    historyFile: dataFolder.healthHistoryFile,
    alertsFile: dataFolder.alertsFile,
    locksFolder: dataFolder.locksFolder,
  });
  const operations = createOperations({
    connections,
    jobs,
    audit,
    logger,
    origin,
    folder: dataFolder.operationsFolder,
  });
  const channels = createChannels({
    file: dataFolder.channelsFile,
    deliveriesFile: dataFolder.deliveriesFile,
    secrets,
    audit,
    logger,
    origin,
    version,
    desktop,
  });
  health.onNotice((notice) => void channels.tell(notice));

  await removeLeftoverToolConfigs(temporaryFolder);
  await jobs.recover();
  await sandboxes.recover();
  await catalogue.recover();
  await restores.recover();
  await operations.recover();
  // The command line does so where profilers are its business: it must not wait for servers that are down.
  if (origin === 'window') profilers.watch();
  // The command line sends where it watches: it must not ask for passphrases otherwise.
  if (origin === 'window')
    channels.start().catch((error: unknown) => logger.error({ error }, 'The channels cannot be used'));

  return {
    logger,
    settings,
    audit,
    jobs,
    toolchain,
    connections,
    sandboxes,
    demo,
    catalogue,
    backups,
    restores,
    profiler,
    profilers,
    captures,
    liveOperations,
    explains,
    advisor,
    indexes,
    doctor,
    health,
    channels,
    operations,
    async close() {
      // Its thread must end by itself: ended from outside in the middle of a call, it would take the process along.
      await health.close();
      await channels.close();
      await jobs.close();
      await captures.close();
      await profilers.close();
      await restores.close();
      await demo.stop();
      await sandboxes.close();
      await tasks.close();
      await restores.close();
      await connections.close();
      catalogue.close();
      indexes.close();
      settings.close();
      if (origin === 'window') await rm(openedFilesFolder, { recursive: true, force: true });
    },
  };
}
