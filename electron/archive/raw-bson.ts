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

const fixedLengths: Readonly<Record<number, number>> = {
  [bsonType.double]: 8,
  [bsonType.undefined]: 0,
  [bsonType.objectId]: 12,
  [bsonType.boolean]: 1,
  [bsonType.date]: 8,
  [bsonType.null]: 0,
  [bsonType.int32]: 4,
  [bsonType.timestamp]: 8,
  [bsonType.int64]: 8,
  [bsonType.decimal128]: 16,
  [bsonType.minKey]: 0,
  [bsonType.maxKey]: 0,
};

/** Types that begin with their length: the least it may be, and the bytes it does not count. */
const prefixedLengths: Readonly<Record<number, { least: number; more: number }>> = {
  [bsonType.string]: { least: 1, more: 4 },
  [bsonType.javaScript]: { least: 1, more: 4 },
  [bsonType.symbol]: { least: 1, more: 4 },
  [bsonType.object]: { least: 5, more: 0 },
  [bsonType.array]: { least: 5, more: 0 },
  [bsonType.binary]: { least: 0, more: 5 },
  [bsonType.dbPointer]: { least: 1, more: 16 },
  [bsonType.javaScriptWithScope]: { least: 14, more: 0 },
};

/**
 * Offset after the value of `type` at `start`, or -1 when it is no BSON value that ends before `limit`, the offset of the
 * enclosing document's terminator.
 */
export function endOfValue(bytes: Buffer, type: number, start: number, limit: number): number {
  const fixed = fixedLengths[type];
  if (fixed !== undefined) return start + fixed <= limit ? start + fixed : -1;
  if (type === bsonType.regex) {
    const pattern = bytes.indexOf(0, start);
    const options = pattern < 0 ? -1 : bytes.indexOf(0, pattern + 1);
    return options >= 0 && options < limit ? options + 1 : -1;
  }
  const prefixed = prefixedLengths[type];
  if (prefixed === undefined || start + 4 > limit) return -1;
  const length = bytes.readInt32LE(start);
  const end = start + length + prefixed.more;
  return length >= prefixed.least && end <= limit ? end : -1;
}

function valueEnd(bytes: Buffer, type: number, start: number, limit: number): number {
  const end = endOfValue(bytes, type, start, limit);
  return end < 0 ? broken(`no value of type ${type} fits`, start) : end;
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

/** Value of a length-prefixed string (string, code, symbol) at `valueStart`. */
export function readString(bytes: Uint8Array, valueStart: number): string {
  const buffer = asBuffer(bytes);
  return decodeText(buffer.subarray(valueStart + 4, valueStart + 4 + buffer.readInt32LE(valueStart) - 1));
}

/**
 * UTF-8 text of a server or a file; bytes that are none are shown as `\xNN`, so that two different values never look
 * alike.
 */
export function decodeText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes)) return text;
  let shown = '';
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    const size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const piece = bytes.subarray(at, at + size);
    const decoded = piece.toString('utf8');
    if (Buffer.from(decoded, 'utf8').equals(piece)) {
      shown += decoded;
      at += size;
    } else {
      shown += `\\x${lead.toString(16).padStart(2, '0')}`;
      at += 1;
    }
  }
  return shown;
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
