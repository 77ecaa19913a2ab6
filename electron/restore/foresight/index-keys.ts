/** The keys a document has in a unique index, as texts that are equal when the server calls the keys equal: pure. */
import { childrenOf, elementsOf, nameOf, packValue, type RawElement } from '../../diff/bson-reader';
import { numericKey } from '../../diff/number-values';

/** A unique index as far as its keys can be told from a document alone. */
export interface UniqueIndex {
  name: string;
  fields: string[];
  sparse: boolean;
  /** Canonical Extended JSON. */
  partialFilter: unknown;
  /** Canonical Extended JSON; strings are then equal by more than their bytes. */
  collation: unknown;
}

export interface DocumentKey {
  /** Equal for equal keys. */
  text: string;
  /** Per field: the packed value; null stands for null, undefined and what is not there. */
  values: (Buffer | null)[];
}

/** Keys of one document beyond which it is not looked at. */
const mostKeys = 1000;

interface Found {
  value: RawElement | null;
}

/** Values at a dotted path, arrays on the way opened as indexes do; null where nothing is there. */
function valuesAt(elements: readonly RawElement[], path: readonly string[]): Found[] {
  const [name, ...rest] = path;
  const element = elements.find((candidate) => nameOf(candidate) === name);
  if (!element) return [{ value: null }];
  if (rest.length === 0) {
    if (element.type !== 0x04) return [{ value: element }];
    const children = childrenOf(element);
    // An empty array is indexed as undefined, which only equals itself.
    return children.length === 0 ? [{ value: element }] : children.map((value) => ({ value }));
  }
  if (element.type === 0x03) return valuesAt(childrenOf(element), rest);
  if (element.type !== 0x04) return [{ value: null }];
  const children = childrenOf(element);
  const byPosition = /^\d+$/.test(rest[0] ?? '') ? valuesAt(children, rest) : [];
  const within = children.flatMap((child) => (child.type === 0x03 ? valuesAt(childrenOf(child), rest) : []));
  const found = [...byPosition.filter(({ value }) => value !== null), ...within];
  return found.length === 0 ? [{ value: null }] : found;
}

function isNothing({ value }: Found): boolean {
  return value === null || value.type === 0x0a || value.type === 0x06;
}

function textOf({ value }: Found): string {
  if (!value || value.type === 0x0a || value.type === 0x06) return 'null';
  const number = numericKey(value);
  return number === null ? packValue(value).toString('latin1') : `n${number}`;
}

/** Null where they cannot be told: too many, or of an index of another kind. Sparse indexes leave documents out. */
export function indexKeys(document: Buffer, { fields, sparse }: UniqueIndex): DocumentKey[] | null {
  const elements = elementsOf(document);
  const columns = fields.map((field) => valuesAt(elements, field.split('.')));
  if (sparse && columns.every((column) => column.every(({ value }) => value === null))) return [];
  let keys: Found[][] = [[]];
  for (const column of columns) {
    if (keys.length * column.length > mostKeys) return null;
    keys = keys.flatMap((key) => column.map((value) => [...key, value]));
  }
  const distinct = new Map<string, DocumentKey>();
  for (const key of keys) {
    const text = JSON.stringify(key.map(textOf));
    const values = key.map((found) => (isNothing(found) || !found.value ? null : packValue(found.value)));
    distinct.set(text, { text, values });
  }
  return [...distinct.values()];
}

/** The specification as far as {@link indexKeys} knows it; null for an index that is not unique, or of another kind. */
export function uniqueIndexOf(specification: Readonly<Record<string, unknown>>): UniqueIndex | null {
  const { key, name, unique, sparse, partialFilterExpression, collation } = specification;
  if (unique !== true || typeof key !== 'object' || key === null || typeof name !== 'string') return null;
  if (name === '_id_' || specification['clustered'] === true) return null;
  const order = specification['keyOrder'];
  const fields = Array.isArray(order) ? order.map(String) : Object.keys(key);
  const isPlain = Object.values(key).every((direction) => typeof direction !== 'string');
  if (!isPlain || fields.some((field) => field.includes('$**'))) return null;
  const simple =
    typeof collation === 'object' && collation !== null && 'locale' in collation && collation.locale === 'simple';
  return {
    name,
    fields,
    sparse: sparse === true,
    partialFilter: partialFilterExpression ?? null,
    collation: simple ? null : (collation ?? null),
  };
}
