/** Inputs of the tasks that comparing and restoring consist of, for `bench.documents`. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const mebibyte = 2 ** 20;

/** @param {string} folder of a backup */
export function locationIn(folder) {
  const file = (/** @type {string} */ name) => join(folder, name);
  return {
    folder,
    archive: file('archive.gz'),
    digest: file('digest.bin'),
    blockIndex: file('blocks.bin'),
    manifest: file('manifest.json'),
    log: file('dump.log'),
    verification: file('verification.json'),
  };
}

/**
 * A backup of the collection, made by the backup task.
 * @param {import('./context.mjs').BenchContext} context
 * @param {string} folder
 */
export async function makeBackup({ services, programs, set, folder: temporaryFolder, level }, folder) {
  const location = locationIn(folder);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await services.tasks.run('backup.dump', {
    tool: programs.mongodump,
    uri: set.uri,
    secrets: [],
    temporaryFolder,
    runs: [run()],
    filter: { kind: 'all' },
    readPreference: 'primary',
    location,
    level,
    digest: true,
    documentsTotal: null,
    bytesTotal: null,
  });
  return location;
}

function run() {
  return {
    database: 'bench',
    collection: 'documents',
    query: null,
    exclude: [],
    usersAndRoles: false,
    oplog: false,
    parallelCollections: 1,
  };
}

/**
 * @param {import('./context.mjs').BenchContext} context
 * @param {{ preview: string, digest: string }} files
 */
export function previewInput({ programs, set, folder, documents }, { preview, digest }) {
  return {
    uri: set.uri,
    mongodump: programs.mongodump,
    temporaryFolder: folder,
    folder: preview,
    digest,
    readPreference: 'primary',
    namespaces: [
      {
        index: 0,
        backupNamespace: 'bench.documents',
        target: { database: 'bench', collection: 'documents', type: 'collection' },
      },
    ],
    runs: [{ run: run(), namespaces: [{ index: 0, database: 'bench', collection: 'documents', documents }] }],
    parallelRuns: 1,
    memoryBytes: 512 * mebibyte,
    liveBytes: null,
    liveDocuments: null,
  };
}
