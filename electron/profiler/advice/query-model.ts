/** What a command asks of its collection: condition, order, and which fields it needs. Pure. */
import type { Document } from 'bson';
import type { OperationKind } from '../../../shared/profiler';
import { filterModel, isPlain, type FilterModel } from './predicates';

export interface SortField {
  field: string;
  direction: 1 | -1;
}

export interface QueryModel {
  filter: FilterModel;
  /** In order; empty where none is asked for, or by something that no index holds. */
  sort: SortField[];
  /** Documents after which reading may stop; null without a limit. */
  limit: number | null;
  /** Every field that has to be read; null: whole documents. */
  needs: string[] | null;
  collation: Document | null;
  hinted: boolean;
  /** Collections joined by an equality of a field, in the same database. */
  lookups: { from: string; field: string }[];
}

/** `command` as makers of explainable commands leave it (typed values). */
export function queryModel(kind: OperationKind, command: Document): QueryModel {
  switch (kind) {
    case 'aggregate':
      return pipelineModel(command);
    case 'update':
    case 'delete': {
      const statements = (command['updates'] ?? command['deletes']) as Document[] | undefined;
      const statement = statements?.[0] ?? {};
      const one = kind === 'update' ? statement['multi'] !== true : Number(statement['limit'] ?? 0) === 1;
      return model(statement['q'], { limit: one ? 1 : null, source: statement });
    }
    case 'findAndModify':
      return model(command['query'], { sort: command['sort'], limit: 1, source: command });
    case 'count':
      return model(command['query'], { limit: positive(command['limit']), needs: [], source: command });
    case 'distinct':
      return model(command['query'], { needs: [String(command['key'])], source: command });
    default: {
      const limit = positive(command['limit']);
      const skipped = limit === null ? null : limit + (positive(command['skip']) ?? 0);
      return model(command['filter'], {
        sort: command['sort'],
        limit: skipped,
        needs: projected(command['projection']),
        source: command,
      });
    }
  }
}

interface Parts {
  sort?: unknown;
  limit?: number | null;
  needs?: string[] | null;
  source: Document;
  lookups?: QueryModel['lookups'];
}

function model(filter: unknown, { sort, limit = null, needs = null, source, lookups = [] }: Parts): QueryModel {
  const collation: unknown = source['collation'];
  const made = filterModel(filter);
  return {
    filter: made,
    sort: sortOf(sort),
    limit,
    needs: needs === null ? null : [...new Set([...needs, ...pathsOf(made)])],
    collation: isPlain(collation) && collation['locale'] !== 'simple' ? collation : null,
    hinted: source['hint'] !== undefined && source['hint'] !== null,
    lookups,
  };
}

/** Paths of every condition, those in `$or` too. */
export function pathsOf(filter: FilterModel): string[] {
  return [
    ...filter.predicates.map(({ path }) => path),
    ...filter.alternatives.flatMap((clauses) => clauses.flatMap(pathsOf)),
  ];
}

function positive(value: unknown): number | null {
  const number = Math.abs(Number(value));
  return value === undefined || value === null || !Number.isFinite(number) || number === 0 ? null : number;
}

function sortOf(sort: unknown): SortField[] {
  if (!isPlain(sort)) return [];
  const fields = Object.keys(sort);
  // By a score of a search, or in the order of the files.
  if (fields.some((field) => isPlain(sort[field]) || field === '$natural')) return [];
  return fields.map((field) => ({ field, direction: Number(sort[field]) < 0 ? -1 : 1 }));
}

/** The fields of an inclusion; null for everything else. */
function projected(projection: unknown): string[] | null {
  if (!isPlain(projection)) return null;
  const fields = Object.keys(projection);
  const included = fields.filter((field) => {
    const value: unknown = projection[field];
    return value === true || (!isPlain(value) && Number(value) !== 0 && typeof value !== 'string');
  });
  const excluded = fields.filter((field) => !included.includes(field));
  if (excluded.some((field) => field !== '_id') || included.filter((field) => field !== '_id').length === 0)
    return null;
  return excluded.includes('_id') ? included : [...new Set([...included, '_id'])];
}

/** Conditions at the beginning, and a sort right after them: what the server hands to the planner. */
function pipelineModel(command: Document): QueryModel {
  const stages = (Array.isArray(command['pipeline']) ? command['pipeline'] : []).filter(isPlain) as Document[];
  const filters: unknown[] = [];
  let sort: unknown;
  let limit: number | null = null;
  let position = 0;
  for (; position < stages.length; position++) {
    const stage = stages[position] ?? {};
    if (isPlain(stage['$match']) && limit === null) filters.push(stage['$match']);
    else if (isPlain(stage['$sort']) && sort === undefined && limit === null) sort = stage['$sort'];
    else if (stage['$limit'] !== undefined && limit === null) limit = positive(stage['$limit']);
    else break;
  }
  const rest = stages.slice(position);
  const filter = filters.length === 1 ? filters[0] : filters.length === 0 ? {} : { $and: filters };
  const needs = neededBy(rest);
  const sortFields = isPlain(sort) ? Object.keys(sort) : [];
  return model(filter, {
    sort,
    limit,
    needs: needs === null ? null : [...needs, ...sortFields],
    source: command,
    lookups: lookupsOf(stages),
  });
}

/** Fields that stages read until one makes documents of its own; null where they need whole documents. */
function neededBy(stages: readonly Document[]): string[] | null {
  const needs: string[] = [];
  for (const stage of stages) {
    const [name] = Object.keys(stage);
    if (name === undefined) return null;
    const specification: unknown = stage[name];
    if (name === '$count') return needs;
    const paths = referenced(specification);
    if (paths === null) return null;
    if (name === '$group' || name === '$bucket' || name === '$sortByCount') return [...needs, ...paths];
    if (name === '$project') {
      const included = projected(specification);
      return included === null ? null : [...needs, ...included, ...paths];
    }
    if (name === '$sort' && isPlain(specification)) needs.push(...Object.keys(specification));
    else if (name === '$unwind' || name === '$limit' || name === '$skip') needs.push(...paths);
    else return null;
  }
  return null;
}

/** `$path` strings anywhere inside; null where the whole document is named. */
function referenced(expression: unknown, depth = 0): string[] | null {
  if (depth > 50) return null;
  if (typeof expression === 'string') {
    if (expression.startsWith('$$ROOT') || expression.startsWith('$$CURRENT')) return null;
    return /^\$[^$]/.test(expression) ? [expression.slice(1)] : [];
  }
  const members = Array.isArray(expression) ? expression : isPlain(expression) ? Object.values(expression) : [];
  const found: string[] = [];
  for (const member of members as unknown[]) {
    const paths = referenced(member, depth + 1);
    if (paths === null) return null;
    found.push(...paths);
  }
  return found;
}

function lookupsOf(stages: readonly Document[]): QueryModel['lookups'] {
  return stages.flatMap((stage) => {
    const lookup: unknown = stage['$lookup'];
    if (isPlain(lookup) && typeof lookup['from'] === 'string' && typeof lookup['foreignField'] === 'string')
      return [{ from: lookup['from'], field: lookup['foreignField'] }];
    const graph: unknown = stage['$graphLookup'];
    if (isPlain(graph) && typeof graph['from'] === 'string' && typeof graph['connectToField'] === 'string')
      return [{ from: graph['from'], field: graph['connectToField'] }];
    return [];
  });
}
