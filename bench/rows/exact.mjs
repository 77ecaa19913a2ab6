/** Putting back what differs, as a user has it (preview, undo data, write, proof), against mongorestore --drop of the same backup. */
import { MongoClient } from 'mongodb';
import { makeDocument } from '../lib/documents.mjs';
import { openLifeboat } from '../lib/lifeboat.mjs';
import { median, seconds } from '../lib/measure.mjs';
import { result } from '../lib/report.mjs';
import { runProgram } from '../lib/run-program.mjs';

/** Share of the documents that differ: the ratio at most, null for information. */
const shares = /** @type {const} */ ([
  [0.001, null],
  [0.01, 0.2],
  [0.1, null],
  [0.5, null],
]);

/**
 * Makes `share` of the documents differ, spread evenly: a third each is changed, missing, and one too many.
 * @param {import('mongodb').Collection<{ _id: number }>} collection
 * @param {number} documents
 * @param {number} share
 */
async function damage(collection, documents, share) {
  const stride = Math.max(3, Math.round(3 / share));
  await collection.updateMany({ _id: { $mod: [stride, 0] } }, [{ $set: { status: 'damaged' } }]);
  const { deletedCount } = await collection.deleteMany({ _id: { $mod: [stride, 1] } });
  for (let at = 0; at < deletedCount; at += 10_000) {
    const size = Math.min(10_000, deletedCount - at);
    await collection.insertMany(
      Array.from({ length: size }, (_, offset) => makeDocument(documents + at + offset, () => 7)),
    );
  }
}

/** The same without extras: what `overwrite` puts back. @param {import('mongodb').Collection<{ _id: number }>} collection */
async function damageForOverwrite(collection) {
  await collection.updateMany({ _id: { $mod: [200, 0] } }, [{ $set: { status: 'damaged' } }]);
  await collection.deleteMany({ _id: { $mod: [200, 1] } });
}

/** @type {import('../lib/context.mjs').BenchRow} */
export const exactRow = {
  name: 'exact',
  what: 'exact and overwrite: preview, undo data, write, proof',
  against: 'mongorestore --drop',
  run: async ({ set, programs, folder, documents, rounds }) => {
    const lifeboat = await openLifeboat({ folder, programs, uri: set.uri });
    const client = await new MongoClient(set.uri).connect();
    /** @type {import('mongodb').Collection<{ _id: number }>} */
    const collection = client.db('bench').collection('documents');
    try {
      const backupId = await lifeboat.backUp('bench', 'documents');
      const { archive } = await lifeboat.services.catalogue.location(backupId);
      // Beside the original, which keeps its UUID that way: the same work.
      const restore = () =>
        runProgram(programs.mongorestore, [
          ...[`--uri=${set.uri}`, '--drop', '--gzip', `--archive=${archive}`],
          ...['--nsFrom=bench.*', '--nsTo=yardstick.*'],
        ]);
      await restore();
      /** @param {'exact' | 'overwrite'} mode */
      const putBack = async (mode) => {
        const started = performance.now();
        const preview = await lifeboat.preview(backupId, { mode });
        const previewed = performance.now();
        const done = await lifeboat.apply(preview);
        const ended = performance.now();
        const left = done.remaining?.totals.documents;
        if (!left || left.same !== documents || done.conflicts.length + done.failures.length > 0) {
          throw new Error(
            `Not restored: ${JSON.stringify({ left, failures: done.failures, conflicts: done.conflicts })}`,
          );
        }
        const { insert, replace, delete: remove } = done.effect;
        await lifeboat.services.restores.closePreview(preview.id);
        return {
          seconds: (ended - started) / 1000,
          preview: (previewed - started) / 1000,
          written: insert + replace + remove,
          way: preview.result.namespaces[0]?.comparedBy ?? 'none',
        };
      };
      /**
       * @param {string} name
       * @param {'exact' | 'overwrite'} mode
       * @param {number | null} target
       * @param {() => Promise<void>} prepare
       */
      const measure = async (name, mode, target, prepare) => {
        const ratios = [];
        let detail = '';
        for (let round = 1; round <= rounds; round++) {
          await prepare();
          await client.db('admin').command({ fsync: 1 });
          const ours = await putBack(mode);
          const theirs = await seconds(restore);
          ratios.push(ours.seconds / theirs);
          const apply = ours.seconds - ours.preview;
          detail =
            `last round ${ours.seconds.toFixed(2)} s (preview by ${ours.way} ${ours.preview.toFixed(2)}, apply ${apply.toFixed(2)}: ` +
            `${Math.round(ours.written / apply)} documents/s) against ${theirs.toFixed(2)} s`;
          process.stderr.write(`  round ${round} ${name}: ${detail}\n`);
        }
        const what = 'preview, undo data, write and proof, against mongorestore --drop';
        return result({ name, what, measured: median(ratios), target, detail });
      };
      const results = [];
      for (const [share, target] of shares) {
        const name = `exact, ${share * 100} % differing`;
        results.push(await measure(name, 'exact', target, () => damage(collection, documents, share)));
      }
      results.push(await measure('overwrite, 1 %', 'overwrite', null, () => damageForOverwrite(collection)));
      return results;
    } finally {
      await client.close();
      await lifeboat.close();
    }
  },
};
