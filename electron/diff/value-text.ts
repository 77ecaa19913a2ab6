import type { TypedValue } from '../../shared/diff';
import { bsonTypeName } from '../archive/bson-types';
import { decimalText, readRegex } from '../archive/extended-json';
import { decodeText } from '../archive/raw-bson';
import { childrenOf, elementsOf, nameOf, type RawElement } from './bson-reader';

/** Characters of a value shown in a row. */
const shownCharacters = 400;

export function typeName(type: number): string {
  return bsonTypeName(type) ?? `type 0x${type.toString(16)}`;
}

function stringBytes({ source, valueStart }: RawElement): Buffer {
  const length = source.readInt32LE(valueStart);
  return source.subarray(valueStart + 4, valueStart + 4 + Math.max(length - 1, 0));
}

function doubleText(source: Buffer, at: number): string {
  const value = source.readDoubleLE(at);
  if (Object.is(value, -0)) return '-0';
  if (!Number.isNaN(value)) return String(value);
  const bits = source.readBigUInt64LE(at).toString(16);
  return bits === '7ff8000000000000' ? 'NaN' : `NaN (bits ${bits})`;
}

/** Milliseconds since 1970 as ISO text, or the plain number outside the range of JavaScript's dates. */
function dateText(milliseconds: bigint): string {
  const value = Number(milliseconds);
  return Math.abs(value) <= 8.64e15 ? new Date(value).toISOString() : `${milliseconds} ms since 1970`;
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function binaryText({ source, valueStart, end }: RawElement, limit: number): string {
  const subtype = source[valueStart + 4] ?? 0;
  const bytes = source.subarray(valueStart + 5, end);
  if (subtype === 4 && bytes.length === 16) return `UUID ${uuidText(bytes)}`;
  const shown = bytes.subarray(0, limit).toString('base64');
  return `subtype ${subtype}, ${bytes.length} bytes: ${shown}${bytes.length > limit ? '…' : ''}`;
}

/** A value in one line; objects and arrays are opened until about `limit` characters are used. */
export function oneLine(element: RawElement, limit: number): string {
  const { source, valueStart: at } = element;
  switch (element.type) {
    case 0x01:
      return doubleText(source, at);
    case 0x02:
    case 0x0e: {
      const bytes = stringBytes(element);
      const text = decodeText(bytes.subarray(0, limit * 4 + 8));
      return bytes.length > limit * 4 ? `${JSON.stringify(text).slice(0, limit)}…` : JSON.stringify(text);
    }
    case 0x03:
    case 0x04:
      return containerText(childrenOf(element), element.type === 0x04, limit);
    case 0x05:
      return binaryText(element, Math.max(48, Math.floor(limit / 2)));
    case 0x06:
      return 'undefined';
    case 0x07:
      return source.toString('hex', at, at + 12);
    case 0x08:
      return source[at] === 0 ? 'false' : 'true';
    case 0x09:
      return dateText(source.readBigInt64LE(at));
    case 0x0a:
      return 'null';
    case 0x0b: {
      const { pattern, options } = readRegex(source, at);
      return `/${pattern}/${options}`;
    }
    case 0x0c:
      return `${decodeText(stringBytes(element))} ${source.toString('hex', element.end - 12, element.end)}`;
    case 0x0d:
      return decodeText(stringBytes(element).subarray(0, limit * 4));
    case 0x0f: {
      const code = source.readInt32LE(at + 4);
      const text = decodeText(source.subarray(at + 8, at + 8 + Math.max(code - 1, 0)));
      return `${text.slice(0, limit)} with scope ${containerText(elementsOf(source, at + 8 + code), false, limit)}`;
    }
    case 0x10:
      return source.readInt32LE(at).toString();
    case 0x11:
      return `${source.readUInt32LE(at + 4)}, ${source.readUInt32LE(at)}`;
    case 0x12:
      return source.readBigInt64LE(at).toString();
    case 0x13:
      return decimalText(source, at);
    default:
      return typeName(element.type);
  }
}

function containerText(children: RawElement[], isArray: boolean, limit: number): string {
  const parts: string[] = [];
  let used = 0;
  for (const child of children) {
    if (used > limit) {
      parts.push('…');
      break;
    }
    const value = oneLine(child, Math.max(limit - used, 16));
    const part = isArray ? value : `${nameOf(child)}: ${value}`;
    parts.push(part);
    used += part.length + 2;
  }
  if (parts.length === 0) return isArray ? '[]' : '{}';
  return isArray ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
}

export function clip(text: string, limit: number): { text: string; clipped: number } {
  return text.length <= limit ? { text, clipped: 0 } : { text: text.slice(0, limit), clipped: text.length - limit };
}

/** What a row shows of a value: containers by their size, everything else by its text. */
export function typedValue(element: RawElement): TypedValue {
  const type = typeName(element.type);
  if (element.type === 0x03 || element.type === 0x04) {
    const count = childrenOf(element).length;
    const noun = element.type === 0x03 ? 'field' : 'element';
    return { type, text: `${count} ${noun}${count === 1 ? '' : 's'}`, clipped: 0 };
  }
  if (element.type === 0x02 || element.type === 0x0d || element.type === 0x0e) {
    const bytes = stringBytes(element);
    const quoted = JSON.stringify(decodeText(bytes.subarray(0, shownCharacters * 4)));
    const { text } = clip(quoted, shownCharacters);
    const clipped = Math.max(bytes.length + 2 - Buffer.byteLength(text), 0);
    return { type, text, clipped: text === quoted && bytes.length <= shownCharacters * 4 ? 0 : clipped };
  }
  if (element.type === 0x05) return { type, ...clip(binaryText(element, shownCharacters), shownCharacters * 2) };
  return { type, ...clip(oneLine(element, shownCharacters), shownCharacters * 2) };
}
