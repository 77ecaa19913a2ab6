/** Restoring what differs (1 %), against mongorestore --drop of the same backup. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { makeDocument } from '../lib/documents.mjs';
import { seconds } from '../lib/measure.mjs';
import { result } from '../lib/report.mjs';
import { makeBackup, previewInput } from '../lib/restore-tasks.mjs';

const target = 0.2;

/** @type {import('../lib/context.mjs').BenchRow} */
export const exactRow = {
  name: 'exact',
  what: 'exact restore of 1 % differing: compare, write, compare again',
  against: 'mongorestore --drop',
  run: async (context) => {
    const { set, programs, services, folder, documents } = context;
    const backup = await makeBackup(context, join(folder, 'exact-backup'));
    const preview = join(folder, 'exact-preview');
    const compare = async () => {
      await rm(preview, { recursive: true, force: true });
      await mkdir(preview);
      const { documents: compared } = await services.tasks.run(
        'diff.namespaces',
        previewInput(context, { preview, digest: backup.digest }),
      );
      return compared[0].counts;
    };
    const client = await new MongoClient(set.uri).connect();
    try {
      /** @type {import('mongodb').Collection<{ _id: number }>} */
      const collection = client.db('bench').collection('documents');
      const third = Math.floor(documents / 300);
      await collection.updateMany({ _id: { $lt: third } }, [{ $set: { status: 'damaged' } }]);
      await collection.deleteMany({ _id: { $gte: third, $lt: 2 * third } });
      const next = () => 7;
      const extra = Array.from({ length: third }, (_, at) => makeDocument(documents + at, next));
      for (let at = 0; at < extra.length; at += 10_000) await collection.insertMany(extra.slice(at, at + 10_000));
    } finally {
      await client.close();
    }
    const exact = await seconds(async () => {
      const counts = await compare();
      await services.tasks.run('restore.write', {
        uri: set.uri,
        previewFolder: preview,
        archive: backup.archive,
        blockIndex: backup.blockIndex,
        replicated: true,
        namespaces: [
          {
            index: 0,
            database: 'bench',
            collection: 'documents',
            backupNamespace: 'bench.documents',
            changes: ['onlyInTarget', 'changed', 'onlyInBackup'],
            bypassValidation: false,
          },
        ],
        documents: counts.changed + counts.onlyInBackup + counts.onlyInTarget,
      });
      const after = await compare();
      if (after.same !== documents) throw new Error(`Not restored: ${JSON.stringify(after)}`);
    });
    const mongorestore = await seconds(async () => {
      const options = ['--drop', '--gzip', `--archive=${backup.archive}`];
      const child = spawn(programs.mongorestore, [`--uri=${set.uri}`, ...options], { stdio: 'ignore' });
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`mongorestore ended with ${code}`);
    });
    return [
      result({
        name: 'exact, 1 % differing',
        what: 'with the comparison before and after, against mongorestore --drop',
        measured: exact / mongorestore,
        target,
        detail: `${exact.toFixed(2)} s against ${mongorestore.toFixed(2)} s, ${documents} documents, once`,
      }),
    ];
  },
};
