/** Folders for tests, removed with everything in them. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();
let exitHandled = false;

/** An empty folder of its own, removed when the test process ends, or earlier by `removeTemporaryFolder`. */
export function temporaryFolder(name = 'lifeboat-test'): string {
  const path = mkdtempSync(join(realpathSync(tmpdir()), `${name}-`));
  folders.add(path);
  if (!exitHandled) {
    exitHandled = true;
    process.once('exit', () => folders.forEach(removeTemporaryFolder));
  }
  return path;
}

export function removeTemporaryFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  folders.delete(path);
}
