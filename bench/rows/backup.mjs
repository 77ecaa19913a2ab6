/** Backup (compressed, hashed, counted, digested, flushed to the disk) against `mongodump --gzip --archive`. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { interleave, median, ratioOf } from '../lib/measure.mjs';
import { result } from '../lib/report.mjs';
import { locationIn } from '../lib/restore-tasks.mjs';
import { runProgram } from '../lib/run-program.mjs';

const timeTarget = 0.65;
const sizeTarget = 1.1;

/** @type {import('../lib/context.mjs').BenchRow} */
export const backupRow = {
  name: 'backup',
  what: 'backup with digest, counts, hashes and checksums',
  against: 'mongodump --gzip --archive',
  run: async ({ set, programs, services, folder, rounds, level }) => {
    const location = locationIn(join(folder, 'backup'));
    const gzipArchive = join(folder, 'mongodump.gz');
    const backup = async () => {
      await rm(location.folder, { recursive: true, force: true });
      await mkdir(location.folder);
      await services.tasks.run('backup.dump', {
        tool: programs.mongodump,
        uri: set.uri,
        secrets: [],
        temporaryFolder: folder,
        runs: [
          {
            database: 'bench',
            collection: null,
            query: null,
            exclude: [],
            usersAndRoles: false,
            oplog: false,
            parallelCollections: 4,
          },
        ],
        filter: { kind: 'all' },
        readPreference: 'secondaryPreferred',
        location,
        level,
        digest: true,
        documentsTotal: null,
        bytesTotal: null,
      });
    };
    const mongodump = async () => {
      await rm(gzipArchive, { force: true });
      const options = ['--db=bench', '--readPreference=secondaryPreferred', '--gzip', `--archive=${gzipArchive}`];
      await runProgram(programs.mongodump, [`--uri=${set.uri}`, ...options]);
    };
    const times = await interleave(rounds, { mongodump, backup });
    const [ours, theirs] = await Promise.all([stat(location.archive), stat(gzipArchive)]);
    const mebibytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    return [
      result({
        name: 'backup time',
        what: 'against mongodump --gzip --archive',
        measured: ratioOf(times.backup, times.mongodump),
        target: timeTarget,
        detail: `${median(times.backup).toFixed(2)} s against ${median(times.mongodump).toFixed(2)} s`,
      }),
      result({
        name: 'backup size',
        what: 'against the same',
        measured: ours.size / theirs.size,
        target: sizeTarget,
        detail: `${mebibytes(ours.size)} against ${mebibytes(theirs.size)}`,
      }),
    ];
  },
};
