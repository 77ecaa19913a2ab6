/** The product's own code, bundled as the build does it, for programs that are not TypeScript. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * @typedef {object} BundledServices
 * @property {import('../../electron/jobs/run-in-worker').TaskRunner} tasks
 */

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

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
  };
  const workerFile = join(folder, 'worker.cjs');
  const runnerFile = join(folder, 'run-in-worker.cjs');
  await build({ ...shared, entryPoints: ['electron/worker/index.ts'], outfile: workerFile });
  await build({ ...shared, entryPoints: ['electron/jobs/run-in-worker.ts'], outfile: runnerFile });
  const { createTaskRunner } = createRequire(import.meta.url)(runnerFile);
  return { tasks: createTaskRunner({ workerFile, maxWorkers: 4 }) };
}
