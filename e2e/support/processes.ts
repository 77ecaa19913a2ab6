/** Processes of this machine, by their ids: what still runs for a data folder, and what each could tell about secrets. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from '@playwright/test';

export function isRunning(pid: number): boolean {
  try {
    // A zombie has ended: only its parent has not asked for it yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Resolves when the process is gone. */
export async function hasEnded(pid: number, timeout = 30_000): Promise<void> {
  await expect.poll(() => isRunning(pid), { message: `process ${pid} ends`, timeout, intervals: [20] }).toBe(false);
}

/** Null where the process has ended, or belongs to somebody else. */
function readProcessFile(pid: number, name: 'cmdline' | 'environ'): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return null;
  }
}

export function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function commandLineOf(pid: number): string {
  return (readProcessFile(pid, 'cmdline') ?? '').split('\0').join(' ').trim();
}

/** Command lines, by process id, of what mentions the folder in its arguments: mongods and tools of a data folder. */
export function processesUsing(folder: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const pid of allProcesses()) {
    if (pid === process.pid || !isRunning(pid)) continue;
    const commandLine = commandLineOf(pid);
    if (commandLine.includes(folder)) found.set(pid, commandLine);
  }
  return found;
}

/**
 * Looks, again and again until `work` is done, whether a secret stands in the arguments or the environment of any process
 * other than this one and those in `except`. Returns what was found, and how many processes of which programs were seen.
 */
export async function watchForSecret(
  secret: string,
  except: readonly number[],
  work: () => Promise<void>,
): Promise<{ leaks: string[]; programs: Set<string> }> {
  const leaks = new Set<string>();
  const programs = new Set<string>();
  const spared = new Set([process.pid, ...except]);
  const look = (): void => {
    for (const pid of allProcesses()) {
      if (spared.has(pid)) continue;
      const commandLine = readProcessFile(pid, 'cmdline');
      if (commandLine === null || commandLine === '') continue;
      const program = commandLine.split('\0')[0]?.split('/').pop() ?? '';
      programs.add(program);
      if (commandLine.includes(secret)) leaks.add(`arguments of ${program}`);
      if (readProcessFile(pid, 'environ')?.includes(secret)) leaks.add(`environment of ${program}`);
    }
  };
  const timer = setInterval(look, 10);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  look();
  return { leaks: [...leaks], programs };
}
