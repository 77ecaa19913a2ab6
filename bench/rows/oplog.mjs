/** Comparing by the oplog after 1,000 documents changed, against comparing the same in full: previews as a user has them. */
import { MongoClient } from 'mongodb';
import { largeCollection } from '../lib/large-collections.mjs';
import { openLifeboat } from '../lib/lifeboat.mjs';
import { interleave, median, ratioOf } from '../lib/measure.mjs';
import { result } from '../lib/report.mjs';

const changes = 1000;
const target = 0.02;

/**
 * Changes documents spread evenly: most are updated, some deleted, some new.
 * @param {string} uri
 * @param {{ database: string, collection: string }} place
 * @param {number} documents
 */
async function change(uri, { database, collection }, documents) {
  const client = await new MongoClient(uri).connect();
  try {
    /** @type {import('mongodb').Collection<{ _id: number }>} */
    const changed = client.db(database).collection(collection);
    const stride = Math.floor(documents / changes);
    const operations = Array.from({ length: changes }, (_, at) => {
      const _id = at * stride;
      if (at % 10 === 8) return { deleteOne: { filter: { _id } } };
      if (at % 10 === 9) return { insertOne: { document: { _id: documents + at } } };
      return { updateOne: { filter: { _id }, update: { $set: { touched: true } } } };
    });
    await changed.bulkWrite(operations, { ordered: false });
  } finally {
    await client.close();
  }
}

/**
 * @param {string} name
 * @param {number | null} size null: as many as the run is asked for
 * @param {boolean} onRequest
 * @returns {import('../lib/context.mjs').BenchRow}
 */
function oplogRow(name, size, onRequest) {
  return {
    name,
    what: `diff by oplog, ${changes} documents changed`,
    against: 'the full diff of the same',
    onRequest,
    run: async (context) => {
      const { set, programs, folder, rounds } = context;
      const documents = size ?? context.documents;
      const place = await largeCollection(context, documents);
      const lifeboat = await openLifeboat({ folder, programs, uri: set.uri });
      try {
        const backupId = await lifeboat.backUp(place.database, place.collection);
        await change(set.uri, place, documents);
        /** @param {boolean} full @param {string} way */
        const compare = async (full, way) => {
          const { id, result: found } = await lifeboat.preview(backupId, { full });
          const [{ comparedBy, comparedReason, documents: counts } = {}] = found.namespaces;
          if (comparedBy !== way || counts?.changed !== 0.8 * changes || counts.same !== documents - 0.9 * changes) {
            throw new Error(`Not as expected: ${comparedBy} (${comparedReason}) ${JSON.stringify(counts)}`);
          }
          await lifeboat.services.restores.closePreview(id);
        };
        const times = await interleave(rounds, {
          oplog: () => compare(false, 'oplog'),
          full: () => compare(true, 'digest'),
        });
        await lifeboat.services.catalogue.delete(backupId, backupId);
        return [
          result({
            name,
            what: 'a preview by the oplog against a full one',
            measured: ratioOf(times.oplog, times.full),
            target: documents >= 1e7 ? target : null,
            detail: `${median(times.oplog).toFixed(3)} s against ${median(times.full).toFixed(2)} s, ${documents} documents`,
          }),
        ];
      } finally {
        await lifeboat.close();
      }
    },
  };
}

export const oplogRows = [oplogRow('oplog', null, false), oplogRow('oplog-10m', 1e7, true)];
