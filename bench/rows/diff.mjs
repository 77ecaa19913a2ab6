/** Comparing a live collection with a backup, against mongodump of the collection to /dev/null. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
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
    const dataBytes = await bytesOf(set.uri);
    const archiveBytes = (await stat(backup.archive)).size;
    /** @param {{ digest: string, archive?: import('../../electron/diff/diff-task').ArchiveToRead }} side */
    const compare = async (side) => {
      await rm(preview, { recursive: true, force: true });
      await mkdir(preview);
      const input = previewInput(context, { preview, ...side });
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
      digest: () => compare({ digest: backup.digest }),
      archive: () =>
        compare({
          digest: join(preview, 'digest.bin'),
          archive: { path: backup.archive, bytes: archiveBytes, sha256: '0'.repeat(64), uncompressedBytes: dataBytes },
        }),
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
        what: 'against the same; the digest is made meanwhile',
        measured: ratioOf(times.archive, times.mongodump),
        target: archiveTarget,
        detail: `${seconds(times.archive)} against ${seconds(times.mongodump)}`,
      }),
      result({
        name: 'diff throughput',
        what: 'with the digest; for information',
        measured: documents / 1e6 / median(times.digest),
        unit: 'M documents/s',
        target: null,
        detail: `${(dataBytes / 1e6 / median(times.digest)).toFixed(0)} MB/s of ${(dataBytes / 1e6).toFixed(0)} MB BSON`,
      }),
    ];
  },
};

/** BSON bytes of the collection. @param {string} uri */
async function bytesOf(uri) {
  const client = await new MongoClient(uri).connect();
  try {
    const pipeline = [{ $collStats: { storageStats: {} } }, { $project: { size: '$storageStats.size' } }];
    const [answer] = await client.db('bench').collection('documents').aggregate(pipeline).toArray();
    return Number(answer?.['size'] ?? 0);
  } finally {
    await client.close();
  }
}
