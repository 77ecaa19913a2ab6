/**
 * Index specifications and collection options as dumps and servers state them, brought into one form, so that what a
 * server or an older version adds by itself is no difference. Pure; works on canonical Extended JSON.
 */
import type { ExtendedJsonDocument } from '../../shared/backups';

type Json = unknown;

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const numberKeys = ['$numberInt', '$numberLong', '$numberDouble', '$numberDecimal'];

/** The text of a number in any of its Extended JSON forms: specifications mean the same with 1, 1.0 and NumberLong(1). */
function numberText(value: Json): string | null {
  if (typeof value === 'number') return String(value);
  if (!isObject(value)) return null;
  const keys = Object.keys(value);
  const key = keys[0];
  if (keys.length !== 1 || key === undefined || !numberKeys.includes(key)) return null;
  const text = value[key];
  if (typeof text !== 'string') return null;
  if (/^-?\d+(\.0+)?$/.test(text)) return BigInt(text.split('.')[0] ?? '0').toString();
  const number = Number(text);
  return Number.isNaN(number) ? text : String(number);
}

export function numberOf(value: Json): number | null {
  const text = numberText(value);
  return text === null ? null : Number(text);
}

/** Whose names are compared without their order: nobody's, the outermost object's, or those at every depth. */
type Unordered = 'none' | 'outermost' | 'all';

/** Text to compare by: numbers by value. */
export function comparableText(value: Json, unordered: Unordered = 'none'): string {
  const number = numberText(value);
  if (number !== null) return `#${number}`;
  const inner = unordered === 'all' ? 'all' : 'none';
  if (Array.isArray(value)) return `[${value.map((item) => comparableText(item, inner)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value);
  if (unordered !== 'none') entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([name, each]) => `${JSON.stringify(name)}:${comparableText(each, inner)}`).join(',')}}`;
}

/** Fields whose inner order has no meaning. */
const unordered = new Set(['collation', 'weights', 'timeseries', 'clusteredIndex', 'storageEngine']);

/** Text that is equal for two specifications exactly when they ask for the same. */
export function specificationText(specification: ExtendedJsonDocument): string {
  return Object.entries(specification)
    .map(
      ([name, value]) => `${JSON.stringify(name)}:${comparableText(value, unordered.has(name) ? 'outermost' : 'none')}`,
    )
    .sort()
    .join(',');
}

/**
 * Text that is equal for options that ask for the same. mongodump keeps options in an unordered map, so that the names
 * inside them come in another order with each dump, and their order can be no difference. `ordered`: the order is known
 * to be the server's, and that inside a view's pipeline counts.
 */
export function optionsText(options: ExtendedJsonDocument, ordered = false): string {
  const { pipeline, ...others } = options;
  const rest = comparableText(others, 'all');
  return pipeline === undefined ? rest : `${rest} ${comparableText(pipeline, ordered ? 'none' : 'all')}`;
}

function isFalse(value: Json): boolean {
  return value === false || numberText(value) === '0';
}

/** A collation with the fields a server fills in; ICU's version says nothing about the wish. Null: simple comparison. */
function normaliseCollation(value: Json): Json {
  if (!isObject(value) || value['locale'] === 'simple') return null;
  const defaults: Record<string, Json> = {
    caseLevel: false,
    caseFirst: 'off',
    strength: 3,
    numericOrdering: false,
    alternate: 'non-ignorable',
    maxVariable: 'punct',
    normalization: false,
    backwards: false,
  };
  return Object.fromEntries(Object.entries({ ...defaults, ...value }).filter(([name]) => name !== 'version'));
}

/** Options of indexes that old dumps hold and no server takes any more, or ignores. */
const obsoleteIndexOptions: readonly string[] = ['ns', 'background', 'dropDups', 'safe'];
/** What no one asked for: bookkeeping of old versions, and what servers ignore. */
const ignoredInIndexes = new Set([...obsoleteIndexOptions, 'v', 'textIndexVersion', '2dsphereIndexVersion']);
/**
 * A key pattern as servers of today take it. Version 1 indexes took any value for a direction and meant ascending by all
 * but negative numbers; non-empty strings name kinds of indexes.
 */
function modernKey(key: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(key).map(([field, value]) => {
      const number = numberOf(value);
      const isKind = typeof value === 'string' && value !== '';
      return [field, isKind || (number !== null && number !== 0) ? value : { $numberInt: '1' }];
    }),
  );
}

/** The specification to build an index by: without what servers of today refuse in those of old dumps. */
export function buildableIndex(specification: ExtendedJsonDocument): ExtendedJsonDocument {
  const { key, ...options } = specification;
  const kept = Object.fromEntries(Object.entries(options).filter(([name]) => !obsoleteIndexOptions.includes(name)));
  if (!isObject(key)) return { ...kept, key };
  const modern = modernKey(key);
  if (JSON.stringify(modern) === JSON.stringify(key)) return { ...kept, key };
  const { v: _version, ...versionless } = kept;
  return { ...versionless, key: modern };
}

const falseByDefault = new Set(['unique', 'sparse', 'hidden', 'prepareUnique', 'clustered', 'capped', 'autoIndexId']);

/**
 * An index specification without versions and defaults. A text index named by its fields is brought into the form in
 * which servers keep it.
 */
export function normaliseIndex(specification: ExtendedJsonDocument): ExtendedJsonDocument {
  const normal: ExtendedJsonDocument = {};
  for (const [name, value] of Object.entries(specification)) {
    if (ignoredInIndexes.has(name)) continue;
    if (falseByDefault.has(name) && isFalse(value)) continue;
    if (falseByDefault.has(name)) normal[name] = true;
    else if (name === 'collation') {
      const collation = normaliseCollation(value);
      if (collation !== null) normal[name] = collation;
    } else if (name === 'storageEngine' && isObject(value) && Object.keys(value).length === 0) continue;
    else normal[name] = name === 'key' && isObject(value) ? modernKey(value) : value;
  }
  return normaliseTextIndex(normal);
}

function normaliseTextIndex(specification: ExtendedJsonDocument): ExtendedJsonDocument {
  const key = specification['key'];
  if (!isObject(key)) return specification;
  const textFields = Object.keys(key).filter((field) => key[field] === 'text' && field !== '_fts');
  if (textFields.length === 0 && key['_fts'] === undefined) return specification;
  const weights: Record<string, Json> = isObject(specification['weights']) ? { ...specification['weights'] } : {};
  const storedKey: Record<string, Json> = {};
  for (const [field, value] of Object.entries(key)) {
    if (textFields.includes(field)) {
      weights[field] ??= 1;
      storedKey['_fts'] = 'text';
      storedKey['_ftsx'] = 1;
    } else storedKey[field] = value;
  }
  return { default_language: 'english', language_override: 'language', ...specification, key: storedKey, weights };
}

const defaultSpans: Readonly<Record<string, string>> = { seconds: '3600', minutes: '86400', hours: '2592000' };

/** Seconds granularity and the span that follows from a granularity are filled in by servers. */
function normaliseTimeSeries(value: Json): Json {
  if (!isObject(value)) return value;
  const { granularity, bucketMaxSpanSeconds, bucketRoundingSeconds, ...rest } = value;
  const normal: Record<string, Json> = { ...rest };
  const span = numberText(bucketMaxSpanSeconds);
  if (granularity === undefined && span !== null && span !== defaultSpans['seconds']) {
    normal['bucketMaxSpanSeconds'] = span;
    if (bucketRoundingSeconds !== undefined) normal['bucketRoundingSeconds'] = numberText(bucketRoundingSeconds);
  } else if (typeof granularity === 'string' && granularity !== 'seconds') normal['granularity'] = granularity;
  return normal;
}

const ignoredInOptions = new Set(['autoIndexId', 'flags', 'uuid', 'temp', 'create', 'idIndex', '$nExtents']);

/** Collection or view options without defaults. */
export function normaliseOptions(options: ExtendedJsonDocument): ExtendedJsonDocument {
  const normal: ExtendedJsonDocument = {};
  for (const [name, value] of Object.entries(options)) {
    if (ignoredInOptions.has(name) || value === undefined) continue;
    if (name === 'collation') {
      const collation = normaliseCollation(value);
      if (collation !== null) normal[name] = collation;
    } else if (name === 'timeseries') normal[name] = normaliseTimeSeries(value);
    else if (name === 'capped') {
      if (!isFalse(value)) normal[name] = true;
    } else if (name === 'clusteredIndex' && isObject(value)) {
      normal[name] = Object.fromEntries(Object.entries(value).filter(([field]) => field !== 'v'));
    } else if (name === 'changeStreamPreAndPostImages') {
      if (isObject(value) && value['enabled'] === true) normal[name] = { enabled: true };
    } else if (name === 'recordPreImages') {
      if (!isFalse(value)) normal['changeStreamPreAndPostImages'] = { enabled: true };
    } else if (isDefaultOption(name, value)) continue;
    else normal[name] = value;
  }
  if (normal['validator'] === undefined) {
    delete normal['validationLevel'];
    delete normal['validationAction'];
  }
  // `size` alone caps nothing; servers keep it beside `capped: false` of old dumps.
  if (normal['capped'] === undefined) {
    delete normal['size'];
    delete normal['max'];
  } else if (numberText(normal['size']) !== null) {
    // Servers round the size up to 256 bytes.
    normal['size'] = String(Math.ceil(Number(numberText(normal['size'])) / 256) * 256);
  }
  return normal;
}

function isDefaultOption(name: string, value: Json): boolean {
  if (name === 'validationLevel') return value === 'strict';
  if (name === 'validationAction') return value === 'error';
  if (name === 'max') return numberText(value) === '0';
  if (name === 'validator' || name === 'storageEngine' || name === 'indexOptionDefaults') {
    return isObject(value) && Object.keys(value).length === 0;
  }
  return false;
}
