/** A unique index that a restore builds when the documents are written: which of them would then share a key. */
import type { MongoClient } from 'mongodb';
import type { BsonKernel } from '../../archive/kernel/bson-kernel';
import { findId, packValue } from '../../diff/bson-reader';
import { idKey } from '../documents/raw-documents';
import { shownPacked, type DocumentKey, type IndexReader, type Keys } from './index-reader';
import { KeyParts, type KeyKind, type KeyRecord } from './key-parts';
import type { Named } from './streams';

/** What a mode leaves in a collection. `whole`: the backup's documents and no others (clone, drop). */
export const builtModes = ['insert-missing', 'overwrite', 'merge', 'exact', 'whole', 'pick'] as const;
export type BuiltMode = (typeof builtModes)[number];

export function bitsOf(modes: readonly BuiltMode[]): number {
  return modes.reduce((bits, mode) => bits | (1 << builtModes.indexOf(mode)), 0);
}

/** Documents that share a key with another one: all counted, the first hundred named. */
export interface Sharing {
  total: number;
  objects: Named[];
}

interface Waiting {
  key: DocumentKey;
  kind: KeyKind;
  modes: number;
  isMultiple: boolean;
  id: Buffer;
}

const mostObjects = 100;
const longestText = 200;
/** Documents with several keys that are told apart, so that none is counted twice. */
const mostMultiple = 200_000;

export class BuiltIndex {
  readonly #reader: IndexReader;
  readonly #kernel: BsonKernel;
  readonly #parts: KeyParts;
  /** Under a collation: until the server has told which strings are equal. */
  readonly #waiting: Waiting[] = [];
  /** False: it could not be judged to the end. */
  isComplete = true;

  /** `folder`: of its own; `expected`: documents, about. */
  constructor(reader: IndexReader, kernel: BsonKernel, folder: string, expected: number) {
    this.#reader = reader;
    this.#kernel = kernel;
    this.#parts = new KeyParts(folder, expected);
  }

  get name(): string {
    return this.#reader.index.name;
  }

  /** Reads the whole collection, as far as the index is concerned. Driver errors pass through. */
  async scan(
    client: MongoClient,
    { database, collection }: { database: string; collection: string },
    signal: AbortSignal,
    report: (documents: number) => void,
  ): Promise<void> {
    const reader = this.#reader;
    const cursor = client
      .db(database)
      .collection(collection)
      .find(reader.filter, {
        raw: true,
        readPreference: 'primary',
        projection: reader.projection,
        collation: reader.collation ?? { locale: 'simple' },
      });
    const every = bitsOf(builtModes);
    let documents = 0;
    try {
      for await (const answer of cursor) {
        if (signal.aborted) return;
        const view = answer as unknown as Uint8Array;
        const document = Buffer.from(view.buffer, view.byteOffset, view.length);
        const element = findId(document);
        if (element) this.add('present', every, packValue(element), reader.keysOfMember(document));
        if (++documents % 10_000 === 0) report(documents);
      }
    } finally {
      await cursor.close();
    }
  }

  /** `keys`: of the document, from the index' reader. */
  add(kind: KeyKind, modes: number, id: Buffer, keys: Keys): void {
    if (modes === 0) return;
    if (keys === 'refused') {
      const text = 'cannot be indexed, for the arrays it holds';
      const hash = this.#kernel.hash128(Buffer.from(`refused ${idKey(id)}`, 'utf8'));
      this.#parts.add(hash, { kind, modes, isMultiple: false, isRefused: true, id, text });
      return;
    }
    const isMultiple = keys.length > 1;
    for (const key of keys) {
      const entry = { key, kind, modes, isMultiple, id };
      if (!this.#reader.collation) this.#record(entry);
      else if (this.#reader.isComplete) this.#waiting.push(entry);
      else this.#waiting.length = 0;
    }
  }

  #record({ key, kind, modes, isMultiple, id }: Waiting): void {
    const hash = this.#kernel.hash128(Buffer.from(this.#reader.textOf(key), 'utf8'));
    const text = this.#reader.describe(key).slice(0, longestText);
    this.#parts.add(hash, { kind, modes, isMultiple, isRefused: false, id, text });
  }

  /** To be called once everything was added. Driver errors pass through. */
  async sharing(modes: readonly BuiltMode[]): Promise<Map<BuiltMode, Sharing>> {
    await this.#reader.askCollation();
    for (const entry of this.#waiting) this.#record(entry);
    this.#waiting.length = 0;
    if (!this.#reader.isComplete) this.isComplete = false;
    const found = new Map(modes.map((mode): [BuiltMode, Sharing] => [mode, { total: 0, objects: [] }]));
    const counted = new Map(modes.map((mode) => [mode, new Set<string>()]));
    await this.#parts.forEachGroup((records) => {
      for (const [mode, sharing] of found) {
        const members = membersOf(records, bitsOf([mode]));
        if (members.size < (records[0]?.isRefused === true ? 1 : 2)) continue;
        note(members, sharing, counted.get(mode) ?? new Set());
      }
    });
    return found;
  }

  async remove(): Promise<void> {
    await this.#parts.remove();
  }
}

/** The documents that have the key when the mode is through, by idKey. */
function membersOf(records: readonly KeyRecord[], bit: number): Map<string, KeyRecord> {
  const members = new Map<string, KeyRecord>();
  const of = (kind: KeyKind): KeyRecord[] =>
    records.filter((record) => record.kind === kind && (record.modes & bit) !== 0);
  for (const record of of('present')) members.set(idKey(record.id), record);
  for (const record of of('leaving')) members.delete(idKey(record.id));
  for (const record of of('coming')) members.set(idKey(record.id), record);
  return members;
}

function note(members: ReadonlyMap<string, KeyRecord>, sharing: Sharing, counted: Set<string>): void {
  const keys = [...members.keys()];
  for (const [key, { id, text, isMultiple, isRefused }] of members) {
    if (isMultiple && counted.has(key)) continue;
    if (isMultiple && counted.size < mostMultiple) counted.add(key);
    sharing.total++;
    if (sharing.objects.length >= mostObjects) continue;
    const other = members.get((keys[0] === key ? keys[1] : keys[0]) ?? '');
    const where = other?.kind === 'coming' ? 'of the backup has too' : 'has in the target';
    const detail = isRefused || !other ? text : `${text}, which ${shownPacked(Buffer.from(other.id))} ${where}`;
    sharing.objects.push({ id: Buffer.from(id), detail });
  }
}
