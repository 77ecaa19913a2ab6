/** What a query costs with a set of indexes, by the cheapest way the planner could take. Pure. */
import type { IndexDefinition } from '../../../shared/indexes';
import type { Branch } from './index-fit';
import { fitOf } from './index-fit';
import { readCost, totalCost } from './index-cost';
import type { FilterModel, Predicate } from './predicates';
import type { QueryModel } from './query-model';
import type { Selectivity } from './selectivity';

export interface WayCost {
  total: number;
  /** Documents read per run. */
  documents: number;
  /** Names of the indexes; empty for reading everything. */
  indexes: string[];
  sorted: boolean;
  covered: boolean;
}

/** More clauses than that multiply no further. */
const mostClauses = 50;

/** The conditions that all hold; what `$or` adds is checked on each document. */
export function conjunctionOf(model: QueryModel): Branch {
  return branch(model, model.filter.predicates);
}

/**
 * The clauses of the first `$or`, each with what holds for all of them; empty without one. A clause without conditions
 * of its own is there as well: nothing can serve it.
 */
export function clausesOf(model: QueryModel): Branch[] {
  const [clauses] = model.filter.alternatives;
  if (!clauses) return [];
  return clauses.slice(0, mostClauses).map((clause) => branch(model, [...model.filter.predicates, ...flat(clause)]));
}

function flat(clause: FilterModel): Predicate[] {
  return clause.predicates;
}

function branch(model: QueryModel, predicates: Predicate[]): Branch {
  return { predicates, sort: model.sort, limit: model.limit, needs: model.needs, collation: model.collation };
}

/** The cheapest of: reading everything, one index for the conjunction, an index for each clause of `$or`. */
export function cheapestWay(
  model: QueryModel,
  indexes: readonly IndexDefinition[],
  documents: number,
  selectivity: Selectivity,
): WayCost {
  const whole = conjunctionOf(model);
  const everything = readCost(null, whole, documents, selectivity);
  const scan: WayCost = {
    total: everything.total,
    documents: everything.documents,
    indexes: [],
    sorted: model.sort.length === 0,
    covered: false,
  };
  // One condition more is checked on each document: no fewer are read, but of those a limit may need more.
  const ways = [scan, ...waysOf(whole, indexes, documents, selectivity)];
  const clauses = clausesOf(model);
  if (clauses.length > 0) {
    const parts = clauses.map((clause) => cheapest(waysOf(clause, indexes, documents, selectivity)));
    const all = parts.filter((part): part is WayCost => part !== null);
    if (all.length === clauses.length) ways.push(together(all, model));
  }
  return cheapest(ways) ?? scan;
}

function waysOf(
  part: Branch,
  indexes: readonly IndexDefinition[],
  documents: number,
  selectivity: Selectivity,
): WayCost[] {
  const isArray = (path: string): boolean => selectivity.field(path)?.arrayAt != null;
  return indexes.flatMap((index) => {
    const fit = fitOf(index, part, isArray);
    if (!fit.usable) return [];
    const cost = readCost(fit, part, documents, selectivity);
    return [
      { total: cost.total, documents: cost.documents, indexes: [index.name], sorted: fit.sorted, covered: fit.covered },
    ];
  });
}

function cheapest(ways: readonly WayCost[]): WayCost | null {
  return ways.reduce<WayCost | null>((best, way) => (best === null || way.total < best.total ? way : best), null);
}

function together(parts: readonly WayCost[], model: QueryModel): WayCost {
  return {
    total: parts.reduce((sum, { total }) => sum + total, 0),
    documents: parts.reduce((sum, part) => sum + part.documents, 0),
    indexes: [...new Set(parts.flatMap(({ indexes }) => indexes))],
    sorted: model.sort.length === 0 || parts.every(({ sorted }) => sorted),
    covered: false,
  };
}

/** What one run was seen to cost. */
export function seenCost(perRun: { keys: number; documents: number; sorted: number }): number {
  return totalCost(perRun.keys, perRun.documents, perRun.sorted);
}
