/**
 * The order of field names where JavaScript loses it: its objects put names that look like array positions first, in
 * whatever order they were set. In the key of an index the order decides what the index is.
 */
import type { ExtendedJsonDocument } from '../../shared/backups';

const texts = /"((?:[^"\\]|\\.)*)"(\s*:)?/g;

/** The JSON text with a mark before every name, by which parsing and printing keep all names in order. */
export function markNames(json: string): string {
  return json.replace(texts, (text: string, inner: string, colon?: string) => (colon ? `"#${inner}"${colon}` : text));
}

/** Takes away what {@link markNames} put in. */
export function unmarkNames(json: string): string {
  return json.replace(texts, (text: string, inner: string, colon?: string) =>
    colon ? `"${inner.slice(1)}"${colon}` : text,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The index specification with the order of its key's fields beside it as `keyOrder`, where `key` itself cannot tell.
 * `names`: the fields in order.
 */
export function withKeyOrder(specification: ExtendedJsonDocument, names: readonly string[]): ExtendedJsonDocument {
  const key = specification['key'];
  if (!isObject(key) || Object.keys(key).every((name, position) => name === names[position])) return specification;
  return { ...specification, keyOrder: [...names] };
}

/** For each index of a collection's metadata text, the names in its key in order. The text must be known to be valid. */
export function keyNamesOf(metadata: string): string[][] {
  const { '#indexes': indexes } = JSON.parse(markNames(metadata)) as { '#indexes'?: unknown };
  if (!Array.isArray(indexes)) return [];
  return indexes.map((index: unknown) => {
    const key = isObject(index) ? index['#key'] : null;
    return isObject(key) ? Object.keys(key).map((name) => name.slice(1)) : [];
  });
}

/** A key of an index as BSON is to have it: a Map where an object would lose the order. */
export function keyInOrder(
  key: Readonly<Record<string, unknown>>,
  order: unknown,
): Map<string, unknown> | Readonly<Record<string, unknown>> {
  if (!Array.isArray(order)) return key;
  return new Map(order.map((name: unknown) => [String(name), key[String(name)]]));
}
