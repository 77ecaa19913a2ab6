/**
 * The runtime cache: one folder per artefact, version and platform, shared by every checkout of this user.
 *
 *   <cache>/electron/22.3.25-linux-x64/electron
 *   <cache>/mongod/6.0.5-linux-x64/bin/mongod
 *   <cache>/database-tools/100.7.0-linux-x64/bin/{mongodump,mongorestore}
 *
 * A folder counts only when it holds `complete.json`, which is written last, before the folder gets its final name.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * What is known of an installed artefact.
 * @typedef {object} Completion
 * @property {string} name
 * @property {string} version
 * @property {string} platform for example `linux-x64`
 * @property {string} source where it was taken from, in words
 * @property {string} sha256 of the downloaded file, hexadecimal
 * @property {number} revision of our own unpacking recipe
 * @property {string} completedAt ISO 8601, UTC
 */

/**
 * The folder that holds everything set-up downloads.
 * @param {Record<string, string | undefined>} [environment]
 * @param {NodeJS.Platform} [platform]
 * @returns {string} an absolute path; it may not exist yet
 */
export function cacheRoot(environment = process.env, platform = process.platform) {
  if (environment['LIFEBOAT_CACHE']) return resolve(environment['LIFEBOAT_CACHE']);
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'lifeboat');
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'lifeboat', 'Cache');
  }
  const base = environment['XDG_CACHE_HOME'];
  // The XDG specification tells programs to ignore a relative path here.
  return join(base !== undefined && base.startsWith('/') ? base : join(homedir(), '.cache'), 'lifeboat');
}

/** @returns {string} for example `linux-x64` */
export function platformKey() {
  return `${process.platform}-${process.arch}`;
}

/** @returns {string} the folder where downloads wait, whole or in part, until they are unpacked */
export function downloadsFolder() {
  return join(cacheRoot(), 'downloads');
}

/**
 * @param {string} name
 * @param {string} version
 * @returns {string} the folder this artefact has when it is complete
 */
export function artefactFolder(name, version) {
  return join(cacheRoot(), name, `${version}-${platformKey()}`);
}

/**
 * @param {string} folder
 * @param {number} [revision] the unpacking recipe's revision the caller needs
 * @returns {Completion | null} null when the folder is missing, unfinished, or made by another recipe
 */
export function readCompletion(folder, revision = 1) {
  try {
    const completion = JSON.parse(readFileSync(join(folder, 'complete.json'), 'utf8'));
    return completion.revision === revision ? completion : null;
  } catch {
    return null;
  }
}

/**
 * Fills a new folder beside the final one, makes it durable, and gives it its final name in one step. When somebody else
 * finished the same artefact meanwhile, theirs stays and ours is dropped.
 * @param {string} name
 * @param {string} version
 * @param {number} revision
 * @param {(places: { folder: string, work: string }) => Promise<{ source: string, sha256: string }>} fill writes the
 *   artefact into `folder`; `work` is scratch space on the same disk
 * @returns {Promise<Completion>}
 */
export async function installArtefact(name, version, revision, fill) {
  const final = artefactFolder(name, version);
  const parent = join(cacheRoot(), name);
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const incoming = join(parent, `.incoming-${process.pid}-${randomBytes(4).toString('hex')}`);
  const folder = join(incoming, 'artefact');
  const work = join(incoming, 'work');
  try {
    await mkdir(folder, { recursive: true });
    await mkdir(work);
    const { source, sha256 } = await fill({ folder, work });
    await syncTree(folder);
    /** @type {Completion} */
    const completion = {
      name,
      version,
      platform: platformKey(),
      source,
      sha256,
      revision,
      completedAt: new Date().toISOString(),
    };
    await writeFile(join(folder, 'complete.json'), `${JSON.stringify(completion, null, 2)}\n`);
    await syncPath(join(folder, 'complete.json'));
    await syncPath(folder);
    await moveIntoPlace(folder, final, incoming, revision);
    await syncPath(parent);
    return /** @type {Completion} */ (readCompletion(final, revision));
  } finally {
    await rm(incoming, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * @param {string} folder
 * @param {string} final
 * @param {string} incoming
 * @param {number} revision
 */
async function moveIntoPlace(folder, final, incoming, revision) {
  if (existsSync(final) && readCompletion(final, revision) === null) {
    await rename(final, join(incoming, 'replaced'));
  }
  try {
    await rename(folder, final);
  } catch (error) {
    if (readCompletion(final, revision) === null) throw error;
  }
}

/**
 * Removes what killed set-ups left behind.
 * @param {string} parent
 */
async function removeAbandoned(parent) {
  for (const entry of await readdir(parent)) {
    const owner = /^\.incoming-(\d+)-/.exec(entry)?.[1];
    if (owner === undefined) continue;
    const path = join(parent, entry);
    const information = await stat(path).catch(() => null);
    const old = information !== null && Date.now() - information.mtimeMs > 24 * 3600 * 1000;
    if (old || !isAlive(Number(owner))) await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Makes a whole tree durable: without this, a power cut may leave a complete-looking folder of empty files.
 * @param {string} folder
 */
async function syncTree(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncPath(path);
  }
  await syncPath(folder);
}

/** @param {string} path */
async function syncPath(path) {
  // Windows can neither open a folder nor sync a file that is open for reading only.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
