/**
 * Reads BSON where it lies, element by element, without turning it into JavaScript values: names stay bytes (duplicates,
 * `__proto__` and invalid UTF-8 included), values stay ranges. Never throws: what cannot be framed ends the reading.
 */
import { endOfValue } from '../archive/raw-bson';

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
