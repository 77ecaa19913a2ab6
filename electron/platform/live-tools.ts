/**
 * The programs this thread started and that still run: ended when the process exits. A worker thread tells its parent,
 * because a terminated worker runs no exit handlers.
 */
import { spawnSync } from 'node:child_process';
import { isMainThread } from 'node:worker_threads';
import { toolEnvironment } from './tool-environment';

export type ToolListener = (event: { pid: number; running: boolean }) => void;

const live = new Set<number>();
let listener: ToolListener | undefined;
let exitHandled = false;

/** Signals a program with everything it started. Programs that are gone are no error. */
export function endToolTree(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid <= 0) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], {
      env: toolEnvironment(),
      stdio: 'ignore',
      windowsHide: true,
      timeout: 10_000,
    });
    return;
  }
  try {
    // Negative: the process group, which startTool() makes one of its own for each program. Its number is not given to
    // another process while a member lives, so that this never hits a stranger.
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}

export function rememberTool(pid: number): void {
  live.add(pid);
  listener?.({ pid, running: true });
  if (!exitHandled && isMainThread) {
    exitHandled = true;
    process.once('exit', () => {
      for (const tool of live) endToolTree(tool, 'SIGKILL');
    });
  }
}

export function forgetTool(pid: number): void {
  live.delete(pid);
  listener?.({ pid, running: false });
}

/** Hears of every program started and ended in this thread. */
export function listenToTools(toolListener: ToolListener): void {
  listener = toolListener;
}
