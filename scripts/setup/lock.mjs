/**
 * A lock between processes, so that two set-ups do not download the same hundred megabytes. It only saves work: what must
 * be atomic is the rename in `installArtefact`.
 */
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './cache.mjs';

const heartbeatMs = 2_000;
const staleMs = 20_000;

/**
 * @template T
 * @param {string} path the lock is this folder
 * @param {() => Promise<T>} action
 * @param {(holder: string) => void} [onWait] called once when somebody else holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(path, action, onWait = () => {}) {
  await mkdir(dirname(path), { recursive: true });
  let told = false;
  while (!(await tryAcquire(path))) {
    if (await isStale(path)) {
      // Renamed before it is removed, so that of several waiters only one takes a stale lock away.
      const aside = `${path}.stale-${randomBytes(4).toString('hex')}`;
      await rename(path, aside).catch(() => {});
      await rm(aside, { recursive: true, force: true });
      continue;
    }
    if (!told) onWait(await describeHolder(path));
    told = true;
    await sleep(200);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, heartbeatMs);
  heartbeat.unref();
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { recursive: true, force: true });
  }
}

/**
 * @param {string} path
 * @returns {Promise<boolean>}
 */
async function tryAcquire(path) {
  try {
    await mkdir(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(path, 'owner.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
  return true;
}

/**
 * @param {string} path
 * @returns {Promise<boolean>}
 */
async function isStale(path) {
  const information = await stat(path).catch(() => null);
  if (information === null) return false;
  if (Date.now() - information.mtimeMs > staleMs) return true;
  const owner = await readOwner(path);
  return owner !== null && owner.host === hostname() && !isAlive(owner.pid);
}

/**
 * @param {string} path
 * @returns {Promise<{ pid: number, host: string } | null>}
 */
async function readOwner(path) {
  try {
    return JSON.parse(await readFile(join(path, 'owner.json'), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @returns {Promise<string>}
 */
async function describeHolder(path) {
  const owner = await readOwner(path);
  return owner === null ? 'another process' : `process ${owner.pid} on ${owner.host}`;
}
