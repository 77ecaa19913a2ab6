/** How far an index serves a conjunction of conditions and an order. Pure. */
import { EJSON, type Document } from 'bson';
import type { IndexDefinition } from '../../../shared/indexes';
import type { Predicate } from './predicates';
import type { SortField } from './query-model';

/** Conditions that must all hold, with what else the query asks. */
export interface Branch {
  predicates: Predicate[];
  sort: SortField[];
  limit: number | null;
  needs: string[] | null;
  collation: Document | null;
}

export interface Fit {
  /** The planner can use it: something bounds its first field, or it gives the order. */
  usable: boolean;
  /** Conditions that bound the stretch of keys that is read. */
  bounding: Predicate[];
  /** Conditions that can be checked on keys, before a document is read. */
  onKeys: Predicate[];
  /** No sort in memory is needed. */
  sorted: boolean;
  covered: boolean;
}

/** Single values: the order of what follows in the index is kept. */
export function isPoint({ kind }: Predicate): boolean {
  return kind === 'equality' || kind === 'missing' || kind === 'list';
}

const unusable: Fit = { usable: false, bounding: [], onKeys: [], sorted: false, covered: false };

/** `isArray` tells of a path whether documents hold arrays on it. */
export function fitOf(index: IndexDefinition, branch: Branch, isArray: (path: string) => boolean): Fit {
  if (!isApplicable(index, branch)) return unusable;
  const [first] = index.key;
  if (first?.field.endsWith('$**')) return wildcardFit(branch);
  const bounding: Predicate[] = [];
  const onKeys: Predicate[] = [];
  let open = true;
  for (const { field, direction } of index.key) {
    const predicates = branch.predicates.filter(({ path }) => path === field);
    if (direction === 'hashed') {
      const point = predicates.find(isPoint);
      if (point && open) bounding.push(point);
      else open = false;
      if (point) onKeys.push(point);
      continue;
    }
    if (typeof direction === 'string') return unusable;
    onKeys.push(...predicates.filter(({ kind }) => !(kind === 'missing' && isArray(field))));
    if (!open) continue;
    const point = predicates.find(isPoint);
    // On arrays two conditions cannot both bound: each may hold for another member.
    const bounds = isArray(field) ? (point ? [point] : predicates.slice(0, 1)) : predicates;
    bounding.push(...bounds.filter(({ kind }) => kind !== 'scan'));
    if (!point) open = false;
  }
  const sorted = givesOrder(index, branch, isArray);
  const firstBound = branch.predicates.some(({ path }) => path === first?.field);
  return {
    usable: firstBound || sorted,
    bounding,
    onKeys,
    sorted,
    covered: isCovered(index, branch, isArray),
  };
}

function isApplicable({ key, options }: IndexDefinition, branch: Branch): boolean {
  if (options.hidden) return false;
  if (key.some(({ direction }) => direction === 'text' || direction === '2d' || direction === '2dsphere')) return false;
  if (
    branch.predicates.some(({ comparesStrings }) => comparesStrings) &&
    !sameCollation(options.collation, branch.collation)
  )
    return false;
  const [first] = key;
  if (
    options.sparse &&
    !branch.predicates.some(({ path, kind }) => path === first?.field && kind !== 'missing' && kind !== 'negation')
  )
    return false;
  return options.partialFilterExpression === undefined || implies(branch, options.partialFilterExpression);
}

function sameCollation(own: string | undefined, asked: Document | null): boolean {
  if (own === undefined || asked === null) return own === undefined && asked === null;
  const index = EJSON.parse(own) as Document;
  return Object.keys(asked).every((name) => String(index[name]) === String(asked[name]));
}

/** Every condition of the partial filter is among the query's, word for word. */
function implies(branch: Branch, partialFilter: string): boolean {
  const filter = EJSON.parse(partialFilter, { relaxed: false }) as Document;
  return Object.keys(filter).every((path) => {
    const condition: unknown = filter[path];
    const asText = EJSON.stringify({ [path]: condition }, { relaxed: false });
    const existsOnly = EJSON.stringify(condition, { relaxed: true }) === '{"$exists":true}';
    return branch.predicates.some(
      (predicate) =>
        predicate.path === path &&
        (predicate.key === asText || (existsOnly && predicate.kind !== 'missing' && predicate.kind !== 'negation')),
    );
  });
}

function wildcardFit({ predicates, sort }: Branch): Fit {
  const [first] = predicates.filter(
    ({ kind }) => isPoint({ kind } as Predicate) || kind === 'range' || kind === 'prefix',
  );
  if (!first || first.kind === 'missing') return unusable;
  return { usable: true, bounding: [first], onKeys: [first], sorted: sort.length === 0, covered: false };
}

/** Fields held to one value may stand anywhere; the others in the asked order, all forward or all backward. */
function givesOrder(
  { key, options }: IndexDefinition,
  { sort, predicates, collation }: Branch,
  isArray: (path: string) => boolean,
): boolean {
  const single = (field: string): boolean =>
    predicates.some(({ path, kind }) => path === field && (kind === 'equality' || kind === 'missing'));
  const listed = (field: string): boolean => predicates.some(({ path, kind }) => path === field && kind === 'list');
  const wanted = sort.filter(({ field }) => !single(field));
  if (wanted.length === 0) return true;
  if (options.collation !== undefined && collation === null) return false;
  let direction = 0;
  let next = 0;
  for (const entry of key) {
    const asked = wanted[next];
    if (!asked) return true;
    if (entry.field === asked.field) {
      if (typeof entry.direction === 'string' || isArray(entry.field)) return false;
      const turn = entry.direction === asked.direction ? 1 : -1;
      if (direction !== 0 && turn !== direction) return false;
      direction = turn;
      next += 1;
    } else if (!single(entry.field) && !(listed(entry.field) && next === 0)) return false;
  }
  return next >= wanted.length;
}

function isCovered(
  { key, options }: IndexDefinition,
  { needs, predicates, sort }: Branch,
  isArray: (path: string) => boolean,
): boolean {
  if (needs === null || options.sparse) return false;
  if (key.some(({ field, direction }) => typeof direction === 'string' || isArray(field))) return false;
  // Absence cannot be told from null by a key.
  if (predicates.some(({ kind }) => kind === 'missing' || kind === 'negation' || kind === 'exists')) return false;
  const fields = new Set(key.map(({ field }) => field));
  return [...needs, ...sort.map(({ field }) => field)].every((field) => fields.has(field));
}
