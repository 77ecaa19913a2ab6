/** Putting back what differs, as a user has it (preview, undo data, write, proof), against mongorestore --drop of the same backup. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { makeDocument } from '../lib/documents.mjs';
import { openLifeboat } from '../lib/lifeboat.mjs';
import { median, seconds } from '../lib/measure.mjs';
import { startSet } from '../lib/mongod-set.mjs';
import { result } from '../lib/report.mjs';
import { runProgram } from '../lib/run-program.mjs';

/**
 * Share of the documents that differ, how they lie in the collection, the ratio at most (null for information). Spread ones
 * are the harder: every block of the archive holds some.
 */
const cases = /** @type {const} */ ([
  [0.001, 'together', null],
  [0.01, 'together', 0.2],
  [0.01, 'spread', 0.2],
  [0.1, 'spread', null],
  [0.5, 'spread', null],
]);

/**
 * Makes `share` of the documents differ: a third each is changed, missing, and one too many.
 * @param {import('mongodb').Collection<{ _id: number }>} collection
 * @param {number} documents
 * @param {number} share
 * @param {'together' | 'spread'} lie
 */
async function damage(collection, documents, share, lie) {
  const stride = Math.max(3, Math.round(3 / share));
  const third = Math.floor((documents * share) / 3);
  /** @type {import('mongodb').Filter<{ _id: number }>[]} */
  const [changed = {}, missing = {}] =
    lie === 'spread'
      ? [{ _id: { $mod: [stride, 0] } }, { _id: { $mod: [stride, 1] } }]
      : [{ _id: { $lt: third } }, { _id: { $gte: third, $lt: 2 * third } }];
  await collection.updateMany(changed, [{ $set: { status: 'damaged' } }]);
  const { deletedCount } = await collection.deleteMany(missing);
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
    const elsewhere = join(folder, 'yardstick');
    await mkdir(elsewhere);
    const yardstick = await startSet({ mongod: programs.mongod, members: set.hosts.length, folder: elsewhere });
    const lifeboat = await openLifeboat({ folder, programs, uri: set.uri });
    const client = await new MongoClient(set.uri).connect();
    /** @type {import('mongodb').Collection<{ _id: number }>} */
    const collection = client.db('bench').collection('documents');
    try {
      const backupId = await lifeboat.backUp('bench', 'documents');
      const { archive } = await lifeboat.services.catalogue.location(backupId);
      // Elsewhere: here it would fill the oplog that the comparison reads, and give the collection another UUID.
      const restore = () =>
        runProgram(programs.mongorestore, [`--uri=${yardstick.uri}`, '--drop', '--gzip', `--archive=${archive}`]);
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
      for (const [share, lie, target] of cases) {
        const name = `exact, ${share * 100} %, ${lie}`;
        results.push(await measure(name, 'exact', target, () => damage(collection, documents, share, lie)));
      }
      results.push(await measure('overwrite, 1 %', 'overwrite', null, () => damageForOverwrite(collection)));
      return results;
    } finally {
      await client.close();
      await lifeboat.close();
      await yardstick.stop();
    }
  },
};
