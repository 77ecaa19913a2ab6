/** Where the command line finds its parts: beside its own bundle. */
import { join } from 'node:path';
import { version } from '../../package.json';

export function cliEnvironment(): { version: string; workerFile: string } {
  return {
    version,
    workerFile: process.env.LIFEBOAT_WORKER_FILE ?? join(__dirname, 'worker.cjs'),
  };
}
