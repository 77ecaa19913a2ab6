import { bsonType, bsonTypeName, type BsonTypeName } from './bson-types';
import { decimalText, doubleText, readBinary, readRegex } from './extended-json';
import { asBuffer, iterateElements, readString } from './raw-bson';

/** A value for display: text only, never HTML, clipped where long. */
export interface DescribedValue {
  type: BsonTypeName;
  text: string;
  /** Characters (bytes for binary data) that `text` leaves out; the text then ends with "…" and the full length. */
  clipped: number;
  /** For Object, Array and JavaScriptWithScope (its scope): in order, duplicates included. */
  children?: DescribedField[];
  /** Children left out past {@link DescribeOptions.children}. */
  childrenOmitted?: number;
}

export interface DescribedField {
  name: string;
  value: DescribedValue;
}

export interface DescribeOptions {
  /** Characters shown of a text; default 2,000. */
  characters?: number;
  /** Children described of one object or array; default 10,000. */
  children?: number;
}

interface Limits {
  characters: number;
  children: number;
}

function limitsOf(options: DescribeOptions): Limits {
  return { characters: options.characters ?? 2000, children: options.children ?? 10_000 };
}

/** Describes a whole document. Throws {@link ArchiveDamage} on broken bytes. */
export function describeDocument(bytes: Uint8Array, options: DescribeOptions = {}): DescribedValue {
  return describe(asBuffer(bytes), bsonType.object, 0, bytes.length, limitsOf(options));
}

/** Describes one value inside `bytes`. */
export function describeValue(
  bytes: Uint8Array,
  type: number,
  valueStart: number,
  valueEnd: number,
  options: DescribeOptions = {},
): DescribedValue {
  return describe(asBuffer(bytes), type, valueStart, valueEnd, limitsOf(options));
}

/** Describes the value of a whole element (`idElement`). */
export function describeElement(element: Uint8Array, options: DescribeOptions = {}): DescribedValue {
  const bytes = asBuffer(element);
  return describe(bytes, bytes.readUInt8(0), bytes.indexOf(0, 1) + 1, bytes.length, limitsOf(options));
}

function clip(type: BsonTypeName, text: string, limits: Limits): DescribedValue {
  if (text.length <= limits.characters) return { type, text, clipped: 0 };
  let end = limits.characters;
  // Do not cut a surrogate pair in two.
  if ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
  const length = text.length.toLocaleString('en-US');
  return { type, text: `${text.slice(0, end)}… (${length} characters)`, clipped: text.length - end };
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

function describeChildren(bytes: Buffer, start: number, limits: Limits): { fields: DescribedField[]; total: number } {
  const fields: DescribedField[] = [];
  let total = 0;
  for (const element of iterateElements(bytes, start)) {
    total++;
    if (fields.length >= limits.children) continue;
    const value = describe(bytes, element.type, element.valueStart, element.valueEnd, limits);
    fields.push({ name: element.name, value });
  }
  return { fields, total };
}

function describeContainer(type: 'Object' | 'Array', bytes: Buffer, start: number, limits: Limits): DescribedValue {
  const { fields, total } = describeChildren(bytes, start, limits);
  const text =
    type === 'Object' ? `{ ${plural(total, 'field', 'fields')} }` : `[ ${plural(total, 'element', 'elements')} ]`;
  return { type, text, clipped: 0, children: fields, childrenOmitted: total - fields.length };
}

/** Largest time value of JavaScript's and the shell's calendar, in milliseconds. */
const calendarEnd = 8_640_000_000_000_000n;

function dateText(milliseconds: bigint): string {
  if (milliseconds > calendarEnd || milliseconds < -calendarEnd) return `${milliseconds} ms (outside the calendar)`;
  return new Date(Number(milliseconds)).toISOString();
}

function describedDouble(bytes: Buffer, start: number): string {
  const value = bytes.readDoubleLE(start);
  if (!Number.isNaN(value)) return doubleText(value);
  const bits = bytes.readBigUInt64LE(start);
  return bits === 0x7ff8000000000000n ? 'NaN' : `NaN (bits ${bits.toString(16).padStart(16, '0')})`;
}

function describeBinary(bytes: Buffer, start: number, limits: Limits): DescribedValue {
  const { subtype, data } = readBinary(bytes, start);
  if ((subtype === 4 || subtype === 3) && data.length === 16) {
    const hex = data.toString('hex');
    const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    return { type: 'Binary', text: `UUID ${uuid}${subtype === 3 ? ' (legacy subtype 3)' : ''}`, clipped: 0 };
  }
  const shown = Math.min(data.length, Math.max(1, limits.characters >> 1));
  const clipped = data.length - shown;
  const size = plural(data.length, 'byte', 'bytes');
  const hex = data.toString('hex', 0, shown);
  return { type: 'Binary', text: `subtype ${subtype}, ${size}: ${hex}${clipped > 0 ? '…' : ''}`, clipped };
}

function describe(bytes: Buffer, type: number, start: number, end: number, limits: Limits): DescribedValue {
  const name = bsonTypeName(type);
  if (name === null) throw new RangeError(`Unknown BSON type ${type}.`);
  const plain = (text: string): DescribedValue => ({ type: name, text, clipped: 0 });
  switch (name) {
    case 'Object':
    case 'Array':
      return describeContainer(name, bytes, start, limits);
    case 'Double':
      return plain(describedDouble(bytes, start));
    case 'String':
    case 'Symbol':
    case 'JavaScript':
      return clip(name, readString(bytes, start), limits);
    case 'Binary':
      return describeBinary(bytes, start, limits);
    case 'Undefined':
      return plain('undefined');
    case 'Null':
      return plain('null');
    case 'ObjectId':
      return plain(bytes.toString('hex', start, start + 12));
    case 'Boolean':
      return plain(bytes.readUInt8(start) === 0 ? 'false' : 'true');
    case 'Date':
      return plain(dateText(bytes.readBigInt64LE(start)));
    case 'Regex': {
      const { pattern, options } = readRegex(bytes, start);
      return clip(name, `/${pattern}/${options}`, limits);
    }
    case 'DBPointer':
      return clip(name, `${readString(bytes, start)}, ${bytes.toString('hex', end - 12, end)}`, limits);
    case 'JavaScriptWithScope': {
      const { fields, total } = describeChildren(bytes, start + 8 + bytes.readInt32LE(start + 4), limits);
      const code = clip(name, readString(bytes, start + 4), limits);
      return { ...code, children: fields, childrenOmitted: total - fields.length };
    }
    case 'Int32':
      return plain(String(bytes.readInt32LE(start)));
    case 'Int64':
      return plain(String(bytes.readBigInt64LE(start)));
    case 'Timestamp':
      return plain(`${bytes.readUInt32LE(start + 4)}.${bytes.readUInt32LE(start)}`);
    case 'Decimal128':
      return plain(decimalText(bytes, start));
    case 'MinKey':
    case 'MaxKey':
      return plain(name);
  }
}
