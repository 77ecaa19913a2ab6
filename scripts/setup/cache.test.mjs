import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { artefactFolder, cacheRoot, installArtefact, platformKey, readCompletion } from './cache.mjs';
import { installedFolder, provideArtefact } from './artefacts.mjs';
import { SourceRefused } from './http-download.mjs';
import { withLock } from './lock.mjs';

/** @type {string} */
let cache;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'lifeboat-cache-'));
  vi.stubEnv('LIFEBOAT_CACHE', cache);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

/**
 * @param {string} content
 * @returns {(places: { folder: string }) => Promise<{ source: string, sha256: string, downloads: string[] }>}
 */
function filling(content) {
  return async ({ folder }) => {
    await writeFile(join(folder, 'program'), content);
    return { source: 'a test', sha256: '00', downloads: [] };
  };
}

test('the cache is where each system keeps caches, unless LIFEBOAT_CACHE says otherwise', () => {
  expect(cacheRoot({ LIFEBOAT_CACHE: '/elsewhere' }, 'linux')).toBe('/elsewhere');
  expect(cacheRoot({ XDG_CACHE_HOME: '/caches' }, 'linux')).toBe('/caches/lifeboat');
  expect(cacheRoot({ XDG_CACHE_HOME: 'relative' }, 'linux')).toMatch(/\/\.cache\/lifeboat$/);
  expect(cacheRoot({}, 'darwin')).toMatch(/Library\/Caches\/lifeboat$/);
  expect(cacheRoot({ LOCALAPPDATA: '/local' }, 'win32')).toBe('/local/lifeboat/Cache');
});

test('an artefact appears whole, with a note of where it came from', async () => {
  const completion = await installArtefact('tool', '1.0', 1, filling('whole'));
  const folder = artefactFolder('tool', '1.0');
  expect(folder).toBe(join(cache, 'tool', `1.0-${platformKey()}`));
  expect(await readFile(join(folder, 'program'), 'utf8')).toBe('whole');
  expect(completion).toMatchObject({ name: 'tool', version: '1.0', source: 'a test', sha256: '00' });
  expect(readCompletion(folder)).toEqual(completion);
  expect(readCompletion(folder, 2)).toBeNull();
});

test('an unpacking that fails leaves nothing behind', async () => {
  const failing = installArtefact('tool', '1.0', 1, async ({ folder, work }) => {
    await writeFile(join(folder, 'program'), 'half');
    await writeFile(join(work, 'scratch'), 'half');
    throw new Error('disk full');
  });
  await expect(failing).rejects.toThrow('disk full');
  expect(await readdir(join(cache, 'tool'))).toEqual([]);
});

test('an unpacking killed in the middle never looks complete, and the next one clears it away', async () => {
  const module = join(dirname(fileURLToPath(import.meta.url)), 'cache.mjs');
  const script = `
    import { writeFileSync } from 'node:fs';
    const { installArtefact } = await import(${JSON.stringify(module)});
    await installArtefact('tool', '1.0', 1, async ({ folder }) => {
      writeFileSync(folder + '/program', 'half');
      console.log('half way');
      await new Promise((done) => setTimeout(done, 60_000));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((done) => child.stdout.once('data', done));
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
  expect(await readdir(join(cache, 'tool'))).toHaveLength(1);
  expect(readCompletion(artefactFolder('tool', '1.0'))).toBeNull();
  expect(existsSync(artefactFolder('tool', '1.0'))).toBe(false);

  await installArtefact('tool', '1.0', 1, filling('whole'));
  expect(await readdir(join(cache, 'tool'))).toEqual([`1.0-${platformKey()}`]);
});

test('a folder without its completion note is replaced', async () => {
  const folder = artefactFolder('tool', '1.0');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'program'), 'half');
  expect(readCompletion(folder)).toBeNull();
  await installArtefact('tool', '1.0', 1, filling('whole'));
  expect(await readFile(join(folder, 'program'), 'utf8')).toBe('whole');
});

test('two set-ups that finish the same artefact at once both succeed', async () => {
  const both = await Promise.all([
    installArtefact('tool', '1.0', 1, filling('one')),
    installArtefact('tool', '1.0', 1, filling('two')),
  ]);
  expect(both[0]).toEqual(both[1]);
  expect(await readdir(join(cache, 'tool'))).toEqual([`1.0-${platformKey()}`]);
});

/**
 * @param {import('./artefacts.mjs').Source[]} sources
 * @returns {import('./artefacts.mjs').Artefact}
 */
function artefact(...sources) {
  return { name: 'mongod', title: 'mongod', programs: { LIFEBOAT_MONGOD: 'program' }, sources };
}

/**
 * @param {string} version
 * @param {import('./artefacts.mjs').Source['fill']} fill
 * @returns {import('./artefacts.mjs').Source}
 */
function source(version, fill) {
  return { version, label: `source of ${version}`, available: true, revision: 1, fill };
}

const refusing = source('2.0', async () => {
  throw new SourceRefused('no route');
});

test('the second source is used where the first refuses, and is told', async () => {
  /** @type {string[]} */
  const lines = [];
  const wanted = artefact(refusing, source('1.0', filling('second')));
  const folder = await provideArtefact(wanted, (line) => lines.push(line));
  expect(folder).toBe(artefactFolder('mongod', '1.0'));
  expect(lines[0]).toBe('mongod 2.0: not from source of 2.0 (no route)');
  expect(lines[1]).toMatch(/^mongod 1\.0: taken from source of 1\.0 in /);
  // Present now: neither source is asked again.
  expect(await provideArtefact(artefact(refusing, source('1.0', refusing.fill)), (line) => lines.push(line))).toBe(
    folder,
  );
  expect(lines).toHaveLength(2);
});

test('when no source has it, the message names each reason and the way out', async () => {
  await expect(provideArtefact(artefact(refusing), () => {})).rejects.toThrow(
    /source of 2\.0: no route[\s\S]*LIFEBOAT_MONGOD/,
  );
  expect(installedFolder(artefact(refusing))).toBeNull();
});

test('only one of two set-ups at once does the work', async () => {
  let filled = 0;
  const wanted = artefact(
    source('1.0', async ({ folder }) => {
      filled += 1;
      await sleep(300);
      await writeFile(join(folder, 'program'), 'once');
      return { sha256: '00', downloads: [] };
    }),
  );
  await Promise.all([provideArtefact(wanted, () => {}), provideArtefact(wanted, () => {})]);
  expect(filled).toBe(1);
});

test('a lock left by a killed process is taken over', async () => {
  const lock = join(cache, 'lock');
  await mkdir(lock);
  await writeFile(join(lock, 'owner.json'), JSON.stringify({ pid: 4_000_000, host: 'elsewhere' }));
  const long = new Date(Date.now() - 3600_000);
  await utimes(lock, long, long);
  expect(await withLock(lock, async () => 'done')).toBe('done');
  expect(existsSync(lock)).toBe(false);
});
