/** Indexes that would serve a query, by the order equality, sort, range. Pure. */
import type { SuggestedField } from '../../../shared/advice';
import type { IndexDefinition, IndexDirection } from '../../../shared/indexes';
import { defaultName } from '../../indexes/index-definition';
import { fitOf, isPoint, type Branch } from './index-fit';
import { readCost } from './index-cost';
import type { Predicate } from './predicates';
import type { Selectivity } from './selectivity';

export interface CandidateField {
  field: string;
  direction: IndexDirection;
  role: SuggestedField['role'];
}

export interface Candidate {
  fields: CandidateField[];
  /** Canonical Extended JSON of the collation strings are compared by. */
  collation: string | null;
}

/** More fields than that make every write dearer than they save reading. */
const mostFields = 6;
/** More values than that in `$in`, and the server puts the results in order in memory. */
const mostMergedLists = 200;
/** A condition that takes more than that is no reason for a field. */
const nearlyAll = 0.9;

export function definitionOfFields(fields: readonly CandidateField[], collation: string | null): IndexDefinition {
  const key = fields.map(({ field, direction }) => ({ field, direction }));
  return { name: defaultName(key), key, options: collation === null ? {} : { collation } };
}

/**
 * The index that serves a branch best, or null where none would: no condition bounds anything and no order is asked for.
 * `documents` is how many the collection has.
 */
export function candidateFor(branch: Branch, documents: number, selectivity: Selectivity): Candidate | null {
  const isArray = (path: string): boolean => selectivity.field(path)?.arrayAt != null;
  const share = (predicate: Predicate): number => selectivity.fraction([predicate]);
  const byShare = (a: Predicate, b: Predicate): number => share(a) - share(b);
  const useful = branch.predicates.filter((predicate) => share(predicate) < nearlyAll);
  const sorts = branch.sort.length > 0 && branch.sort.every(({ field }) => !isArray(field));
  const equalities = useful
    .filter((each) => isPoint(each) && !(sorts && each.kind === 'list' && each.values > mostMergedLists))
    .sort(byShare);
  const ranges = useful.filter((each) => !equalities.includes(each) && bounds(each)).sort(byShare);
  const onKeys = useful.filter(({ kind, ...each }) => kind === 'scan' && share({ kind, ...each }) < 0.3).sort(byShare);
  const equal: CandidateField[] = equalities.map(({ path }) => ({ field: path, direction: 1, role: 'equality' }));
  const ordered: CandidateField[] = sorts
    ? branch.sort
        .filter(
          ({ field }) =>
            !branch.predicates.some((each) => each.path === field && each.kind !== 'list' && isPoint(each)),
        )
        .map(({ field, direction }) => ({ field, direction, role: 'sort' }))
    : [];
  // Keys are worth looking through where something else bounds them, not all of them.
  const checked = equal.length + ordered.length + ranges.length > 0 ? onKeys : [];
  const between: CandidateField[] = [...ranges, ...checked].map(({ path }) => ({
    field: path,
    direction: 1,
    role: 'range',
  }));
  const collation =
    branch.collation && branch.predicates.some(({ comparesStrings }) => comparesStrings) ? branch.collation : null;
  const text = collation === null ? null : JSON.stringify(collation);
  const variants = [
    [...equal, ...ordered, ...between],
    // An order that a very selective range makes worthless.
    ...(ordered.length > 0 && between.length > 0 ? [[...equal, ...between]] : []),
  ].map((fields) => trimmed(withoutParallelArrays(unique(fields), selectivity), branch, documents, selectivity, text));
  const [first, second] = variants;
  if (!first) return null;
  const cost = (fields: CandidateField[]): number =>
    fields.length === 0
      ? Number.POSITIVE_INFINITY
      : readCost(fitOf(definitionOfFields(fields, text), branch, isArray), branch, documents, selectivity).total;
  const best = second && cost(second) * 1.5 < cost(first) ? second : first;
  if (best.length === 0) return null;
  const fit = fitOf(definitionOfFields(best, text), branch, isArray);
  return fit.usable ? { fields: best, collation: text } : null;
}

function bounds({ kind }: Predicate): boolean {
  return kind === 'range' || kind === 'prefix' || kind === 'list' || kind === 'missing';
}

function unique(fields: readonly CandidateField[]): CandidateField[] {
  return fields.filter(({ field }, index) => fields.findIndex((other) => other.field === field) === index);
}

/** The server refuses two fields of one index that both hold arrays, unless inside the same array. */
export function withoutParallelArrays(fields: readonly CandidateField[], selectivity: Selectivity): CandidateField[] {
  let array: string | null = null;
  return fields.filter(({ field }) => {
    const at = selectivity.field(field)?.arrayAt ?? null;
    if (at === null) return true;
    if (array !== null && array !== at) return false;
    array = at;
    return true;
  });
}

/** Leaves out from the end what makes no run cheaper. */
function trimmed(
  given: readonly CandidateField[],
  branch: Branch,
  documents: number,
  selectivity: Selectivity,
  collation: string | null,
): CandidateField[] {
  const isArray = (path: string): boolean => selectivity.field(path)?.arrayAt != null;
  const cost = (fields: readonly CandidateField[]): number =>
    readCost(fitOf(definitionOfFields(fields, collation), branch, isArray), branch, documents, selectivity).total;
  let fields = given.slice(0, mostFields);
  for (let changed = true; changed && fields.length > 1;) {
    changed = false;
    for (let index = fields.length - 1; index >= 0; index--) {
      const fewer = fields.filter((_, position) => position !== index);
      if (fields[index]?.role === 'sort' || cost(fewer) > cost(fields) * 1.1) continue;
      fields = fewer;
      changed = true;
      break;
    }
  }
  return fields;
}

/** Fields that make documents unnecessary; none where that takes more than two, or arrays. */
export function coveringFields(candidate: Candidate, branch: Branch, selectivity: Selectivity): CandidateField[] {
  if (branch.needs === null) return [];
  const there = new Set(candidate.fields.map(({ field }) => field));
  const missing = [...new Set([...branch.needs, ...branch.sort.map(({ field }) => field)])].filter(
    (field) => !there.has(field),
  );
  if (missing.length === 0 || missing.length > 2 || there.size + missing.length > mostFields) return [];
  const extra: CandidateField[] = missing.map((field) => ({ field, direction: 1, role: 'covered' }));
  const all = [...candidate.fields, ...extra];
  if (all.some(({ field }) => selectivity.field(field)?.arrayAt != null)) return [];
  const isArray = (): boolean => false;
  return fitOf(definitionOfFields(all, candidate.collation), branch, isArray).covered ? extra : [];
}
