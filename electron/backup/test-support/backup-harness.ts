/** Real services around a temporary data folder, for tests of backups and of the catalogue. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { BackupDetails, BackupRequest, BackupScope } from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';
import type { Job } from '../../../shared/jobs';
import { fail } from '../../../shared/result';
import { createAudit, type Audit } from '../../audit/service';
import { createCatalogue, type Catalogue } from '../../catalogue/service';
import { describeDeployment } from '../../connections/deployment';
import { createTaskRunner } from '../../jobs/run-in-worker';
import { JobRunner } from '../../jobs/runner';
import { prepareDataFolder, resolveDataFolder, type DataFolder } from '../../platform/data-folder';
import { createSilentLogger } from '../../platform/logger';
import { createSettings, type SettingsService } from '../../settings/service';
import { requireTestTools } from '../../test-support/runtime';
import { removeTemporaryFolder, temporaryFolder } from '../../test-support/temporary-folder';
import type { BackupsDependencies } from '../backups-dependencies';
import { createBackups, type Backups } from '../service';

export interface BackupHarness {
  dataFolder: DataFolder;
  settings: SettingsService;
  jobs: JobRunner;
  audit: Audit;
  catalogue: Catalogue;
  backups: Backups;
  client: MongoClient;
  /** Runs a backup to its end, good or bad. */
  backUp(scope: BackupScope, more?: Partial<BackupRequest>): Promise<Job>;
  /** The same, throwing unless it succeeded. */
  makeBackup(scope: BackupScope, more?: Partial<BackupRequest>): Promise<BackupDetails>;
  /** Everything below the default store but the stores' own folders, as relative paths. */
  leftInStore(): Promise<string[]>;
  /** All text that Lifeboat wrote anywhere below its data folder. */
  writtenText(): Promise<string>;
  close(): Promise<void>;
}

export interface HarnessOptions {
  uri: string;
  mongodump?: string;
  connectionName?: string;
  folder?: string;
}

function connectionOf(uri: string, name: string): Connection {
  return {
    id: 'source',
    name,
    colour: 'teal',
    environment: 'development',
    readOnly: false,
    uri: uri.replace(/\/\/[^@/]*@/, '//'),
    username: null,
    secretPlace: 'none',
    sandboxId: null,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

/** The connection string for one member of the same deployment. */
function uriOfMember(uri: string, host: string): string {
  const [, start = '', credentials = '', query = ''] = /^(\w+:\/\/)([^@/]*@)?[^/?]*\/?\??(.*)$/.exec(uri) ?? [];
  const options = query.split('&').filter((option) => !/^(replicaSet|directConnection)=/.test(option));
  return `${start}${credentials}${host}/?${[...options, 'directConnection=true'].join('&')}`;
}

function connectionsTo(client: MongoClient, uri: string, connection: Connection): BackupsDependencies['connections'] {
  return {
    get: (id) => Promise.resolve(id === connection.id ? connection : fail('not-found', `No connection ${id}.`)),
    use: (_id, work) =>
      work({
        connection,
        client,
        describe: () => describeDeployment(client),
        toolUri: (options) => (options?.host === undefined ? uri : uriOfMember(uri, options.host)),
      }),
  };
}

export const defaultRequest: Omit<BackupRequest, 'scope'> = {
  connectionId: 'source',
  storeId: null,
  oplog: null,
  readPreference: 'secondaryPreferred',
  compressionLevel: 6,
  parallelCollections: 4,
  usersAndRoles: false,
  digest: true,
  category: 'operational',
  pinned: false,
  note: '',
  plan: null,
};

export async function createHarness(options: HarnessOptions): Promise<BackupHarness> {
  const root = options.folder ?? temporaryFolder('lifeboat-data');
  const dataFolder = resolveDataFolder(root);
  await prepareDataFolder(dataFolder);
  const logger = createSilentLogger();
  const settings = createSettings({ file: dataFolder.settingsFile, folder: dataFolder });
  const { jobsFolder, locksFolder } = dataFolder;
  const jobs = new JobRunner({ jobsFolder, locksFolder, origin: 'window', logger });
  const audit = createAudit({ file: dataFolder.auditFile, origin: 'window', logger });
  const workerFile = process.env['LIFEBOAT_WORKER_FILE'] ?? '';
  const tasks = createTaskRunner({ workerFile, maxWorkers: 4 });
  const { openedFilesFolder } = dataFolder;
  const catalogue = createCatalogue({ settings, openedFilesFolder, jobs, tasks, audit, version: '0.1.0' });
  const client = await new MongoClient(options.uri, { serverSelectionTimeoutMS: 5000 }).connect();
  const path = options.mongodump ?? requireTestTools().mongodump;
  const connection = connectionOf(options.uri, options.connectionName ?? 'Test set');
  const backups = createBackups({
    connections: connectionsTo(client, options.uri, connection),
    toolchain: { require: () => Promise.resolve({ path, version: '100.7.0' }) },
    settings,
    catalogue,
    jobs,
    tasks,
    audit,
    version: '0.1.0',
    temporaryFolder: dataFolder.temporaryFolder,
  });
  const backUp: BackupHarness['backUp'] = async (scope, more) => {
    const job = await backups.run({ ...defaultRequest, scope, ...more });
    return jobs.wait(job.id);
  };
  return {
    dataFolder,
    settings,
    jobs,
    audit,
    catalogue,
    backups,
    client,
    backUp,
    makeBackup: async (scope, more) => {
      const job = await backUp(scope, more);
      if (job.resultId === null || job.error) throw new Error(`${job.status}: ${JSON.stringify(job.error)}`);
      return catalogue.show(job.resultId);
    },
    leftInStore: () => listFiles(dataFolder.defaultStoreFolder),
    writtenText: async () => {
      const files = (await listFiles(root)).filter((name) => !/\.(gz|bin)$/.test(name));
      const texts = await Promise.all(files.map((name) => readFile(join(root, name), 'utf8').catch(() => '')));
      return texts.join('\n');
    },
    close: async () => {
      await jobs.close();
      await tasks.close();
      catalogue.close();
      settings.close();
      await client.close();
      if (options.folder === undefined) removeTemporaryFolder(root);
    },
  };
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isDirectory()) return [entry.name];
      const inside = await listFiles(join(folder, entry.name));
      return [`${entry.name}/`, ...inside.map((name) => `${entry.name}/${name}`)];
    }),
  );
  return nested.flat();
}
