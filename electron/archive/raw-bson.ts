/**
 * BSON without decoding: documents stay bytes, so that duplicate fields, field order, NaN payloads, invalid UTF-8 and
 * the difference between Int32 1 and Double 1 survive. Readers here check lengths as they go and throw
 * {@link ArchiveDamage} (`document`) on bytes that are no BSON; they do not validate what they step over
 * (`BsonKernel.validate` does).
 */
import { ArchiveDamage } from './archive-damage';
import { bsonType } from './bson-types';

/** An element inside `bytes`; offsets count from the start of the array the document was found in. */
export interface RawElement {
  /** Invalid UTF-8 shows as replacement characters: compare names by bytes where that matters. */
  name: string;
  /** Element type as in {@link bsonType}. */
  type: number;
  /** Offset of the type byte. The element is `bytes.subarray(start, valueEnd)`. */
  start: number;
  nameStart: number;
  valueStart: number;
  valueEnd: number;
}

/** The same memory as a Buffer, whose reading methods are the fast ones. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function broken(message: string, offset: number): never {
  throw new ArchiveDamage('document', `Broken BSON document: ${message} at byte ${offset}.`, { offset });
}

/** Length a document at `offset` claims; checks that it fits and ends with NUL. */
export function documentLength(bytes: Uint8Array, offset = 0): number {
  const buffer = asBuffer(bytes);
  if (buffer.length - offset < 5) broken('too short', offset);
  const length = buffer.readInt32LE(offset);
  if (length < 5 || length > buffer.length - offset) broken(`impossible length ${length}`, offset);
  if (buffer[offset + length - 1] !== 0) broken('no terminator', offset + length - 1);
  return length;
}

function cStringEnd(bytes: Buffer, from: number, limit: number): number {
  const end = bytes.indexOf(0, from);
  if (end < 0 || end >= limit) broken('text without end', from);
  return end;
}

/** Offset after the value of `type` at `start`; `limit` is the offset of the enclosing document's terminator. */
export function valueEnd(bytes: Buffer, type: number, start: number, limit: number): number {
  const end = start + valueLength(bytes, type, start, limit);
  if (end > limit) broken('a value is longer than its document', start);
  return end;
}

function prefixed(bytes: Buffer, start: number, limit: number, minimum: number, extra: number): number {
  if (limit - start < 4) broken('a value is longer than its document', start);
  const length = bytes.readInt32LE(start);
  if (length < minimum) broken(`impossible length ${length}`, start);
  return length + extra;
}

function valueLength(bytes: Buffer, type: number, start: number, limit: number): number {
  switch (type) {
    case bsonType.double:
    case bsonType.date:
    case bsonType.timestamp:
    case bsonType.int64:
      return 8;
    case bsonType.string:
    case bsonType.javaScript:
    case bsonType.symbol:
      return prefixed(bytes, start, limit, 1, 4);
    case bsonType.object:
    case bsonType.array:
      return prefixed(bytes, start, limit, 5, 0);
    case bsonType.binary:
      return prefixed(bytes, start, limit, 0, 5);
    case bsonType.undefined:
    case bsonType.null:
    case bsonType.minKey:
    case bsonType.maxKey:
      return 0;
    case bsonType.objectId:
      return 12;
    case bsonType.boolean:
      return 1;
    case bsonType.regex: {
      const pattern = cStringEnd(bytes, start, limit);
      return cStringEnd(bytes, pattern + 1, limit) + 1 - start;
    }
    case bsonType.dbPointer:
      return prefixed(bytes, start, limit, 1, 16);
    case bsonType.javaScriptWithScope:
      return prefixed(bytes, start, limit, 14, 0);
    case bsonType.int32:
      return 4;
    case bsonType.decimal128:
      return 16;
    default:
      return broken(`unknown type ${type}`, start);
  }
}

/** Elements of the document at `offset`, in order, duplicates included. Throws in the middle on broken bytes. */
export function* iterateElements(bytes: Uint8Array, offset = 0): Generator<RawElement, void, undefined> {
  const buffer = asBuffer(bytes);
  const limit = offset + documentLength(buffer, offset) - 1;
  let position = offset + 4;
  while (position < limit) {
    const type = buffer.readUInt8(position);
    const nameEnd = cStringEnd(buffer, position + 1, limit);
    const end = valueEnd(buffer, type, nameEnd + 1, limit);
    yield {
      name: buffer.toString('utf8', position + 1, nameEnd),
      type,
      start: position,
      nameStart: position + 1,
      valueStart: nameEnd + 1,
      valueEnd: end,
    };
    position = end;
  }
}

/** {@link iterateElements} as an array. */
export function readElements(bytes: Uint8Array, offset = 0): RawElement[] {
  return [...iterateElements(bytes, offset)];
}

/** First element of that name, or null. */
export function findElement(bytes: Uint8Array, name: string, offset = 0): RawElement | null {
  const buffer = asBuffer(bytes);
  const wanted = Buffer.from(name, 'utf8');
  const limit = offset + documentLength(buffer, offset) - 1;
  let position = offset + 4;
  while (position < limit) {
    const type = buffer.readUInt8(position);
    const nameEnd = cStringEnd(buffer, position + 1, limit);
    const end = valueEnd(buffer, type, nameEnd + 1, limit);
    if (wanted.compare(buffer, position + 1, nameEnd) === 0) {
      return { name, type, start: position, nameStart: position + 1, valueStart: nameEnd + 1, valueEnd: end };
    }
    position = end;
  }
  return null;
}

/**
 * The top-level `_id` element as it stands in the document: type byte, `_id`, NUL, value. What `idHash` is the hash
 * of. A view, not a copy; null when the document has none.
 */
export function idElement(document: Uint8Array): Uint8Array | null {
  const element = findElement(document, '_id');
  return element && document.subarray(element.start, element.valueEnd);
}

/** Orders by bytes, shorter first on a common prefix; 0 means equal type and equal value. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** Equal to the last bit. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Value of a length-prefixed string (string, code, symbol) at `valueStart`. */
export function readString(bytes: Uint8Array, valueStart: number): string {
  const buffer = asBuffer(bytes);
  return buffer.toString('utf8', valueStart + 4, valueStart + 4 + buffer.readInt32LE(valueStart) - 1);
}

/** Documents that stand one after the other in `bytes`, as views; throws when the last one is cut off. */
export function* iterateDocuments(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  let offset = 0;
  while (offset < bytes.length) {
    const length = documentLength(bytes, offset);
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
}
