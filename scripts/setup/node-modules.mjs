/** The project's dependencies: `npm ci` when they are missing or the lock file says something else. No dependency itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeFailure, npmCommand, run } from './commands.mjs';
import { withLock } from './lock.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 */

/**
 * @param {string} repository
 * @returns {boolean} whether every package of package-lock.json is installed in the version it names
 */
export function dependenciesMatch(repository) {
  const wanted = readPackages(join(repository, 'package-lock.json'));
  // npm writes this file at the end of an installation: it is missing after one that was interrupted.
  const present = readPackages(join(repository, 'node_modules', '.package-lock.json'));
  if (wanted === null || present === null) return false;
  return Object.entries(wanted).every(([path, locked]) => {
    if (path === '') return true;
    const installed = present[path];
    if (installed === undefined) return locked.optional === true;
    return installed.version === locked.version && installed.integrity === locked.integrity;
  });
}

/**
 * @param {string} repository
 * @param {(line: string) => void} say
 */
export async function provideDependencies(repository, say) {
  if (dependenciesMatch(repository)) return;
  // Beside node_modules, which `npm ci` removes.
  await withLock(
    join(repository, 'build', '.dependencies-lock'),
    async () => {
      if (dependenciesMatch(repository)) return;
      say('node_modules: running npm ci');
      const started = Date.now();
      const { program, before } = npmCommand();
      const result = await run(program, [...before, 'ci', '--no-audit', '--no-fund'], {
        cwd: repository,
        diesWithUs: true,
      });
      if (result.code !== 0) {
        process.stderr.write(result.stderr.slice(-4000));
        throw new Error(`npm ci failed: ${describeFailure(result)}`);
      }
      say(`node_modules: installed from the npm registry in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    },
    (holder) => say(`node_modules: waiting for ${holder}, which is installing them`),
  );
}

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | null}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}
