import { EJSON } from 'bson';
import type { ExtendedJsonDocument } from '../../shared/backups';
import { ArchiveDamage } from './archive-damage';
import {
  archiveFormatVersion,
  archiveMagic,
  bucketsPrefix,
  namespaceOf,
  oplogNamespace,
  terminatorBytes,
} from './archive-format';
import { bsonType } from './bson-types';
import { keyNamesOf, withKeyOrder } from './name-order';
import { iterateElements, readString } from './raw-bson';
import { RawDocumentBuilder } from './raw-document-builder';

export interface ArchiveHeader {
  concurrentCollections: number;
  /** "0.1" in every archive so far. */
  formatVersion: string;
  /** Of the server the dump was taken from, such as "6.0.5"; empty when unknown. */
  serverVersion: string;
  /** Of mongodump, such as "100.7.0". */
  toolVersion: string;
}

const collectionTypes = ['collection', 'view', 'timeseries'] as const;
export type CollectionType = (typeof collectionTypes)[number];

/** One collection as the prelude announces it. */
export interface CollectionMetadata {
  database: string;
  collection: string;
  type: CollectionType;
  /** JSON text as it stands in the archive (order of fields as written); empty for the oplog and very old dumps. */
  metadata: string;
  /** The parsed parts, as canonical Extended JSON. */
  options: ExtendedJsonDocument;
  /** With `keyOrder` where needed: see {@link withKeyOrder}. */
  indexes: ExtendedJsonDocument[];
  /** Hex without dashes; null for views and old dumps. */
  uuid: string | null;
}

export interface ArchivePrelude {
  header: ArchiveHeader;
  collections: CollectionMetadata[];
}

/** Parts of a `metadata.json` or of a prelude's metadata text. */
export interface ParsedMetadata {
  options: ExtendedJsonDocument;
  indexes: ExtendedJsonDocument[];
  uuid: string | null;
  /** Given by newer tools: the real name where the file's is escaped or cut. */
  collectionName: string | null;
  type: CollectionType | null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number, date and so on, which canonical Extended JSON also writes as an object. */
function isTypedValue(value: unknown): boolean {
  return isRecord(value) && '_bsontype' in value;
}

/**
 * Parses collection metadata. Empty text means no options and no indexes. Throws {@link ArchiveDamage} (`prelude`) that
 * names the collection when the text is no JSON or not of the right shape.
 */
export function parseCollectionMetadata(text: string, namespace: string): ParsedMetadata {
  const empty: ParsedMetadata = { options: {}, indexes: [], uuid: null, collectionName: null, type: null };
  if (text.trim() === '') return empty;
  const bad = (why: string): ArchiveDamage =>
    new ArchiveDamage('prelude', `The metadata of ${namespace} cannot be read: ${why}.`, {
      namespace,
      hint: 'The dump was damaged or edited; its documents may still be whole.',
    });
  let parsed: unknown;
  let canonical: unknown;
  try {
    // Relaxed numbers of old dumps become typed ones, so that equal metadata is equal text whatever wrote it.
    parsed = EJSON.parse(text, { relaxed: false });
    canonical = EJSON.serialize(parsed as object, { relaxed: false });
  } catch (error) {
    throw bad(error instanceof Error ? error.message : 'it is no Extended JSON');
  }
  if (!isRecord(parsed) || isTypedValue(parsed) || !isRecord(canonical)) throw bad('it is no JSON object');
  if (isTypedValue(parsed['options'])) throw bad('"options" is no object');
  const { options = {}, indexes = [], uuid = null, collectionName = null, type = null } = canonical;
  if (options !== null && !isRecord(options)) throw bad('"options" is no object');
  if (indexes !== null && !Array.isArray(indexes)) throw bad('"indexes" is no list');
  const indexList: ExtendedJsonDocument[] = [];
  const keyNames = keyNamesOf(text);
  for (const [position, index] of ((indexes ?? []) as unknown[]).entries()) {
    if (!isRecord(index)) throw bad(`index ${position + 1} is no object`);
    if (!isRecord(index['key'])) throw bad(`index ${position + 1} has no key pattern`);
    indexList.push(withKeyOrder(index, keyNames[position] ?? []));
  }
  if (uuid !== null && typeof uuid !== 'string') throw bad('"uuid" is no text');
  if (collectionName !== null && typeof collectionName !== 'string') throw bad('"collectionName" is no text');
  return {
    options: options ?? {},
    indexes: indexList,
    uuid: uuid === '' || uuid === null ? null : uuid.replaceAll('-', '').toLowerCase(),
    collectionName: collectionName === '' ? null : collectionName,
    type: collectionTypes.find((known) => known === type) ?? null,
  };
}

/** Old dumps do not state the type; the options tell. */
function collectionTypeOf(stated: string | null, options: ExtendedJsonDocument): CollectionType {
  const known = collectionTypes.find((type) => type === stated);
  if (known) return known;
  if ('viewOn' in options) return 'view';
  return 'timeseries' in options ? 'timeseries' : 'collection';
}

/** Builds the entry for a collection from its metadata text. Throws as {@link parseCollectionMetadata}. */
export function collectionMetadata(
  database: string,
  collection: string,
  metadata: string,
  statedType: string | null,
): CollectionMetadata {
  const parsed = parseCollectionMetadata(metadata, namespaceOf(database, collection));
  const type = collectionTypeOf(statedType || parsed.type, parsed.options);
  const { options, indexes, uuid } = parsed;
  return { database, collection, type, metadata, options, indexes, uuid };
}

/** Namespaces under which an entry's documents may stand: time series moved out of their buckets with server 8.3. */
export function dataNamespacesOf(entry: CollectionMetadata): string[] {
  const own = namespaceOf(entry.database, entry.collection);
  if (entry.type !== 'timeseries') return [own];
  return [namespaceOf(entry.database, bucketsPrefix + entry.collection), own];
}

/** True for the entry that stands for the dump's oplog slice. */
export function isOplogEntry(entry: CollectionMetadata): boolean {
  return namespaceOf(entry.database, entry.collection) === oplogNamespace;
}

function textFields(document: Buffer): { texts: Map<string, string>; numbers: Map<string, number> } {
  const texts = new Map<string, string>();
  const numbers = new Map<string, number>();
  for (const { name, type, valueStart } of iterateElements(document)) {
    if (type === bsonType.string) texts.set(name, readString(document, valueStart));
    else if (type === bsonType.int32) numbers.set(name, document.readInt32LE(valueStart));
    else if (type === bsonType.int64) numbers.set(name, Number(document.readBigInt64LE(valueStart)));
  }
  return { texts, numbers };
}

export function decodeArchiveHeader(document: Buffer): ArchiveHeader {
  const { texts, numbers } = textFields(document);
  const formatVersion = texts.get('version') ?? '';
  if (formatVersion !== archiveFormatVersion) {
    throw new ArchiveDamage(
      'version',
      `The archive says it has format ${JSON.stringify(formatVersion)}; only ${archiveFormatVersion} is known.`,
    );
  }
  return {
    concurrentCollections: numbers.get('concurrent_collections') ?? 0,
    formatVersion,
    serverVersion: texts.get('server_version') ?? '',
    toolVersion: texts.get('tool_version') ?? '',
  };
}

export function decodeCollectionMetadata(document: Buffer): CollectionMetadata {
  const { texts } = textFields(document);
  const collection = texts.get('collection') ?? '';
  if (collection === '') throw new ArchiveDamage('prelude', 'The archive announces a collection without a name.');
  return collectionMetadata(texts.get('db') ?? '', collection, texts.get('metadata') ?? '', texts.get('type') ?? null);
}

/** Magic number, header and metadata block, as mongodump writes them. */
export function encodePrelude(prelude: ArchivePrelude): Buffer {
  const { header, collections } = prelude;
  const parts: Buffer[] = [archiveMagic];
  parts.push(
    new RawDocumentBuilder()
      .int32('concurrent_collections', header.concurrentCollections)
      .string('version', header.formatVersion)
      .string('server_version', header.serverVersion)
      .string('tool_version', header.toolVersion)
      .finish(),
  );
  for (const { database, collection, metadata, type } of collections) {
    const builder = new RawDocumentBuilder()
      .string('db', database)
      .string('collection', collection)
      .string('metadata', metadata)
      .int32('size', 0)
      .string('type', type);
    parts.push(builder.finish());
  }
  parts.push(terminatorBytes);
  return Buffer.concat(parts);
}
