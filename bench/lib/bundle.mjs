/** The product's own code, bundled as the build does it, for programs that are not TypeScript. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * @typedef {object} Product
 * @property {typeof import('../../electron/app').createServices} createServices
 * @property {typeof import('../../electron/jobs/run-in-worker').createTaskRunner} createTaskRunner
 * @property {typeof import('../../electron/connections/secret-store').createMemorySecretStore} createMemorySecretStore
 * @property {typeof import('../../electron/platform/data-folder').resolveDataFolder} resolveDataFolder
 * @property {typeof import('../../electron/health/service').createHealth} createHealth
 * @property {typeof import('../../electron/health/sampler/member-reader').createMemberReader} createMemberReader
 * @property {typeof import('../../electron/health/history/history-store').HistoryStore} HistoryStore
 * @property {typeof import('../../electron/health/history/query-history').queryHistory} queryHistory
 * @property {typeof import('../../electron/health/history/packing').packMetrics} packMetrics
 * @property {typeof import('../../shared/health').metricNames} metricNames
 * @property {typeof import('../../shared/health').noMetrics} noMetrics
 * @property {typeof import('mongodb').BSON} BSON
 */

/**
 * @typedef {object} BundledServices
 * @property {import('../../electron/jobs/run-in-worker').TaskRunner} tasks
 */

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const entry = `
export { createServices } from './electron/app';
export { createTaskRunner } from './electron/jobs/run-in-worker';
export { createMemorySecretStore } from './electron/connections/secret-store';
export { resolveDataFolder } from './electron/platform/data-folder';
export { createHealth } from './electron/health/service';
export { createMemberReader } from './electron/health/sampler/member-reader';
export { HistoryStore } from './electron/health/history/history-store';
export { queryHistory } from './electron/health/history/query-history';
export { packMetrics } from './electron/health/history/packing';
export { metricNames, noMetrics } from './shared/health';
export { BSON } from 'mongodb';
`;

/** @param {string} folder */
export function workerFileIn(folder) {
  return join(folder, 'worker.cjs');
}

/** Loads what {@link bundleServices} made in `folder`. @param {string} folder @returns {Product} */
export function loadProduct(folder) {
  return createRequire(import.meta.url)(join(folder, 'product.cjs'));
}

/**
 * @param {string} folder
 * @returns {Promise<BundledServices>}
 */
export async function bundleServices(folder) {
  /** @type {import('esbuild').BuildOptions} */
  const shared = {
    absWorkingDir: repository,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node16',
    external: ['electron'],
    logLevel: 'error',
    plugins: [
      {
        name: 'installed-library',
        setup: (bundler) => {
          const path = createRequire(import.meta.url).resolve('libsql');
          bundler.onResolve({ filter: /^libsql$/ }, () => ({ path, external: true }));
        },
      },
    ],
  };
  const workerFile = workerFileIn(folder);
  await build({ ...shared, entryPoints: ['electron/worker/index.ts'], outfile: workerFile });
  const stdin = { contents: entry, resolveDir: repository, loader: /** @type {const} */ ('ts') };
  await build({ ...shared, stdin, outfile: join(folder, 'product.cjs') });
  return { tasks: loadProduct(folder).createTaskRunner({ workerFile, maxWorkers: 4 }) };
}
