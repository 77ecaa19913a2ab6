/** Tells values from documents in Extended JSON as logs have it, and writes the few literals that belong to a shape. */
import type { JsonDocument, JsonValue } from '../../../shared/profiler';

/** Deeper than any document a server accepts. */
export const deepest = 200;

/** Stands for a value of any type. */
export const anyValue = '?';

/** The first keys of objects that are one value: Extended JSON's types, and references. */
export const valueKeys: ReadonlySet<string> = new Set([
  '$oid',
  '$date',
  '$numberLong',
  '$numberInt',
  '$numberDouble',
  '$numberDecimal',
  '$uuid',
  '$binary',
  '$timestamp',
  '$regularExpression',
  '$minKey',
  '$maxKey',
  '$undefined',
  '$symbol',
  '$code',
  '$dbPointer',
  '$ref',
  '$id',
]);

export function isDocument(value: JsonValue | undefined): value is JsonDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function firstKey(document: JsonDocument): string | undefined {
  for (const key in document) return key;
  return undefined;
}

/** True for everything without a structure of its own: numbers, strings, ObjectIds, dates, regular expressions. */
export function isScalar(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return false;
  if (!isDocument(value)) return true;
  const key = firstKey(value);
  return key !== undefined && valueKeys.has(key);
}

/** The flags of a regular expression in alphabetical order; null for any other value. */
export function regexFlags(value: JsonValue | undefined): string | null {
  if (!isDocument(value)) return null;
  const expression = value['$regularExpression'];
  if (isDocument(expression)) return sortedLetters(expression['options']);
  return null;
}

export function sortedLetters(value: JsonValue | undefined): string {
  return typeof value === 'string' ? [...value].sort().join('') : '';
}

const plainKey = /^[A-Za-z_$][\w$.-]*$/;

/** A key as it stands in a shape: quoted where it could be taken for something else. */
export function keyText(key: string): string {
  return plainKey.test(key) ? key : JSON.stringify(key);
}

/** `{ a: 1, b: -1 }` with entries in the order given; `{}` without any. */
export function documentText(entries: readonly string[]): string {
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

export function arrayText(members: readonly string[]): string {
  return `[${members.join(', ')}]`;
}

/** Sorted, equal ones once. */
export function canonicalSet(texts: readonly string[]): string[] {
  return texts.length < 2 ? [...texts] : [...new Set(texts)].sort();
}

/** Equal neighbours once: for lists whose order has a meaning. */
export function foldNeighbours(texts: readonly string[]): string[] {
  return texts.filter((text, index) => text !== texts[index - 1]);
}

/** Numbers, booleans, strings and their structure as they are: for what decides a plan (sort, hint, collation). */
export function literalText(value: JsonValue | undefined, depth = 0): string {
  if (depth > deepest) return '…';
  if (Array.isArray(value)) return arrayText(value.map((member) => literalText(member, depth + 1)));
  if (isDocument(value)) {
    const number = numberOf(value);
    if (number !== null) return String(number);
    if (isScalar(value)) return anyValue;
    return documentText(Object.keys(value).map((key) => `${keyText(key)}: ${literalText(value[key], depth + 1)}`));
  }
  return value === undefined ? 'null' : JSON.stringify(value);
}

/** The same with keys in alphabetical order: for documents whose order has no meaning. */
export function sortedLiteralText(value: JsonValue | undefined): string {
  if (!isDocument(value) || isScalar(value)) return literalText(value);
  return documentText(
    Object.keys(value)
      .sort()
      .map((key) => `${keyText(key)}: ${literalText(value[key], 1)}`),
  );
}

/** A number, also one in Extended JSON's long form; null for anything else. */
export function numberOf(value: JsonValue | undefined): number | null {
  if (typeof value === 'number') return value;
  if (!isDocument(value)) return null;
  const text = value['$numberLong'] ?? value['$numberInt'] ?? value['$numberDouble'] ?? value['$numberDecimal'];
  return typeof text === 'string' && Number.isFinite(Number(text)) ? Number(text) : null;
}

/** What MongoDB takes for true: true and numbers but zero. */
export function isTrue(value: JsonValue | undefined): boolean {
  if (typeof value === 'boolean') return value;
  const number = numberOf(value);
  return number !== null && number !== 0;
}
