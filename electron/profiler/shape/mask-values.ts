/** Commands without their values, for reports that leave the house. */
import type { JsonDocument, JsonValue } from '../../../shared/profiler';
import { deepest, firstKey, isDocument, isScalar } from './values';

/** Arguments that name things or decide plans; their values tell nothing about people. */
const structural = new Set([
  'sort',
  'hint',
  'projection',
  'fields',
  'collation',
  'limit',
  'skip',
  'batchSize',
  'multi',
  'upsert',
  'ordered',
  'key',
  '$db',
  'singleBatch',
  'maxTimeMS',
  'allowDiskUse',
]);

/** Stages whose strings are names of fields and collections. */
const namingOperators = new Set(['$sort', '$unwind', '$unset', '$count', '$out', '$unionWith', '$merge', '$meta']);
/** The same for arguments, each within the stages that know it. */
const namingArguments = new Set(['from', 'coll', 'localField', 'foreignField', 'as', 'into', 'path']);
const namedStages = new Set(['$lookup', '$graphLookup', '$unionWith', '$merge', '$unwind']);

const dropped = new Set(['lsid', '$clusterTime', '$configTime', '$topologyTime', 'txnNumber', 'comment', '$comment']);

/** A copy in which every value reads as its type (`"<string>"`, `"<date>"`); names, orders and options stay. */
export function maskCommand(command: JsonDocument): JsonDocument {
  const name = firstKey(command);
  const masked: [string, JsonValue][] = [];
  for (const key of Object.keys(command)) {
    const value = command[key];
    if (value === undefined || dropped.has(key)) continue;
    const keep = structural.has(key) || (key === name && typeof value === 'string');
    masked.push([key, keep && isNaming(key, value) ? value : maskValue(value, key === 'pipeline' ? key : null, 0)]);
  }
  return fromEntries(masked);
}

/** Projections may compute with values. */
function isNaming(key: string, value: JsonValue): boolean {
  if (key !== 'projection' && key !== 'fields') return true;
  return (
    isDocument(value) && Object.values(value).every((inner) => typeof inner !== 'object' && typeof inner !== 'string')
  );
}

/** `within` is the key that holds the value inside a pipeline, null outside of pipelines. */
function maskValue(value: JsonValue, within: string | null, depth: number): JsonValue {
  if (depth > deepest) return '<…>';
  if (Array.isArray(value)) return value.map((member) => maskValue(member, within, depth + 1));
  if (!isDocument(value) || isScalar(value)) {
    if (within !== null && typeof value === 'string' && /^\$\$?[A-Za-z_]/.test(value)) return value;
    return typeMark(value);
  }
  return fromEntries(
    Object.keys(value)
      .filter((key) => value[key] !== undefined && !dropped.has(key))
      .map((key) => {
        const inner = value[key] ?? null;
        if (within !== null && isName(key, within) && (typeof inner === 'string' || key === '$sort'))
          return [key, inner];
        return [key, maskValue(inner, within !== null && !valuesOnly.has(key) ? key : null, depth + 1)];
      }),
  );
}

/** What stands in these is data, even where it begins with `$`. */
const valuesOnly = new Set(['$match', '$literal', 'query', 'restrictSearchWithMatch', 'filter']);

function isName(key: string, within: string): boolean {
  return namingOperators.has(key) || (namedStages.has(within) && namingArguments.has(key));
}

function typeMark(value: JsonValue): string {
  if (value === null) return '<null>';
  if (!isDocument(value)) return `<${typeof value}>`;
  return `<${(firstKey(value) ?? 'object').replace(/^\$/, '')}>`;
}

/** Keys such as `__proto__` stay keys. */
function fromEntries(entries: readonly [string, JsonValue][]): JsonDocument {
  return Object.fromEntries(entries);
}
