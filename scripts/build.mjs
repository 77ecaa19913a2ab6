/**
 * Builds Lifeboat into `build/`, which is at the same time what Electron is started with: kernel, main process, preload,
 * command line, workers, renderer, resources. A part whose inputs did not change is left alone, so that a second build
 * takes a fraction of a second. `node scripts/build.mjs` runs it alone.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildApplicationFolder } from './bundle/application-folder.mjs';
import { forgetInputs, hashInputs, partIsCurrent, recordPart } from './bundle/inputs.mjs';
import { withLock } from './setup/lock.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const developmentOutput = join(repository, 'build');

/**
 * @typedef {'development' | 'production'} Mode
 * @typedef {object} Part
 * @property {string} name
 * @property {readonly string[]} inputs files and folders below the repository
 * @property {readonly string[]} outputs below `build/`; a missing one makes the part stale
 * @property {(mode: Mode, output: string) => Promise<void>} make
 */

/** What decides over every part besides its own sources. */
const common = ['scripts/build.mjs', 'scripts/bundle', 'scripts/build-kernel.mjs', 'package.json', 'package-lock.json'];

/** @type {readonly Part[]} */
const parts = [
  {
    name: 'application',
    inputs: ['electron', 'shared', 'resources', 'tsconfig.base.json', 'tsconfig.electron.json'],
    outputs: ['package.json'],
    make: async (mode, output) => {
      if (existsSync(join(repository, 'scripts', 'build-kernel.mjs'))) {
        const { buildKernel } = await import('./build-kernel.mjs');
        await buildKernel();
      }
      const { bundleApplication } = await import('./bundle/bundle-application.mjs');
      await bundleApplication(repository, output, mode);
      await buildApplicationFolder(repository, output);
    },
  },
  {
    name: 'renderer',
    inputs: ['renderer', 'shared', 'vite.config.ts', 'tsconfig.base.json', 'tsconfig.renderer.json'],
    outputs: ['renderer/index.html'],
    make: async (mode, output) => {
      if (!existsSync(join(repository, 'renderer', 'index.html'))) return;
      const { bundleRenderer } = await import('./bundle/bundle-renderer.mjs');
      await bundleRenderer(repository, output, mode);
    },
  },
];

/**
 * @param {object} [options]
 * @param {Mode} [options.mode] `production` minifies
 * @param {string} [options.output] absolute path of the folder to build into
 * @param {(line: string) => void} [options.say] gets one line per part that was built
 * @returns {Promise<string>} the build folder
 * @throws {Error} with the compilers' messages, after every part was tried
 */
export async function build({
  mode = 'development',
  output = developmentOutput,
  say = (line) => process.stderr.write(`build: ${line}\n`),
} = {}) {
  if (parts.every((part) => isCurrent(part, mode, output))) return output;
  await withLock(join(output, '.build-lock'), async () => {
    forgetInputs();
    /** @type {string[]} */
    const failures = [];
    for (const part of parts) {
      if (isCurrent(part, mode, output)) continue;
      const started = Date.now();
      const hash = hashOf(part, mode);
      try {
        await part.make(mode, output);
        await recordPart(output, part.name, hash);
        say(`${part.name} built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
      } catch (error) {
        failures.push(`${part.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (failures.length > 0) throw new Error(`The build failed.\n${failures.join('\n')}`);
  });
  return output;
}

/**
 * @param {Part} part
 * @param {Mode} mode
 * @param {string} output
 * @returns {boolean}
 */
function isCurrent(part, mode, output) {
  return partIsCurrent(output, part.name, hashOf(part, mode), part.outputs);
}

/**
 * @param {Part} part
 * @param {Mode} mode
 * @returns {string}
 */
function hashOf(part, mode) {
  return hashInputs(repository, [...common, ...part.inputs], mode);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = Date.now();
  try {
    await build({ mode: process.argv.includes('--production') ? 'production' : 'development' });
    console.log(`build is current (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
