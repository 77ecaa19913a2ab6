/** The one place that starts programs: an argument array, no shell, no secrets in arguments or environment. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { isAbsolute } from 'node:path';
import { PassThrough, pipeline, type Readable, type Writable } from 'node:stream';
import { AppFailure, fail } from '../../shared/result';
import { createLineSplitter } from './line-splitter';
import { endToolTree, forgetTool, rememberTool } from './live-tools';
import { redactText } from './redact';
import { toolEnvironment } from './tool-environment';

export interface ToolRun {
  /** Absolute path, or a name to be found on PATH. */
  path: string;
  args: string[];
  /** Added to the allow-listed environment of toolEnvironment(); never put secrets here. */
  env?: Record<string, string>;
  workingFolder?: string;
  /** Abort → SIGTERM to the process and its children, SIGKILL after `killAfterMs`. */
  signal?: AbortSignal;
  /** Milliseconds; 5000 by default. */
  killAfterMs?: number;
  /** When given, `done` rejects for every other end: 'cancelled' if aborted, else 'tool-failed' with the stderr tail. */
  okExitCodes?: number[];
  /** 'ignore' by default. 'pipe': through `onStdoutChunk` or, without it, `RunningTool.stdout`, which must be read. */
  stdout?: 'ignore' | 'pipe' | 'lines';
  onStdoutChunk?: (chunk: Buffer) => void;
  /** With `stdout: 'lines'`. Clean and redacted as those of stderr. */
  onStdoutLine?: (line: string) => void;
  /** Each line of stderr without control characters and secrets. */
  onStderrLine?: (line: string) => void;
  /** 'ignore' by default. */
  stdin?: NodeJS.ReadableStream | 'ignore' | 'pipe';
  /** Masked in everything the tool says, besides what redactText() recognises by itself. */
  secrets?: readonly string[];
}

export interface ToolExit {
  code: number | null;
  signal: string | null;
  /** Last 64 KiB of stderr, redacted. */
  stderrTail: string;
}

export interface RunningTool {
  pid: number;
  stdout: Readable | null;
  stdin: Writable | null;
  /** Settles only when the process is gone and its streams are closed. */
  done: Promise<ToolExit>;
}

const tailLength = 64 * 1024;
/** Milliseconds that a dead tool's streams may stay open (a grandchild may hold them). */
const streamGrace = 2000;

function unusable(path: string, reason: string): AppFailure {
  return new AppFailure({
    code: 'tool-unusable',
    message: `${path} cannot be run: ${reason}.`,
    hint: 'Choose another file under Settings, Tools, or make this one executable.',
  });
}

function missing(path: string): AppFailure {
  return new AppFailure({
    code: 'tool-missing',
    message: `${path} was not found.`,
    hint: 'Install the MongoDB Database Tools or choose the file under Settings, Tools.',
  });
}

function spawnFailure(error: NodeJS.ErrnoException, path: string): AppFailure {
  switch (error.code) {
    case 'ENOENT':
      return missing(path);
    case 'EACCES':
    case 'EPERM':
      return unusable(path, 'it is not executable or access is denied');
    case 'ENOEXEC':
    case 'UNKNOWN':
      return unusable(path, 'it is not a program for this computer');
    default:
      return unusable(path, redactText(error.message));
  }
}

function checkProgram(path: string): void {
  if (!isAbsolute(path)) return;
  let isFile: boolean;
  try {
    isFile = statSync(path).isFile();
  } catch (error) {
    throw spawnFailure(error as NodeJS.ErrnoException, path);
  }
  if (!isFile) throw unusable(path, 'it is not a file');
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    throw spawnFailure(error as NodeJS.ErrnoException, path);
  }
}

/** Keeps the last lines of stderr and hands each on. */
function followStderr(child: ChildProcess, run: ToolRun): { tail(): string } {
  const lines: string[] = [];
  let length = 0;
  const splitter = createLineSplitter((line) => {
    const clean = redactText(line, run.secrets);
    lines.push(clean);
    length += clean.length + 1;
    while (length > tailLength && lines.length > 1) length -= (lines.shift() ?? '').length + 1;
    run.onStderrLine?.(clean);
  });
  child.stderr?.on('data', (chunk: Buffer) => splitter.push(chunk)).on('end', () => splitter.end());
  return { tail: () => lines.join('\n').slice(-tailLength) };
}

function followStdout(child: ChildProcess, run: ToolRun): void {
  if (!child.stdout) return;
  if (run.stdout === 'lines') {
    const splitter = createLineSplitter((line) => run.onStdoutLine?.(redactText(line, run.secrets)));
    child.stdout.on('data', (chunk: Buffer) => splitter.push(chunk)).on('end', () => splitter.end());
  } else if (run.onStdoutChunk) {
    child.stdout.on('data', run.onStdoutChunk);
  }
}

/** Bytes of stdout kept for a reader that is busy or has not begun. */
const readAhead = 1024 * 1024;

/**
 * What a tool has written, for a reader that may begin after the tool has ended: Node throws away what nobody reads at
 * the exit of a child, so that a short output would be lost without a word.
 */
function keepForReader(stdout: Readable): Readable {
  const kept = new PassThrough({ highWaterMark: readAhead });
  pipeline(stdout, kept, () => undefined);
  // A reader that goes away, or never comes, must not make this the process' error.
  kept.on('error', () => undefined);
  return kept;
}

/** SIGTERM, then SIGKILL; and lets go of streams that outlive the process. Returns what to call once it has closed. */
function followAbort(child: ChildProcess, run: ToolRun, pid: number): () => void {
  let killTimer: NodeJS.Timeout | undefined;
  let closeTimer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    endToolTree(pid, 'SIGTERM');
    killTimer = setTimeout(() => endToolTree(pid, 'SIGKILL'), run.killAfterMs ?? 5000);
  };
  run.signal?.addEventListener('abort', onAbort, { once: true });
  child.once('exit', () => {
    if (killTimer) clearTimeout(killTimer);
    const letGo = (): void => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    if (run.signal?.aborted) closeTimer = setTimeout(letGo, streamGrace);
    else run.signal?.addEventListener('abort', letGo, { once: true });
  });
  return () => {
    run.signal?.removeEventListener('abort', onAbort);
    if (killTimer) clearTimeout(killTimer);
    if (closeTimer) clearTimeout(closeTimer);
    // A wrapper may end before what it started.
    if (run.signal?.aborted && process.platform !== 'win32') endToolTree(pid, 'SIGKILL');
  };
}

function judge(run: ToolRun, exit: ToolExit): ToolExit {
  if (!run.okExitCodes || (exit.code !== null && run.okExitCodes.includes(exit.code))) return exit;
  if (run.signal?.aborted) fail('cancelled', 'Cancelled.');
  const end = exit.code === null ? `was ended by ${exit.signal ?? 'a signal'}` : `ended with exit code ${exit.code}`;
  fail('tool-failed', `${run.path} ${end}.`, undefined, exit.stderrTail || undefined);
}

/**
 * Starts a program. Throws at once 'tool-missing', 'tool-unusable' or, when already aborted, 'cancelled'; a failure to
 * start that only shows later rejects `done`. An exit code is the caller's to interpret unless `okExitCodes` is given.
 */
export function startTool(run: ToolRun): RunningTool {
  return startToolWriting(run, (run.stdout ?? 'ignore') === 'ignore' ? 'ignore' : 'pipe');
}

/** As {@link startTool}, with a socket of the caller's as the tool's stdout (see stream-tool.ts). */
export function startToolWriting(run: ToolRun, stdout: 'ignore' | 'pipe' | Socket): RunningTool {
  if (run.signal?.aborted) fail('cancelled', 'Cancelled.');
  checkProgram(run.path);
  const stdin = run.stdin ?? 'ignore';
  const child = spawn(run.path, run.args, {
    cwd: run.workingFolder,
    env: toolEnvironment(run.env),
    shell: false,
    windowsHide: true,
    // A process group of its own, so that wrappers end with all they started, and so that Ctrl+C in a terminal reaches
    // us alone and the tool is ended in order.
    detached: process.platform !== 'win32',
    stdio: [stdin === 'ignore' ? 'ignore' : 'pipe', stdout, 'pipe'],
  });
  const pid = child.pid ?? 0;
  if (pid > 0) rememberTool(pid);
  const stderr = followStderr(child, run);
  followStdout(child, run);
  const settle = followAbort(child, run, pid);
  // The tool may close its end first; what that means is told by its exit code and stderr.
  child.stdin?.on('error', () => undefined);
  if (typeof stdin !== 'string' && child.stdin) stdin.pipe(child.stdin);

  const done = new Promise<ToolExit>((resolve, reject) => {
    child.once('error', (error) => {
      if (pid === 0) {
        settle();
        reject(spawnFailure(error, run.path));
      }
    });
    child.once('exit', () => forgetTool(pid));
    child.once('close', (code, signal) => {
      settle();
      if (typeof stdin !== 'string' && child.stdin) stdin.unpipe(child.stdin);
      if (pid !== 0) resolve({ code, signal, stderrTail: stderr.tail() });
    });
  }).then((exit) => judge(run, exit));
  // Whoever reads stdout first must not be ended by an "unhandled" rejection before awaiting this.
  done.catch(() => undefined);
  const isFollowed = run.onStdoutChunk !== undefined || run.stdout === 'lines';
  const output = isFollowed || !child.stdout ? null : keepForReader(child.stdout);
  return { pid, stdout: output, stdin: child.stdin, done };
}

/** Runs a short program and collects its stdout (UTF-8, at most 16 MiB, redacted as stderr is). */
export async function runTool(
  run: Omit<ToolRun, 'stdout' | 'onStdoutChunk' | 'onStdoutLine'>,
): Promise<ToolExit & { stdout: string }> {
  const chunks: Buffer[] = [];
  let length = 0;
  const exit = await startTool({
    ...run,
    stdout: 'pipe',
    onStdoutChunk: (chunk) => {
      length += chunk.length;
      if (length <= 16 * 1024 * 1024) chunks.push(chunk);
    },
  }).done;
  return { ...exit, stdout: redactText(Buffer.concat(chunks).toString('utf8'), run.secrets) };
}
