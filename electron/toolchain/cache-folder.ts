/** The user's cache folder, where set-up keeps the programs it fetched and Lifeboat keeps what it can make again. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** An absolute path; `LIFEBOAT_CACHE` overrides. It may not exist yet. */
export function cacheFolder(): string {
  const explicit = process.env['LIFEBOAT_CACHE'];
  if (explicit) return resolve(explicit);
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library', 'Caches', 'lifeboat');
    case 'win32':
      return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'lifeboat', 'Cache');
    default: {
      const base = process.env['XDG_CACHE_HOME'];
      // The XDG specification tells programs to ignore a relative path here.
      return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'lifeboat');
    }
  }
}

/** The last part of the names of folders for this machine: `linux-x64`. */
export function platformKey(): string {
  return `${process.platform}-${process.arch}`;
}
