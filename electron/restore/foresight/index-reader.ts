/** One unique index and the keys that documents have in it, membership of partial indexes and collations included. */
import type { CollationOptions, Document } from 'mongodb';
import { deserialize } from 'bson';
import { valueToExtendedJson } from '../../archive/extended-json';
import { findId, packValue } from '../../diff/bson-reader';
import { idKey } from '../documents/raw-documents';
import { CollatedStrings } from './collated-strings';
import { forEachString, indexKeys, keyText, type KeyValues, type StringNames, type UniqueIndex } from './index-keys';
import { partialFilterOf, type PartialFilter } from './partial-filter';
import { fromExtendedJson, notMatching, type ShownTo } from './server-match';

export interface DocumentKey {
  values: KeyValues;
  /** Equal for equal keys; empty until {@link IndexReader.name} under a collation. */
  text: string;
}

/** `refused`: a document that the index cannot take at all. */
export type Keys = readonly DocumentKey[] | 'refused';

const shownValue = 120;

export function shownPacked(packed: Buffer | null): string {
  const text = packed ? valueToExtendedJson(packed) : 'null';
  return text.length > shownValue ? `${text.slice(0, shownValue)}…` : text;
}

export class IndexReader {
  readonly index: UniqueIndex;
  /** Null: the index has no collation but the simple one. */
  readonly collation: CollationOptions | null;
  readonly #server: ShownTo;
  readonly #filter: Document | null;
  readonly #evaluate: PartialFilter | null;
  readonly #strings = new CollatedStrings();
  #names: StringNames | null = null;
  /** Documents of which not even the server can tell whether they are in the partial index. */
  unchecked = 0;

  constructor(index: UniqueIndex, server: Omit<ShownTo, 'collation'>) {
    this.index = index;
    this.collation = index.collation === null ? null : (fromExtendedJson(index.collation) as CollationOptions);
    this.#server = { ...server, collation: this.collation };
    this.#filter = index.partialFilter === null ? null : (fromExtendedJson(index.partialFilter) as Document);
    this.#evaluate = index.partialFilter === null ? null : partialFilterOf(index.partialFilter, index.collation);
  }

  /** False where strings under a collation are too many to be told apart. */
  get isComplete(): boolean {
    return this.#strings.isComplete && this.unchecked === 0;
  }

  /** For finding documents of the collection that are in the index. */
  get filter(): Document {
    return this.#filter ?? {};
  }

  /** The fields needed of a document: those of the index and the `_id`. */
  get projection(): Document {
    const fields = new Set(['_id', ...this.index.fields.map((field) => field.split('.')[0] ?? field)]);
    return Object.fromEntries([...fields].map((field) => [field, 1]));
  }

  /** Keys of documents with distinct `_id`s; none for those that the partial index leaves out. */
  async keysOf(documents: readonly Buffer[]): Promise<Keys[]> {
    const belongs = await this.#membership(documents);
    return documents.map((document) => (belongs(document) ? this.keysOfMember(document) : []));
  }

  async #membership(documents: readonly Buffer[]): Promise<PartialFilter> {
    if (!this.#filter) return () => true;
    if (this.#evaluate) return this.#evaluate;
    const { ids, unchecked } = await notMatching({ ...this.#server, filter: this.#filter }, documents);
    this.unchecked += unchecked;
    return (document) => {
      const id = findId(document);
      return id === null || !ids.has(idKey(packValue(id)));
    };
  }

  /** Of a document that is known to be in the index. */
  keysOfMember(document: Buffer): Keys {
    const keys = indexKeys(document, this.index);
    if (keys === 'refused') return keys;
    return keys.map((values) => {
      if (!this.collation) return { values, text: keyText(values, null) };
      forEachString(values, (text) => this.#strings.add(text));
      return { values, text: '' };
    });
  }

  /** To be called when all documents were read, before keys are compared under a collation. */
  async askCollation(): Promise<void> {
    if (this.collation && this.#strings.isComplete) this.#names = await this.#strings.names(this.#server);
  }

  /** The text of a key, final once {@link askCollation} is through. */
  textOf(key: DocumentKey): string {
    return this.collation ? keyText(key.values, this.#names) : key.text;
  }

  describe({ values }: DocumentKey): string {
    return this.index.fields.map((field, at) => `${field}: ${shownPacked(values[at] ?? null)}`).join(', ');
  }

  /** Finds at least every document that has the key. */
  conditionOf({ values }: DocumentKey): Document {
    return { $and: this.index.fields.map((field, at) => conditionOf(field, values[at] ?? null)) };
  }
}

function unpacked(packed: Buffer): unknown {
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

function conditionOf(field: string, value: Buffer | null): Document {
  if (value?.[0] === 0x06) return { $or: [{ [field]: { $eq: [] } }, { [field]: { $type: 6 } }] };
  if (value) return { [field]: { $eq: unpacked(value) } };
  // In arrays on the way, what the path cannot enter is a null to the index, but not to a query.
  const parts = field.split('.');
  const arrays = parts.slice(1).map((_, at) => ({ [parts.slice(0, at + 1).join('.')]: { $type: 4 } }));
  return { $or: [{ [field]: null }, ...arrays] };
}
