/** The processes that work in a folder, found by their command line: a recorded number may belong to another one by now. */
import { readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { runTool } from '../platform/spawn-tool';

interface RunningProcess {
  pid: number;
  commandLine: string;
}

function processesOnLinux(): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      found.push({ pid: Number(name), commandLine: readFileSync(`/proc/${name}/cmdline`, 'utf8') });
    } catch {
      // It ended meanwhile, or is another user's.
    }
  }
  return found;
}

async function processesByCommand(): Promise<RunningProcess[]> {
  const { stdout } =
    process.platform === 'win32'
      ? await runTool({
          path: 'powershell.exe',
          args: [
            '-NoProfile',
            '-NonInteractive',
            '-Command',
            'Get-CimInstance Win32_Process -Filter "Name=\'mongod.exe\'" | ForEach-Object { "$($_.ProcessId) $($_.CommandLine)" }',
          ],
        })
      : await runTool({ path: '/bin/ps', args: ['-axww', '-o', 'pid=,command='] });
  return stdout.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*(\d+)\s(.*)$/.exec(line);
    return match?.[1] && match[2] ? [{ pid: Number(match[1]), commandLine: match[2] }] : [];
  });
}

/** Numbers of the mongods whose data is below `folder` (an absolute path). */
export async function findMongods(folder: string): Promise<number[]> {
  const running = process.platform === 'linux' ? processesOnLinux() : await processesByCommand();
  const inside = folder.endsWith(sep) ? folder : `${folder}${sep}`;
  return running
    .filter(
      ({ pid, commandLine }) => pid !== process.pid && commandLine.includes('--dbpath') && commandLine.includes(inside),
    )
    .map(({ pid }) => pid);
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** SIGKILL to every mongod in `folder`, again and again until none is left; false when some would not go. */
export async function killMongods(folder: string): Promise<boolean> {
  for (const end = Date.now() + 10_000; ; await pause(25)) {
    const pids = await findMongods(folder);
    if (pids.length === 0) return true;
    if (Date.now() > end) return false;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
  }
}
