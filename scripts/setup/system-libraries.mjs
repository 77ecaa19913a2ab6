/** Libraries of the operating system that Electron and mongod link, and Xvfb where there is no display. Linux only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeFailure, findProgram, run } from './commands.mjs';

/** What linking at run time and Chromium's own dlopen calls need, by Debian's names. */
const electronPackages = [
  'libgtk-3-0',
  'libasound2',
  'libgbm1',
  'libnss3',
  'libxss1',
  'libatk-bridge2.0-0',
  'libcups2',
  'libdrm2',
];
const mongodPackages = ['libcurl4', 'libssl3', 'liblzma5'];
const displayPackages = ['xvfb', 'xauth'];

/** Ubuntu 24.04 and Debian 13 renamed these for 64-bit time; the old names are gone there. */
const renamed = new Set(['libgtk-3-0', 'libasound2', 'libatk-bridge2.0-0', 'libcups2', 'libcurl4', 'libssl3']);

/**
 * @param {import('./resolve-runtime.mjs').Runtime} runtime
 * @param {(line: string) => void} say
 * @throws {Error} with the exact line to type when something is missing that we may not install
 */
export async function provideSystemLibraries(runtime, say) {
  if (process.platform !== 'linux') return;
  const missing = await missingPackages(runtime);
  if (missing.packages.length === 0) return;
  const why = missing.reasons.join('; ');
  const packages = await currentNames(missing.packages);
  const line = installLine(packages);
  if (!mayInstall()) {
    throw new Error(`System libraries are missing (${why}). Type this once, then start again:\n\n  ${line}\n`);
  }
  say(`system libraries: installing ${packages.join(' ')} with apt-get (${why})`);
  const names = await installPackages(missing.packages);
  const still = await missingPackages(runtime);
  if (still.packages.length > 0) throw new Error(`Still missing after the installation: ${still.reasons.join('; ')}`);
  say(`system libraries: ${names.join(' ')} taken from this system's package sources`);
}

/** @returns {boolean} whether this system's packages are ours to install without asking */
export function mayInstall() {
  return process.getuid?.() === 0 && findProgram('apt-get') !== null;
}

/**
 * @param {readonly string[]} packages Debian's names
 * @returns {Promise<string[]>} the names this release has for them
 */
export async function installPackages(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await run('apt-get', ['update'], { env });
  if (update.code !== 0) throw new Error(`apt-get update failed: ${describeFailure(update)}`);
  const names = await currentNames(packages);
  const install = await run('apt-get', ['install', '-y', '--no-install-recommends', ...names], { env });
  if (install.code !== 0) throw new Error(`apt-get install ${names.join(' ')} failed: ${describeFailure(install)}`);
  return names;
}

/**
 * @param {import('./resolve-runtime.mjs').Runtime} runtime
 * @returns {Promise<{ packages: string[], reasons: string[] }>}
 */
async function missingPackages(runtime) {
  const [electron, mongod] = await Promise.all([missingLibraries(runtime.electron), missingLibraries(runtime.mongod)]);
  /** @type {string[]} */
  const packages = [];
  /** @type {string[]} */
  const reasons = [];
  if (electron.length > 0) {
    packages.push(...electronPackages);
    reasons.push(`Electron needs ${electron.join(', ')}`);
  }
  if (mongod.length > 0) {
    packages.push(...mongodPackages);
    reasons.push(`mongod needs ${mongod.join(', ')}`);
  }
  if (!hasDisplay(process.env) && findProgram('Xvfb') === null) {
    packages.push(...displayPackages);
    reasons.push('there is no display and no Xvfb');
  }
  return { packages, reasons };
}

/**
 * @param {string | null} program
 * @returns {Promise<string[]>} names of the shared libraries the loader does not find
 */
async function missingLibraries(program) {
  if (program === null) return [];
  const result = await run('ldd', [program], { timeoutMs: 20_000 });
  return parseMissingLibraries(result.stdout);
}

/**
 * @param {string} output of ldd
 * @returns {string[]}
 */
export function parseMissingLibraries(output) {
  return output
    .split('\n')
    .map((line) => /^\s*(\S+) => not found/.exec(line)?.[1])
    .filter((name) => name !== undefined);
}

/**
 * @param {Record<string, string | undefined>} environment
 * @returns {boolean} whether a window can be shown without a display server of our own
 */
export function hasDisplay(environment) {
  if (process.platform !== 'linux') return true;
  return Boolean(environment['DISPLAY']) || Boolean(environment['WAYLAND_DISPLAY']);
}

/**
 * @param {readonly string[]} packages
 * @returns {Promise<string[]>} the names this distribution's release has for them
 */
async function currentNames(packages) {
  if (findProgram('apt-cache') === null) return [...packages];
  return Promise.all(
    packages.map(async (name) => {
      if (!renamed.has(name)) return name;
      const result = await run('apt-cache', ['show', '--no-all-versions', `${name}t64`], { timeoutMs: 20_000 });
      return result.code === 0 && result.stdout.includes('Package:') ? `${name}t64` : name;
    }),
  );
}

/**
 * @param {readonly string[]} packages Debian's names
 * @returns {string}
 */
export function installLine(packages) {
  if (findProgram('apt-get') !== null) {
    return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  }
  if (findProgram('dnf') !== null) {
    return 'sudo dnf install -y gtk3 alsa-lib mesa-libgbm nss libXScrnSaver at-spi2-atk cups-libs libdrm libcurl openssl-libs xz-libs xorg-x11-server-Xvfb xorg-x11-xauth';
  }
  if (findProgram('pacman') !== null) {
    return 'sudo pacman -S --needed gtk3 alsa-lib mesa nss libxss at-spi2-core libcups libdrm curl openssl xz xorg-server-xvfb xorg-xauth';
  }
  return `install what your system calls ${packages.join(' ')}`;
}

/**
 * Chromium's sandbox needs user namespaces for everybody or a setuid helper; without either Electron stops at once.
 * @param {string} electronExecutable
 * @returns {string | null} what to type, or null when the sandbox can work
 */
export function sandboxAdvice(electronExecutable) {
  if (process.platform !== 'linux' || process.getuid?.() === 0) return null;
  const restricted =
    readFlag('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1' ||
    readFlag('/proc/sys/kernel/unprivileged_userns_clone') === '0' ||
    readFlag('/proc/sys/user/max_user_namespaces') === '0';
  if (!restricted) return null;
  const helper = join(electronExecutable, '..', 'chrome-sandbox');
  return `sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`;
}

/**
 * @param {string} file
 * @returns {string | null}
 */
function readFlag(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
