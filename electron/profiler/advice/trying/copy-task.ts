/** The task 'advice.copy': documents of a live collection, or a sample of them, into a sandbox, byte for byte. */
import { MongoClient, type Document } from 'mongodb';
import { fail } from '../../../../shared/result';
import type { Task } from '../../../jobs/task';
import { insertRaw } from '../../../restore/writing/raw-commands';

export interface CopyInput {
  /** With their secrets: never logged. */
  sourceUri: string;
  targetUri: string;
  database: string;
  collection: string;
  /** Documents taken at random; null: all of them. */
  sample: number | null;
  /** For progress; null when unknown. */
  documentsTotal: number | null;
  /** Limit of the reading. */
  maxTimeMs: number;
}

export interface CopyOutput {
  documents: number;
  bytes: number;
}

const batchBytes = 8 * 1024 * 1024;
const batchDocuments = 5000;

/** Fails with 'cancelled' and with the driver's errors. */
export const copyTask: Task<CopyInput, CopyOutput> = async (input, { isCancelled, report }) => {
  const { database, collection, sample, documentsTotal, maxTimeMs } = input;
  const phase = `Copying ${database}.${collection}`;
  const source = new MongoClient(input.sourceUri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  const target = new MongoClient(input.targetUri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  const output: CopyOutput = { documents: 0, bytes: 0 };
  let batch: Buffer[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const context = { client: target, database, collection, majority: false, bypassValidation: true };
    const { n } = await insertRaw(context, batch);
    output.documents += n;
    output.bytes += bytes;
    batch = [];
    bytes = 0;
    report({ phase, documentsDone: output.documents, documentsTotal, bytesDone: output.bytes });
  };
  try {
    const from = source.db(database).collection<Document>(collection);
    const options = { raw: true, batchSize: 1000, maxTimeMS: maxTimeMs, comment: 'Lifeboat: copy for trying an index' };
    const cursor =
      sample === null
        ? from.find({}, options)
        : from.aggregate([{ $sample: { size: sample } }], { ...options, allowDiskUse: true });
    try {
      report({ phase, documentsDone: 0, documentsTotal });
      for await (const document of cursor) {
        if (isCancelled()) fail('cancelled', 'Cancelled.');
        // With `raw`, what comes is the document's bytes, a view into the answer.
        const raw = Buffer.from(document as unknown as Uint8Array);
        batch.push(raw);
        bytes += raw.length;
        if (bytes >= batchBytes || batch.length >= batchDocuments) await flush();
      }
      await flush();
    } finally {
      await cursor.close();
    }
    return output;
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
};
