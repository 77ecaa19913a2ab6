/** Comparing a live collection with a backup, against mongodump of the collection to /dev/null. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { interleave, median, ratioOf } from '../lib/measure.mjs';
import { result } from '../lib/report.mjs';
import { makeBackup, previewInput } from '../lib/restore-tasks.mjs';

const digestTarget = 1.5;
const archiveTarget = 1.8;

/** @type {import('../lib/context.mjs').BenchRow} */
export const diffRow = {
  name: 'diff',
  what: 'diff with the digest, and from the archive alone',
  against: 'mongodump --archive to /dev/null',
  run: async (context) => {
    const { set, programs, services, folder, rounds, documents } = context;
    const backup = await makeBackup(context, join(folder, 'diff-backup'));
    const preview = join(folder, 'diff-preview');
    let rebuilds = 0;
    /** @param {string} digest */
    const compare = async (digest) => {
      await rm(preview, { recursive: true, force: true });
      await mkdir(preview);
      const input = previewInput(context, { preview, digest });
      const { documents: compared } = await services.tasks.run('diff.namespaces', input);
      if (compared[0]?.counts.same !== documents) throw new Error(`Not the same: ${JSON.stringify(compared)}`);
    };
    const times = await interleave(rounds, {
      mongodump: async () => {
        const options = ['--db=bench', '--collection=documents', '--quiet', '--archive=/dev/null'];
        const [code] = await once(
          spawn(programs.mongodump, [`--uri=${set.uri}`, ...options], { stdio: 'ignore' }),
          'exit',
        );
        if (code !== 0) throw new Error(`mongodump ended with ${code}`);
      },
      digest: () => compare(backup.digest),
      archive: async () => {
        const digest = join(folder, `rebuilt-${rebuilds++}.bin`);
        await services.tasks.run('diff.rebuild-digest', { archive: backup.archive, digest, bytes: 0 });
        await compare(digest);
        await rm(digest);
      },
    });
    const seconds = (/** @type {readonly number[]} */ values) => `${median(values).toFixed(2)} s`;
    return [
      result({
        name: 'diff with digest',
        what: 'against mongodump --archive to /dev/null',
        measured: ratioOf(times.digest, times.mongodump),
        target: digestTarget,
        detail: `${seconds(times.digest)} against ${seconds(times.mongodump)}, ${documents} documents`,
      }),
      result({
        name: 'diff by archive',
        what: 'against the same; the digest is made first',
        measured: ratioOf(times.archive, times.mongodump),
        target: archiveTarget,
        detail: `${seconds(times.archive)} against ${seconds(times.mongodump)}`,
      }),
    ];
  },
};
