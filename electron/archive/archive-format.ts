/**
 * The framing of a mongodump archive: magic number; a block with the header and one metadata document per collection;
 * then blocks of documents, each opened by a namespace header and closed by a terminator. A namespace may have several
 * blocks, between those of others; its last header says EOF and carries the CRC-64 of all its documents.
 */
import { ArchiveDamage } from './archive-damage';
import { bsonType } from './bson-types';
import { iterateElements, readString } from './raw-bson';
import { RawDocumentBuilder } from './raw-document-builder';

/** First four bytes of every archive, as they stand in the file. */
export const archiveMagic = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
/** In place of a document's length: the block ends here. */
export const blockTerminator = 0xffffffff;
export const terminatorBytes = Buffer.from([0xff, 0xff, 0xff, 0xff]);
export const archiveFormatVersion = '0.1';

/** Namespace of the oplog slice in a dump: its database is empty. */
export const oplogNamespace = '.oplog';
/** Where servers before 8.3 keep the documents of a time series collection. */
export const bucketsPrefix = 'system.buckets.';

/** `database.collection`, the key of every namespace map in this folder; {@link oplogNamespace} for the oplog. */
export function namespaceOf(database: string, collection: string): string {
  return `${database}.${collection}`;
}

export interface NamespaceHeader {
  database: string;
  collection: string;
  /** No more documents follow; `crc64` covers all there were. */
  isEnd: boolean;
  crc64: bigint;
}

export function encodeNamespaceHeader(header: NamespaceHeader): Buffer {
  return new RawDocumentBuilder()
    .string('db', header.database)
    .string('collection', header.collection)
    .boolean('EOF', header.isEnd)
    .int64('CRC', header.crc64)
    .finish();
}

/** `offset` is the header's place in the archive, for the error. */
export function decodeNamespaceHeader(bytes: Buffer, offset: number): NamespaceHeader {
  const header: NamespaceHeader = { database: '', collection: '', isEnd: false, crc64: 0n };
  const bad = (what: string): ArchiveDamage =>
    new ArchiveDamage('framing', `The namespace header at byte ${offset} of the archive ${what}.`, { offset });
  let elements;
  try {
    elements = [...iterateElements(bytes)];
  } catch {
    throw bad('is no readable BSON');
  }
  for (const element of elements) {
    const { name, type, valueStart, valueEnd } = element;
    if (type === bsonType.string && bytes[valueEnd - 1] !== 0) throw bad('has a text without end');
    if (type === bsonType.boolean && bytes.readUInt8(valueStart) > 1) throw bad('has a boolean that is none');
    if (name === 'db' && type === bsonType.string) header.database = readString(bytes, valueStart);
    else if (name === 'collection' && type === bsonType.string) header.collection = readString(bytes, valueStart);
    else if (name === 'EOF' && type === bsonType.boolean) header.isEnd = bytes.readUInt8(valueStart) !== 0;
    else if (name === 'CRC' && type === bsonType.int64) header.crc64 = bytes.readBigUInt64LE(valueStart);
    else throw bad(`has an unexpected field ${JSON.stringify(name)}`);
  }
  if (header.collection === '') throw bad('names no collection');
  return header;
}

/** 16 hex digits. */
export function formatCrc64(crc: bigint): string {
  return crc.toString(16).padStart(16, '0');
}

/** Bytes 16 to 0 as a big-endian number in 32 hex digits: how content hashes and document hashes are written. */
export function formatHash128(littleEndian: Uint8Array): string {
  return Buffer.from(littleEndian).reverse().toString('hex');
}
