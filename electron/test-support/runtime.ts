/** Where tests find real MongoDB programs: environment variables, else the cache folder that set-up fills. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Program = 'mongod' | 'mongodump' | 'mongorestore';

const variables: Record<Program, string> = {
  mongod: 'LIFEBOAT_MONGOD',
  mongodump: 'LIFEBOAT_MONGODUMP',
  mongorestore: 'LIFEBOAT_MONGORESTORE',
};

function cacheFolder(): string {
  const explicit = process.env['LIFEBOAT_CACHE'];
  if (explicit) return explicit;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'lifeboat');
  if (process.platform === 'win32') {
    return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'lifeboat', 'Cache');
  }
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lifeboat');
}

/** `<cache>/<kind>/<version>-<platform>/bin/<program>` of the newest version that is complete. */
function findInCache(program: Program): string | null {
  const kind = join(cacheFolder(), program === 'mongod' ? 'mongod' : 'database-tools');
  const file = process.platform === 'win32' ? `${program}.exe` : program;
  if (!existsSync(kind)) return null;
  const newestFirst = readdirSync(kind).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const version of newestFirst) {
    const path = join(kind, version, 'bin', file);
    if (existsSync(path) && existsSync(join(kind, version, 'complete.json'))) return path;
  }
  return null;
}

function find(program: Program): string | null {
  const explicit = process.env[variables[program]];
  if (explicit) return existsSync(explicit) ? explicit : null;
  return findInCache(program);
}

/** Path of the mongod that tests run. Throws naming the variable to set when there is none. */
export function testMongodPath(): string {
  const path = find('mongod');
  if (!path) throw new Error('No mongod for tests: run the set-up (npm test does) or set LIFEBOAT_MONGOD.');
  return path;
}

export type TestTools = { mongodump: string; mongorestore: string; skip: null } | { skip: string };

/** The database tools, or why tests that need them cannot run: `describe.skipIf(tools.skip)`. */
export function testTools(): TestTools {
  const mongodump = find('mongodump');
  const mongorestore = find('mongorestore');
  if (mongodump && mongorestore) return { mongodump, mongorestore, skip: null };
  return { skip: 'mongodump and mongorestore were not found: set LIFEBOAT_MONGODUMP and LIFEBOAT_MONGORESTORE' };
}

/** As {@link testTools}, throwing when there are none. */
export function requireTestTools(): { mongodump: string; mongorestore: string } {
  const tools = testTools();
  if (tools.skip !== null) throw new Error(tools.skip);
  return tools;
}
