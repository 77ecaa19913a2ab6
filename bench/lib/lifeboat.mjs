/** Lifeboat as a user has it: all services over a data folder, connected to the set that is measured with. */
import { join } from 'node:path';
import { loadProduct, workerFileIn } from './bundle.mjs';

/**
 * @typedef {object} Lifeboat
 * @property {import('../../electron/app').Services} services
 * @property {string} connectionId
 * @property {(database: string, collection: string) => Promise<string>} backUp of one collection; returns its id
 * @property {(backupId: string, more?: Partial<import('../../shared/restore').PreviewRequestInput>) => Promise<import('../../shared/restore').Preview>} preview
 * @property {(preview: import('../../shared/restore').Preview) => Promise<import('../../shared/restore').RestoreResult>} apply
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ folder: string, programs: { mongodump: string, mongorestore: string }, uri: string }} place `folder`: where
 * the bundles are, and where the data folder comes to be
 * @returns {Promise<Lifeboat>}
 */
export async function openLifeboat({ folder, programs, uri }) {
  const { createServices, createMemorySecretStore, resolveDataFolder } = loadProduct(folder);
  const services = await createServices({
    dataFolder: resolveDataFolder(join(folder, 'data')),
    origin: 'cli',
    workerFile: workerFileIn(folder),
    secrets: createMemorySecretStore(),
    version: '0.0.0',
  });
  await services.settings.update({ toolPaths: { mongodump: programs.mongodump, mongorestore: programs.mongorestore } });
  const connection = await services.connections.ephemeral(uri, { name: 'bench', environment: 'development' });
  /** @param {import('../../shared/jobs').Job} job */
  const resultOf = async (job) => {
    const { error, resultId } = await services.jobs.wait(job.id);
    if (error) throw new Error(`${job.title}: ${error.message}`);
    return resultId ?? '';
  };
  return {
    services,
    connectionId: connection.id,
    backUp: async (database, collection) =>
      resultOf(
        await services.backups.run({
          connectionId: connection.id,
          scope: { kind: 'collections', namespaces: [`${database}.${collection}`] },
          storeId: null,
          oplog: null,
          readPreference: 'primary',
          compressionLevel: 4,
          parallelCollections: 4,
          usersAndRoles: false,
          digest: true,
          category: 'operational',
          pinned: false,
          note: '',
          plan: null,
        }),
      ),
    preview: async (backupId, more) => {
      const job = await services.restores.preview({
        backupId,
        connectionId: connection.id,
        namespaces: [],
        renames: [],
        mode: 'exact',
        readPreference: 'primary',
        ...more,
      });
      return services.restores.getPreview(await resultOf(job));
    },
    apply: async (preview) => {
      const job = await services.restores.apply({
        previewId: preview.id,
        mode: preview.request.mode,
        namespaces: [],
        typedName: null,
      });
      return services.restores.result(await resultOf(job));
    },
    close: () => services.close(),
  };
}
