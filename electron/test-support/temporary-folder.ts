/** Folders for tests, removed with everything in them whatever ends the test process. */
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let base: string | undefined;

/** Test runners end their workers by a signal, so that exit handlers do not run: a shell waits for our end instead. */
function removeWithUs(folder: string): void {
  if (process.platform === 'win32') {
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    return;
  }
  const watchdog = spawn(
    '/bin/sh',
    ['-c', 'read answer; sleep 0.3; rm -rf "$0" || { sleep 2; rm -rf "$0"; }', folder],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  );
  watchdog.unref();
  // The pipe itself is what the shell waits on; it must not keep us alive.
  const pipe = watchdog.stdin;
  pipe.on('error', () => undefined);
  if ('unref' in pipe && typeof pipe.unref === 'function') (pipe.unref as () => void).call(pipe);
}

/** An empty folder of its own, removed when the test process ends, or earlier by `removeTemporaryFolder`. */
export function temporaryFolder(name = 'folder'): string {
  if (base === undefined) {
    base = mkdtempSync(join(realpathSync(tmpdir()), 'lifeboat-test-'));
    removeWithUs(base);
  }
  return mkdtempSync(join(base, `${name}-`));
}

export function removeTemporaryFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
