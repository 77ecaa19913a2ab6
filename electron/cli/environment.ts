/** Where the command line finds its parts: beside its own bundle. */
import { join } from 'node:path';
import { version } from '../../package.json';

export function cliEnvironment(): {
  version: string;
  development: boolean;
  workerFile: string;
  resourcesFolder: string;
} {
  return {
    version,
    development: false,
    workerFile: process.env.LIFEBOAT_WORKER_FILE ?? join(__dirname, 'worker.cjs'),
    resourcesFolder: process.env.LIFEBOAT_RESOURCES ?? join(__dirname, 'resources'),
  };
}
