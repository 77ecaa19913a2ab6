/** Index specifications of a server as definitions, and back. Pure. */
import { EJSON, type Document } from 'bson';
import type { IndexDefinition, IndexDirection, IndexField, IndexOptions } from '../../shared/indexes';
import { fail } from '../../shared/result';

const kinds: readonly IndexDirection[] = ['text', '2d', '2dsphere', 'hashed', 'geoHaystack'];

/** In members of their own, or of no meaning to what an index is. */
const named = new Set([
  'v',
  'key',
  'name',
  'ns',
  'background',
  'unique',
  'sparse',
  'hidden',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
]);

/** `{ status: 1, "a.b": -1 }`. */
export function keyTextOf(key: readonly IndexField[]): string {
  const entries = key.map(({ field, direction }) => {
    const name = /^[A-Za-z_$][\w$]*$/.test(field) ? field : JSON.stringify(field);
    return `${name}: ${typeof direction === 'string' ? JSON.stringify(direction) : direction}`;
  });
  return `{ ${entries.join(', ')} }`;
}

/** `status_1_at_-1`, as drivers name indexes. */
export function defaultName(key: readonly IndexField[]): string {
  return key.map(({ field, direction }) => `${field}_${direction}`).join('_');
}

function directionOf(value: unknown): IndexDirection {
  const kind = kinds.find((each) => each === value);
  if (kind !== undefined) return kind;
  return Number(value) < 0 ? -1 : 1;
}

function extendedJson(value: unknown): string {
  return EJSON.stringify(value, { relaxed: false });
}

/** `specification` as listIndexes tells it. */
export function definitionOf(specification: Document): IndexDefinition {
  const keys = specification['key'] as Document;
  const options: IndexOptions = {};
  if (specification['unique']) options.unique = true;
  if (specification['sparse']) options.sparse = true;
  if (specification['hidden']) options.hidden = true;
  const expire: unknown = specification['expireAfterSeconds'];
  if (expire !== undefined && expire !== null && Number.isFinite(Number(expire)))
    options.expireAfterSeconds = Math.max(0, Math.trunc(Number(expire)));
  if (specification['partialFilterExpression'] !== undefined)
    options.partialFilterExpression = extendedJson(specification['partialFilterExpression']);
  if (specification['collation'] !== undefined) options.collation = extendedJson(specification['collation']);
  const other = Object.fromEntries(Object.entries(specification).filter(([key]) => !named.has(key)));
  if (Object.keys(other).length > 0) options.other = extendedJson(other);
  return {
    name: String(specification['name']),
    key: Object.keys(keys).map((field) => ({ field, direction: directionOf(keys[field]) })),
    options,
  };
}

/** Whether the documents themselves are kept in its order, so that it can be neither hidden nor dropped. */
export function isClustered({ options }: IndexDefinition): boolean {
  return options.other !== undefined && parsed(options.other, 'further options')['clustered'] === true;
}

function parsed(text: string, what: string): Document {
  try {
    return EJSON.parse(text, { relaxed: false }) as Document;
  } catch {
    return fail('usage', `The ${what} of an index is not Extended JSON.`, 'Write it as {"field": {"$gt": 1}}.');
  }
}

/** What createIndexes takes. Throws 'usage' for texts that are no Extended JSON. */
export function specificationOf({ name, key, options }: IndexDefinition): Document {
  const { partialFilterExpression, collation, other, ...plain } = options;
  return {
    ...(other === undefined ? {} : parsed(other, 'further options')),
    ...plain,
    key: Object.fromEntries(key.map(({ field, direction }) => [field, direction])),
    name,
    ...(partialFilterExpression === undefined
      ? {}
      : { partialFilterExpression: parsed(partialFilterExpression, 'partial filter') }),
    ...(collation === undefined ? {} : { collation: parsed(collation, 'collation') }),
  };
}

/** Everything but the name, and but being hidden: two indexes of one text cannot both be on a collection. */
export function definitionText({ key, options }: IndexDefinition): string {
  const { hidden: _hidden, ...rest } = options;
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([key.map(({ field, direction }) => [field, direction]), sorted]);
}

/** `db.getSiblingDB("shop").getCollection("orders").createIndex({ … }, { name: "…" })`. */
export function createCommand(ns: string, definition: IndexDefinition, optionsText: string): string {
  const dot = ns.indexOf('.');
  const database = JSON.stringify(ns.slice(0, dot));
  const collection = JSON.stringify(ns.slice(dot + 1));
  return `db.getSiblingDB(${database}).getCollection(${collection}).createIndex(${keyTextOf(definition.key)}, ${optionsText})`;
}
