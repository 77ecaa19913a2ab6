/** Peak memory of a process that previews a restore: with the digest, and from the archive alone, over 1 M and 10 M documents. */
import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { largeCollection } from '../lib/large-collections.mjs';
import { openLifeboat } from '../lib/lifeboat.mjs';
import { result } from '../lib/report.mjs';

const run = promisify(execFile);
const child = fileURLToPath(new URL('../lib/preview-child.mjs', import.meta.url));
const targetMebibytes = 400;

/** @param {number} size @returns {import('../lib/context.mjs').BenchRow} */
function memoryRow(size) {
  const millions = size / 1e6;
  return {
    name: `memory-${millions}m`,
    what: `peak resident memory of a preview over ${millions} M documents`,
    against: 'the promise of the speed table',
    onRequest: size > 1e6,
    run: async (context) => {
      const { set, programs, folder } = context;
      const lifeboat = await openLifeboat({ folder, programs, uri: set.uri });
      try {
        const { database, collection } = await largeCollection(context, size);
        const backupId = await lifeboat.backUp(database, collection);
        const { digest } = await lifeboat.services.catalogue.location(backupId);
        /** @param {string} name */
        const measure = async (name) => {
          const parameters = [child, folder, set.uri, backupId, programs.mongodump, programs.mongorestore];
          const { stdout } = await run(process.execPath, parameters);
          /** @type {{ peakBytes: number, baseBytes: number, same: number, seconds: number }} */
          const { peakBytes, baseBytes, same, seconds } = JSON.parse(stdout);
          if (same !== size) throw new Error(`${same} of ${size} documents are the same.`);
          return result({
            name,
            what: 'peak resident memory of the process, mongodump apart',
            measured: peakBytes / 2 ** 20,
            unit: 'MiB',
            target: targetMebibytes,
            detail: `${(baseBytes / 2 ** 20).toFixed(0)} MiB before it; ${seconds.toFixed(1)} s`,
          });
        };
        const withDigest = await measure(`memory, ${millions} M, digest`);
        await rename(digest, `${digest}.away`);
        const byArchive = await measure(`memory, ${millions} M, archive`);
        await rename(`${digest}.away`, digest);
        return [withDigest, byArchive];
      } finally {
        await lifeboat.close();
      }
    },
  };
}

export const memoryRows = [memoryRow(1e6), memoryRow(1e7)];
