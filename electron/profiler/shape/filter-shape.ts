/** The shape of a query predicate: what is asked of which path, without the values. */
import type { JsonDocument, JsonValue } from '../../../shared/profiler';
import { expressionShape } from './expression-shape';
import {
  anyValue,
  arrayText,
  canonicalSet,
  deepest,
  documentText,
  firstKey,
  isDocument,
  isScalar,
  isTrue,
  keyText,
  regexFlags,
  sortedLetters,
} from './values';

/** Conditions that must all hold, by path; a path's operators by name. */
interface Conjunction {
  paths: Map<string, Map<string, string>>;
  /** Top-level operators other than $and, each with the shapes it was given. */
  operators: Map<string, Set<string>>;
}

/**
 * Canonical text of a filter: `{ a: ?, b: { $gt: ? } }`. Order of keys, `$and` around conditions and an explicit `$eq`
 * make no difference, members of `$or` and `$nor` are sorted and equal ones folded, values are dropped with their types.
 */
export function filterShape(filter: JsonValue | undefined, depth = 0): string {
  if (filter === undefined) return '{}';
  if (!isDocument(filter)) return anyValue;
  const conjunction: Conjunction = { paths: new Map(), operators: new Map() };
  collect(filter, conjunction, depth);
  return conjunctionText(conjunction);
}

function collect(filter: JsonDocument, into: Conjunction, depth: number): void {
  if (depth > deepest) {
    addOperator(into, '…', '');
    return;
  }
  for (const key of Object.keys(filter)) {
    const value = filter[key];
    if (key === '$and' && Array.isArray(value)) {
      for (const member of value) if (isDocument(member)) collect(member, into, depth + 1);
    } else if (key.startsWith('$') && !isReferencePart(key)) {
      if (key !== '$comment') addOperator(into, key, topLevelOperator(key, value, depth + 1));
    } else {
      let operators = into.paths.get(key);
      if (!operators) into.paths.set(key, (operators = new Map<string, string>()));
      collectPath(value, operators, depth + 1);
    }
  }
}

/** `$ref`, `$id` and `$db` are fields when they end a path of a filter on references. */
function isReferencePart(key: string): boolean {
  return key === '$ref' || key === '$id' || key === '$db';
}

function addOperator(into: Conjunction, name: string, text: string): void {
  const known = into.operators.get(name);
  if (known) known.add(text);
  else into.operators.set(name, new Set([text]));
}

function topLevelOperator(name: string, value: JsonValue | undefined, depth: number): string {
  switch (name) {
    case '$or':
    case '$nor':
    case '$and':
      return Array.isArray(value)
        ? arrayText(canonicalSet(value.map((member) => filterShape(member, depth))))
        : anyValue;
    case '$expr':
      return expressionShape(value, depth);
    case '$text':
      return textShape(value);
    default:
      return anyValue;
  }
}

/** Sensitivity decides which words match; what is searched for is a value. */
function textShape(value: JsonValue | undefined): string {
  if (!isDocument(value)) return anyValue;
  const entries = Object.keys(value).map((key) => {
    const kept = key === '$caseSensitive' || key === '$diacriticSensitive';
    return `${keyText(key)}: ${kept ? String(isTrue(value[key])) : anyValue}`;
  });
  return documentText(entries.sort());
}

function conjunctionText({ paths, operators }: Conjunction): string {
  const entries: string[] = [];
  for (const [path, conditions] of paths) entries.push(`${keyText(path)}: ${conditionsText(conditions)}`);
  for (const [name, texts] of operators) for (const text of texts) entries.push(`${name}: ${text}`);
  return documentText(entries.length < 2 ? entries : entries.sort());
}

function conditionsText(conditions: Map<string, string>): string {
  const only = conditions.size === 1 ? conditions.get('$eq') : undefined;
  if (only !== undefined) return only;
  const regex = conditions.size === 1 ? conditions.get('$regex') : undefined;
  if (regex !== undefined) return regex;
  return documentText([...conditions].map(([name, text]) => `${name}: ${text}`).sort());
}

function collectPath(value: JsonValue | undefined, into: Map<string, string>, depth: number): void {
  const flags = regexFlags(value);
  if (flags !== null) {
    into.set('$regex', regexText(flags));
    return;
  }
  const key = isDocument(value) && !isScalar(value) ? firstKey(value) : undefined;
  if (!isDocument(value) || key === undefined || !key.startsWith('$')) into.set('$eq', anyValue);
  else collectOperators(value, into, depth);
}

function regexText(flags: string): string {
  return `/?/${flags}`;
}

function collectOperators(operators: JsonDocument, into: Map<string, string>, depth: number): void {
  for (const name of Object.keys(operators)) {
    const value = operators[name];
    if (name === '$comment' || name === '$options') continue;
    if (name === '$regex') {
      const own = sortedLetters(operators['$options']);
      into.set(name, regexText(own === '' ? (regexFlags(value) ?? '') : own));
    } else into.set(name, operatorShape(name, value, depth));
  }
}

function operatorShape(name: string, value: JsonValue | undefined, depth: number): string {
  if (depth > deepest) return '…';
  switch (name) {
    case '$in':
    case '$nin':
      return listShape(value);
    case '$exists':
      return String(isTrue(value));
    case '$not': {
      const inner = new Map<string, string>();
      collectPath(value, inner, depth + 1);
      return conditionsText(inner);
    }
    case '$elemMatch':
      return elementShape(value, depth + 1);
    case '$all':
      return allShape(value, depth + 1);
    case '$geoWithin':
    case '$geoIntersects':
    case '$within':
    case '$near':
    case '$nearSphere':
    case '$geoNear':
      return geometryShape(value);
    default:
      return anyValue;
  }
}

/** `[?]`, told apart from lists that hold regular expressions, which need another plan. */
function listShape(value: JsonValue | undefined): string {
  if (!Array.isArray(value)) return anyValue;
  let values = value.length === 0;
  const regexes = new Set<string>();
  for (const member of value) {
    const flags = typeof member === 'object' ? regexFlags(member) : null;
    if (flags === null) values = true;
    else regexes.add(regexText(flags));
  }
  return arrayText([...(values ? [anyValue] : []), ...[...regexes].sort()]);
}

const logical = new Set(['$and', '$or', '$nor', '$expr', '$where', '$jsonSchema']);

/** Conditions on the member itself (`{ $gt: 1 }`) or on its fields. */
function elementShape(value: JsonValue | undefined, depth: number): string {
  if (!isDocument(value)) return anyValue;
  const key = firstKey(value);
  if (key === undefined || !key.startsWith('$') || logical.has(key)) return filterShape(value, depth);
  const inner = new Map<string, string>();
  collectOperators(value, inner, depth);
  return documentText([...inner].map(([name, text]) => `${name}: ${text}`).sort());
}

function allShape(value: JsonValue | undefined, depth: number): string {
  if (!Array.isArray(value)) return anyValue;
  const members = value.map((member) => {
    const inner = isDocument(member) ? member['$elemMatch'] : undefined;
    if (inner !== undefined) return `{ $elemMatch: ${elementShape(inner, depth)} }`;
    const flags = regexFlags(member);
    return flags === null ? anyValue : regexText(flags);
  });
  return arrayText(members.length === 0 ? [anyValue] : canonicalSet(members));
}

/** Which kind of geometry is asked for; where it lies is a value. */
export function geometryShape(value: JsonValue | undefined): string {
  if (!isDocument(value)) return anyValue;
  const keys = Object.keys(value);
  if (!keys.some((key) => key.startsWith('$'))) {
    const type = value['type'];
    return typeof type === 'string' ? JSON.stringify(type) : anyValue;
  }
  const entries = keys.map((key) => {
    const inner = value[key];
    const type = key === '$geometry' && isDocument(inner) ? inner['type'] : undefined;
    return `${keyText(key)}: ${typeof type === 'string' ? JSON.stringify(type) : anyValue}`;
  });
  return documentText(entries.sort());
}
