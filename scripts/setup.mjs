/**
 * Set-up: everything that must be on the machine before Lifeboat can be built, started and tested. Safe to repeat: a second
 * run finds everything in place and says nothing. `node scripts/setup.mjs` runs it alone.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideArtefact } from './setup/artefacts.mjs';
import { electron } from './setup/electron.mjs';
import { databaseTools, mongod } from './setup/mongodb.mjs';
import { provideDependencies } from './setup/node-modules.mjs';
import { resolveRuntime } from './setup/resolve-runtime.mjs';
import { provideSystemLibraries } from './setup/system-libraries.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * @param {object} [options]
 * @param {(line: string) => void} [options.say] gets one line per thing done
 * @returns {Promise<import('./setup/resolve-runtime.mjs').Runtime>} every path is there
 * @throws {Error} whose message says what is missing and what to do about it
 */
export async function setUp({ say = (line) => process.stderr.write(`set-up: ${line}\n`) } = {}) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 12)) {
    throw new Error(`Lifeboat is built with Node.js 20.12 or newer; this is ${process.versions.node}.`);
  }
  await provideDependencies(repository, say);
  for (const artefact of [electron, mongod, databaseTools]) {
    const variables = Object.keys(artefact.programs);
    const chosen = variables.filter((variable) => process.env[variable]);
    for (const variable of chosen) {
      const path = /** @type {string} */ (process.env[variable]);
      if (!existsSync(path)) throw new Error(`${variable} names ${path}, which does not exist.`);
    }
    if (chosen.length < variables.length) await provideArtefact(artefact, say);
  }
  const runtime = resolveRuntime();
  await provideSystemLibraries(runtime, say);
  return runtime;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const started = Date.now();
    const runtime = await setUp();
    for (const [name, path] of Object.entries(runtime)) console.log(`${name.padEnd(13)} ${path}`);
    console.log(`set-up is complete (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    process.stderr.write(`\nset-up failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
