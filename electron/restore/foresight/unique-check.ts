/** Documents that a unique index would refuse, found before they are written: asks the live collection, writes nothing. */
import { deserialize } from 'bson';
import type { Document, MongoClient } from 'mongodb';
import { valueToExtendedJson } from '../../archive/extended-json';
import { findId, packValue } from '../../diff/bson-reader';
import { idKey } from '../raw-documents';
import { indexKeys, type DocumentKey, type UniqueIndex } from './index-keys';
import { fromExtendedJson } from './server-match';
import { streamsOf, type ForeseenMode, type Stream } from './streams';

/** A document that a mode would write. */
export interface Candidate {
  stream: Stream;
  /** Packed `_id`. */
  id: Buffer;
  document: Buffer;
  /** What the target has in its place; null for what is inserted. */
  live: Buffer | null;
}

export interface UniqueCheckOptions {
  client: MongoClient;
  database: string;
  collection: string;
  index: UniqueIndex;
  signal: AbortSignal;
}

interface Conflict {
  stream: Stream;
  id: Buffer;
  detail: string;
  /** {@link idKey} of the live document in the way; null for another one of the backup. */
  live: string | null;
  /** The other document's stream, where it is one of the backup. */
  other: Stream | null;
}

interface Waiting {
  candidate: Candidate;
  key: DocumentKey;
}

/** Conditions of one question. */
const together = 200;
const shownValue = 120;
const mostConflicts = 100_000;
const questionTimeout = 60_000;

function packedField(packed: Buffer | null): unknown {
  if (!packed) return null;
  const parts = [
    Buffer.alloc(4),
    packed.subarray(0, 1),
    Buffer.from('v\0', 'latin1'),
    packed.subarray(1),
    Buffer.alloc(1),
  ];
  const document = Buffer.concat(parts);
  document.writeInt32LE(document.length, 0);
  return (deserialize(document, { promoteValues: false, bsonRegExp: true }) as { v: unknown }).v;
}

function shown(packed: Buffer | null): string {
  const text = packed ? valueToExtendedJson(packed) : 'null';
  return text.length > shownValue ? `${text.slice(0, shownValue)}…` : text;
}

/** One index of one collection: fed with candidates a chunk at a time. */
export class UniqueCheck {
  readonly #options: UniqueCheckOptions;
  /** By key, the first candidate that has it. */
  readonly #owners = new Map<string, { stream: Stream; id: Buffer }[]>();
  readonly #conflicts: Conflict[] = [];
  /** Live documents that lose their key when they are replaced or merged. */
  readonly #leaving: Record<Stream, Set<string>> = { insert: new Set(), replace: new Set(), merge: new Set() };

  constructor(options: UniqueCheckOptions) {
    this.#options = options;
  }

  /** Driver errors pass through; one of code 50 means that the question took too long. */
  async add(candidates: readonly Candidate[]): Promise<void> {
    const { index, signal } = this.#options;
    const waiting: Waiting[] = [];
    for (const candidate of candidates) {
      const keys = indexKeys(candidate.document, index);
      if (!keys) continue;
      const before = new Set(candidate.live ? indexKeys(candidate.live, index)?.map(({ text }) => text) : []);
      const texts = new Set(keys.map(({ text }) => text));
      if ([...before].some((text) => !texts.has(text))) this.#leaving[candidate.stream].add(idKey(candidate.id));
      for (const key of keys) {
        // What has the key already keeps it.
        if (before.has(key.text)) continue;
        this.#meetOwners(candidate, key);
        waiting.push({ candidate, key });
      }
    }
    const size = index.collation === null ? together : 1;
    for (let at = 0; at < waiting.length && !signal.aborted; at += size) await this.#ask(waiting.slice(at, at + size));
  }

  #meetOwners(candidate: Candidate, key: DocumentKey): void {
    const owners = this.#owners.get(key.text) ?? [];
    const other = owners.find(
      ({ stream, id }) =>
        (stream === 'insert' || stream === candidate.stream || candidate.stream === 'insert') &&
        !id.equals(candidate.id),
    );
    // Whether both are in a partial index only the server can say.
    if (other && this.#options.index.partialFilter === null) {
      const detail = `${this.#describe(key)}, which ${shown(other.id)} of the backup has too`;
      this.#refuse({ stream: candidate.stream, id: candidate.id, detail, live: null, other: other.stream });
    }
    if (owners.some(({ stream }) => stream === candidate.stream)) return;
    this.#owners.set(key.text, [...owners, { stream: candidate.stream, id: candidate.id }]);
  }

  async #ask(slice: readonly Waiting[]): Promise<void> {
    const { client, database, collection, index } = this.#options;
    const anyKey = { $or: slice.map(({ key }) => this.#conditionOf(key)) };
    const partial = index.partialFilter === null ? null : (fromExtendedJson(index.partialFilter) as Document);
    const collation = index.collation === null ? null : (fromExtendedJson(index.collation) as never);
    const fields = new Set(['_id', ...index.fields.map((field) => field.split('.')[0] ?? field)]);
    const cursor = client
      .db(database)
      .collection(collection)
      .find(partial ? { $and: [partial, anyKey] } : anyKey, {
        raw: true,
        readPreference: 'primary',
        maxTimeMS: questionTimeout,
        projection: Object.fromEntries([...fields].map((field) => [field, 1])),
        ...(collation ? { collation } : {}),
      });
    for await (const answer of cursor) {
      const view = answer as unknown as Uint8Array;
      const live = Buffer.from(Buffer.from(view.buffer, view.byteOffset, view.length));
      const element = findId(live);
      if (!element) continue;
      const id = packValue(element);
      const keys = new Set((indexKeys(live, index) ?? []).map(({ text }) => text));
      for (const { candidate, key } of slice) {
        // With a collation the server alone knows what is equal, and was asked about this one key.
        const same = index.collation !== null || keys.has(key.text);
        if (!same || idKey(candidate.id) === idKey(id)) continue;
        const detail = `${this.#describe(key)}, which ${shown(id)} has in the target`;
        this.#refuse({ stream: candidate.stream, id: candidate.id, detail, live: idKey(id), other: null });
      }
    }
  }

  #conditionOf(key: DocumentKey): Document {
    const { fields } = this.#options.index;
    return { $and: fields.map((field, at) => ({ [field]: { $eq: packedField(key.values[at] ?? null) } })) };
  }

  #describe(key: DocumentKey): string {
    return this.#options.index.fields.map((field, at) => `${field}: ${shown(key.values[at] ?? null)}`).join(', ');
  }

  #refuse(conflict: Conflict): void {
    if (this.#conflicts.length < mostConflicts) this.#conflicts.push(conflict);
  }

  /** Documents that the mode would see refused, each once. */
  conflictsOf(mode: ForeseenMode): { id: Buffer; detail: string }[] {
    const streams = streamsOf[mode];
    const found = new Map<string, { id: Buffer; detail: string }>();
    for (const { stream, id, detail, live, other } of this.#conflicts) {
      if (!streams.includes(stream) || (other !== null && !streams.includes(other))) continue;
      if (live !== null && streams.some((one) => this.#leaving[one].has(live))) continue;
      const key = idKey(id);
      if (!found.has(key)) found.set(key, { id, detail });
    }
    return [...found.values()];
  }
}
