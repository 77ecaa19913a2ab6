/** Whether a diff's time per document grows with the number of documents, beside mongodump's own. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { largeCollection } from '../lib/large-collections.mjs';
import { interleave, median } from '../lib/measure.mjs';
import { result } from '../lib/report.mjs';
import { makeBackup, previewInput } from '../lib/restore-tasks.mjs';
import { runProgram } from '../lib/run-program.mjs';

const sizes = [1e5, 1e6, 1e7];
/** Of the time per document between the last two sizes, mongodump's own growth taken out. */
const target = 1.2;

/** @type {import('../lib/context.mjs').BenchRow} */
export const growthRow = {
  name: 'growth',
  what: 'time per document of a diff with the digest, from 0.1 M to 10 M documents',
  against: 'itself, and mongodump --archive to /dev/null',
  onRequest: true,
  run: async (context) => {
    const { set, programs, services, folder, rounds } = context;
    /** @type {{ size: number, diff: number, mongodump: number }[]} */
    const perDocument = [];
    for (const size of sizes) {
      const place = await largeCollection(context, size);
      const backup = await makeBackup(context, join(folder, `growth-${size}`), place);
      const preview = join(folder, 'growth-preview');
      const times = await interleave(size > 1e6 ? Math.min(rounds, 2) : rounds, {
        mongodump: () =>
          runProgram(programs.mongodump, [
            ...[`--uri=${set.uri}`, `--db=${place.database}`, `--collection=${place.collection}`],
            ...['--quiet', '--archive=/dev/null'],
          ]),
        diff: async () => {
          await rm(preview, { recursive: true, force: true });
          await mkdir(preview);
          const input = previewInput({ ...context, documents: size }, { preview, digest: backup.digest }, place);
          const { documents } = await services.tasks.run('diff.namespaces', input);
          if (documents[0]?.counts.same !== size) throw new Error(`Not the same: ${JSON.stringify(documents)}`);
        },
      });
      const microseconds = (/** @type {readonly number[]} */ values) => (median(values) / size) * 1e6;
      perDocument.push({ size, diff: microseconds(times.diff), mongodump: microseconds(times.mongodump) });
      await rm(backup.folder, { recursive: true, force: true });
    }
    return perDocument.slice(1).map((now, at) => {
      const before = perDocument[at] ?? now;
      return result({
        name: `growth to ${now.size / 1e6} M`,
        what: `time per document against ${before.size / 1e6} M, relative to mongodump's growth`,
        measured: now.diff / before.diff / (now.mongodump / before.mongodump),
        target: now.size > 1e6 ? target : null,
        detail:
          `${before.diff.toFixed(2)} to ${now.diff.toFixed(2)} µs a document; ` +
          `mongodump ${before.mongodump.toFixed(2)} to ${now.mongodump.toFixed(2)} µs`,
      });
    });
  },
};
