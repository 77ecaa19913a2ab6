/** Lifeboat's command line as a script calls it: its own process, exit code, stdout and stderr apart. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { applicationFolder } from '../fixtures';

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Everything on stdout as one JSON document; throws where it is anything else. */
  json<Shape>(): Shape;
}

export interface RunningCommand {
  pid: number;
  /** Resolves with the first line of stderr that matches; rejects when the command ends without one. */
  says(pattern: RegExp): Promise<string>;
  interrupt(signal?: NodeJS.Signals): void;
  ended: Promise<CommandResult>;
}

interface CommandOptions {
  dataFolder: string;
  env?: Record<string, string>;
}

/** What the user running the tests has set for themselves must not change them. */
const personal = ['LIFEBOAT_HOME', 'LIFEBOAT_URI', 'LIFEBOAT_PASSPHRASE_FILE'];

export function startCommand(args: readonly string[], { dataFolder, env = {} }: CommandOptions): RunningCommand {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of personal) delete environment[name];
  const child = spawn(process.execPath, [join(applicationFolder, 'cli.cjs'), ...args], {
    env: { ...environment, LIFEBOAT_HOME: dataFolder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return follow(child);
}

export async function runCommand(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return startCommand(args, options).ended;
}

function follow(child: ChildProcess): RunningCommand {
  let stdout = '';
  let stderr = '';
  let ended = false;
  const watchers = new Set<() => void>();
  const tell = (): void => watchers.forEach((look) => look());
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    tell();
  });
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      ended = true;
      tell();
      resolve({ code, stdout, stderr, json: <Shape>() => JSON.parse(stdout) as Shape });
    });
  });
  return {
    pid: child.pid ?? 0,
    ended: result,
    interrupt: (signal = 'SIGINT') => void child.kill(signal),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = stderr.split('\n').find((text) => pattern.test(text));
          if (line === undefined && !ended) return;
          watchers.delete(look);
          if (line !== undefined) resolve(line);
          else reject(new Error(`The command ended without saying ${String(pattern)}:\n${stderr.slice(-2000)}`));
        };
        watchers.add(look);
        look();
      }),
  };
}
