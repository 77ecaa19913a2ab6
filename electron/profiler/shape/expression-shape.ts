/** The shape of aggregation expressions: paths, variables and operators stay, literals are dropped. */
import type { JsonValue } from '../../../shared/profiler';
import {
  anyValue,
  arrayText,
  deepest,
  documentText,
  foldNeighbours,
  isDocument,
  isScalar,
  isTrue,
  keyText,
  numberOf,
} from './values';

/** Where these keys stand in {@link namingShape}, a string names a field or an index. */
const naming = new Set(['path', 'index', 'field', 'partitionByFields', 'includeArrayIndex']);
const nothing: ReadonlySet<string> = new Set();

/**
 * Text of an expression. Strings that begin with `$` are paths and variables and stay, other literals become `?`; the
 * order of arguments and fields is kept because it has a meaning, equal neighbours of a list are folded.
 */
export function expressionShape(value: JsonValue | undefined, depth = 0): string {
  return shapeWith(nothing, value, depth);
}

/** The same for stages whose arguments name fields and indexes without a `$`. */
export function namingShape(value: JsonValue | undefined, depth = 0): string {
  return shapeWith(naming, value, depth);
}

function shapeWith(names: ReadonlySet<string>, value: JsonValue | undefined, depth: number): string {
  if (depth > deepest) return '…';
  if (typeof value === 'string') return value.startsWith('$') ? JSON.stringify(value) : anyValue;
  if (Array.isArray(value))
    return arrayText(foldNeighbours(value.map((member) => shapeWith(names, member, depth + 1))));
  if (!isDocument(value) || isScalar(value)) return anyValue;
  return documentText(
    Object.keys(value).map((key) => {
      const inner = value[key];
      if (key === '$literal') return `${key}: ${anyValue}`;
      if (key === '$meta' || names.has(key)) return `${keyText(key)}: ${namesText(inner, depth + 1)}`;
      return `${keyText(key)}: ${shapeWith(names, inner, depth + 1)}`;
    }),
  );
}

function namesText(value: JsonValue | undefined, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return arrayText(value.map((member) => namesText(member, depth + 1)));
  return expressionShape(value, depth);
}

/** Inclusion and exclusion stay (`1`, `0`), computed fields become expressions; the order is kept. */
export function projectionShape(value: JsonValue | undefined, depth = 0): string {
  if (!isDocument(value) || depth > deepest) return anyValue;
  return documentText(
    Object.keys(value).map((key) => {
      const inner = value[key];
      if (typeof inner === 'boolean' || numberOf(inner) !== null) return `${keyText(key)}: ${isTrue(inner) ? 1 : 0}`;
      const plain = isDocument(inner) && !isScalar(inner) && !Object.keys(inner).some((name) => name.startsWith('$'));
      return `${keyText(key)}: ${plain ? projectionShape(inner, depth + 1) : expressionShape(inner, depth + 1)}`;
    }),
  );
}
