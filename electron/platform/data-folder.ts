/** Where Lifeboat keeps its state: one folder, shared by the window and the command line. */
import { chmod, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { toStoreFailure } from './failures';

/** Absolute paths. No folder in it is named `databases`: Electron deletes one of that name. */
export interface DataFolder {
  root: string;
  settingsFile: string;
  connectionsFile: string;
  secretsFile: string;
  jobsFolder: string;
  locksFolder: string;
  sandboxesFolder: string;
  previewsFolder: string;
  restoresFolder: string;
  /** Gathered slow operations. */
  capturesFolder: string;
  /** What came of indexes tried in sandboxes. */
  triesFolder: string;
  /** Outcomes of operations on replica sets. */
  operationsFolder: string;
  /** Profilers that Lifeboat has changed, with what they were before. */
  profilersFile: string;
  /** Indexes that were hidden and are watched. */
  watchedIndexesFile: string;
  auditFile: string;
  /** Health over time: an embedded database and its log beside it. */
  healthHistoryFile: string;
  /** Alert rules, silences and what is firing. */
  alertsFile: string;
  /** Where alerts are told, without secrets. */
  channelsFile: string;
  /** Messages to channels that are on their way or were given up. */
  deliveriesFile: string;
  logsFolder: string;
  temporaryFolder: string;
  /** The store "Backups on this computer". */
  defaultStoreFolder: string;
  /** The temporary store of backup files that were opened without importing them. */
  openedFilesFolder: string;
}

function defaultRoot(): string {
  switch (process.platform) {
    case 'win32':
      return join(process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Lifeboat');
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'Lifeboat');
    default:
      return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'lifeboat');
  }
}

/** `explicit` (`--data-dir`), else `LIFEBOAT_HOME`, else the place the operating system keeps application data. */
export function resolveDataFolder(explicit?: string): DataFolder {
  const root = resolve(explicit || process.env['LIFEBOAT_HOME'] || defaultRoot());
  return {
    root,
    settingsFile: join(root, 'settings.json'),
    connectionsFile: join(root, 'connections.json'),
    secretsFile: join(root, 'secrets.json'),
    jobsFolder: join(root, 'jobs'),
    locksFolder: join(root, 'locks'),
    sandboxesFolder: join(root, 'sandboxes'),
    previewsFolder: join(root, 'previews'),
    restoresFolder: join(root, 'restores'),
    capturesFolder: join(root, 'captures'),
    triesFolder: join(root, 'tries'),
    operationsFolder: join(root, 'operations'),
    profilersFile: join(root, 'profilers.json'),
    watchedIndexesFile: join(root, 'watched-indexes.json'),
    auditFile: join(root, 'audit.jsonl'),
    healthHistoryFile: join(root, 'health.db'),
    alertsFile: join(root, 'alerts.json'),
    channelsFile: join(root, 'channels.json'),
    deliveriesFile: join(root, 'deliveries.json'),
    logsFolder: join(root, 'logs'),
    temporaryFolder: join(root, 'temporary'),
    defaultStoreFolder: join(root, 'backups'),
    openedFilesFolder: join(root, 'opened-files'),
  };
}

/**
 * Makes the folders, readable by the user alone (mode 0700). Throws 'store-unavailable' or 'disk-full' naming the
 * folder.
 */
export async function prepareDataFolder(folder: DataFolder): Promise<void> {
  const folders = [
    folder.root,
    folder.jobsFolder,
    folder.locksFolder,
    folder.sandboxesFolder,
    folder.previewsFolder,
    folder.restoresFolder,
    folder.capturesFolder,
    folder.triesFolder,
    folder.operationsFolder,
    folder.logsFolder,
    folder.temporaryFolder,
    folder.defaultStoreFolder,
    folder.openedFilesFolder,
  ];
  for (const path of folders) {
    try {
      const created = await mkdir(path, { recursive: true, mode: 0o700 });
      // A root that was there before (a mounted volume, a folder chosen by the user) holds secrets from now on.
      if (created === undefined && path === folder.root && process.platform !== 'win32') await chmod(path, 0o700);
    } catch (error) {
      throw toStoreFailure(error, path);
    }
  }
}
