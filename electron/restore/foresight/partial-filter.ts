/** Whether a document is in a partial index: the filter evaluated on its bytes, as servers evaluate it. Pure. */
import { EJSON, serialize } from 'bson';
import { canonicalType, compareValues, isNotANumber } from '../../diff/bson-order';
import { childrenOf, elementsOf, nameOf, type RawElement } from '../../diff/bson-reader';

/** True when the document belongs into the index. */
export type PartialFilter = (document: Buffer) => boolean;

/** Values that a path leads to; null stands for one that is not there. */
type Test = (value: RawElement | null) => boolean;

/** What this evaluator does not know; the server has to be asked. */
class Unknown extends Error {}

type Comparison = '$eq' | '$gt' | '$gte' | '$lt' | '$lte';

function compares(operator: string): operator is Comparison {
  return ['$eq', '$gt', '$gte', '$lt', '$lte'].includes(operator);
}

function comparison(operator: Comparison, wanted: RawElement): Test {
  const allowsEqual = operator === '$eq' || operator === '$gte' || operator === '$lte';
  const wantedKind = canonicalType(wanted.type);
  return (value) => {
    const kind = value ? canonicalType(value.type) : 0;
    if (kind !== wantedKind) {
      // Null equals what is undefined or not there.
      if (kind + wantedKind === 5 && (kind === 0 || wantedKind === 0)) return allowsEqual;
      if (wanted.type === 0x7f) return operator === '$lt' || operator === '$lte';
      if (wanted.type === 0xff) return operator === '$gt' || operator === '$gte';
      return false;
    }
    if (!value) return allowsEqual;
    if (isNotANumber(value) || isNotANumber(wanted)) {
      return allowsEqual && isNotANumber(value) && isNotANumber(wanted);
    }
    const order = compareValues(value, wanted);
    if (operator === '$eq') return order === 0;
    if (operator === '$gt') return order > 0;
    if (operator === '$gte') return order >= 0;
    return operator === '$lt' ? order < 0 : order <= 0;
  };
}

const typeNumbers: Readonly<Record<string, readonly number[]>> = {
  double: [1],
  string: [2],
  object: [3],
  array: [4],
  binData: [5],
  undefined: [6],
  objectId: [7],
  bool: [8],
  date: [9],
  null: [10],
  regex: [11],
  dbPointer: [12],
  javascript: [13],
  symbol: [14],
  javascriptWithScope: [15],
  int: [16],
  timestamp: [17],
  long: [18],
  decimal: [19],
  minKey: [255],
  maxKey: [127],
  number: [1, 16, 18, 19],
};

function numberOf({ source, type, valueStart }: RawElement): number {
  if (type === 0x01) return source.readDoubleLE(valueStart);
  if (type === 0x10) return source.readInt32LE(valueStart);
  if (type === 0x12) return Number(source.readBigInt64LE(valueStart));
  throw new Unknown();
}

function typesOf(element: RawElement): number[] {
  if (element.type === 0x04) return childrenOf(element).flatMap(typesOf);
  if (element.type !== 0x02) return [numberOf(element) & 0xff];
  const { source, valueStart, end } = element;
  const named = typeNumbers[source.toString('utf8', valueStart + 4, end - 1)];
  if (!named) throw new Unknown();
  return [...named];
}

function isTrue(element: RawElement): boolean {
  if (element.type === 0x08) return element.source[element.valueStart] !== 0;
  return numberOf(element) !== 0;
}

/** Calls `visit` with what the path leads to, as queries follow it: through arrays by element and by position. */
function follow(
  elements: readonly RawElement[],
  path: readonly string[],
  visit: (value: RawElement | null) => boolean,
): boolean {
  const [name, ...rest] = path;
  const element = elements.find((candidate) => nameOf(candidate) === name);
  if (!element) return visit(null);
  return within(element, rest, visit);
}

function within(element: RawElement, rest: readonly string[], visit: (value: RawElement | null) => boolean): boolean {
  if (rest.length === 0) {
    if (element.type === 0x04 && childrenOf(element).some((child) => visit(child))) return true;
    return visit(element);
  }
  if (element.type === 0x03) return follow(childrenOf(element), rest, visit);
  if (element.type !== 0x04) return visit(null);
  const children = childrenOf(element);
  for (const child of children) {
    if (child.type === 0x03 && follow(childrenOf(child), rest, visit)) return true;
  }
  const position = rest[0] ?? '';
  if (!/^(0|[1-9]\d*)$/.test(position)) return false;
  const child = children.find((candidate) => nameOf(candidate) === position);
  if (!child) return false;
  const further = rest.slice(1);
  // An array in an array is followed by a second position only.
  if (child.type === 0x04 && further.length > 0 && !/^\d+$/.test(further[0] ?? '')) {
    return childrenOf(child).some((inner) => inner.type === 0x03 && follow(childrenOf(inner), further, visit));
  }
  if (further.length === 0) return visit(child);
  // Elements that the path cannot enter are passed over.
  if (child.type !== 0x03 && child.type !== 0x04) return false;
  return within(child, further, visit);
}

function onPath(path: string, test: Test): PartialFilter {
  const parts = path.split('.');
  return (document) => follow(elementsOf(document), parts, test);
}

function operatorTest(operator: RawElement): Test {
  const name = nameOf(operator);
  if (compares(name)) {
    if (operator.type === 0x0b || operator.type === 0x06) throw new Unknown();
    return comparison(name, operator);
  }
  if (name === '$exists' && isTrue(operator)) return (value) => value !== null;
  if (name === '$type') {
    const types = new Set(typesOf(operator));
    return (value) => value !== null && types.has(value.type);
  }
  if (name === '$in' && operator.type === 0x04) {
    const wanted = childrenOf(operator);
    if (wanted.some(({ type }) => type === 0x0b || type === 0x06)) throw new Unknown();
    const tests = wanted.map((value) => comparison('$eq', value));
    return (value) => tests.some((test) => test(value));
  }
  throw new Unknown();
}

function all(filters: readonly PartialFilter[]): PartialFilter {
  return (document) => filters.every((filter) => filter(document));
}

function compileField(element: RawElement): PartialFilter {
  const path = nameOf(element);
  const inner = element.type === 0x03 ? childrenOf(element) : [];
  const isOperators = inner.length > 0 && nameOf(inner[0] ?? element).startsWith('$');
  if (!isOperators) {
    if (element.type === 0x0b || element.type === 0x06) throw new Unknown();
    return onPath(path, comparison('$eq', element));
  }
  return all(inner.map((operator) => onPath(path, operatorTest(operator))));
}

function compile(elements: readonly RawElement[]): PartialFilter {
  return all(
    elements.map((element): PartialFilter => {
      const name = nameOf(element);
      if (name === '$comment') return () => true;
      if (!name.startsWith('$')) return compileField(element);
      if ((name !== '$and' && name !== '$or') || element.type !== 0x04) throw new Unknown();
      const parts = childrenOf(element).map((part) => compile(childrenOf(part)));
      return name === '$and' ? all(parts) : (document) => parts.some((part) => part(document));
    }),
  );
}

/**
 * The filter of canonical Extended JSON as a function; null where only the server can evaluate it: operators beyond
 * `$eq`, `$gt`, `$gte`, `$lt`, `$lte`, `$exists`, `$type`, `$in`, `$and` and `$or`, and comparisons under a collation.
 */
export function partialFilterOf(filter: unknown, collation: unknown): PartialFilter | null {
  if (collation !== null) return null;
  const document = EJSON.deserialize({ filter } as Parameters<typeof EJSON.deserialize>[0], { relaxed: false });
  const [element] = elementsOf(Buffer.from(serialize(document, { ignoreUndefined: false })));
  if (element?.type !== 0x03) return null;
  try {
    return compile(childrenOf(element));
  } catch (error) {
    if (error instanceof Unknown) return null;
    throw error;
  }
}
