/** Compares the touched documents of one collection; everything else is taken over as it is known to be. */
import type { MongoClient } from 'mongodb';
import type { DocumentCounts } from '../../../shared/diff';
import type { DigestFile } from '../../archive/digest-file';
import { recordBytes, type BsonKernel } from '../../archive/kernel/bson-kernel';
import { fetchDocuments } from '../../restore/documents/raw-documents';
import { findId, packValue } from '../bson-reader';
import { DifferingWriter } from '../differing-files';
import { HashJoin } from '../hash-join';
import { countsOf, wordsOf } from '../join-sides';
import { carryEntries, ordinalsLeft, type EarlierEntries } from './carry-entries';
import { pickRecords } from './pick-records';
import { WantedHashes } from './wanted-hashes';

export interface TouchedComparison {
  client: MongoClient;
  database: string;
  /** The collection that holds the documents. */
  collection: string;
  /** Packed `_id`s. */
  ids: readonly Buffer[];
  digest: DigestFile;
  /** Null: only the target has the collection. */
  backupNamespace: string | null;
  /** The digest's checksum was found right a moment ago. */
  verified: boolean;
  /** What differed when an earlier comparison was made; null: nothing did, it is the backup itself that is followed. */
  earlier: EarlierEntries | null;
  /** Where the differing documents go. */
  folder: string;
  index: number;
  kernel: BsonKernel;
  /** Throws once cancelled. */
  check(): void;
}

interface LiveDocuments {
  count: number;
  /** Digest records. */
  records: Buffer;
  /** Packed `_id`s. */
  ids: Buffer[];
}

const fetchedTogether = 1000;
const lanes = 3;
const idName = Buffer.from('_id\0', 'latin1');

/** The documents, however many bytes they are: too many together are asked for in halves. */
async function fetchSome(target: TouchedComparison, ids: readonly Buffer[]): Promise<Buffer[]> {
  const { client, database, collection } = target;
  try {
    return [...(await fetchDocuments({ client, database, collection, readPreference: 'primary' }, ids)).values()];
  } catch (error) {
    if (!(error instanceof RangeError) || ids.length < 2) throw error;
    const middle = ids.length >> 1;
    return [...(await fetchSome(target, ids.slice(0, middle))), ...(await fetchSome(target, ids.slice(middle)))];
  }
}

/** The hash of an `_id` element, as digests have it. */
function hashOfId(kernel: BsonKernel, packed: Buffer): bigint {
  return kernel.hash64(Buffer.concat([packed.subarray(0, 1), idName, packed.subarray(1)]));
}

/** Of each live document only its hashes and its `_id` are kept. */
async function readLive(target: TouchedComparison): Promise<LiveDocuments> {
  const { ids, kernel } = target;
  const records: Buffer[] = [];
  const found = new Map<string, Buffer>();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < ids.length) {
      const part = ids.slice(next, next + fetchedTogether);
      next += part.length;
      for (const document of await fetchSome(target, part)) {
        const id = findId(document);
        if (!id) continue;
        const packed = packValue(id);
        // Two of the _ids asked for may lead to one document: Int32 1 and Double 1 are one key.
        const key = packed.toString('latin1');
        if (found.has(key)) continue;
        found.set(key, packed);
        const record = Buffer.allocUnsafe(recordBytes);
        record.writeBigUInt64LE(hashOfId(kernel, packed));
        kernel.hash128(document).copy(record, 8);
        records.push(record);
      }
      target.check();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { count: records.length, records: Buffer.concat(records), ids: [...found.values()] };
}

function wantedOf(target: TouchedComparison, live: LiveDocuments): WantedHashes {
  const wanted = new WantedHashes(target.ids.length + live.count);
  const add = (hash: bigint): void => wanted.add(Number(hash & 0xffffffffn), Number(hash >> 32n));
  for (const id of target.ids) add(hashOfId(target.kernel, id));
  for (let record = 0; record < live.count; record++) add(live.records.readBigUInt64LE(record * recordBytes));
  return wanted;
}

/**
 * Writes the differing documents of the namespace and returns its counts, as a full comparison would find them. What the
 * oplog does not name is as it was when its other side was read: the same as in the backup, or as in the earlier
 * comparison.
 */
export async function compareTouched(target: TouchedComparison): Promise<DocumentCounts> {
  const { digest, backupNamespace, earlier } = target;
  const inBackup = backupNamespace === null ? 0 : (digest.find(backupNamespace)?.documents ?? 0);
  const live = await readLive(target);
  const wanted = wantedOf(target, live);
  const left = earlier && wanted.size > 0 ? await ordinalsLeft(earlier, wanted) : [];
  const picked =
    wanted.size > 0 && backupNamespace !== null
      ? await pickRecords(digest, backupNamespace, wanted, left, target.verified)
      : { count: 0, words: new Uint32Array(0), ordinals: [] };
  target.check();
  const writer = new DifferingWriter(target.folder, target.index);
  try {
    const hashJoin = new HashJoin(picked.words, picked.count);
    hashJoin.probe(wordsOf(live.records), live.count, {
      changed: (record, position) => write('changed', record, picked.ordinals[position] ?? null),
      onlyInTarget: (record) => write('onlyInTarget', record, null),
    });
    const missing: { ordinal: number; low: number; high: number }[] = [];
    hashJoin.forEachUnmatched((position, low, high) => {
      missing.push({ ordinal: picked.ordinals[position] ?? 0, low, high });
    });
    let next = 0;
    const writeMissing = (before: number): void => {
      for (let one = missing[next]; one !== undefined && one.ordinal < before; one = missing[++next]) {
        writer.onlyInBackup(one.ordinal, one.low, one.high);
      }
    };
    if (earlier) await carryEntries(earlier, wanted, writer, writeMissing);
    writeMissing(Infinity);
  } catch (error) {
    writer.close();
    throw error;
  }
  const counts = await countsOf(writer, inBackup, 0, 0);
  const same = inBackup - counts.changed - counts.onlyInBackup;
  return { ...counts, same, inTarget: same + counts.changed + counts.onlyInTarget };

  function write(change: 'changed' | 'onlyInTarget', record: number, ordinal: number | null): void {
    const id = live.ids[record] ?? Buffer.alloc(0);
    const packed = { type: id[0] ?? 0, source: id, start: 1, end: id.length };
    writer.live(change, ordinal, { source: live.records, at: record * recordBytes }, packed);
  }
}
