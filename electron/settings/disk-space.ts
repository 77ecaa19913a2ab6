/** Free space of the disk that holds a folder. */
import * as fs from 'node:fs/promises';
import { runTool } from '../platform/spawn-tool';

type Statfs = (path: string) => Promise<{ bavail: number; bsize: number }>;

/**
 * Bytes a user may still write there; null when nobody can tell. Node has statfs since 18.15; under the older one of
 * Electron 22 (Linux and macOS only) `df` is asked.
 */
export async function freeBytes(folder: string): Promise<number | null> {
  const statfs: unknown = Reflect.get(fs, 'statfs');
  try {
    if (typeof statfs === 'function') {
      const { bavail, bsize } = await (statfs as Statfs)(folder);
      return bavail * bsize;
    }
    if (process.platform === 'win32') return null;
    const { code, stdout } = await runTool({ path: 'df', args: ['-Pk', '--', folder], env: { LC_ALL: 'C' } });
    return code === 0 ? parseDf(stdout) : null;
  } catch {
    return null;
  }
}

/** The "available" column of POSIX `df -Pk` (units of 1024 bytes), whatever blanks the device and mount names hold. */
export function parseDf(output: string): number | null {
  const line = output.trim().split('\n')[1] ?? '';
  const match = /\s\d+\s+\d+\s+(-?\d+)\s+\d+%\s/.exec(`${line} `);
  return match ? Math.max(0, Number(match[1])) * 1024 : null;
}
