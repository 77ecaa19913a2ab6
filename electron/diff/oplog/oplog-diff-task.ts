/** The comparison by oplog, in a worker thread: what was touched since is read from the oplog, and only that compared. */
import { MongoClient } from 'mongodb';
import type { OplogSpan } from '../../../shared/backups';
import type { DocumentCounts } from '../../../shared/diff';
import { fail } from '../../../shared/result';
import { DigestFile } from '../../archive/digest-file';
import { BsonKernel } from '../../archive/kernel/bson-kernel';
import { readPosition, type OplogPosition } from '../../connections/oplog-position';
import type { Task, TaskContext } from '../../jobs/task';
import type { EarlierEntries } from './carry-entries';
import { compareTouched } from './compare-touched';
import { readOplog, unreadableReason } from './read-oplog';
import type { Followed, TouchedIds } from './touched-ids';

export interface OplogDiffNamespace {
  index: number;
  backupNamespace: string | null;
  database: string;
  /** The collection that holds the documents: of a time series the buckets. */
  collection: string;
  /** Of that collection, hex without dashes; null: its name must do. */
  uuid: string | null;
  /** As counted by the server when the comparison began; null where unknown. */
  documents: number | null;
  /** The comparison that is brought up to date; null: the backup itself. */
  earlier: EarlierEntries | null;
}

export interface OplogDiffTaskInput {
  /** Connection string with secrets. */
  uri: string;
  /** Where the differing documents go, a folder per namespace. */
  folder: string;
  digest: string;
  /** Namespaces of it whose checksums this process found right before, the file being the same. */
  verified: readonly string[];
  /** Between which places the backup, or the earlier comparison, was read. */
  span: OplogSpan;
  namespaces: OplogDiffNamespace[];
  /** BSON bytes of these collections; null where unknown. */
  liveBytes: number | null;
}

export interface OplogDiffTaskOutput {
  documents: { index: number; counts: DocumentCounts }[];
  /** To be compared in full, and why. */
  left: { index: number; reason: string }[];
  /** Documents that the oplog named. */
  touched: number;
  /** Namespaces of the digest that were read whole. */
  verified: string[];
}

/** Reading a document by its `_id` costs about eight times what it costs in a stream. */
const touchedShare = 1 / 8;
const fewTouched = 20_000;
const mostTouched = 500_000;
const fewBytes = 64 * 1024 * 1024;

function followedOf({ index, database, collection, uuid, documents }: OplogDiffNamespace): Followed {
  const share = Math.floor((documents ?? 0) * touchedShare);
  return {
    index,
    ns: `${database}.${collection}`,
    uuid,
    mostTouched: Math.min(Math.max(share, fewTouched), mostTouched),
  };
}

class OplogDiff {
  readonly #input: OplogDiffTaskInput;
  readonly #client: MongoClient;
  readonly #context: TaskContext;
  readonly #output: OplogDiffTaskOutput = { documents: [], left: [], touched: 0, verified: [] };

  constructor(input: OplogDiffTaskInput, client: MongoClient, context: TaskContext) {
    this.#input = input;
    this.#client = client;
    this.#context = context;
  }

  async run(): Promise<OplogDiffTaskOutput> {
    const { namespaces, span, liveBytes } = this.#input;
    this.#context.report({ phase: 'Reading the oplog' });
    const answer = await readOplog({
      client: this.#client,
      span,
      followed: namespaces.map(followedOf),
      mostBytes: Math.max((liveBytes ?? 0) / 2, fewBytes),
      isCancelled: () => this.#context.isCancelled(),
    });
    if (answer.touched === null) return this.#leaveAll(answer.unreadable);
    try {
      await this.#compareAll(answer.touched);
      return (await this.#isStillThere(answer.reached))
        ? await this.#checkNumbers(answer.reached)
        : this.#leaveAll('the primary changed while it was read');
    } catch (error) {
      return this.#leaveAll(unreadableReason(error));
    }
  }

  async #compareAll(touched: TouchedIds): Promise<void> {
    const { namespaces, folder } = this.#input;
    const kernel = new BsonKernel();
    const check = (): void => this.#check();
    const digest = await DigestFile.open(this.#input.digest);
    try {
      for (const { index, backupNamespace, database, collection, earlier } of namespaces) {
        const withoutId = backupNamespace !== null && digest.find(backupNamespace)?.hasDocumentsWithoutId === true;
        const reason = withoutId ? 'some of its documents have no _id' : touched.reason(index);
        if (reason !== null) {
          this.#output.left.push({ index, reason });
          continue;
        }
        const ids = touched.ids(index);
        this.#output.touched += ids.length;
        this.#context.report({ phase: `Comparing ${database}.${collection}`, documentsTotal: ids.length });
        const verified = backupNamespace !== null && this.#input.verified.includes(backupNamespace);
        const what = { client: this.#client, database, collection, ids, digest, verified, backupNamespace, earlier };
        const counts = await compareTouched({ ...what, folder, index, kernel, check });
        this.#output.documents.push({ index, counts });
        if (backupNamespace !== null && ids.length > 0) this.#output.verified.push(backupNamespace);
      }
    } finally {
      await digest.close();
    }
  }

  /** Documents that came from another member, or from after a rollback, need not go with what the oplog said. */
  async #isStillThere(before: OplogPosition): Promise<boolean> {
    const after = await readPosition(this.#client);
    return after?.member === before.member && after.incarnation === before.incarnation;
  }

  /**
   * Holds the number of documents that came out against the server's own, where nothing was written in between: writes
   * that no oplog knows of (made to a member while it ran alone) would show there.
   */
  async #checkNumbers(reached: OplogPosition): Promise<OplogDiffTaskOutput> {
    const { namespaces } = this.#input;
    const odd: { namespace: OplogDiffNamespace; count: number }[] = [];
    for (const { index, counts } of this.#output.documents) {
      const namespace = namespaces.find((candidate) => candidate.index === index);
      if (!namespace || namespace.documents === null || namespace.documents === counts.inTarget) continue;
      const count = await this.#countOf(namespace);
      if (count !== null && count !== counts.inTarget) odd.push({ namespace, count });
    }
    if (odd.length === 0) return this.#output;
    const since = await readOplog({
      client: this.#client,
      span: { start: reached.applied, end: reached.applied },
      followed: odd.map(({ namespace }) => followedOf(namespace)),
      mostBytes: fewBytes,
      isCancelled: () => this.#context.isCancelled(),
    });
    for (const { namespace, count } of odd) {
      const { index } = namespace;
      if (since.touched && (since.touched.reason(index) !== null || since.touched.ids(index).length > 0)) continue;
      this.#output.documents = this.#output.documents.filter((documents) => documents.index !== index);
      this.#output.left.push({ index, reason: `the server counts ${count} documents, the oplog accounts for others` });
    }
    return this.#output;
  }

  async #countOf({ database, collection }: OplogDiffNamespace): Promise<number | null> {
    const stages = [{ $collStats: { count: {} } }];
    const [answer] = await this.#client.db(database).collection(collection).aggregate(stages).toArray();
    return typeof answer?.['count'] === 'number' ? answer['count'] : null;
  }

  #leaveAll(reason: string): OplogDiffTaskOutput {
    return {
      documents: [],
      left: this.#input.namespaces.map(({ index }) => ({ index, reason })),
      touched: 0,
      verified: [],
    };
  }

  #check(): void {
    if (this.#context.isCancelled()) fail('cancelled', 'Cancelled.');
  }
}

export const oplogDiffTask: Task<OplogDiffTaskInput, OplogDiffTaskOutput> = async (input, context) => {
  const client = new MongoClient(input.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  try {
    return await new OplogDiff(input, client, context).run();
  } finally {
    await client.close();
  }
};
