/** Runs the bundled command line in a process of its own, as scripts do. */
import { spawn } from 'node:child_process';

export interface CommandLineResult {
  /** Null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `program`: the bundle of `electron/cli/index.ts`; `environment` is added to this process's own. */
export function runCommandLine(
  program: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<CommandLineResult> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
