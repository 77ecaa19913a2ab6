/** Whether a part of the build is current: a hash over the bytes of everything it is made from. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Tests and generated sources change without changing what is built. */
const ignored = /\.(test|generated)\.tsx?$|\.test\.mjs$|^\.|\.tmp$/;

/** @type {Map<string, string>} one build asks for the same folders more than once */
const contentHashes = new Map();

/**
 * @param {string} repository
 * @param {readonly string[]} inputs files or folders below it; missing ones count as missing
 * @param {string} mode
 * @returns {string}
 */
export function hashInputs(repository, inputs, mode) {
  const hash = createHash('sha256');
  hash.update(`${mode}\0`);
  for (const input of inputs) hash.update(`${input}\0${hashPath(join(repository, input))}\0`);
  return hash.digest('hex');
}

/** Forgets what was read, for a process that builds again after sources changed. */
export function forgetInputs() {
  contentHashes.clear();
}

/**
 * @param {string} path
 * @returns {string}
 */
function hashPath(path) {
  const known = contentHashes.get(path);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  try {
    const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (ignored.test(entry.name)) continue;
      const inside = join(path, entry.name);
      hash.update(`${entry.name}\0`);
      hash.update(entry.isDirectory() ? hashPath(inside) : readFileSync(inside));
      hash.update('\0');
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !['ENOTDIR', 'ENOENT'].includes(String(error.code)))
      throw error;
    if (error.code === 'ENOTDIR') hash.update(readFileSync(path));
  }
  const digest = hash.digest('hex');
  contentHashes.set(path, digest);
  return digest;
}

/**
 * @param {string} output
 * @param {string} part
 * @param {string} hash
 * @param {readonly string[]} outputs
 * @returns {boolean}
 */
export function partIsCurrent(output, part, hash, outputs) {
  try {
    return (
      readFileSync(stampFile(output, part), 'utf8') === hash && outputs.every((name) => existsSync(join(output, name)))
    );
  } catch {
    return false;
  }
}

/**
 * @param {string} output
 * @param {string} part
 * @param {string} hash
 */
export async function recordPart(output, part, hash) {
  await mkdir(join(output, '.stamps'), { recursive: true });
  const temporary = `${stampFile(output, part)}.${process.pid}`;
  await writeFile(temporary, hash);
  await rename(temporary, stampFile(output, part));
}

/**
 * @param {string} output
 * @param {string} part
 * @returns {string}
 */
function stampFile(output, part) {
  return join(output, '.stamps', part);
}
