/** Values and documents as one would type them into mongosh. */
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson';

const plainKey = /^[A-Za-z_$][\w$]*$/;

/** `{ status: "paid", at: { $gt: ISODate("…") } }`, cut with an ellipsis at `most` characters. */
export function shellText(value: unknown, most = Number.POSITIVE_INFINITY): string {
  const text = write(value, 0);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function write(value: unknown, depth: number): string {
  if (depth > 100) return '…';
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `NumberLong("${value}")`;
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `[${value.map((member) => write(member, depth + 1)).join(', ')}]`;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'ISODate("?")' : `ISODate("${value.toISOString()}")`;
  if (value instanceof RegExp) return `/${value.source}/${value.flags}`;
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof ObjectId) return `ObjectId("${value.toHexString()}")`;
  if (value instanceof Int32 || value instanceof Double) return String(value.valueOf());
  if (Long.isLong(value)) return `NumberLong("${value.toString()}")`;
  if (value instanceof Decimal128) return `NumberDecimal("${value.toString()}")`;
  if (value instanceof Timestamp) return `Timestamp(${value.getHighBitsUnsigned()}, ${value.getLowBitsUnsigned()})`;
  if (value instanceof UUID) return `UUID("${value.toString()}")`;
  if (value instanceof Binary) return `BinData(${value.sub_type}, "${value.toString('base64')}")`;
  if (value instanceof MinKey) return 'MinKey';
  if (value instanceof MaxKey) return 'MaxKey';
  if (value instanceof Code) return `Code(${JSON.stringify(value.code)})`;
  if (typeof value !== 'object') return JSON.stringify(String(value));
  const entries = Object.entries(value).map(([key, member]) => `${keyText(key)}: ${write(member, depth + 1)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function keyText(key: string): string {
  return plainKey.test(key) ? key : JSON.stringify(key);
}
