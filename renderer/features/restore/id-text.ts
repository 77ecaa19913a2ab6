/** An `_id` as people read it, from canonical Extended JSON. Pure. */
import { maskControlCharacters } from '../../../shared/format';

export interface IdText {
  /** BSON type; empty where the text tells it: strings in quotes, Int32, true, false, null, objects, arrays. */
  type: string;
  text: string;
}

/** Text that is no JSON, as a clipped one, is shown as it is. */
export function idText(extendedJson: string): IdText {
  let value: unknown;
  try {
    value = JSON.parse(extendedJson);
  } catch {
    return { type: '', text: maskControlCharacters(extendedJson) };
  }
  const { type, text } = readable(value);
  return { type, text: maskControlCharacters(text) };
}

/** In one string: `ObjectId 674698a25b0a700003000190`, `"a"`, `7`, `Int64 7`. */
export function typedIdText(extendedJson: string): string {
  const { type, text } = idText(extendedJson);
  return type === '' ? text : `${type} ${text}`;
}

function readable(value: unknown): IdText {
  if (typeof value !== 'object' || value === null) return { type: '', text: JSON.stringify(value) };
  if (Array.isArray(value)) return { type: '', text: `[${value.map(nested).join(', ')}]` };
  const entries = Object.entries(value);
  const [first] = entries;
  const typed = entries.length === 1 && first ? typedValue(first[0], first[1]) : null;
  if (typed) return typed;
  const fields = entries.map(([name, each]) => `${name}: ${nested(each)}`);
  return { type: '', text: fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }` };
}

function nested(value: unknown): string {
  const { type, text } = readable(value);
  return type === '' ? text : `${type} ${text}`;
}

const plainTypes: Readonly<Record<string, string>> = {
  $oid: 'ObjectId',
  $numberInt: '',
  $numberLong: 'Int64',
  $numberDouble: 'Double',
  $numberDecimal: 'Decimal128',
  $uuid: 'UUID',
};

/** Null where the name is not one of Extended JSON's. */
function typedValue(name: string, value: unknown): IdText | null {
  const plain = plainTypes[name];
  if (plain !== undefined && typeof value === 'string') return { type: plain, text: value };
  switch (name) {
    case '$date':
      return { type: 'Date', text: dateText(value) };
    case '$binary':
      return binary(value);
    case '$timestamp': {
      const { t, i } = Object(value) as { t?: unknown; i?: unknown };
      return { type: 'Timestamp', text: `${String(t)}, ${String(i)}` };
    }
    case '$minKey':
      return { type: '', text: 'MinKey' };
    case '$maxKey':
      return { type: '', text: 'MaxKey' };
    default:
      return null;
  }
}

function dateText(value: unknown): string {
  if (typeof value === 'string') return value;
  const { $numberLong } = Object(value) as { $numberLong?: unknown };
  const date = new Date(Number($numberLong));
  return Number.isNaN(date.getTime()) ? `${String($numberLong)} ms since 1970` : date.toISOString();
}

const uuidSubtype = '04';

function binary(value: unknown): IdText {
  const { base64, subType } = Object(value) as { base64?: unknown; subType?: unknown };
  const content = String(base64);
  if (subType === uuidSubtype) {
    const hex = [...atob(content)].map((character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
    if (hex.length === 32) return { type: 'UUID', text: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') };
  }
  return { type: 'Binary', text: `subtype ${String(subType)} ${content}` };
}
