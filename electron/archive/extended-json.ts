import { Decimal128 } from 'bson';
import { bsonType } from './bson-types';
import { asBuffer, decodeText, iterateElements, readString } from './raw-bson';

/**
 * Canonical Extended JSON (v2) of a raw document, straight from its bytes: field order and duplicate fields stay, every
 * type has a form (undefined, symbol and DBPointer included). What text cannot hold: NaN payloads become NaN, bytes that
 * are no UTF-8 become \xNN (in names: replacement characters). Throws {@link ArchiveDamage} on broken bytes.
 */
export function toExtendedJson(bytes: Uint8Array, offset = 0): string {
  return documentText(asBuffer(bytes), offset, false);
}

/** The same for a value on its own: its type byte followed by its bytes. */
export function valueToExtendedJson(packed: Uint8Array): string {
  const buffer = asBuffer(packed);
  return valueText(buffer, buffer.readUInt8(0), 1, buffer.length);
}

function documentText(bytes: Buffer, offset: number, isArray: boolean): string {
  const parts: string[] = [];
  for (const element of iterateElements(bytes, offset)) {
    const value = valueText(bytes, element.type, element.valueStart, element.valueEnd);
    parts.push(isArray ? value : `${JSON.stringify(element.name)}:${value}`);
  }
  return isArray ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
}

/** As in the specification: integers with ".0", "Infinity", "-Infinity", "NaN", "-0.0". */
function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function cString(bytes: Buffer, start: number): { text: string; next: number } {
  const end = bytes.indexOf(0, start);
  return { text: decodeText(bytes.subarray(start, end)), next: end + 1 };
}

interface RegexParts {
  pattern: string;
  options: string;
}

export function readRegex(bytes: Uint8Array, valueStart: number): RegexParts {
  const buffer = asBuffer(bytes);
  const pattern = cString(buffer, valueStart);
  return { pattern: pattern.text, options: cString(buffer, pattern.next).text };
}

interface BinaryParts {
  subtype: number;
  /** Without the inner length of subtype 2. */
  data: Buffer;
}

function readBinary(bytes: Uint8Array, valueStart: number): BinaryParts {
  const buffer = asBuffer(bytes);
  const length = buffer.readInt32LE(valueStart);
  const subtype = buffer.readUInt8(valueStart + 4);
  const data = buffer.subarray(valueStart + 5, valueStart + 5 + length);
  const repeatsLength = subtype === 2 && length >= 4 && data.readInt32LE(0) === length - 4;
  return { subtype, data: repeatsLength ? data.subarray(4) : data };
}

export function decimalText(bytes: Uint8Array, valueStart: number): string {
  return new Decimal128(Uint8Array.from(bytes.subarray(valueStart, valueStart + 16))).toString();
}

function valueText(bytes: Buffer, type: number, start: number, end: number): string {
  switch (type) {
    case bsonType.double:
      return `{"$numberDouble":"${doubleText(bytes.readDoubleLE(start))}"}`;
    case bsonType.string:
      return JSON.stringify(readString(bytes, start));
    case bsonType.object:
      return documentText(bytes, start, false);
    case bsonType.array:
      return documentText(bytes, start, true);
    case bsonType.binary: {
      const { subtype, data } = readBinary(bytes, start);
      const hex = subtype.toString(16).padStart(2, '0');
      return `{"$binary":{"base64":"${data.toString('base64')}","subType":"${hex}"}}`;
    }
    case bsonType.undefined:
      return '{"$undefined":true}';
    case bsonType.objectId:
      return `{"$oid":"${bytes.toString('hex', start, start + 12)}"}`;
    case bsonType.boolean:
      return bytes.readUInt8(start) === 0 ? 'false' : 'true';
    case bsonType.date:
      return `{"$date":{"$numberLong":"${bytes.readBigInt64LE(start)}"}}`;
    case bsonType.null:
      return 'null';
    case bsonType.regex: {
      const { pattern, options } = readRegex(bytes, start);
      return `{"$regularExpression":{"pattern":${JSON.stringify(pattern)},"options":${JSON.stringify(options)}}}`;
    }
    case bsonType.dbPointer:
      return (
        `{"$dbPointer":{"$ref":${JSON.stringify(readString(bytes, start))},` +
        `"$id":{"$oid":"${bytes.toString('hex', end - 12, end)}"}}}`
      );
    case bsonType.javaScript:
      return `{"$code":${JSON.stringify(readString(bytes, start))}}`;
    case bsonType.symbol:
      return `{"$symbol":${JSON.stringify(readString(bytes, start))}}`;
    case bsonType.javaScriptWithScope: {
      const scope = start + 8 + bytes.readInt32LE(start + 4);
      return `{"$code":${JSON.stringify(readString(bytes, start + 4))},"$scope":${documentText(bytes, scope, false)}}`;
    }
    case bsonType.int32:
      return `{"$numberInt":"${bytes.readInt32LE(start)}"}`;
    case bsonType.timestamp:
      return `{"$timestamp":{"t":${bytes.readUInt32LE(start + 4)},"i":${bytes.readUInt32LE(start)}}}`;
    case bsonType.int64:
      return `{"$numberLong":"${bytes.readBigInt64LE(start)}"}`;
    case bsonType.decimal128:
      return `{"$numberDecimal":"${decimalText(bytes, start)}"}`;
    case bsonType.minKey:
      return '{"$minKey":1}';
    case bsonType.maxKey:
      return '{"$maxKey":1}';
    default:
      throw new RangeError(`Unknown BSON type ${type}.`);
  }
}
