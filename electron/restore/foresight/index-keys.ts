/** The keys a document has in a unique index, as texts that are equal when the server calls the keys equal: pure. */
import { textBytes } from '../../diff/bson-order';
import { childrenOf, elementsOf, nameOf, packValue, unpackValue, type RawElement } from '../../diff/bson-reader';
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

/** Per field: the packed value; null stands for null and for what is not there. */
export type KeyValues = readonly (Buffer | null)[];

/** `refused`: two fields of the index are arrays, or a position is a name, too: servers refuse the document. */
export type DocumentKeys = KeyValues[] | 'refused';

/** A name for each string, the same for strings that a collation calls equal. */
export type StringNames = (text: Buffer) => string;

/** How servers index an empty array, and what is undefined. */
const undefinedValue = Buffer.from([0x06]);

/** What a path that begins with a position finds in an array, whichever of its elements is looked at. */
interface Positional {
  value: RawElement | null;
  rest: readonly string[];
  /** The position holds an array. */
  isInArray: boolean;
}

interface Field {
  /** Still to be followed. */
  path: readonly string[];
  value: RawElement | 'undefined' | null;
  found: boolean;
  positional: Positional | null;
}

const nothing: Positional = { value: null, rest: [], isInArray: false };

/** Follows the path to its end, or to the first array on the way. */
function extract(elements: readonly RawElement[], path: readonly string[]): Positional {
  const [name, ...rest] = path;
  const element = elements.find((candidate) => nameOf(candidate) === name);
  if (!element) return nothing;
  if (rest.length === 0 || element.type === 0x04) return { value: element, rest, isInArray: false };
  return element.type === 0x03 ? extract(childrenOf(element), rest) : nothing;
}

function step(elements: readonly RawElement[], field: Field): Positional {
  const [first] = field.path;
  const isThere = elements.some((candidate) => nameOf(candidate) === first);
  if (!field.positional) return extract(elements, field.path);
  // Both a position of the array and a name within its element.
  if (isThere) throw new Refused();
  return field.positional;
}

/** A path that goes on with a position: where it leads to in this array. */
function positionalOf(array: RawElement, path: readonly string[]): Positional | null {
  const [position, ...rest] = path;
  if (position === undefined || !/^\d+$/.test(position)) return null;
  const element = childrenOf(array).find((child) => nameOf(child) === position);
  if (!element) return null;
  const isInArray = element.type === 0x04;
  if (rest.length === 0) return { value: element, rest, isInArray };
  if (element.type === 0x03 || isInArray) return { ...extract(childrenOf(element), rest), isInArray };
  return nothing;
}

class Refused extends Error {}

function collect(elements: readonly RawElement[], fields: readonly Field[], sparse: boolean, keys: Field[][]): void {
  let array: RawElement | null = null;
  // An array found by its position within another one is a key as a whole.
  let isNested = false;
  const through = new Set<number>();
  const next = fields.map((field, at): Field => {
    if (field.path.length === 0) return field;
    const { value, rest, isInArray } = step(elements, field);
    isNested ||= isInArray;
    if (!value) return { path: [], value: null, found: false, positional: null };
    if (value.type !== 0x04) return { path: [], value, found: true, positional: null };
    if (array && (array.source !== value.source || array.start !== value.start)) throw new Refused();
    array = value;
    through.add(at);
    return { path: rest, value, found: true, positional: null };
  });
  if (!array) {
    if (!(sparse && next.every(({ found }) => !found))) keys.push(next);
    return;
  }
  const children = childrenOf(array);
  const whole: RawElement = array;
  const entries: (RawElement | 'undefined')[] = children.length === 0 ? ['undefined'] : children;
  for (const entry of entries) {
    const inner = next.map((field, at): Field => {
      if (!through.has(at)) return field;
      if (field.path.length === 0) return { ...field, value: isNested ? whole : entry };
      return { ...field, positional: positionalOf(whole, field.path) };
    });
    collect(entry !== 'undefined' && entry.type === 0x03 ? childrenOf(entry) : [], inner, sparse, keys);
  }
}

function packed({ value }: Field): Buffer | null {
  if (value === 'undefined') return undefinedValue;
  return !value || value.type === 0x0a ? null : packValue(value);
}

/** Each key once. Sparse indexes leave documents out: they have none. */
export function indexKeys(document: Buffer, { fields, sparse }: UniqueIndex): DocumentKeys {
  const keys: Field[][] = [];
  const start = fields.map((name): Field => ({
    path: name.split('.'),
    value: null,
    found: false,
    positional: null,
  }));
  try {
    collect(elementsOf(document), start, sparse, keys);
  } catch (error) {
    if (error instanceof Refused) return 'refused';
    throw error;
  }
  if (keys.length === 1) return keys.map((key) => key.map(packed));
  const distinct = new Map<string, KeyValues>();
  for (const key of keys) {
    const values = key.map(packed);
    distinct.set(keyText(values, null), values);
  }
  return [...distinct.values()];
}

function framed(text: string): string {
  return `${text.length}:${text}`;
}

function valueText(element: RawElement, names: StringNames | null): string {
  const number = numericKey(element);
  if (number !== null) return `n${number}`;
  switch (element.type) {
    case 0x02:
      return `s${names ? names(textBytes(element)) : textBytes(element).toString('latin1')}`;
    case 0x0e:
      // A collation leaves symbols as they are.
      return `${names ? 'y' : 's'}${textBytes(element).toString('latin1')}`;
    case 0x03:
      return `{${childrenOf(element)
        .map((child) => framed(nameOf(child)) + framed(valueText(child, names)))
        .join('')}`;
    case 0x04:
      return `[${childrenOf(element)
        .map((child) => framed(valueText(child, names)))
        .join('')}`;
    default:
      return `v${packValue(element).toString('latin1')}`;
  }
}

/** Equal for equal keys. `names`: of strings, under the index' collation; null: strings are equal by their bytes. */
export function keyText(values: KeyValues, names: StringNames | null): string {
  return values.map((value) => framed(value ? valueText(unpackValue(value), names) : 'null')).join('');
}

/** Calls `visit` with each string that a collation has a say in. */
export function forEachString(values: KeyValues, visit: (text: Buffer) => void): void {
  const look = (element: RawElement): void => {
    if (element.type === 0x02) visit(textBytes(element));
    else childrenOf(element).forEach(look);
  };
  for (const value of values) if (value) look(unpackValue(value));
}

/** The specification as far as {@link indexKeys} knows it; null for an index that is not unique, or of another kind. */
export function uniqueIndexOf(specification: Readonly<Record<string, unknown>>): UniqueIndex | null {
  const { key, name, unique, sparse, partialFilterExpression, collation } = specification;
  if (!isTruthy(unique) || typeof key !== 'object' || key === null || typeof name !== 'string') return null;
  if (name === '_id_' || isTruthy(specification['clustered'])) return null;
  const order = specification['keyOrder'];
  const fields = Array.isArray(order) ? order.map(String) : Object.keys(key);
  const isPlain = Object.values(key).every((direction) => typeof direction !== 'string' || direction === '');
  if (!isPlain || fields.some((field) => field.includes('$**'))) return null;
  const simple =
    typeof collation === 'object' && collation !== null && 'locale' in collation && collation.locale === 'simple';
  return {
    name,
    fields,
    sparse: isTruthy(sparse),
    partialFilter: partialFilterExpression ?? null,
    collation: simple ? null : (collation ?? null),
  };
}

/** Old servers keep 1 where true is meant. */
function isTruthy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === true || (typeof value === 'number' && value !== 0);
  const [number] = Object.values(value as Record<string, unknown>);
  return Number(number) !== 0;
}
