/** Tells a process from a later one that was given the same number. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { toolEnvironment } from './tool-environment';

export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  /** When it started, in words of the operating system; only ever compared. Empty when it could not be told. */
  startedAt: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

let bootId: string | undefined;

function readBootId(): string {
  if (bootId === undefined) {
    try {
      bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    } catch {
      bootId = '';
    }
  }
  return bootId;
}

interface Started {
  startedAt: string;
  /** Ended, but its parent has not taken notice. */
  zombie: boolean;
}

function startOnLinux(pid: number): Started | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The command name is in parentheses and may itself hold blanks and parentheses; the state follows the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // proc(5): field 3 is the state, field 22 the start time in clock ticks since boot.
  return { startedAt: `${readBootId()}/${fields[19] ?? ''}`, zombie: fields[0] === 'Z' || fields[0] === 'X' };
}

function startByCommand(pid: number): Started | null {
  const [command, args] =
    process.platform === 'win32'
      ? [
          'powershell.exe',
          ['-NoProfile', '-NonInteractive', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`],
        ]
      : ['/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)]];
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 10_000,
    windowsHide: true,
    env: toolEnvironment({ LC_ALL: 'C', TZ: 'UTC' }),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (status === null) return { startedAt: '', zombie: false };
  const text = stdout.trim();
  if (status !== 0 || text === '') return null;
  if (process.platform === 'win32') return { startedAt: text, zombie: false };
  const [state = '', ...start] = text.split(/\s+/);
  return { startedAt: start.join(' '), zombie: state.startsWith('Z') };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The identity of a running process; null when there is none with this number. */
export function identifyProcess(pid: number): ProcessIdentity | null {
  if (!Number.isInteger(pid) || pid <= 0 || !exists(pid)) return null;
  const started = process.platform === 'linux' ? startOnLinux(pid) : startByCommand(pid);
  return started === null || started.zombie ? null : { pid, startedAt: started.startedAt };
}

let own: ProcessIdentity | undefined;

/** This process. */
export function processIdentity(): ProcessIdentity {
  own ??= identifyProcess(process.pid) ?? { pid: process.pid, startedAt: '' };
  return own;
}

/** Whether that very process still runs: a later one with the same number does not count, nor does a zombie. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  if (own && identity.pid === own.pid) return identity.startedAt === own.startedAt || identity.startedAt === '';
  const now = identifyProcess(identity.pid);
  if (now === null) return false;
  return now.startedAt === identity.startedAt || now.startedAt === '' || identity.startedAt === '';
}
