/**
 * Reads BSON where it lies, element by element, without turning it into JavaScript values: names stay bytes (duplicates,
 * `__proto__` and invalid UTF-8 included), values stay ranges. Never throws: what cannot be framed ends the reading.
 */

/** A BSON element inside `source`: offsets are absolute, `end` is exclusive. */
export interface RawElement {
  source: Buffer;
  type: number;
  /** Offset of the type byte. */
  start: number;
  nameStart: number;
  nameEnd: number;
  valueStart: number;
  end: number;
}

export const bsonTypeNames: Readonly<Record<number, string>> = {
  0x01: 'Double',
  0x02: 'String',
  0x03: 'Object',
  0x04: 'Array',
  0x05: 'Binary',
  0x06: 'Undefined',
  0x07: 'ObjectId',
  0x08: 'Boolean',
  0x09: 'Date',
  0x0a: 'Null',
  0x0b: 'RegularExpression',
  0x0c: 'DBPointer',
  0x0d: 'JavaScript',
  0x0e: 'Symbol',
  0x0f: 'JavaScriptWithScope',
  0x10: 'Int32',
  0x11: 'Timestamp',
  0x12: 'Int64',
  0x13: 'Decimal128',
  0x7f: 'MaxKey',
  0xff: 'MinKey',
};

const fixedSizes: Readonly<Record<number, number>> = {
  0x01: 8,
  0x06: 0,
  0x07: 12,
  0x08: 1,
  0x09: 8,
  0x0a: 0,
  0x10: 4,
  0x11: 8,
  0x12: 8,
  0x13: 16,
  0x7f: 0,
  0xff: 0,
};

/** End of the value of `type` at `at`, or -1 when it does not fit before `limit`. */
function endOfValue(source: Buffer, type: number, at: number, limit: number): number {
  const fixed = fixedSizes[type];
  if (fixed !== undefined) return at + fixed <= limit ? at + fixed : -1;
  if (type === 0x0b) {
    const pattern = source.indexOf(0, at);
    const options = pattern < 0 ? -1 : source.indexOf(0, pattern + 1);
    return options >= 0 && options < limit ? options + 1 : -1;
  }
  if (at + 4 > limit) return -1;
  const length = source.readInt32LE(at);
  if (length < 0) return -1;
  let end = -1;
  if (type === 0x02 || type === 0x0d || type === 0x0e) end = at + 4 + length;
  else if (type === 0x03 || type === 0x04 || type === 0x0f) end = at + length;
  else if (type === 0x05) end = at + 5 + length;
  else if (type === 0x0c) end = at + 4 + length + 12;
  return end > at && end <= limit ? end : -1;
}

/** Calls `visit` for each element of the document at `start`; stops early when it returns false. */
export function forEachElement(source: Buffer, start: number, visit: (element: RawElement) => boolean | void): void {
  if (start + 5 > source.length) return;
  const length = source.readInt32LE(start);
  const limit = Math.min(start + length, source.length) - 1;
  let at = start + 4;
  while (at < limit) {
    const type = source[at] ?? 0;
    if (type === 0) return;
    const nameEnd = source.indexOf(0, at + 1);
    if (nameEnd < 0 || nameEnd >= limit) return;
    const end = endOfValue(source, type, nameEnd + 1, limit);
    if (end < 0) return;
    if (visit({ source, type, start: at, nameStart: at + 1, nameEnd, valueStart: nameEnd + 1, end }) === false) return;
    at = end;
  }
}

export function elementsOf(source: Buffer, start = 0): RawElement[] {
  const elements: RawElement[] = [];
  forEachElement(source, start, (element) => {
    elements.push(element);
  });
  return elements;
}

/** The elements of an object or array value, or of a scope; empty for other types. */
export function childrenOf(element: RawElement): RawElement[] {
  if (element.type === 0x03 || element.type === 0x04) return elementsOf(element.source, element.valueStart);
  return [];
}

export function nameOf(element: RawElement): string {
  return element.source.toString('utf8', element.nameStart, element.nameEnd);
}

/** Type byte and value bytes: what two values are compared by. A view into the source. */
export function valueBytes(element: RawElement): Buffer {
  return element.source.subarray(element.valueStart, element.end);
}

export function sameValue(a: RawElement, b: RawElement): boolean {
  return (
    a.type === b.type &&
    a.end - a.valueStart === b.end - b.valueStart &&
    a.source.compare(b.source, b.valueStart, b.end, a.valueStart, a.end) === 0
  );
}

/** The first top-level `_id`, or null. */
export function findId(document: Buffer): RawElement | null {
  let found: RawElement | null = null;
  forEachElement(document, 0, (element) => {
    const named =
      element.nameEnd - element.nameStart === 3 &&
      document[element.nameStart] === 0x5f &&
      document[element.nameStart + 1] === 0x69 &&
      document[element.nameStart + 2] === 0x64;
    if (named) found = element;
    return !named;
  });
  return found;
}

/**
 * A value on its own, kept outside its document: the type byte followed by the value's bytes. This is how `_id`s are
 * kept on disk and handed to commands.
 */
export function packValue(element: RawElement): Buffer {
  const packed = Buffer.allocUnsafe(1 + element.end - element.valueStart);
  packed[0] = element.type;
  element.source.copy(packed, 1, element.valueStart, element.end);
  return packed;
}

/** The element of a packed value, named by nothing. */
export function unpackValue(packed: Buffer): RawElement {
  return {
    source: packed,
    type: packed[0] ?? 0,
    start: 0,
    nameStart: 1,
    nameEnd: 1,
    valueStart: 1,
    end: packed.length,
  };
}
