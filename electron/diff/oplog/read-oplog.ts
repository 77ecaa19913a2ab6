/**
 * Reads a target's oplog from a place on, up to where the target stands now. Nothing that is unknown is filtered out by
 * the server: only writes to other collections are, and notes.
 *
 * Why the answer is whole: the scan must meet three entries, each with its term: the start, so that nothing before it
 * was cut off or rolled back; the end of what was read then, so that nothing of that was rolled back; and the newest
 * entry of the member at the beginning of the scan. An oplog shows an entry only once everything before it is committed,
 * so that meeting the last one means that no write up to it is missing. Documents are read after that, from the same
 * member: what the oplog told is in them. Reads have read concern local, as mongodump's have: what is compared is what
 * the primary serves; a rollback of it is noticed by whoever starts from this reading's own place.
 */
import { Binary, MongoError, MongoServerError, type Filter, type Document, type MongoClient } from 'mongodb';
import type { ClusterTime, OpTime, OplogSpan } from '../../../shared/backups';
import { fail } from '../../../shared/result';
import { compareTimes, readPosition, timestampOf, type OplogPosition } from '../../connections/oplog-position';
import { findBatches } from '../../restore/documents/raw-find';
import { followEntry, type EntryListener } from './follow-entry';
import { readEntry } from './oplog-entry';
import { TouchedIds, type Followed } from './touched-ids';

export interface OplogQuestion {
  client: MongoClient;
  /** Between which places the other side of the comparison was read; reading goes from its start on. */
  span: OplogSpan;
  followed: readonly Followed[];
  /** Bytes of oplog beyond which reading everything is the faster way. */
  mostBytes: number;
  isCancelled(): boolean;
}

/** `reached`: the newest entry that was read, and the member at that moment. Or why nothing can be followed. */
export type OplogAnswer =
  | { touched: TouchedIds; reached: OplogPosition; unreadable: null }
  | { touched: null; reached: null; unreadable: string };

class Unreadable extends Error {}

const unauthorised = 13;
/** An answer's `unreadable` where the user lacks the privilege. */
export const notPermitted = 'the user may not read the oplog';
const batchEntries = 10_000;
const attempts = 3;
const pauseMs = 100;

/** Why an error of the driver means that the oplog cannot be read; other errors pass through. */
export function unreadableReason(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  if (error instanceof MongoServerError && error.code === unauthorised) return notPermitted;
  if (error instanceof MongoError) return `the oplog could not be read (${error.message})`;
  throw error;
}

function timeText({ seconds }: ClusterTime): string {
  return new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
}

function same(a: OpTime | null, b: OpTime): boolean {
  return a !== null && compareTimes(a.time, b.time) === 0 && a.term === b.term;
}

function binaryOf(uuid: string): Binary {
  return new Binary(Buffer.from(uuid, 'hex'), Binary.SUBTYPE_UUID);
}

function filterOf(span: OplogSpan, last: ClusterTime, followed: readonly Followed[]): Filter<Document> {
  const writes = { op: { $in: ['i', 'u', 'd'] } };
  const landmarks = [span.start.time, span.end.time, last].map(timestampOf);
  return {
    ts: { $gte: timestampOf(span.start.time), $lte: timestampOf(last) },
    $or: [
      { ts: { $in: landmarks } },
      { ...writes, ui: { $in: followed.flatMap(({ uuid }) => (uuid === null ? [] : [binaryOf(uuid)])) } },
      { ...writes, ns: { $in: followed.map(({ ns }) => ns) } },
      { op: { $nin: ['i', 'u', 'd', 'n'] } },
    ],
  };
}

/** Time of the oldest entry there is; throws when there is none. */
async function oldestTime(client: MongoClient): Promise<ClusterTime> {
  const options = { sort: { $natural: 1 }, projection: { ts: 1 }, readPreference: 'primary', raw: true } as const;
  const entry = await client.db('local').collection('oplog.rs').findOne({}, options);
  const place = entry && readEntry(bufferOf(entry)).place;
  if (!place) throw new Unreadable('the oplog is empty');
  return place.time;
}

async function requireReach(client: MongoClient, start: ClusterTime): Promise<void> {
  const oldest = await oldestTime(client);
  if (compareTimes(oldest, start) <= 0) return;
  throw new Unreadable(`the oplog reaches back only to ${timeText(oldest)}, not to ${timeText(start)}`);
}

/** With `raw` the driver yields buffers, which its types do not say; they are views into its messages. */
function bufferOf(document: Document): Buffer {
  const view = document as unknown as Buffer;
  return Buffer.from(view.buffer, view.byteOffset, view.length);
}

interface Scan {
  touched: TouchedIds;
  metStart: boolean;
  metEnd: boolean;
  metLast: boolean;
  /** Entries before the start at which transactions began that were committed after it. */
  earlier: OpTime[];
}

function listenerOf(scan: Scan, start: OpTime): EntryListener {
  return {
    touched: (ns, uuid, id) => scan.touched.touched(ns, uuid, id),
    lost: (concerned, reason) => scan.touched.lost(concerned, reason),
    continues: (previous) => {
      if (compareTimes(previous.time, start.time) <= 0) scan.earlier.push(previous);
    },
  };
}

async function scanOnce(question: OplogQuestion, last: OpTime): Promise<Scan> {
  const { client, span, followed } = question;
  const touched = new TouchedIds(followed);
  const scan: Scan = { touched, metStart: false, metEnd: false, metLast: false, earlier: [] };
  const listener = listenerOf(scan, span.start);
  const answers = findBatches(
    { client, database: 'local', collection: 'oplog.rs', readPreference: 'primary' },
    { filter: filterOf(span, last.time, followed), batchSize: batchEntries },
  );
  let bytes = 0;
  for await (const { documents } of answers) {
    for (const raw of documents) {
      const entry = readEntry(raw);
      const { place } = entry;
      if (!place) throw new Unreadable('the oplog holds an entry without a time');
      if (same(place, last)) scan.metLast = true;
      if (same(place, span.end)) scan.metEnd = true;
      if (same(place, span.start)) {
        scan.metStart = true;
        continue;
      }
      if (!scan.metStart) return scan;
      bytes += raw.length;
      if (bytes > question.mostBytes) throw new Unreadable('the oplog since is as long as the collections');
      followEntry(entry, listener);
      if (touched.areAllLost) return { ...scan, metEnd: true, metLast: true };
    }
    if (question.isCancelled()) fail('cancelled', 'Cancelled.');
  }
  return scan;
}

/** Walks transactions that began before the start back to their first entry. */
async function followEarlier(question: OplogQuestion, scan: Scan): Promise<void> {
  const seen = new Set<string>();
  const oplog = question.client.db('local').collection('oplog.rs');
  const listener = listenerOf(scan, question.span.start);
  for (let place = scan.earlier.pop(); place !== undefined; place = scan.earlier.pop()) {
    const key = `${place.time.seconds} ${place.time.increment}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const document = await oplog.findOne({ ts: timestampOf(place.time) }, { raw: true, readPreference: 'primary' });
    const entry = document && readEntry(bufferOf(document));
    if (!entry || !same(entry.place, place)) {
      throw new Unreadable('a transaction committed since began before the oldest entry of the oplog');
    }
    followEntry(entry, listener);
    if (question.isCancelled()) fail('cancelled', 'Cancelled.');
  }
}

async function follow(question: OplogQuestion): Promise<{ touched: TouchedIds; reached: OplogPosition }> {
  const { client, span } = question;
  for (let attempt = 1; ; attempt++) {
    const reached = await readPosition(client);
    if (!reached) throw new Unreadable('the target is no replica set that tells where it stands');
    if (compareTimes(reached.applied.time, span.end.time) < 0) {
      throw new Unreadable('the target is behind what it is compared with: its history was rolled back');
    }
    await requireReach(client, span.start.time);
    const scan = await scanOnce(question, reached.applied);
    if (!scan.metStart || !scan.metEnd) {
      await requireReach(client, span.start.time);
      throw new Unreadable('its history is another one since then, or was rolled back');
    }
    if (scan.metLast) {
      await followEarlier(question, scan);
      await requireReach(client, span.start.time);
      return { touched: scan.touched, reached };
    }
    if (attempt === attempts) throw new Unreadable('its newest entries could not be read');
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/**
 * What was touched since `span` began to be read. Collections that cannot be followed say so in `touched`; what makes
 * the whole oplog useless is the answer's `unreadable`. Throws 'cancelled', and what is no error of the server.
 */
export async function readOplog(question: OplogQuestion): Promise<OplogAnswer> {
  try {
    return { ...(await follow(question)), unreadable: null };
  } catch (error) {
    return { touched: null, reached: null, unreadable: unreadableReason(error) };
  }
}
