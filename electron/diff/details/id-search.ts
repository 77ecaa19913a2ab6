/** What a user types to find a document by its `_id`: parsed, never evaluated. */
import { Binary, Decimal128, Double, EJSON, ObjectId, serialize } from 'bson';
import { findId, packValue } from '../bson-reader';
import { idKey } from '../../restore/documents/raw-documents';

export interface IdSearch {
  matches(packed: Buffer): boolean;
}

/** Longest text looked at. */
const longestSearch = 4096;

function keyOf(value: unknown): string | null {
  const document = Buffer.from(serialize({ _id: value }, { ignoreUndefined: false }));
  const element = findId(document);
  return element && idKey(packValue(element));
}

/** The keys of a value written as Extended JSON (canonical or relaxed), or null where the text is none. */
function extendedJsonKey(text: string): string | null {
  if (!/^[{["]|^(true|false|null)$/.test(text)) return null;
  try {
    const parsed: unknown = EJSON.parse(`{"_id":${text}}`, { relaxed: false });
    return keyOf((parsed as { _id: unknown })._id);
  } catch {
    return null;
  }
}

/** Numbers are one key whatever their type; a fraction may be meant as a Double or as a Decimal128. */
function numberKeys(text: string): (string | null)[] {
  if (/^[+-]?\d+$/.test(text)) return [`n${BigInt(text.replace('+', ''))}`];
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return [];
  return [keyOf(new Double(Number(text))), keyOf(Decimal128.fromStringWithRounding(text))];
}

const uuid = /^(?:UUID\s*)?\(?["']?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})["']?\)?$/i;
const objectId = /^(?:ObjectId\s*)?\(?["']?([0-9a-f]{24})["']?\)?$/i;
const isoDate = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/;

function exactKeys(text: string): Set<string> {
  const keys: (string | null)[] = [extendedJsonKey(text), ...numberKeys(text)];
  const hex = objectId.exec(text)?.[1];
  if (hex !== undefined) keys.push(keyOf(new ObjectId(hex)));
  const identifier = uuid.exec(text)?.[1];
  if (identifier !== undefined) keys.push(keyOf(new Binary(Buffer.from(identifier.replace(/-/g, ''), 'hex'), 4)));
  if (isoDate.test(text) && !Number.isNaN(Date.parse(text))) keys.push(keyOf(new Date(text)));
  return new Set(keys.flatMap((key) => key ?? []));
}

/**
 * Finds a whole `_id` given as Extended JSON, number, ISO date, ObjectId or UUID; strings by how they begin (a quoted one
 * as a whole), ObjectIds by their first digits, four at least.
 */
export function parseIdSearch(input: string): IdSearch {
  const text = input.slice(0, longestSearch).trim();
  const keys = exactKeys(text);
  const prefix = Buffer.from(/^"/.test(text) && keys.size > 0 ? '' : text, 'utf8');
  const digits = /^[0-9a-f]{4,23}$/i.test(text) ? text.toLowerCase() : null;
  return {
    matches(packed) {
      if (packed.length === 0) return false;
      const type = packed[0];
      if (prefix.length > 0 && (type === 0x02 || type === 0x0e)) {
        const end = 5 + prefix.length;
        if (end <= packed.length - 1 && prefix.compare(packed, 5, end) === 0) return true;
      }
      if (digits !== null && type === 0x07 && packed.toString('hex', 1, 13).startsWith(digits)) return true;
      return keys.size > 0 && keys.has(idKey(packed));
    },
  };
}
