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

/** @typedef {{ database: string, collection: string }} Place */

/** @type {Place} */
const standardPlace = { database: 'bench', collection: 'documents' };

/**
 * A backup of a collection, made by the backup task.
 * @param {import('./context.mjs').BenchContext} context
 * @param {string} folder
 */
export async function makeBackup(
  { services, programs, set, folder: temporaryFolder, level },
  folder,
  place = standardPlace,
) {
  const location = locationIn(folder);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await services.tasks.run('backup.dump', {
    tool: programs.mongodump,
    uri: set.uri,
    secrets: [],
    temporaryFolder,
    runs: [run(place)],
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

/** @param {Place} place */
function run(place) {
  return {
    ...place,
    query: null,
    exclude: [],
    usersAndRoles: false,
    oplog: false,
    parallelCollections: 1,
  };
}

/**
 * @param {import('./context.mjs').BenchContext} context
 * @param {{ preview: string, digest: string, archive?: import('../../electron/diff/diff-task').ArchiveToRead }} files
 * `archive`: the digest is made from it first
 */
export function previewInput(
  { programs, set, folder, documents },
  { preview, digest, archive },
  place = standardPlace,
) {
  return {
    uri: set.uri,
    mongodump: programs.mongodump,
    temporaryFolder: folder,
    folder: preview,
    digest,
    archive: archive ?? null,
    readPreference: 'primary',
    namespaces: [
      {
        index: 0,
        backupNamespace: `${place.database}.${place.collection}`,
        backupDocuments: documents,
        target: { ...place, type: 'collection' },
      },
    ],
    runs: [{ run: run(place), namespaces: [{ index: 0, ...place, documents }] }],
    parallelRuns: 1,
    memoryBytes: 128 * mebibyte,
    liveBytes: null,
    liveDocuments: null,
  };
}
