/** Vitest's global set-up: LIFEBOAT_WORKER_FILE is the bundle of electron/worker/index.ts as it is now. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from './bundle-worker';
import { removeTemporaryFolder, temporaryFolder } from './temporary-folder';

export async function setup(): Promise<(() => void) | undefined> {
  if (process.env['LIFEBOAT_WORKER_FILE']) return undefined;
  const folder = temporaryFolder('worker');
  const entry = join(dirname(fileURLToPath(import.meta.url)), '..', 'worker', 'index.ts');
  process.env['LIFEBOAT_WORKER_FILE'] = await bundleWorker(entry, folder);
  return () => removeTemporaryFolder(folder);
}
