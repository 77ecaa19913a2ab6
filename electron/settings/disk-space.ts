/** Free space of the disk that holds a folder. */
import * as fs from 'node:fs/promises';
import { runTool } from '../platform/spawn-tool';

type Statfs = (path: string) => Promise<{ bavail: number; bfree: number; blocks: number; bsize: number }>;

/**
 * Bytes a user may still write there; null when nobody can tell. Node has statfs since 18.15; under the older one of
 * Electron 22 (Linux and macOS only) `df` is asked.
 */
export async function freeBytes(folder: string): Promise<number | null> {
  const told = await askDisk(folder);
  if (told === null) return null;
  return typeof told === 'string' ? parseDf(told) : told.bavail * told.bsize;
}

/** How much of the disk is used, in percent of what a user may fill; null when nobody can tell. */
export async function usedPercent(folder: string): Promise<number | null> {
  const told = await askDisk(folder);
  if (told === null) return null;
  if (typeof told === 'string') return parseUsedPercent(told);
  const used = told.blocks - told.bfree;
  return used + told.bavail <= 0 ? null : (used / (used + told.bavail)) * 100;
}

/** What statfs or `df` says of it. */
async function askDisk(folder: string): Promise<Awaited<ReturnType<Statfs>> | string | null> {
  const statfs: unknown = Reflect.get(fs, 'statfs');
  try {
    if (typeof statfs === 'function') return await (statfs as Statfs)(folder);
    if (process.platform === 'win32') return null;
    const { code, stdout } = await runTool({ path: 'df', args: ['-Pk', '--', folder], env: { LC_ALL: 'C' } });
    return code === 0 ? stdout : null;
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

/** From the "used" and "available" columns of the same, whose own percentage is rounded up. */
export function parseUsedPercent(output: string): number | null {
  const line = output.trim().split('\n')[1] ?? '';
  const match = /\s\d+\s+(\d+)\s+(-?\d+)\s+\d+%\s/.exec(`${line} `);
  if (!match) return null;
  const used = Number(match[1]);
  const available = Math.max(0, Number(match[2]));
  return used + available <= 0 ? null : (used / (used + available)) * 100;
}
