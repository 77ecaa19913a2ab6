/** Starts child-entry.ts in a Node of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from './bundle-worker';
import { temporaryFolder } from './temporary-folder';

let bundled: Promise<string> | undefined;

export interface TestChild {
  pid: number;
  /** Resolves with the first line that starts with `prefix`; rejects when the process ends without it. */
  line(prefix: string): Promise<string>;
  /** What it wrote so far, line by line. */
  lines: readonly string[];
  /** Resolves with its exit code (null after a signal) and what it wrote to stderr. */
  ended: Promise<{ code: number | null; stderr: string }>;
  /** SIGKILL: no handler of the child runs. */
  kill(): Promise<void>;
}

export async function startChild(command: string, ...args: string[]): Promise<TestChild> {
  const entry = join(dirname(fileURLToPath(import.meta.url)), 'child-entry.ts');
  bundled ??= bundleWorker(entry, temporaryFolder('child'), 'child');
  const child: ChildProcess = spawn(process.execPath, [await bundled, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let rest = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    waiting.forEach((look) => look());
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stderr });
      waiting.forEach((look) => look());
    });
  });
  return {
    pid: child.pid ?? 0,
    lines,
    line: (prefix) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.startsWith(prefix));
          if (found !== undefined) resolve(found);
          else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`Child ended: ${stderr}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
